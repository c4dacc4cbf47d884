"""Sending limits: the messages that an account can send in an hour, a day and a month.

https://developers.sparkpost.com/api/transmissions/#header-sending-limits. A new account has none. The hour and the day
are rolling, in steps of 15 minutes; the month is a calendar month.
"""

from __future__ import annotations

from sparkbox.core.declare.errors import Error
from sparkbox.core.state.clock import moment
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record

from .. import errors
from . import volume

HOUR = 3600.0


class SendingLimits(Record, frozen=True, gc=False):
    """The limits of an account; ``None`` stands for no limit."""

    id: str = "limits"
    hourly: int | None = None
    daily: int | None = None
    monthly: int | None = None


LIMIT_ERRORS = (errors.HOURLY_LIMIT, errors.DAILY_LIMIT, errors.MONTHLY_LIMIT)


def limits(ctx: Context) -> SendingLimits:
    """Return the account's limits."""
    return ctx.store[SendingLimits].get("limits") or SendingLimits()


def exceeded(ctx: Context, messages: int) -> Error | None:
    """Return the error of the limit that this number of further messages would exceed."""
    if SendingLimits not in ctx.store:
        return None
    known = limits(ctx)
    day, end = volume.day(ctx)
    rows = (
        (known.hourly, end - HOUR, errors.HOURLY_LIMIT),
        (known.daily, day, errors.DAILY_LIMIT),
        (known.monthly, month_of(ctx), errors.MONTHLY_LIMIT),
    )
    for limit, since, row in rows:
        if limit is not None and volume.sent_since(ctx, since) + messages > limit:
            return row
    return None


def month_of(ctx: Context) -> float:
    """Return the beginning of this month."""
    return moment(ctx.now).replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()
