"""Times as SparkPost writes and reads them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from sparkbox.core.state.clock import moment


def stamp(seconds: float) -> str:
    """Unix seconds as ``2014-05-22T15:12:59+00:00``."""
    return moment(seconds).isoformat(timespec="seconds")


def fine_stamp(seconds: float) -> str:
    """Unix seconds as ``2016-04-18T14:25:07.000+00:00``, as events have them."""
    return moment(seconds).isoformat(timespec="milliseconds")


def moment_in(seconds: float, zone: tzinfo) -> str:
    """:func:`fine_stamp` with the offset that a time zone has at that moment."""
    return moment(seconds).astimezone(zone).isoformat(timespec="milliseconds")


def parse(text: str) -> float | None:
    """``2016-08-10T12:30:00-04:00``, ``…Z`` or without an offset (then UTC) as Unix seconds; ``None`` if it is none."""
    when = read(text)
    return None if when is None else seconds_of(when)


def read(text: str) -> datetime | None:
    """A time as it was written, with its offset or without one; in a query, a ``+`` may have become a space."""
    text = text.strip()
    try:
        return datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        return None


def seconds_of(when: datetime, zone: tzinfo = UTC) -> float | None:
    """Unix seconds; a time without an offset is one of ``zone``. ``None`` for what lies outside the calendar."""
    try:
        return (when if when.tzinfo else when.replace(tzinfo=zone)).timestamp()
    except (OverflowError, ValueError):
        return None
