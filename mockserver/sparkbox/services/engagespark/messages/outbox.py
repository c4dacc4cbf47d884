"""The lifecycle of an SMS: charged and stored, a second later with the telco, two seconds later confirmed.

The number decides what the telco and the phone do, see :mod:`.outcomes`. More than five SMS to one number within a
minute: the network loses those beyond the fifth. A receipt is posted to the message's ``clientPushURL``; its payload is
unpublished, and here it is the SMS as the API shows it.
"""

from __future__ import annotations

import msgspec

from sparkbox.core.logs.deliveries import Retries
from sparkbox.core.logs.messages import Message
from sparkbox.core.request.json import dumps
from sparkbox.core.state import lifecycle
from sparkbox.core.state.context import Context
from sparkbox.core.state.lifecycle import END, Stage, Stages
from sparkbox.core.state.steps import Steps
from sparkbox.core.state.store import replace

from .. import errors, phones, times
from ..accounts import balance, prices
from ..auth import ORGANIZATION
from . import outcomes, parts
from . import shown_sms as shown
from .models import Dedup, LastSends, Sms

MINUTE = 60.0

DEFAULT_SENDER = "engageSPARK"
"""The organization's default sender ID, for requests that name none."""

MOST_A_MINUTE = 5
RETRY_SECONDS = 600.0
PUSH_RETRIES = Retries(gaps=(10.0, 60.0, 300.0, 1800.0, 7200.0))
"""For what is posted to clients; the vendor publishes no schedule."""


class Draft(msgspec.Struct, frozen=True, gc=False):
    """An SMS to be sent, its text filled in; ``contact`` is 0 for one without."""

    recipient: str
    message: str
    sender: str = ""
    contact: int = 0
    client_ref: str = ""
    client_dedup: str = ""
    push_url: str = ""


SENDING_ERRORS = (errors.TOO_LONG, errors.INSUFFICIENT_FUNDS, errors.INVALID_PUSH_URL, errors.SUSPENDED)
"""The errors of operations that :func:`send`."""


def send(ctx: Context, draft: Draft, count: int, *, paid: bool = False) -> Sms:
    """Charge an SMS of ``count`` parts (unless it is paid for already), store it, and start its delivery."""
    price = _price(draft)
    if not paid:
        balance.check_funds(ctx, count * price)
    number = ctx.store[Sms].next_id()
    lifecycle.queue(ctx, number, outcomes.HAND_OVER_SECONDS, hand_over, full=errors.UNAVAILABLE)
    if not paid:
        balance.charge(ctx, count * price)
    sms = Sms(
        number,
        new_id(ctx, number),
        ctx.now,
        draft.sender or DEFAULT_SENDER,
        draft.recipient,
        draft.contact,
        draft.message,
        parts=count,
        price=price,
        charged=count * price,
        client_ref=draft.client_ref,
        client_dedup=draft.client_dedup,
        push_url=draft.push_url,
        lost=_is_lost(ctx, draft.recipient),
    )
    message = ctx.capture(_message(sms))
    sms = replace(sms, captured=message.number)
    ctx.store[Sms].put(sms)
    if draft.client_dedup:
        ctx.store[Dedup].put(Dedup(draft.client_dedup, number))
    shown.emit(ctx, "accepted", sms)
    return sms


def cost(draft: Draft, count: int) -> int:
    """Return what an SMS of ``count`` parts costs in the recipient's country, in micro-dollars."""
    return count * _price(draft)


def check(ctx: Context, draft: Draft) -> int:
    """Return in how many parts an SMS is sent.

    Raise an API error for a text that is too long, or an address that no receipt can be posted to.
    """
    # What is too long by far need not be counted.
    count = parts.count(draft.message[:10_000])
    if count > parts.MOST_PARTS:
        raise errors.TOO_LONG(parts=count, most=parts.MOST_PARTS)
    check_push_url(ctx, "clientPushURL", draft.push_url)
    return count


def check_push_url(ctx: Context, name: str, url: str) -> None:
    """Raise an API error for an address that nothing can be posted to; an empty one is none."""
    try:
        if url:
            ctx.check_target(url)
    except ValueError as error:
        raise errors.INVALID_PUSH_URL(name=name, reason=error) from None


def first_with(ctx: Context, client_dedup: str) -> Sms | None:
    """Return the SMS that a ``clientDedup`` was used for, if it was."""
    known = ctx.store[Dedup].get(client_dedup) if client_dedup else None
    return None if known is None else ctx.store[Sms].get(known.sms)


