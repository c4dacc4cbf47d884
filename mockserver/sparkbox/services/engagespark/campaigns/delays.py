"""When a subscription starts: every unit of ``delay``, in the time zone that it names.

https://openapi.engagespark.com/#operation/subscribeContact. "0 days 09:00" is the next 09:00 to come, "1 day 09:00"
tomorrow's. The documents leave open what else 0 means and what a week's days are counted from; so, assumed: 0 weeks is
the next of the chosen days to come, n weeks the first of them from the day that is n weeks from today; a month's day is
moved to the last one where the month is too short; seconds, minutes and hours take no time of day.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from sparkbox.core.state.clock import moment

from .. import errors, times
from ..fields import UNLESS_EMPTY, Fields, Moment, Short
from .zones import zone, zone_of

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Unit = Literal["", "second", "minute", "hour", "day", "week", "month", "at"]

MOST_YEARS = 10
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


class DaysOfWeek(Fields):
    """The days that a week's delay may end on."""

    monday: bool = False
    tuesday: bool = False
    wednesday: bool = False
    thursday: bool = False
    friday: bool = False
    saturday: bool = False
    sunday: bool = False

    def chosen(self) -> frozenset[int]:
        """Return their numbers; Monday's is 0."""
        return frozenset(number for number, name in enumerate(DaysOfWeek.model_fields) if getattr(self, name))


class Delay(Fields):
    """``value`` of ``unit`` from now; ``at`` overrides all the rest. ``relative`` is only recorded."""

    unit: Unit = ""
    value: Annotated[int | None, Field(ge=0, le=10**9)] = None
    time: Short = ""
    timezone: Short = ""
    country: Short = ""
    day_of_week: Annotated[Weekday | None, UNLESS_EMPTY] = None
    days_of_week: DaysOfWeek = DaysOfWeek()
    at: Annotated[Moment | None, UNLESS_EMPTY] = None
    relative: Literal["", "previous", "initial"] = ""


def start(delay: Delay | None, now: float) -> float:
    """Return when a subscription that is made now starts, in Unix seconds; never before now."""
    if delay is None:
        return now
    if delay.at is not None:
        return _bounded(delay.at / times.NANO, now)
    if delay.unit == "at":
        raise errors.INVALID_DELAY(problem="'at' is required with the unit 'at'")
    if delay.value is None:
        raise errors.INVALID_DELAY(problem="'value' is required")
    if delay.unit == "":
        return now
    if delay.unit in _SECONDS:
        return _bounded(now + delay.value * _SECONDS[delay.unit], now)
    try:
        return _bounded(_BY_CALENDAR[delay.unit](delay, delay.value, _local(delay, now)).timestamp(), now)
    except OverflowError:
        raise errors.INVALID_DELAY(problem="it is too long") from None


def _day(delay: Delay, value: int, now: datetime) -> datetime:
    at = _at_time(delay, now + timedelta(days=value), required=True)
    return at if value or _is_after(at, now) else at + timedelta(days=1)


def _week(delay: Delay, value: int, now: datetime) -> datetime:
    at = _at_time(delay, now + timedelta(weeks=value), required=True)
    days = delay.days_of_week.chosen()
    if not days and delay.day_of_week is not None:
        days = frozenset({list(DaysOfWeek.model_fields).index(delay.day_of_week)})
    days = days or frozenset({at.weekday()})
    ahead = (at + timedelta(days=number) for number in range(8))
    return next(day for day in ahead if day.weekday() in days and (value or _is_after(day, now)))


def _month(delay: Delay, value: int, now: datetime) -> datetime:
    at = _at_time(delay, _months_on(now, value), required=False)
    return at if value or not _is_after(now, at) else _at_time(delay, _months_on(now, 1), required=False)


_BY_CALENDAR: dict[str, Callable[[Delay, int, datetime], datetime]] = {"day": _day, "week": _week, "month": _month}


def _is_after(one: datetime, other: datetime) -> bool:
    """Compare two local times. Python compares those of one zone by the wall clock, which shows an hour twice."""
    return one.timestamp() > other.timestamp()


def _local(delay: Delay, now: float) -> datetime:
    name = delay.timezone or _zone_name(delay.country) or "UTC"
    found = zone(name)
    if found is None:
        raise errors.INVALID_DELAY(problem=f"unknown time zone '{name[:100]}'")
    return moment(now).astimezone(found)


def _zone_name(country: str) -> str | None:
    if not country:
        return None
    name = zone_of(country)
    if name is None:
        raise errors.INVALID_DELAY(problem=f"unknown country '{country[:100]}'")
    return name


def _at_time(delay: Delay, day: datetime, *, required: bool) -> datetime:
    if not delay.time:
        if required:
            raise errors.INVALID_DELAY(problem=f"'time' is required with the unit '{delay.unit}'")
        return day
    found = _TIME.fullmatch(delay.time.strip())
    if found is None:
        raise errors.INVALID_DELAY(problem="'time' is not like 09:00")
    return day.replace(hour=int(found[1]), minute=int(found[2]), second=int(found[3] or 0), microsecond=0, fold=0)


def _months_on(day: datetime, months: int) -> datetime:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > 9998:
        raise OverflowError
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def _bounded(starts: float, now: float) -> float:
    if starts > now + MOST_YEARS * 366 * 86_400:
        raise errors.INVALID_DELAY(problem=f"it is longer than {MOST_YEARS} years")
    return max(starts, now)
