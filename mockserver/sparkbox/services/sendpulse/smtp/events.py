"""The events of the SMTP service's e-mails, and what follows from each.

An event has the shape of the vendor's webhooks. :func:`follow` updates statuses, tracking, bounces and the unsubscribe
list, whoever emits it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparkbox.core.logs.events import Event, PendingEvent
from sparkbox.core.request.http import json_size
from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace
from sparkbox.mail.outcomes import Reason
from sparkbox.services import SENDPULSE

from .. import addresses
from ..bulk_email import webhook_batches
from .models import Bounce, SentEmail, Unreachable, Unsubscribed

MOST_TRACKED = 100
_RESPONSES = {
    "delivered": Reason("250", "2.0.0", "OK"),
    "undelivered": Reason("550", "5.0.0", "Not delivered"),
    "hard_bounces": Reason("550", "5.1.2", "host unknown"),
    "soft_bounces": Reason("452", "4.2.2", "Mailbox full"),
}
"""The remote server's usual replies."""
_BOUNCES = ("hard_bounces", "soft_bounces")
"""These have the fields of the e-mail service too, ``email`` and ``task_id``, and a code that is a number.

https://sendpulse.com/knowledge-base/smtp/smtp-webhooks. assumed: the fields of all events are there as well, and
``task_id`` is the mail's number.
"""


def emit(ctx: Context, event: str, sent: SentEmail, **more: Any) -> None:
    """Emit an event of an e-mail, with the usual response of the remote server where the event is about that."""
    fields = _fields(ctx.now, event, sent.id, sent.recipient, sent.sender, sent.subject)
    fields |= _USUAL.get(event, {})
    if event in _BOUNCES:
        fields |= {"email": sent.recipient, "task_id": sent.number}
    ctx.emit(event, {**fields, **more}, message=sent.number)


def deliver(ctx: Context, sent: SentEmail) -> None:
    """Emit that an e-mail was delivered. Where no webhook has to know, the event is written when somebody looks."""
    if webhook_batches.has_webhooks(ctx):
        emit(ctx, "delivered", sent)
        return
    event = _Delivered(
        time=ctx.now,
        service=SENDPULSE.name,
        account=ctx.account.credential,
        type="delivered",
        message=sent.number,
        sent=sent,
    )
    varying = (int(ctx.now), sent.id, sent.recipient, sent.sender, sent.subject)
    ctx.emit_pending(event, _DELIVERED_BYTES + json_size(varying))
    ctx.store[SentEmail].put(replace(sent, code=int(_DELIVERY.code), subcode=_DELIVERY.enhanced, response=_DELIVERED))
    ctx.mark(sent.number, "delivered")


def response(event: str, reason: Reason) -> dict[str, Any]:
    """Return the fields of what the remote server said."""
    return {
        "smtp_server_response_code": int(reason.code) if event in _BOUNCES else reason.code,
        "smtp_server_response_subcode": reason.enhanced,
        "smtp_server_response": str(reason),
    }


_USUAL = {event: response(event, reason) for event, reason in _RESPONSES.items()}
_DELIVERY = _RESPONSES["delivered"]
_DELIVERED = str(_DELIVERY)


class _Delivered(PendingEvent, frozen=True, gc=False, kw_only=True):
    sent: SentEmail

    @property
    def data(self) -> dict[str, Any]:
        sent = self.sent
        fields = _fields(self.time, "delivered", sent.id, sent.recipient, sent.sender, sent.subject)
        return fields | _USUAL["delivered"]


def emit_resubscribed(ctx: Context, email: str) -> None:
    """Emit that an address wants mail again."""
    ctx.emit("resubscribed", _fields(ctx.now, "resubscribed", "", email, "", ""))


def reach_again(ctx: Context, email: str) -> None:
    """Let an address get mail again, unless it is blacklisted."""
    ctx.store[Unsubscribed].delete(email)
    ctx.store[Unreachable].delete(email)


def follow(ctx: Context, event: Event) -> None:
    """Update the account after an event."""
    reaction = _REACTIONS.get(event.type)
    if reaction is not None:
        reaction(ctx, event, event.json())


def _attempted(ctx: Context, event: Event, data: dict[str, Any]) -> None:
    sent = ctx.store[SentEmail].get(event.message)
    if sent is None:
        return
    usual = _RESPONSES[event.type]
    given = str(data.get("smtp_server_response_code"))
    ctx.store[SentEmail].put(
        replace(
            sent,
            code=int(given) if given.isascii() and given.isdigit() and len(given) == 3 else int(usual.code),
            subcode=str(data.get("smtp_server_response_subcode", usual.enhanced)),
            response=str(data.get("smtp_server_response", usual)),
        )
    )
    if event.type == "delivered":
        ctx.mark(sent.number, "delivered")
    else:
        if event.type == "hard_bounces":
            ctx.store[Unreachable].put(Unreachable(sent.recipient))
        ctx.store[Bounce].put(Bounce(sent.number, event.time))
        ctx.mark(sent.number, "bounced")


def _tracked(ctx: Context, event: Event, data: dict[str, Any]) -> None:
    sent = ctx.store[SentEmail].get(event.message)
    if sent is None:
        return
    trace = {
        "browser": str(data.get("browser_name", "")),
        "os": str(data.get("open_platform", "")),
        "ip": str(data.get("ip", "")),
        "country": str(data.get("country", "")),
        "action_date": event.time,
    }
    if event.type == "opened":
        clients = (*sent.clients, dumps(trace))[-MOST_TRACKED:]
        ctx.store[SentEmail].put(replace(sent, opens=sent.opens + 1, clients=clients))
    else:
        link = dumps({"url": str(data.get("link_url", "")), "screen_resolution": "", **trace})
        ctx.store[SentEmail].put(replace(sent, clicks=sent.clicks + 1, links=(*sent.links, link)[-MOST_TRACKED:]))
    ctx.mark(sent.number, event.type)


def _left(ctx: Context, event: Event, data: dict[str, Any]) -> None:
    email = _recipient(ctx, event, data)
    if email is not None:
        before = ctx.store[Unsubscribed].get(email) or Unsubscribed(email, event.time)
        spam = event.type == "spam_by_user"
        after = replace(before, spam=before.spam or spam, by_link=before.by_link or not spam)
        ctx.store[Unsubscribed].put(after)


def _returned(ctx: Context, event: Event, data: dict[str, Any]) -> None:
    email = _recipient(ctx, event, data)
    if email is not None:
        reach_again(ctx, email)


_REACTIONS: dict[str, Callable[[Context, Event, dict[str, Any]], None]] = {
    "delivered": _attempted,
    "undelivered": _attempted,
    "hard_bounces": _attempted,
    "soft_bounces": _attempted,
    "opened": _tracked,
    "clicked": _tracked,
    "spam_by_user": _left,
    "unsubscribed": _left,
    "resubscribed": _returned,
}


def _fields(time: float, event: str, id: str, recipient: str, sender: str, subject: str) -> dict[str, Any]:
    return {
        "event": event,
        "timestamp": int(time),
        "message_id": id,
        "recipient": recipient,
        "sender": sender,
        "subject": subject,
    }


def _recipient(ctx: Context, event: Event, data: dict[str, Any]) -> str | None:
    sent = ctx.store[SentEmail].get(event.message)
    return sent.recipient if sent is not None else addresses.read(data.get("recipient"))


_DELIVERED_BYTES = json_size(_fields(0, "delivered", "", "", "", "") | _USUAL["delivered"]) - json_size((0, *[""] * 4))
"""Beside what varies."""
