"""engageSPARK's times, RFC 3339 in UTC: of messages to the nanosecond, contacts the microsecond, files the second."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from sparkbox.core.state.clock import moment

NANO = 1_000_000_000
_CACHED = 1000
_LONGEST = len("2024-03-26T12:35:15.530548089Z")

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d{0,20})?(?:[Zz]|([-+ ])(\d\d):?(\d\d))", re.ASCII
)


def nanoseconds(seconds: float) -> int:
    """Return Unix seconds as whole nanoseconds: exactly what :func:`stamp` shows and :func:`read` reads."""
    whole, fraction = _parts(seconds)
    return whole * NANO + fraction


def stamp(seconds: float) -> str:
    """Return Unix seconds as ``2024-03-26T12:35:15.530548089Z``, without trailing zeros."""
    whole, fraction = _parts(seconds)
    digits = f".{fraction:09d}".rstrip("0.")
    return f"{_second(whole)}{digits}Z"


def stamp_size(seconds: float) -> int:
    """Return the length of :func:`stamp`."""
    return _LONGEST if _parts(seconds)[1] % 10 else len(stamp(seconds))


def micro_stamp(seconds: float) -> str:
    """Return Unix seconds as ``2020-05-28T10:59:45.061156Z``."""
    return f"{moment(seconds):%Y-%m-%dT%H:%M:%S.%f}Z"


def second_stamp(seconds: float) -> str:
    """Return Unix seconds as ``2023-05-23T13:45:00Z``."""
    return f"{moment(seconds):%Y-%m-%dT%H:%M:%SZ}"


def compact_stamp(seconds: float) -> str:
    """Return Unix seconds as ids have them, ``20240325T122739``."""
    return _compact_second(int(seconds // 1))


def _parts(seconds: float) -> tuple[int, int]:
    """Return whole seconds and nanoseconds."""
    whole = int(seconds // 1)
    return whole, min(round((seconds - whole) * NANO), NANO - 1)


@lru_cache(_CACHED)
def _second(whole: int) -> str:
    return f"{moment(whole):%Y-%m-%dT%H:%M:%S}"


@lru_cache(_CACHED)
def _compact_second(whole: int) -> str:
    return f"{moment(whole):%Y%m%dT%H%M%S}"


def read(text: str) -> int | None:
    """Read RFC 3339 as Unix nanoseconds; ``None`` for anything else. In a query, a ``+`` may have become a space."""
    found = _RFC3339.fullmatch(text.strip())
    if found is None:
        return None
    date, time, fraction, sign, hours, minutes = found.groups()
    try:
        when = datetime.fromisoformat(f"{date}T{time}").replace(tzinfo=UTC)
    except ValueError:
        return None
    shift = 0 if sign is None else int(hours) * 3600 + int(minutes) * 60
    seconds = int(when.timestamp()) + (shift if sign == "-" else -shift)
    return seconds * NANO + int((fraction or "").ljust(9, "0"))
