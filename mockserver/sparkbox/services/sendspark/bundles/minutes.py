"""Dynamic-video minutes: what the plan and the bundles include, and what was used in this billing period.

A video takes one minute. Minutes beyond the balance are charged one by one; ``processAndAuthorizeCharge`` is the
consent to that. A period has 30 days and begins with the account. All numbers are assumed.
"""

from __future__ import annotations

from typing_extensions import TypedDict

from sparkbox.core.state.account import Account
from sparkbox.core.state.clock import iso
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Store, replace

from ..workspaces.workspaces import current
from .models import Bundle, BundleStatus, Usage

PLAN_MINUTES = 250
PERIOD_SECONDS = 30 * 86_400
OVERAGE_CENTS = 29

CUSTOM_PRODUCT = "prod_mockCustomMinutes"
CUSTOM_PRICE = "price_mockCustomMinutes"


class Balance(TypedDict):
    """The minutes of the current period."""

    planMinutes: int
    bundleMinutes: int
    totalMinutes: int
    usedMinutes: int
    remainingMinutes: int
    overageMinutes: int
    overageCentsPerMinute: int
    periodEndsAt: str


def seed_account(account: Account, store: Store) -> None:
    """Create the bundles of a new account: a custom one, whose minutes can be changed, and a pack of thirty."""
    now = account.clock.now()
    custom = Bundle(
        id="si_mockCustomMinutes",
        product=CUSTOM_PRODUCT,
        price=CUSTOM_PRICE,
        label="Custom DVM Minutes - Growth",
        minutes=50,
        custom=True,
        bought=now,
    )
    pack = Bundle(
        id="si_mockThirtyMinutes",
        product="prod_mockThirtyMinutes",
        price="price_mockThirtyMinutes",
        label="30-Minute Bundle",
        minutes=30,
        bought=now,
    )
    for bundle in (custom, pack):
        store[Bundle].put(bundle)


def spend(ctx: Context, videos: int) -> None:
    """Use a minute for each of a number of videos."""
    usage = _usage(ctx)
    ctx.store[Usage].put(replace(usage, used=usage.used + videos))


def balance(ctx: Context) -> Balance:
    """Return the workspace's balance of minutes."""
    bundled = sum(bundle.total for bundle in ctx.store[Bundle].values() if status(bundle, ctx.now) != "canceled")
    total, used = PLAN_MINUTES + bundled, _usage(ctx).used
    return {
        "planMinutes": PLAN_MINUTES,
        "bundleMinutes": bundled,
        "totalMinutes": total,
        "usedMinutes": used,
        "remainingMinutes": max(0, total - used),
        "overageMinutes": max(0, used - total),
        "overageCentsPerMinute": OVERAGE_CENTS,
        "periodEndsAt": iso(period_end(ctx)),
    }


def status(bundle: Bundle, now: float) -> BundleStatus:
    if bundle.ends is None:
        return "active"
    return "canceling" if now < bundle.ends else "canceled"


def period_end(ctx: Context) -> float:
    """Return when the current period ends, in Unix seconds."""
    return current(ctx).started + (_period(ctx) + 1) * PERIOD_SECONDS


def period_left(ctx: Context) -> float:
    """Return how much of the current period is left, from 0 to 1."""
    return min(1.0, (period_end(ctx) - ctx.now) / PERIOD_SECONDS)


def _period(ctx: Context) -> int:
    return max(0, int((ctx.now - current(ctx).started) // PERIOD_SECONDS))


def _usage(ctx: Context) -> Usage:
    period = _period(ctx)
    usage = ctx.store[Usage].get("")
    return usage if usage is not None and usage.period == period else Usage(period, 0)