def find(ctx: Context, id: str) -> Sms | None:
    """Return an SMS by its id, whose middle is its number."""
    middle = id.split("-")[1:2]
    if not (middle and middle[0].isascii() and middle[0].isdigit() and len(middle[0]) < 19):
        return None
    sms = ctx.store[Sms].get(int(middle[0]))
    return sms if sms is not None and sms.id == id else None


def new_id(ctx: Context, number: int) -> str:
    """Return an id like ``SMS20240325T122739-500492-1545``: the time, the number and the organization."""
    return f"SMS{times.compact_stamp(ctx.now)}-{number}-{ORGANIZATION}"


def hand_over(ctx: Context, number: int) -> Steps[None]:
    """Hand an SMS to the telco for the first time."""
    sms = ctx.store[Sms].get(number)
    if sms is None:
        return
    stages, since = _hand_over(ctx, sms), sms.created + outcomes.HAND_OVER_SECONDS
    if stages is _RECEIPT:
        yield from lifecycle.queue_or_finish(ctx, number, outcomes.RECEIPT_SECONDS, receive_receipt, since=since)
    elif stages:
        yield from lifecycle.start_or_finish(ctx, number, stages, since=since)


def hand_over_again(ctx: Context, number: int) -> Stages:
    """Hand an SMS to the telco once more, until the deadline."""
    sms = ctx.store[Sms].get(number)
    return END if sms is None else _hand_over(ctx, sms)


def receive_receipt(ctx: Context, number: int) -> None:
    """Take in a delivery receipt and post it to the client."""
    sms = ctx.store[Sms].get(number)
    if sms is None:
        return
    error = "network error" if sms.lost else outcomes.of(sms.recipient).delivery_error
    sms = replace(sms, to_phone="failed" if error else "confirmed", delivery_error=error)
    _note(ctx, sms, "undelivered" if error else "delivered")
    if sms.push_url:
        ctx.post(sms.push_url, dumps(shown.view(sms)), retries=PUSH_RETRIES, event="delivery_receipt")


def _price(draft: Draft) -> int:
    return prices.sms_part(phones.region(draft.recipient))


_RECEIPT: Stages = (Stage(outcomes.RECEIPT_SECONDS, receive_receipt),)


def _hand_over(ctx: Context, sms: Sms) -> Stages:
    outcome = outcomes.of(sms.recipient)
    if outcome.telco_rejects:
        _give_up(ctx, sms, "rejected by the telco")
        return END
    if sms.tries < outcome.failed_tries:
        return _retry(ctx, sms)
    _note(ctx, replace(sms, done=True, to_telco=True, handed_over=ctx.now), "sent")
    if outcome.receipt_after is None:
        return END
    usual = outcome.receipt_after == outcomes.RECEIPT_SECONDS
    return _RECEIPT if usual else [Stage(outcome.receipt_after, receive_receipt)]


def _retry(ctx: Context, sms: Sms) -> Stages:
    if ctx.now >= sms.deadline:
        _give_up(ctx, sms, "expired")
        return END
    ctx.store[Sms].put(replace(sms, tries=sms.tries + 1))
    return [Stage(min(RETRY_SECONDS, sms.deadline - ctx.now), hand_over_again)]


def _give_up(ctx: Context, sms: Sms, error: str) -> None:
    """End an SMS that never reached the telco, and refund it."""
    balance.refund(ctx, sms.charged)
    _note(ctx, replace(sms, done=True, error=error, charged=0), "failed")


def _note(ctx: Context, sms: Sms, status: str) -> None:
    """Store a changed SMS and tell what happened."""
    ctx.store[Sms].put(sms)
    ctx.mark(sms.captured, status)
    shown.emit(ctx, status, sms)


def _is_lost(ctx: Context, recipient: str) -> bool:
    """Count an SMS to a number; return whether it is one too many in the last minute."""
    known = ctx.store[LastSends].get(recipient)
    before = known.times if known is not None else ()
    ctx.store[LastSends].put(LastSends(recipient, (*before, ctx.now)[-MOST_A_MINUTE:]))
    return len(before) == MOST_A_MINUTE and ctx.now - MINUTE < before[0] <= ctx.now


def _message(sms: Sms) -> Message:
    metadata: dict[str, int | str] = {"contactId": sms.contact} if sms.contact else {}
    metadata["parts"] = sms.parts
    if sms.client_ref:
        metadata["clientRef"] = sms.client_ref
    if sms.client_dedup:
        metadata["clientDedup"] = sms.client_dedup
    return Message(
        channel="sms",
        vendor_id=sms.id,
        sender=sms.sender,
        to=sms.recipient,
        text=sms.message,
        metadata=dumps(metadata),
    )
