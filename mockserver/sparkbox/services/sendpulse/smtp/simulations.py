"""Simulations: users set webhooks and tracking of the SMTP service in the vendor's web application.

https://sendpulse.com/knowledge-base/smtp
"""

from __future__ import annotations

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from .. import errors
from ..bulk_email import webhook_batches
from ..bulk_email.webhook_batches import SMTP_EVENTS, SmtpEvent, SmtpWebhook
from ..bulk_email.webhooks import Url
from . import tracking
from .tracking import Tracking

MOST_WEBHOOKS = 100

operations = Operations("SMTP simulations", evidence="assumed")


class SmtpWebhookChanges(Body):
    """``events``: all of them by default; an empty list deletes the webhook."""

    url: Url
    events: list[SmtpEvent] | None = None


class TrackingChanges(Body):
    """Everything is on by default."""

    opens: bool = True
    clicks: bool = True
    unsubscribe: bool = True


class TrackingFields(TypedDict):
    opens: bool
    clicks: bool
    unsubscribe: bool


class SmtpWebhookFields(TypedDict):
    id: int
    url: str
    events: list[SmtpEvent]


class SmtpWebhookList(TypedDict):
    webhooks: list[SmtpWebhookFields]


@operations.post("/smtp-webhooks", errors=[errors.PLAN_DENIED])
def set_smtp_webhook(ctx: Context, body: SmtpWebhookChanges) -> SmtpWebhookList:
    """Set which events of the SMTP service are posted to a URL; shows the webhooks of all URLs."""
    events = SMTP_EVENTS if body.events is None else tuple(dict.fromkeys(body.events))
    hooks = ctx.store[SmtpWebhook]
    known = next((hook for hook in hooks.values() if hook.url == body.url), None)
    if known is not None and not events:
        webhook_batches.forget(ctx, known)
    elif known is not None:
        hooks.put(replace(known, events=events))
    elif events:
        if len(hooks) >= MOST_WEBHOOKS:
            raise errors.PLAN_DENIED()
        hooks.put(SmtpWebhook(hooks.next_id(), body.url, events))
    return {"webhooks": [{"id": hook.id, "url": hook.url, "events": list(hook.events)} for hook in hooks.values()]}


@operations.post("/smtp-tracking")
def set_smtp_tracking(ctx: Context, body: TrackingChanges) -> TrackingFields:
    """Set whether opens and clicks of the SMTP service's mail are tracked, and whether it has List-Unsubscribe."""
    ctx.store[Tracking].put(Tracking(body.opens, body.clicks, body.unsubscribe))
    current = tracking.current(ctx)
    return {"opens": current.opens, "clicks": current.clicks, "unsubscribe": current.unsubscribe}
