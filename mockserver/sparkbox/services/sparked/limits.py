"""Rate limits by tier: https://sparked.com/integration#rate-limits. All tokens of an integration count together.

Standard: 1,000 requests an hour. Partner: 10,000 an hour and a burst. Enterprise: negotiated. An account starts in the
standard tier; the simulation ``tier`` changes it. Inferred: windows begin on the hour, and the burst is 100 requests a
second once the hour is used up.
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
"""The limits of the standard tier."""

AMOUNTS: dict[Tier, tuple[int, int]] = {
    "standard": (1_000, 0),
    "partner": (10_000, 100),
    "enterprise": (100_000, 1_000),
}
"""Requests an hour, and requests a second beyond that. The enterprise defaults are assumed."""


class Plan(Record, frozen=True, gc=False):
    """The integration's tier; an account has one."""

    tier: Tier = "standard"

    @property
    def key(self) -> str:
        return "plan"


def tier(ctx: Context) -> Tier:
    """Return the account's tier."""
    return (ctx.store[Plan].get("plan") or Plan()).tier


def change_tier(ctx: Context, tier: Tier, hour: int | None = None, burst: int | None = None) -> tuple[int, int]:
    """Change the account's tier, with other amounts if given. Return the amounts."""
    ctx.store[Plan].put(Plan(tier))
    usual_hour, usual_burst = AMOUNTS[tier]
    amounts = usual_hour if hour is None else hour, usual_burst if burst is None else burst
    for limit, amount in zip(LIMITS, amounts, strict=True):
        ctx.account.buckets.set_amount(ctx.service.name, limit.name, amount)
    return amounts


def headers(ctx: Context, *, used_up: bool = False) -> Headers:
    """Return the rate limit headers. They are sent even while the limits are off, as clients read them.

    ``used_up``: the response says that the limit is used up, which an injected fault may do too.
    """
    standing = ctx.account.buckets.standing(ctx.service.name, "", PER_HOUR, ctx.now)
    resets_at = (ctx.now // HOUR + 1) * HOUR
    return [
        (b"x-ratelimit-limit", b"%d" % standing.amount),
        (b"x-ratelimit-remaining", b"%d" % (0 if used_up else standing.remaining)),
        (b"x-ratelimit-reset", b"%d" % resets_at),
    ]
