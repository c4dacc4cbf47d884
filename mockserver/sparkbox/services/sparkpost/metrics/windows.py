"""From when until when metrics count: https://developers.sparkpost.com/api/metrics/#header-precision-parameter.

Quirk: a query that lacks ``from`` is told three things at once, and where else to look.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from typing_extensions import TypedDict

from sparkbox.core.state.clock import LATEST, moment

from .. import errors
from ..searching import one_of, refused, time_zone
from ..times import read, seconds_of

HOUR = 3600
DAY = 86_400

PRECISIONS: dict[str, tuple[int, int | None]] = {
    "1min": (60, DAY),
    "5min": (300, DAY),
    "15min": (900, 2 * DAY),
    "hour": (HOUR, 31 * DAY),
    "day": (DAY, None),
}
"""Seconds of a step, and of the longest window."""

SERIES_PRECISIONS = {**PRECISIONS, "12hr": (12 * HOUR, None), "week": (7 * DAY, None), "month": (31 * DAY, None)}

_IN_UTC = ("day", "week", "month")
_FORMAT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_PATTERN = "YYYY-MM-DDTHH:MM"


class Window(NamedTuple):
    """``since`` counts, ``until`` does not; ``None``: until now."""

    since: float
    until: float | None
    zone: tzinfo

    def holds(self, time: float) -> bool:
        return time >= self.since and (self.until is None or time < self.until)


def window(
    since: str | None, until: str | None, timezone: str | None, precision: str | None, *, series: bool, now: float
) -> Window:
    """The window of a query, rounded outwards to its precision."""
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
    """A window whose ends may be left open."""
    zone = time_zone(timezone)
    start, end = _seconds(since, zone), _seconds(until, zone)
    for param, text, seconds in (("from", since, start), ("to", until, end)):
        if text and seconds is None:
            raise refused(param, f"{param} must be in the format {_PATTERN}")
    if start is not None and end is not None and start >= end:
        raise refused("from", "from must be before to")
    return Window(0.0 if start is None else start, end, zone)


def floor(seconds: float, precision: str, zone: tzinfo) -> float:
    """The beginning of the step that holds a time."""
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
    """Days, weeks and months are those of UTC, whatever the query's zone."""
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


CHILDREN = (
    "aggregate", "attempt", "bounce-classification", "bounce-reason", "bounce-reason/domain", "campaign",
    "delay-reason", "delay-reason/domain", "domain", "ip-pool", "link-name", "mailbox-provider",
    "mailbox-provider-region", "query-filters-schema", "rejection-reason", "rejection-reason/domain", "sending-domain",
    "sending-ip", "subaccount", "subject-campaign", "template", "time-series", "watched-domain",
)  # fmt: skip
"""What there is below ``/api/v1/metrics/deliverability``."""


class MetricsLink(TypedDict):
    href: str
    rel: str
    method: str


def link(path: str) -> MetricsLink:
    """A link as this page has them; ``path`` is what follows ``/api/v1/metrics/``."""
    return {"href": f"/api/v1/metrics/{path}", "rel": path.removeprefix("deliverability/"), "method": "GET"}


LINKS = [link("deliverability"), *(link(f"deliverability/{child}") for child in CHILDREN)]
