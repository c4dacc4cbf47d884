"""SendPulse's dates, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from sparkbox.core.state.clock import moment

DAY = 86_400


def stamp(seconds: float) -> str:
    """Return Unix seconds as ``YYYY-MM-DD hh:mm:ss``."""
    return moment(seconds).strftime("%Y-%m-%d %H:%M:%S")


def date(seconds: float) -> str:
    """Return Unix seconds as ``YYYY-MM-DD``."""
    return _day(seconds // DAY)


@lru_cache(100)
def _day(number: float) -> str:
    return moment(number * DAY).strftime("%Y-%m-%d")


def zoned(seconds: float) -> str:
    """Return Unix seconds as ``YYYY-MM-DDThh:mm:ss+00:00``: documented without the ``T``, recorded with it."""
    return moment(seconds).isoformat(timespec="seconds")


def read(text: str) -> float | None:
    """Return ``YYYY-MM-DD`` or ``YYYY-MM-DD hh:mm:ss`` in Unix seconds; ``None`` if it is neither."""
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    return None


def is_date(text: str) -> bool:
    """Return whether a text is a day, ``YYYY-MM-DD``."""
    return len(text) == 10 and text[4] == text[7] == "-" and read(text) is not None
