"""Rate limits by tier: https://sparked.com/integration#rate-limits. All tokens of an integration count together.

Standard: 1,000 requests an hour. Partner: 10,000 an hour, and a burst. Enterprise: what was negotiated. An account
begins in the standard tier; the simulation ``tier`` puts it into another. That the hours go by the clock, and that the
burst is 100 requests a second beyond a used-up hour, is inferred.
"""

from __future__ import annotations

from typing import Literal

from sparkbox.core.declare.limits import Limit
from sparkbox.core.request.http import Headers
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record

from .times import HOUR

Tier = Literal["standard", "partner", "enterprise"]

PER_HOUR = Limit("hour", 1_000, float(HOUR), "fixed")
BURST = Limit("burst", 0, 1.0, beyond="hour", evidence="assumed")
LIMITS = (PER_HOUR, BURST)
"""The standard tier's, as every account has them at first."""

AMOUNTS: dict[Tier, tuple[int, int]] = {
    "standard": (1_000, 0),
    "partner": (10_000, 100),
    "enterprise": (100_000, 1_000),
}
"""Requests an hour and a second beyond that; what an enterprise has if nothing else is said is our invention."""


class Plan(Record, frozen=True, gc=False):
    """The integration's tier; there is one."""

    tier: Tier = "standard"

    @property
    def key(self) -> str:
        return "plan"


def tier(ctx: Context) -> Tier:
    """The tier that the account is in."""
    return (ctx.store[Plan].get("plan") or Plan()).tier


def change_tier(ctx: Context, tier: Tier, hour: int | None = None, burst: int | None = None) -> tuple[int, int]:
    """Puts the account into a tier, with other amounts where they are given; gives the amounts."""
    ctx.store[Plan].put(Plan(tier))
    usual_hour, usual_burst = AMOUNTS[tier]
    amounts = usual_hour if hour is None else hour, usual_burst if burst is None else burst
    for limit, amount in zip(LIMITS, amounts, strict=True):
        ctx.account.buckets.set_amount(ctx.service.name, limit.name, amount)
    return amounts


def headers(ctx: Context, *, used_up: bool = False) -> Headers:
    """Where the account stands with its hour. They are sent while the limits are off, too, as clients read them.

    ``used_up``: the answer says so, though it may be a fault's.
    """
    standing = ctx.account.buckets.standing(ctx.service.name, "", PER_HOUR, ctx.now)
    resets_at = (ctx.now // HOUR + 1) * HOUR
    return [
        (b"x-ratelimit-limit", b"%d" % standing.amount),
        (b"x-ratelimit-remaining", b"%d" % (0 if used_up else standing.remaining)),
        (b"x-ratelimit-reset", b"%d" % resets_at),
    ]
