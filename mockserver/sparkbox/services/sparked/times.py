"""Times in requests and responses: ISO 8601 in UTC, ``2026-03-01T12:00:00Z``."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from sparkbox.core.state.clock import LATEST, moment

MINUTE = 60
HOUR = 3_600
DAY = 86_400


def stamp(seconds: float) -> str:
    """Return Unix seconds as ``2026-03-01T12:00:00Z``."""
    return moment(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_stamp(day: int) -> str:
    """Return a number of days since 1970 as ``2026-03-01``."""
    return (_EPOCH + timedelta(day)).isoformat()


def day_of(seconds: float) -> int:
    """Return the number of days since 1970, in UTC."""
    return int(seconds // DAY)


def _time(value: Any) -> float:
    if not isinstance(value, str) or len(value) > 40:
        raise ValueError("must be a time like 2026-03-01T12:00:00Z")
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a time like 2026-03-01T12:00:00Z") from None
    if when.tzinfo is None:
        raise ValueError("must name its time zone: Z, or an offset like +02:00")
    try:
        seconds = when.astimezone(UTC).timestamp()
    except OverflowError:
        seconds = -1.0
    if not 0 <= seconds <= LATEST:
        raise ValueError("must lie between the years 1970 and 9000")
    return seconds


def _day(value: Any) -> int:
    try:
        day = (date.fromisoformat(value) - _EPOCH).days if isinstance(value, str) and len(value) == 10 else -1
    except ValueError:
        day = -1
    if not 0 <= day <= LATEST // DAY:
        raise ValueError("must be a date like 2026-03-01")
    return day


_EPOCH = date(1970, 1, 1)

Time = Annotated[float, BeforeValidator(_time), WithJsonSchema({"type": "string", "format": "date-time"})]
"""A time with its zone, in Unix seconds."""
Day = Annotated[int, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A date, in days since 1970."""
