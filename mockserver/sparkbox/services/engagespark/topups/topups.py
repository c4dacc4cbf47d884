"""Top-ups: airtime in the amounts that a number's operator offers.

https://openapi.engagespark.com/#tag/Top-Up. Quirks: 200 means that it was done and 202 that it was queued, because
of ``async`` or because the first try failed; with ``test``, nothing is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations, Reply
from sparkbox.core.logs.messages import Message
from sparkbox.core.request.json import dumps
from sparkbox.core.state import lifecycle
from sparkbox.core.state.context import Context
from sparkbox.core.state.lifecycle import END, Stage, Stages
from sparkbox.core.state.steps import Steps, collected
from sparkbox.core.state.store import replace

from .. import errors, paging, times
from ..accounts import balance
from ..accounts.money import dollars
from ..auth import ORGANIZATION, Organization
from ..contacts import address_book
from ..contacts.models import Contact
from ..fields import UNLESS_EMPTY, Short
from ..messages import outbox, outcomes
from ..paging import PageFields, PeriodQuery
from ..phones import ContactRecipient
from . import operators
from .models import TopUp
from .operators import Operator

QUEUE_SECONDS = 2.0
RETRY_SECONDS = (60.0, 120.0, 300.0, 1800.0, 3600.0, 7200.0)
"""The waits after each try; together less than the 5 hours that the vendor gives it at most."""

operations = Operations("Top-up", docs="https://openapi.engagespark.com/#tag/Top-Up", errors=[errors.NOT_FOUND])


def _amount(value: Any) -> Any:
    """Read an amount that comes as a number or as text."""
    if isinstance(value, str):
        value = value.strip()
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("must be an amount, as a number or as text")
    return str(value)


Amount = Annotated[
    Decimal, BeforeValidator(_amount, json_schema_input_type=int | str), Field(ge=0, max_digits=18, decimal_places=6)
]

MaybeAmount = Annotated[Amount | None, UNLESS_EMPTY]


class NewTopUp(ContactRecipient):
    max_amount: Amount
    desired_amount: MaybeAmount = None
    client_ref: Short = ""
    wants_queue: Annotated[bool, Field(alias="async")] = False
    test: bool = False


class TopUpQuery(PeriodQuery):
    failed: Literal["true", "false", "all"] = "all"


class SentTopUp(TypedDict):
    """``price`` is in dollars, ``amountSent`` in ``currency``; ``id`` is empty for a test."""

    id: str
    currency: str
    amountSent: int
    price: float
    queued: bool


class TopUpFields(TypedDict):
    """``topupReceived`` and ``priceCharged`` are 0 until it succeeds."""

    id: str
    done: bool
    success: bool
    error: str
    clientRef: str
    topupCurrency: str
    topupReceived: int
    priceCharged: float
    firstName: str
    lastName: str


class TopUpList(PageFields):
    topups: list[TopUpFields]


@dataclass(frozen=True, slots=True)
class Plan:
    """A top-up that can be sent."""

    contact: Contact
    operator: Operator
    amount: int

    @property
    def price(self) -> int:
        return self.operator.price(self.amount)


PLAN_ERRORS = (*address_book.NAMING_ERRORS, errors.NOTHING_OFFERED, errors.INSUFFICIENT_FUNDS, errors.SUSPENDED)
"""The errors of operations that send one."""


@operations.post("/v1/organizations/{orgId}/topup/", errors=PLAN_ERRORS, also=(202,))
def send_topup(ctx: Context, org_id: Organization, body: NewTopUp) -> SentTopUp | Reply:
    """Send a top-up.

    The largest amount offered up to ``maxAmount`` is sent. With ``desiredAmount`` it is the smallest amount that is at
    least as large, still up to ``maxAmount``.
    """
    plan = make_plan(ctx, address_book.named(ctx, body), body.max_amount, body.desired_amount)
    if body.test:
        return _response(plan.operator.currency, plan.amount, plan.price)
    topup = begin(ctx, plan, client_ref=body.client_ref, queue=body.wants_queue)
    response = _response(topup.currency, topup.amount, topup.price, id=topup.id, queued=not topup.done)
    return response if topup.done else Reply(response, status=202)


@operations.get("/v1/organizations/{orgId}/topups/")
def list_topups(ctx: Context, org_id: Organization, query: TopUpQuery) -> Steps[TopUpList]:
    """List top-ups, the newest first."""
    newest = ctx.store[TopUp].page(newest=True)
    rows, pages = yield from paging.part(newest, lambda topup: _is_wanted(ctx, topup, query), query)
    return {"topups": (yield from collected((view(ctx, topup) for topup in rows), paging.SHOWN_A_STEP)), **pages}


@operations.get("/v1/organizations/{orgId}/topups/{topupId}/")
def get_topup(ctx: Context, org_id: Organization, topup_id: str) -> TopUpFields:
    """Get one top-up."""
    middle = topup_id.split("-")[1:2]
    number = int(middle[0]) if middle and middle[0].isascii() and middle[0].isdigit() and len(middle[0]) < 19 else 0
    topup = ctx.store[TopUp].get(number)
    if topup is None or topup.id != topup_id:
        raise errors.NOT_FOUND()
    return view(ctx, topup)


def make_plan(ctx: Context, contact: Contact, most: Decimal, desired: Decimal | None) -> Plan:
    """Return what would be sent to a contact; raise an API error if nothing is offered or the balance is too low."""
    operator = operators.of(contact.number)
    amount = operators.choose(operator.amounts, most, desired)
    if amount is None:
        raise errors.NOTHING_OFFERED(operator=operator.name, most=most, currency=operator.currency)
    plan = Plan(contact, operator, amount)
    balance.check_funds(ctx, plan.price)
    return plan


def begin(ctx: Context, plan: Plan, *, client_ref: str = "", results_url: str = "", queue: bool = False) -> TopUp:
    """Charge and store a top-up, and try it at once unless it is to be queued."""
    number = ctx.store[TopUp].next_id()
    outcome = outcomes.of(plan.contact.number)
    fails_first = outcome.telco_rejects or outcome.failed_tries > 0
    if queue or fails_first:
        lifecycle.start(ctx, number, [Stage(QUEUE_SECONDS if queue else RETRY_SECONDS[0], attempt)])
    balance.charge(ctx, plan.price)
    address_book.use(ctx, plan.contact)
    topup = TopUp(
        number,
        f"TOPUP{times.compact_stamp(ctx.now)}-{number}-{ORGANIZATION}",
        ctx.now,
        plan.contact.number,
        plan.contact.id,
        plan.amount,
        plan.operator.currency,
        plan.price,
        client_ref=client_ref,
        results_url=results_url,
        tries=0 if queue else 1,
    )
    message = ctx.capture(_message(topup, plan.operator))
    topup = replace(topup, captured=message.number)
    ctx.store[TopUp].put(topup)
    if not (queue or fails_first):
        topup = _end(ctx, topup, "")
    return topup


def attempt(ctx: Context, number: int) -> Stages:
    """Try a queued top-up; retry later if it fails."""
    topup = ctx.store[TopUp].get(number)
    if topup is None or topup.done:
        return END
    tries = topup.tries + 1
    topup = replace(topup, tries=tries)
    outcome = outcomes.of(topup.recipient)
    if outcome.telco_rejects:
        _end(ctx, topup, "rejected by the operator")
    elif tries > outcome.failed_tries:
        _end(ctx, topup, "")
    elif tries > len(RETRY_SECONDS):
        _end(ctx, topup, "operator unavailable")
    else:
        ctx.store[TopUp].put(topup)
        return [Stage(RETRY_SECONDS[tries - 1], attempt)]
    return END


def view(ctx: Context, topup: TopUp) -> TopUpFields:
    """Return the top-up as the API shows it."""
    contact = address_book.get(ctx, topup.contact)
    return {
        "id": topup.id,
        "done": topup.done,
        "success": topup.success,
        "error": topup.error,
        "clientRef": topup.client_ref,
        "topupCurrency": topup.currency,
        "topupReceived": topup.amount if topup.success else 0,
        "priceCharged": dollars(topup.price) if topup.success else 0,
        "firstName": contact.first_name if contact is not None else "",
        "lastName": contact.last_name if contact is not None else "",
    }


def _end(ctx: Context, topup: TopUp, error: str) -> TopUp:
    if error:
        balance.refund(ctx, topup.price)
    topup = replace(topup, done=True, success=not error, error=error)
    ctx.store[TopUp].put(topup)
    status = "failed" if error else "delivered"
    ctx.mark(topup.captured, status)
    ctx.emit(f"topup_{status}", dict(view(ctx, topup)), message=topup.captured)
    if topup.results_url:
        body = dumps({**older_response(topup), "clientRef": topup.client_ref})
        ctx.post(topup.results_url, body, retries=outbox.PUSH_RETRIES, event="topup_result")
    return topup


class OlderResponse(TypedDict):
    """A top-up as the older API shows it."""

    status: str
    errorMessage: str
    amountSent: int
    price: float


def older_response(topup: TopUp) -> OlderResponse:
    """Return the top-up as the older API shows it and posts it to ``resultsUrl``."""
    sent = topup.success
    return {
        "status": "Success" if sent else "Error" if topup.done else "Queued",
        "errorMessage": topup.error,
        "amountSent": topup.amount if sent else 0,
        "price": dollars(topup.price) if sent else 0,
    }


def _response(currency: str, amount: int, price: int, *, id: str = "", queued: bool = False) -> SentTopUp:
    return {"id": id, "currency": currency, "amountSent": amount, "price": dollars(price), "queued": queued}


def _is_wanted(ctx: Context, topup: TopUp, query: TopUpQuery) -> bool:
    if query.failed != "all" and (topup.done and not topup.success) != (query.failed == "true"):
        return False
    return query.covers(times.nanoseconds(topup.created)) and _mentions(ctx, topup, query.search)


def _mentions(ctx: Context, topup: TopUp, keyword: str) -> bool:
    contact = address_book.get(ctx, topup.contact)
    return not keyword or address_book.contains(
        keyword, [topup.recipient] if contact is None else address_book.texts(contact)
    )


def _message(topup: TopUp, operator: Operator) -> Message:
    metadata = {
        "contactId": topup.contact,
        "amount": topup.amount,
        "currency": topup.currency,
        "operator": operator.name,
        "price": dollars(topup.price),
    }
    return Message(
        channel="topup",
        vendor_id=topup.id,
        to=topup.recipient,
        subject=f"{topup.currency} {topup.amount}",
        text=f"{topup.currency} {topup.amount} of airtime on {operator.name}",
        metadata=dumps({**metadata, "clientRef": topup.client_ref} if topup.client_ref else metadata),
        status="queued",
    )
