"""The time window of a query for metrics: https://developers.sparkpost.com/api/metrics/#header-precision-parameter.

Quirk: a query without ``from`` gets three errors at once, and links.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from sparkbox.core.state.clock import LATEST, moment

from .. import errors
from ..searching import one_of, refused, time_zone
from ..times import read, seconds_of
from .links import LINKS

HOUR = 3600
DAY = 86_400

PRECISIONS: dict[str, tuple[int, int | None]] = {
    "1min": (60, DAY),
    "5min": (300, DAY),
    "15min": (900, 2 * DAY),
    "hour": (HOUR, 31 * DAY),
    "day": (DAY, None),
}
"""The seconds of a step and of the longest window."""

SERIES_PRECISIONS = {**PRECISIONS, "12hr": (12 * HOUR, None), "week": (7 * DAY, None), "month": (31 * DAY, None)}

_IN_UTC = ("day", "week", "month")
_FORMAT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_PATTERN = "YYYY-MM-DDTHH:MM"


class Window(NamedTuple):
    """``since`` is in the window, ``until`` is not; ``None`` stands for now."""

    since: float
    until: float | None
    zone: tzinfo

    def holds(self, time: float) -> bool:
        return time >= self.since and (self.until is None or time < self.until)


def window(
    since: str | None, until: str | None, timezone: str | None, precision: str | None, *, series: bool, now: float
) -> Window:
    """Return the window of a query, extended to whole steps of its precision."""
    zone = time_zone(timezone)
    start, end = _seconds(since, zone), _seconds(until, zone)
    rows = _problems(since, start, until, end, now)
    if rows or start is None:
        raise errors.METRICS_WINDOW(rows=rows, links=LINKS)
    precisions = SERIES_PRECISIONS if series else PRECISIONS
    if precision:
        one_of("precision", precision, precisions)
        longest = precisions[precision][1]
        if longest is not None and (now if end is None else end) - start > longest:
            raise refused("precision", f"precision {precision} allows a window of {longest // HOUR} hours at most")
    inner = UTC if precision in _IN_UTC else zone
    step = precision or "1min"
    first = floor(start, step, inner)
    return Window(first, None if end is None else _ceiling(end, step, inner), zone)


def optional_window(since: str | None, until: str | None, timezone: str | None) -> Window:
    """Return a window that may be open at either end."""
    zone = time_zone(timezone)
    start, end = _seconds(since, zone), _seconds(until, zone)
    for param, text, seconds in (("from", since, start), ("to", until, end)):
        if text and seconds is None:
            raise refused(param, f"{param} must be in the format {_PATTERN}")
    if start is not None and end is not None and start >= end:
        raise refused("from", "from must be before to")
    return Window(0.0 if start is None else start, end, zone)


def floor(seconds: float, precision: str, zone: tzinfo) -> float:
    """Return the beginning of the step that a time is in."""
    if precision == "month":
        return _midnight(moment(seconds)).replace(day=1).timestamp()
    if precision == "week":
        when = _midnight(moment(seconds))
        return (when - timedelta(days=when.weekday())).timestamp()
    step = SERIES_PRECISIONS[precision][0]
    # In zones that are half an hour off, hours begin at half past.
    offset = _offset(seconds, zone)
    return (seconds + offset) // step * step - offset


def inner_zone(precision: str, zone: tzinfo) -> tzinfo:
    """Return the zone of the steps: days, weeks and months are those of UTC, whatever the query's zone."""
    return UTC if precision in _IN_UTC else zone


def _ceiling(seconds: float, precision: str, zone: tzinfo) -> float:
    start = floor(seconds, precision, zone)
    if start == seconds:
        return seconds
    if precision == "month":
        return floor(start + 32 * DAY, "month", zone)
    return start + SERIES_PRECISIONS[precision][0]


def _problems(
    since: str | None, start: float | None, until: str | None, end: float | None, now: float
) -> list[dict[str, Any]]:
    problems: list[tuple[str, str]] = []
    if not since:
        problems.append(("from", "from is required"))
    if start is None:
        problems.append(("from", f"from must be in the format {_PATTERN}"))
    if until and end is None:
        problems.append(("to", f"to must be in the format {_PATTERN}"))
    if start is None or start >= (now if end is None else end):
        problems.append(("from", "from must be before to"))
    return [{"message": message, "param": param} for param, message in problems]


def _seconds(text: str | None, zone: tzinfo) -> float | None:
    if not text or _FORMAT.match(text) is None:
        return None
    when = read(text)
    seconds = None if when is None else seconds_of(when, zone)
    # Beyond that, not every zone has dates.
    return seconds if seconds is not None and 0 <= seconds <= LATEST else None


def _midnight(when: datetime) -> datetime:
    return when.replace(hour=0, minute=0, second=0, microsecond=0)


def _offset(seconds: float, zone: tzinfo) -> float:
    offset = moment(seconds).astimezone(zone).utcoffset()
    return 0.0 if offset is None else offset.total_seconds()
