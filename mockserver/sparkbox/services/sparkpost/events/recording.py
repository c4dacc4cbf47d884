"""What happens to messages, as SparkPost's events tell it.

The Events API, webhooks and metrics all read the account's log. An event's data is a JSON object with the fields of
https://developers.sparkpost.com/api/events/, but for ``timestamp``, which each of its readers writes in another way.

What all events of one message have in common is packed once, when the message is made, and stands in its ``injection``
event. :func:`record` adds what is special to another one, so a bounce, an open or a click can be told of any message
later: ``record(ctx, facts_of(ctx, number), "open", message=number, user_agent="…")``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from sparkbox.core.logs.events import Event
from sparkbox.core.state.context import Context
from sparkbox.core.state.ids import Ids
from sparkbox.core.state.steps import Steps

CUSTOMER_ID = 1
"""A number in the account, a text in events."""
SENDING_IP = "203.0.113.25"
RECEIVING_IP = "198.51.100.25"

DELIVERIES_A_STEP = 200

DELIVERED, BOUNCED, DELAYED = "delivered", "bounced", "delayed"
"""The status of a message that has arrived, that never will, and that is tried again."""

_ID_DIGITS = 17
_INJECTION_HEAD = len(orjson.dumps({"type": "injection", "event_id": "0" * _ID_DIGITS}))

_PROVIDERS = {
    "gmail.com": "Gmail",
    "googlemail.com": "Gmail",
    "hotmail.com": "Hotmail / Outlook",
    "outlook.com": "Hotmail / Outlook",
    "live.com": "Hotmail / Outlook",
    "yahoo.com": "Yahoo",
    "aol.com": "Yahoo",
    "icloud.com": "Apple",
    "me.com": "Apple",
}


def record(ctx: Context, facts: bytes, type: str, *, message: int = 0, **more: Any) -> Event:
    """Tells that something has happened: ``facts`` are a message's own, ``more`` the fields that this event adds.

    ``message`` is the number of the captured message (0: it was never delivered). No field may be in both.
    """
    head = orjson.dumps({"type": type, "event_id": digits(ctx.ids), **more})
    return ctx.emit(type, head[:-1] + b"," + facts[1:], message=message)


def inject(ctx: Context, facts: bytes, message: int = 0) -> Event:
    """Tells that a message was made."""
    return record(ctx, facts, "injection", message=message)


def facts_of(ctx: Context, message: int) -> bytes | None:
    """The facts of a captured message, as long as its injection is remembered."""
    for event in ctx.account.events.newest():
        if event.message == message and event.type == "injection" and event.service == ctx.service.name:
            return facts_in(event)
    return None


def facts_in(injection: Event) -> bytes:
    """The facts of the message that an injection tells of."""
    return b"{" + injection.data[_INJECTION_HEAD:]


def deliver(ctx: Context, injections: list[int]) -> Steps[None]:
    """The job that ends a transmission's way: the messages of these injections, by number, arrive."""
    for place, number in enumerate(injections, 1):
        if place % DELIVERIES_A_STEP == 0:
            yield
        injection = ctx.account.events.get(number)
        if injection is not None:
            ctx.mark(injection.message, DELIVERED)
            record(
                ctx,
                facts_in(injection),
                "delivery",
                message=injection.message,
                delv_method="esmtp",
                ip_address=RECEIVING_IP,
                num_retries="0",
                outbound_tls="1",
                queue_time="1000",
            )


def refuse(ctx: Context, facts: bytes, reason: str) -> None:
    """The vendor itself does not deliver a message: it bounces as an administrative failure."""
    record(
        ctx,
        facts,
        "bounce",
        bounce_class="25",
        delv_method="esmtp",
        error_code="554",
        num_retries="0",
        raw_reason=reason,
        reason=reason,
    )


def owner_of(data: Mapping[str, Any]) -> int:
    """The subaccount that an event's data name, 0 for the main account."""
    return int(data.get("subaccount_id") or 0)


def reject(ctx: Context, facts: bytes, reply: str) -> None:
    """The vendor itself does not take a message over; ``reply`` is what it says by SMTP."""
    record(
        ctx,
        facts,
        "policy_rejection",
        bounce_class="25",
        error_code=reply[:3],
        raw_reason=reply,
        reason=reply,
        remote_addr=ctx.request.client or "127.0.0.1",
    )


def pack_envelope(ctx: Context, sender: str, recipient: str, subaccount: int) -> bytes:
    """What is known of a message of which there is no more than its envelope, or not even the whole of that.

    assumed: the recorded event shows its reasons only.
    """
    told: dict[str, Any] = {"customer_id": str(CUSTOMER_ID), "message_id": ctx.ids.hex(20), "recv_method": "esmtp"}
    if sender:
        told["msg_from"] = sender.strip("<>")
    if recipient:
        told |= {"raw_rcpt_to": recipient, "rcpt_to": recipient.lower()}
    if subaccount:
        told["subaccount_id"] = str(subaccount)
    return orjson.dumps(told)


def provider_of(domain: str) -> str:
    """The mailbox provider behind a recipient's domain."""
    return _PROVIDERS.get(domain, "Other")


def digits(ids: Ids) -> str:
    """An id like the vendor's: 17 digits."""
    return str(10 ** (_ID_DIGITS - 1) + ids.getrandbits(56))
