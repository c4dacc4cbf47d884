"""What is done in the vendor's web application and not by its API: the control API brings it about.

The SMTP service's webhooks and its tracking are set in the account's settings there: https://sendpulse.com/knowledge-base/smtp.
"""

from __future__ import annotations

from typing_extensions import TypedDict

from mockserver.core.context import Context
from mockserver.core.operation import Operations
from mockserver.core.schema import Body
from mockserver.core.store import replace

from . import errors, smtp_tracking, webhook_batches
from .smtp_tracking import Tracking
from .webhook_batches import SMTP_EVENTS, SmtpEvent, SmtpWebhook
from .webhooks import Url

MOST_WEBHOOKS = 100

operations = Operations("Simulations", evidence="assumed")


class SmtpWebhookChanges(Body):
    """``events``: all of them if left out; an empty list deletes the webhook."""

    url: Url
    events: list[SmtpEvent] | None = None


class TrackingChanges(Body):
    """What is left out is switched on."""

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
    tracking = smtp_tracking.current(ctx)
    return {"opens": tracking.opens, "clicks": tracking.clicks, "unsubscribe": tracking.unsubscribe}
