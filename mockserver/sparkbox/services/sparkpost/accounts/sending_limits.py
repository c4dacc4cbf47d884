"""Sending limits: how many messages an account may send in an hour, a day, a month.

https://developers.sparkpost.com/api/transmissions/#header-sending-limits. An account has none until it is given
some. The hour and the day are rolling ones, in steps of a quarter of an hour; the month is that of the calendar.
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
    """An account's limits; ``None``: there is none."""

    id: str = "limits"
    hourly: int | None = None
    daily: int | None = None
    monthly: int | None = None


LIMIT_ERRORS = (errors.HOURLY_LIMIT, errors.DAILY_LIMIT, errors.MONTHLY_LIMIT)


def limits(ctx: Context) -> SendingLimits:
    """The account's limits."""
    return ctx.store[SendingLimits].get("limits") or SendingLimits()


def exceeded(ctx: Context, messages: int) -> Error | None:
    """The limit that so many more messages would pass; nothing is sent then."""
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
    """When this month began."""
    return moment(ctx.now).replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()
