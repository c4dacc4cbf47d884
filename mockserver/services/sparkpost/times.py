"""Times as SparkPost writes and reads them."""

from __future__ import annotations

from datetime import UTC, datetime

from mockserver.core.clock import moment


def stamp(seconds: float) -> str:
    """Unix seconds as ``2014-05-22T15:12:59+00:00``."""
    return moment(seconds).isoformat(timespec="seconds")


def parse(text: str) -> float | None:
    """``2016-08-10T12:30:00-04:00``, ``…Z`` or without an offset (then UTC) as Unix seconds; ``None`` if it is none."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
