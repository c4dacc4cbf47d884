"""Times as SparkPost writes and reads them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from sparkbox.core.state.clock import moment, with_milliseconds


@lru_cache(1000)
def stamp(seconds: float) -> str:
    """Format Unix seconds as ``2014-05-22T15:12:59+00:00``."""
    return moment(seconds).isoformat(timespec="seconds")


def fine_stamp(seconds: float) -> str:
    """Format Unix seconds as ``2016-04-18T14:25:07.000+00:00``, as in events."""
    return f"{with_milliseconds(seconds)}+00:00"


def moment_in(seconds: float, zone: tzinfo) -> str:
    """Format Unix seconds like :func:`fine_stamp`, with the offset of a time zone."""
    return moment(seconds).astimezone(zone).isoformat(timespec="milliseconds")


def parse(text: str) -> float | None:
    """Read ``2016-08-10T12:30:00-04:00``, ``…Z`` or a time without offset (UTC) as Unix seconds, else ``None``."""
    when = read(text)
    return None if when is None else seconds_of(when)


def read(text: str) -> datetime | None:
    """Read a time, with or without an offset; in a query, a ``+`` may have become a space."""
    text = text.strip()
    try:
        return datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        return None


def seconds_of(when: datetime, zone: tzinfo = UTC) -> float | None:
    """Return Unix seconds; a time without offset is in ``zone``. ``None`` for times outside the calendar."""
    try:
        return (when if when.tzinfo else when.replace(tzinfo=zone)).timestamp()
    except (OverflowError, ValueError):
        return None
