"""Records the events of messages: injections, deliveries, bounces, opens and the rest.

The Events API, webhooks and metrics all read the account's log. An event's data is a JSON object with the fields of
https://developers.sparkpost.com/api/events/, except ``timestamp``, whose format depends on the reader.

The fields that all events of a message share are packed once and stored in its ``injection`` event. :func:`record` adds
those of one event, so that a bounce, an open or a click can be recorded for any message later:
``record(ctx, common_fields_of(ctx, number), "open", message=number, user_agent="…")``.
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
"""Statuses of a message: delivered, given up, and to be tried again."""

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


def record(ctx: Context, common: bytes, type: str, *, message: int = 0, **more: Any) -> Event:
    """Record an event: ``common`` are the packed fields of its message, ``more`` those that this event adds.

    ``message`` is the number of the captured message (0: it was never delivered). No field may be in both.
    """
    head = orjson.dumps({"type": type, "event_id": digits(ctx.ids), **more})
    return ctx.emit(type, head[:-1] + b"," + common[1:], message=message)


def inject(ctx: Context, common: bytes, message: int = 0) -> Event:
    """Record the injection of a message."""
    return record(ctx, common, "injection", message=message)


def common_fields_of(ctx: Context, message: int) -> bytes | None:
    """Return the fields that a captured message's events share; ``None`` once its injection has left the log."""
    for event in ctx.account.events.newest():
        if event.message == message and event.type == "injection" and event.service == ctx.service.name:
            return common_fields_in(event)
    return None


def common_fields_in(injection: Event) -> bytes:
    """Return the fields that the events of an injected message share."""
    return b"{" + injection.data[_INJECTION_HEAD:]


def deliver(ctx: Context, injections: tuple[int, ...]) -> Steps[None]:
    """Deliver the messages of a transmission, by the numbers of their injections. This is its last job."""
    for place, number in enumerate(injections, 1):
        if place % DELIVERIES_A_STEP == 0:
            yield
        injection = ctx.account.events.get(number)
        if injection is not None:
            ctx.mark(injection.message, DELIVERED)
            record(
                ctx,
                common_fields_in(injection),
                "delivery",
                message=injection.message,
                delv_method="esmtp",
                ip_address=RECEIVING_IP,
                num_retries="0",
                outbound_tls="1",
                queue_time="1000",
            )


def bounce(ctx: Context, common: bytes, reason: str) -> None:
    """Bounce a message as an administrative failure: the vendor itself does not deliver it."""
    record(
        ctx,
        common,
        "bounce",
        bounce_class="25",
        delv_method="esmtp",
        error_code="554",
        num_retries="0",
        raw_reason=reason,
        reason=reason,
    )


def owner_of(data: Mapping[str, Any]) -> int:
    """Return the subaccount of an event; 0 is the main account."""
    return int(data.get("subaccount_id") or 0)


def reject(ctx: Context, common: bytes, reply: str) -> None:
    """Record that the vendor rejected a message; ``reply`` is its SMTP reply."""
    record(
        ctx,
        common,
        "policy_rejection",
        bounce_class="25",
        error_code=reply[:3],
        raw_reason=reply,
        reason=reply,
        remote_addr=ctx.request.client or "127.0.0.1",
    )


def envelope_fields(ctx: Context, sender: str, recipient: str, subaccount: int) -> bytes:
    """Return the packed fields of a message of which only the SMTP envelope, or a part of it, is known.

    assumed: the recorded event shows its reasons only.
    """
    fields: dict[str, Any] = {"customer_id": str(CUSTOMER_ID), "message_id": ctx.ids.hex(20), "recv_method": "esmtp"}
    if sender:
        fields["msg_from"] = sender.strip("<>")
    if recipient:
        fields |= {"raw_rcpt_to": recipient, "rcpt_to": recipient.lower()}
    if subaccount:
        fields["subaccount_id"] = str(subaccount)
    return orjson.dumps(fields)


def provider_of(domain: str) -> str:
    """Return the mailbox provider of a recipient's domain."""
    return _PROVIDERS.get(domain, "Other")


def digits(ids: Ids) -> str:
    """Return an id like the vendor's: 17 digits."""
    return str(10 ** (_ID_DIGITS - 1) + ids.getrandbits(56))
