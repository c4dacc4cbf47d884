"""Simulations: what users do in the vendor's web application and the API cannot do.

They set webhooks and tracking of the SMTP service (https://sendpulse.com/knowledge-base/smtp), and choose what they pay
for.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from . import errors
from .accounts import plans
from .accounts.plans import Category, SmtpPlan
from .bulk_email import webhook_batches
from .bulk_email.webhook_batches import SMTP_EVENTS, SmtpEvent, SmtpWebhook
from .bulk_email.webhooks import Url
from .smtp import tracking as smtp_tracking
from .smtp.tracking import Tracking
from .times import DAY, date

MOST_WEBHOOKS = 100

operations = Operations("Simulations", evidence="assumed")


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


Amount = Annotated[int, Field(ge=0, le=10**9)]


class PlanChanges(Body):
    """Fields left out do not change. ``records`` limits mailing lists, webhooks and so on, each; null: no limit."""

    category: Category | None = None
    smtp: SmtpPlan | None = None
    ended: bool | None = None
    limited: bool | None = None
    emails_left: Amount | None = None
    smtp_emails_left: Amount | None = None
    records: Amount | None = None


class PlanFields(TypedDict):
    """``smtp_emails_left`` is for this month."""

    category: Category
    smtp: SmtpPlan
    ended: bool
    limited: bool
    emails_left: int
    smtp_emails_left: int
    records: int | None


@operations.post("/plan")
def set_plan(ctx: Context, body: PlanChanges) -> PlanFields:
    """Change what the account pays for: another plan, one that has ended, none for SMTP, or one that is used up.

    With ``category`` or ``smtp_emails_left`` the plan's bounds on addresses, tags and mails of the SMTP service hold.
    """
    changes = body.model_dump(exclude_unset=True, exclude={"ended", "smtp_emails_left"})
    changes = {name: value for name, value in changes.items() if value is not None or name == "records"}
    if body.ended is not None:
        changes["ends"] = ctx.now if body.ended else ctx.now + 3653 * DAY
    if body.category is not None or body.smtp_emails_left is not None:
        changes["metered"] = True
    plan = plans.change(ctx, **changes)
    if body.smtp_emails_left is not None:
        sent = plans.SMTP_EMAILS[plan.category] - body.smtp_emails_left
        plan = plans.change(ctx, smtp_month=date(ctx.now)[:7], smtp_sent=sent)
    return {
        "category": plan.category,
        "smtp": plan.smtp,
        "ended": plans.has_ended(ctx),
        "limited": plan.limited,
        "emails_left": plan.emails_left,
        "smtp_emails_left": plans.smtp_emails_left(ctx),
        "records": plan.records,
    }


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
