"""Simulations: users choose in the vendor's web application what they pay for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context

from ..times import DAY, date
from . import plans
from .plans import Category, SmtpPlan

operations = Operations("Account simulations", evidence="assumed")

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
