"""The values of the language: writing, escaping, lookup, arithmetic and comparison."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from urllib.parse import quote

from .errors import missing_value, render_error

_LONGEST_NUMBER = 64
_WHOLE_UP_TO = 1e16


class Markup(str):
    """Text that a macro has rendered. It is written without escaping, whatever the braces."""

    __slots__ = ()


def to_text(value: object, line: int) -> str:
    """Return a value as text: null as nothing, 5.0 as `5`, true as `true`, arrays and objects as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number_text(value)
    # assumed: JSON; the document shows only scalars.
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=_as_dict)
    except (RecursionError, TypeError, ValueError):
        raise render_error(line, "a value cannot be rendered as text") from None


def html_escape(text: str) -> str:
    """Escape the six characters of the document's example and of mustache implementations in Lua."""
    if text.isalnum():
        return text
    # assumed: `'` as &#39;. The document shows <, > and /.
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#39;")
        .replace("/", "&#x2F;")
    )


def url_escape(text: str) -> str:
    """Percent-encode everything except letters, digits and `-._~`."""
    if text.isascii() and text.isalnum():
        return text
    return quote(text, safe="", errors="replace")


def is_true(value: object) -> bool:
    """Return whether a condition is true: everything except false and null, also 0, "" and empty arrays."""
    return value is not None and value is not False


def member(value: object, key: object, name: str | None, line: int) -> object:
    """Return `value[key]`, or null if it has none. Arrays count from 1. Raise 3001 if `value` itself is null."""
    if type(value) is dict or isinstance(value, Mapping):
        return value.get(key) if isinstance(key, str) else None
    if isinstance(value, (list, tuple)):
        index = _index(key)
        return value[index - 1] if 1 <= index <= len(value) else None
    if value is None:
        raise missing_value(line, name, "index")
    return None  # assumed: strings, numbers and booleans have no members.


def length(value: object, name: str | None, line: int) -> object:
    """Return `#value`."""
    if isinstance(value, (list, tuple, str)):
        return len(value)  # assumed for strings: characters.
    if isinstance(value, Mapping):
        return 0  # assumed: only the indexes 1, 2, … count, as in Lua.
    if value is None:
        raise missing_value(line, name, "get length of")
    raise render_error(line, f"attempt to get length of a {_type_name(value)} value")


def number(value: object, name: str | None, line: int) -> float:
    """Return the operand of an arithmetic operator. assumed: strings of decimal numbers count, as in Lua."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _float(value)
    if isinstance(value, str):
        spelled = _spelled_number(value)
        if spelled is not None:
            return spelled
    if value is None:
        raise missing_value(line, name, "perform arithmetic on")
    raise render_error(line, f"attempt to perform arithmetic on a {_type_name(value)} value")


def divide(dividend: float, divisor: float) -> float:
    """assumed: division by zero gives inf or nan, as in Lua."""
    if divisor:
        return dividend / divisor
    return math.nan if dividend == 0 or math.isnan(dividend) else math.copysign(math.inf, dividend)


def equal(left: object, right: object) -> bool:
    """Compare for equality: never across types. assumed: arrays and objects equal only themselves, as in Lua."""
    if left is right:
        return not (isinstance(left, float) and math.isnan(left))
    if isinstance(left, str):
        return isinstance(right, str) and left == right
    return _is_number(left) and _is_number(right) and left == right


def check_order(left: object, left_name: str | None, right: object, right_name: str | None, line: int) -> None:
    """Compare the order of two numbers or strings. assumed: the errors of other values are worded as in Lua."""
    if (isinstance(left, str) and isinstance(right, str)) or (_is_number(left) and _is_number(right)):
        return
    for value, name in ((left, left_name), (right, right_name)):
        if value is None and name is not None:
            raise missing_value(line, name, "compare")
    raise render_error(line, f"attempt to compare {_type_name(left)} with {_type_name(right)}")


def _number_text(value: float) -> str:
    if isinstance(value, int) and value.bit_length() <= 64:
        return str(value)
    value = _float(value)
    if value.is_integer() and abs(value) < _WHOLE_UP_TO:
        return str(int(value))
    return f"{value:.14g}"  # assumed: fourteen significant digits, as in Lua: 0.1 + 0.2 is 0.3.


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _spelled_number(text: str) -> float | None:
    text = text.strip()
    if not 0 < len(text) <= _LONGEST_NUMBER or not text.isascii() or "_" in text or text[-1] not in "0123456789.":
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _index(key: object) -> int:
    if isinstance(key, int) and not isinstance(key, bool):
        return key
    if isinstance(key, float) and key.is_integer():
        return int(key)
    return 0


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _type_name(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "null" if value is None else "table"


def _as_dict(value: object) -> dict[object, object]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)
