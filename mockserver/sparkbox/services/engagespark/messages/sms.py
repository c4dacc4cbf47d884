"""SMS: sending one with or without a contact, and reading what was sent and received.

https://openapi.engagespark.com/#tag/SMS. Quirks: answers about sending are indented and of their own media type, a
refused request keeps their shape; lists say ``client_ref`` where requests say ``clientRef``; ``estimateMicro`` is the
price of one part, ``estimate`` that of all. ``from`` is needed "unless you use a default
one": every organization has one here, as the real service is seen to take ``null``.
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, collected

from .. import errors, phones, times
from ..accounts.money import cents
from ..auth import Organization, check_organization
from ..contacts import address_book as book
from ..envelope import INDENTED, in_shape
from ..fields import Fields, Id, Long, Short, Url, requires
from ..paging import SHOWN_A_STEP, PageFields
from ..phones import ContactRecipient, Recipient
from . import history, outbox
from .history import HistoryQuery
from .outbox import Draft, Sms, SmsFields

operations = Operations("SMS", docs="https://openapi.engagespark.com/#tag/SMS", errors=[errors.NOT_FOUND])


class NewSms(Fields):
    """What both ways of sending take. ``to`` is the older name of ``fullPhoneNumber``."""

    model_config = requires("orgId", "from", "message")

    org_id: Id = None
    sender: Annotated[Short, Field(alias="from")] = ""
    message: Long = ""
    client_dedup: Short = ""
    client_push_url: Annotated[Url, Field(alias="clientPushURL")] = ""
    client_ref: Short = ""
    to: Short = ""


class SmsToContact(NewSms, ContactRecipient):
    """The recipient is a contact or a number; an unknown number becomes a contact."""


class SmsToNumber(NewSms, Recipient):
    """The recipient is a number, and stays one."""


class SentSms(TypedDict):
    """``estimate`` is in dollars, ``estimateMicro`` the price of one part in micro-dollars."""

    error: str
    messageId: str
    estimateParts: int
    estimateMicro: int
    estimate: str
    deliveryDeadline: str
    contactId: int
    to: str
    message: str
    clientDedup: NotRequired[str]
    clientPushURL: NotRequired[str]
    clientRef: NotRequired[str]


class SmsList(PageFields):
    messages: list[SmsFields]


SENDING_ERRORS = (*phones.RECIPIENT_ERRORS, *outbox.SENDING_ERRORS, errors.DUPLICATE)


@operations.post("/v1/sms/contact", errors=[*SENDING_ERRORS, errors.UNKNOWN_CONTACT], tags=(INDENTED,))
def send_sms_to_contact(ctx: Context, body: SmsToContact) -> SentSms:
    """Send an SMS to a contact, personalised.

    Exactly one of ``contactId``, ``fullPhoneNumber``, or ``phoneNumber`` with ``phoneNumberCountry`` has to be set. If
    nobody has the number, a contact is made. A ``clientDedup`` that came before is a 409, and nothing is sent.
    """
    try:
        _check(body)
        contact = book.named(ctx, body, to=body.to)
        draft = _draft(body, contact.number, book.personalise(ctx, body.message, contact), contact.id)
        outbox.check(ctx, draft)
        _refuse_duplicate(ctx, body)
        sms = outbox.send(ctx, draft)
    except ApiError as api_error:
        raise _api_error(ctx, body, api_error) from None
    book.use(ctx, contact)
    return response(sms)


@operations.post("/v1/sms/phonenumber", errors=SENDING_ERRORS, tags=(INDENTED,))
def send_sms_to_number(ctx: Context, body: SmsToNumber) -> SentSms:
    """Send an SMS to a number, without making or using a contact, and so without personalising it."""
    try:
        _check(body)
        number = phones.number_of(ctx, body, to=body.to)
        draft = _draft(body, number.digits if number is not None else "", body.message)
        outbox.check(ctx, draft)
        _refuse_duplicate(ctx, body)
        return response(outbox.send(ctx, draft))
    except ApiError as api_error:
        raise _api_error(ctx, body, api_error) from None


@operations.get("/v1/organizations/{orgId}/messages/")
def list_sms(ctx: Context, org_id: Organization, query: HistoryQuery) -> Steps[SmsList]:
    """List SMS of both directions, the newest first.

    ``failed`` is about those that the telco did not take; receipts are not looked at.
    """
    rows, pages = yield from history.page(ctx, ctx.store[Sms].values(), query)
    return {"messages": (yield from collected(map(outbox.view, rows), SHOWN_A_STEP)), **pages}


@operations.get("/v1/organizations/{orgId}/messages/{messageId}/")
def get_sms(ctx: Context, org_id: Organization, message_id: str) -> SmsFields:
    """Get one SMS with its delivery status."""
    sms = outbox.find(ctx, message_id)
    if sms is None:
        raise errors.NOT_FOUND()
    return outbox.view(sms)


def _check(body: NewSms) -> None:
    check_organization(body.org_id)
    if not body.message:
        raise errors.MISSING(name="message")


def _draft(body: NewSms, recipient: str, message: str, contact: int = 0) -> Draft:
    return Draft(
        recipient,
        message,
        sender=body.sender,
        contact=contact,
        client_ref=body.client_ref,
        client_dedup=body.client_dedup,
        push_url=body.client_push_url,
    )


def _refuse_duplicate(ctx: Context, body: NewSms) -> None:
    first = outbox.first_with(ctx, body.client_dedup)
    if first is not None:
        fields: dict[str, Any] = {**response(first), "dedupMessageId": first.id}
        del fields["error"]
        raise errors.DUPLICATE(fields=fields)


def response(sms: Sms) -> SentSms:
    """What is said of an SMS that was just taken."""
    shown: SentSms = {
        "error": "",
        "messageId": sms.id,
        "estimateParts": sms.parts,
        "estimateMicro": sms.price,
        "estimate": cents(sms.parts * sms.price),
        "deliveryDeadline": times.stamp(sms.deadline),
        "contactId": sms.contact,
        "to": sms.recipient,
        "message": sms.message,
    }
    if sms.client_dedup:
        shown["clientDedup"] = sms.client_dedup
    if sms.push_url:
        shown["clientPushURL"] = sms.push_url
    if sms.client_ref:
        shown["clientRef"] = sms.client_ref
    return shown


def _api_error(ctx: Context, body: NewSms, api_error: ApiError) -> ApiError:
    """A 400 keeps the shape of an answer, with an id of its own and the recipient as it was given.

    https://github.com/bloom-solutions/engagespark_client-ruby has a recording of one.
    """
    if api_error.error.status != 400:
        return api_error
    form = body if isinstance(body, Recipient) else Recipient()
    return in_shape(
        api_error,
        {
            "messageId": outbox.new_id(ctx, ctx.store[Sms].next_id()),
            "estimateParts": 0,
            "estimateMicro": 0,
            "estimate": "",
            "deliveryDeadline": times.stamp(ctx.now + outbox.DAY),
            "contactId": 0,
            "to": body.to or form.full_phone_number or form.phone_number,
            "message": body.message,
        },
    )
