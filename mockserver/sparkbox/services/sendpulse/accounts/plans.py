"""The account's user and plan, with its quotas.

A new account is on the free plan and has some money. The plan's limits on addresses, tags and mails do not hold until
the simulation ``plan`` sets them, so that a first test does not run into them.
"""

from __future__ import annotations

from typing import Any, Literal

from sparkbox.core.declare.limits import Limit
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import MOST_RECORDS, Collection, Record, Store, replace

from .. import errors
from ..times import DAY, date

Category = Literal["free", "standard", "enterprise"]
SmtpPlan = Literal["active", "expired", "none"]

PER_SECOND = Limit("second", 10, 1.0, error="too_many_per_second")
PER_MINUTE = Limit("minute", 1_000, 60.0, "fixed", error="too_many_requests")
PER_DAY = Limit("day", 500_000, float(DAY), "fixed", error="too_many_requests")
LIMITS = (PER_SECOND, PER_MINUTE, PER_DAY)
"""The free plan's."""

QUOTAS: dict[Category, dict[str, int | None]] = {
    "free": {"minute": None, "day": None},
    "standard": {"minute": 2_000, "day": 1_000_000},
    "enterprise": {"minute": 3_000, "day": 3_000_000},
}
"""Requests a minute and a day that differ from the free plan's."""

MOST_SENDERS: dict[Category, int] = {"free": 50, "standard": 200, "enterprise": 1_000}
MOST_SUBSCRIBERS: dict[Category, int] = {"free": 500, "standard": 50_000, "enterprise": 1_000_000}
SMTP_EMAILS: dict[Category, int] = {"free": 12_000, "standard": 150_000, "enterprise": 1_000_000}
"""Mails of the SMTP service a month."""
TITLES: dict[Category, str] = {"free": "Free", "standard": "Standard", "enterprise": "Enterprise"}


class Plan(Record, frozen=True, gc=False):
    """The account's user and plan; a single record. Money is in cents of ``currency``, ``ends`` in Unix seconds."""

    user_id: int
    email: str
    name: str
    ends: float
    category: Category = "free"
    currency: str = "USD"
    main: int = 10_000
    bonus: int = 500
    emails_left: int = 15_000
    smtp: SmtpPlan = "active"
    smtp_month: str = ""
    smtp_sent: int = 0
    """Mails of the SMTP service in ``smtp_month``, a ``YYYY-MM``."""
    metered: bool = False
    """Whether the category limits addresses, tags and mails of the SMTP service."""
    limited: bool = False
    """Whether the account may send nothing for now."""
    records: int | None = None
    """The most mailing lists, webhooks, domains and so on, each; ``None``: as many as the sandbox keeps."""

    @property
    def key(self) -> str:
        return "plan"


def seed_account(account: Account, store: Store) -> None:
    """Put a new account on the free plan, for ten years."""
    user_id = int(account.ids.digits(7))
    plan = Plan(user_id, "owner@example.com", "Mock Owner", account.clock.now() + 3653 * DAY)
    store[Plan].put(plan)


def current(ctx: Context) -> Plan:
    """Return the account's plan."""
    plan = ctx.store[Plan].get("plan")
    if plan is None:
        raise LookupError("an account without a plan")
    return plan


def change(ctx: Context, **changes: Any) -> Plan:
    """Change fields of the plan and return it; a new ``category`` changes the request quotas, too."""
    plan = replace(current(ctx), **changes)
    ctx.store[Plan].put(plan)
    if "category" in changes:
        for name, amount in QUOTAS[plan.category].items():
            ctx.account.buckets.set_amount(ctx.service.name, name, amount)
    return plan


def check_sending(ctx: Context) -> None:
    """Raise an error if the account's sending is limited."""
    if current(ctx).limited:
        raise errors.SENDING_LIMITED()


def count_smtp_emails(ctx: Context, quantity: int) -> None:
    """Count mails of the SMTP service against the month's quota."""
    plan, month = current(ctx), date(ctx.now)[:7]
    if plan.smtp_month != month:
        plan = replace(plan, smtp_month=month, smtp_sent=0)
    if plan.metered and quantity > _left(plan):
        raise errors.QUOTA_EXCEEDED()
    ctx.store[Plan].put(replace(plan, smtp_sent=plan.smtp_sent + quantity))


def smtp_emails_left(ctx: Context) -> int:
    """Return how many mails of the SMTP service are left this month."""
    plan = current(ctx)
    return _left(plan if plan.smtp_month == date(ctx.now)[:7] else replace(plan, smtp_sent=0))


def _left(plan: Plan) -> int:
    return max(0, SMTP_EMAILS[plan.category] - plan.smtp_sent)


def check_budget(ctx: Context, collection: Collection[Any], more: int, most: int = MOST_RECORDS) -> None:
    """Raise an error if ``more`` records are beyond the plan, or beyond the ``most`` that the sandbox keeps."""
    allowed = current(ctx).records
    if len(collection) + more > (most if allowed is None else min(most, allowed)):
        raise errors.PLAN_DENIED()


def has_ended(ctx: Context) -> bool:
    """Return whether the plan for mailing lists has ended."""
    return ctx.now >= current(ctx).ends
