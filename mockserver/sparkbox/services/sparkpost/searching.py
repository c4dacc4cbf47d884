"""Parameters, cursors and links that the searches of several pages share.

On these pages, an invalid parameter gets a 400 with ``{"message", "param"}`` and no code.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection
from datetime import UTC, tzinfo
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context

from . import errors
from .times import read, seconds_of

MOST_PER_PAGE = 10_000
DEFAULT_PER_PAGE = 1000
INITIAL = "initial"
"""The cursor of the first page."""


def refused(param: str, problem: str) -> ApiError:
    """Return the API error of an invalid parameter."""
    return errors.INVALID_QUERY(problem=problem, param=param)


def whole_number(param: str, text: str | None, default: int, low: int, high: int) -> int:
    """Read a number between two bounds, which are allowed themselves."""
    if text is None or text == "":
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not low <= int(text) <= high:
        raise refused(param, f"{param} must be between {low} and {high}")
    return int(text)


def unix_time(param: str, text: str | None, pattern: str, zone: tzinfo = UTC) -> float | None:
    """Read a date; without an offset it is in ``zone``. ``pattern`` is the vendor's name for the format."""
    if text is None or text == "":
        return None
    when = read(text)
    seconds = None if when is None else seconds_of(when, zone)
    if seconds is None:
        raise refused(param, f"{param} must be in the format {pattern}")
    return seconds


def time_zone(name: str | None) -> tzinfo:
    """Read the parameter ``timezone``; it defaults to UTC."""
    if not name or name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise refused("timezone", "timezone must be a standard time zone's name") from None


def listed(text: str | None, delimiter: str = ",") -> list[str] | None:
    """Return the entries of a delimited list; ``None`` if there are none."""
    if text is None:
        return None
    return [entry for entry in (part.strip() for part in text.split(delimiter or ",")) if entry] or None


def one_of(param: str, text: str | None, allowed: Collection[str], delimiter: str = ",") -> frozenset[str] | None:
    """Read a delimited list of allowed values."""
    entries = listed(text, delimiter)
    if entries is None:
        return None
    unknown = [entry for entry in entries if entry not in allowed]
    if unknown:
        raise refused(param, f"{param} must be among {', '.join(allowed)}")
    return frozenset(entries)


def to_cursor(*values: Any) -> str:
    """Return an opaque cursor that holds plain values."""
    return base64.urlsafe_b64encode(dumps(values)).decode()


def from_cursor(text: str | None, *kinds: type) -> list[Any] | None:
    """Return the values of a cursor, which must have these types; ``None`` for the first page."""
    if text is None or text in ("", INITIAL):
        return None
    try:
        values = orjson.loads(base64.urlsafe_b64decode(text))
    except (binascii.Error, ValueError):
        values = None
    if isinstance(values, list) and [type(value) for value in values] == list(kinds):
        return values
    raise refused("cursor", "cursor is invalid")


def href(ctx: Context, **changes: str | int) -> str:
    """Return this request's path and query with changed parameters, relative to the vendor's host."""
    query: dict[str, Any] = {**ctx.request.query_dict(), **changes}
    return f"{ctx.request.path.rstrip('/')}?{urlencode(query)}"
