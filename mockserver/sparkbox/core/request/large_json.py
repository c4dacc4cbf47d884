"""Large JSON, read and written in steps.

A decoder holds the whole process while it works: half a second for twenty megabytes of small elements. Beyond
:data:`AT_ONCE` bytes a body is cut up first, without looking at what is in its parts, and the parts are read one
after the other. What no request of the vendors' comes near is not read at all: see :class:`TooManyElements`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec
import orjson
from pydantic import BaseModel, TypeAdapter
from pydantic_core import from_json

from ..declare.schema import unreadable
from ..state.steps import Steps
from .json import dumps, loads

AT_ONCE = 256 * 1024
"""Bytes of a body that are read in one go, whatever is in it."""

ELEMENTS_A_STEP = 20_000
MOST_ITEMS = 750_000
"""Elements of one array."""
MOST_NAMES = 75_000
"""Names in one object: they are cut apart in one go."""
PIECE = 64 * 1024
"""Bytes of an array that are read in one go."""
ROWS_A_STEP = 2_000
"""Rows of a response that are written in one go."""
_DEPTH = 6
_TRIES = 8
_BETWEEN_OBJECTS = re.compile(rb"\}()\s{0,100},(?=\s{0,100}\{)")
_COMMA = re.compile(rb"(),")
_INNERMOST = re.compile(rb"[\[{][^\[\]{}]*+[\]}]")
_BRACKET = re.compile(rb"[\[\]{}]")

Raw = msgspec.Raw


class TooManyElements(Exception):
    """JSON with more elements than any request of the vendors' has: to cut it up would take too long."""


def decoded(body: bytes, adapter: TypeAdapter[Any]) -> Steps[Any]:
    """Decode a large body for ``adapter``. Raises :class:`TooManyElements`, or what an unreadable body raises."""
    if body.count(b",") <= ELEMENTS_A_STEP:
        return _read(body)
    shape = _shape(adapter)
    if shape is None or body.lstrip()[:1] != b"{":
        return (yield from _value(body, _DEPTH))
    yield
    found: dict[str, Any] = {}
    for name, part in msgspec.structs.asdict(_cut(body, shape)).items():
        if part is not msgspec.UNSET:
            yield
            found[name] = yield from _value(bytes(part), _DEPTH)
    return {shape.__rename__[name]: value for name, value in found.items()}


def decoded_whole(body: bytes) -> Steps[Any]:
    """Decode a large body of a service whose fields may have any names."""
    return (yield from _value(body, _DEPTH))


def packed(value: Any, depth: int = 3) -> Steps[Any]:
    """Return a payload whose long lists are written as JSON already; short ones stay as they are.

    The rows of long lists are freed as they are written: many at once take long.
    """
    if isinstance(value, list) and len(value) > ROWS_A_STEP:
        pieces = []
        for start in range(0, len(value), ROWS_A_STEP):
            pieces.append(dumps(value[start : start + ROWS_A_STEP])[1:-1])
            value[start : start + ROWS_A_STEP] = [None] * min(ROWS_A_STEP, len(value) - start)
            yield
        return orjson.Fragment(b"[" + b",".join(pieces) + b"]")
    if isinstance(value, dict) and depth:
        for name, item in value.items():
            if item.__class__ in (list, dict):
                value[name] = yield from packed(item, depth - 1)
    return value


def _value(raw: bytes, depth: int) -> Steps[Any]:
    commas = raw.count(b",")
    first = raw.lstrip()[:1]
    if len(raw) > AT_ONCE:
        yield
    if commas <= ELEMENTS_A_STEP or first not in (b"[", b"{"):
        return _read(raw)
    if not depth:
        raise TooManyElements
    if first == b"[":
        return (yield from _array(raw, depth))
    yield
    yield from _check_count(raw, commas, MOST_NAMES)
    found = {}
    for number, (name, part) in enumerate(_cut(raw, dict[str, Raw]).items()):
        if number % 1000 == 0 or len(part) > PIECE:
            yield
        found[name] = yield from _value(bytes(part), depth - 1)
    return found


def _array(raw: bytes, depth: int) -> Steps[list[Any]]:
    """Return the elements of an array, cut off in pieces where it looks as if one ended.

    What reads as whole elements are whole elements; what does not was cut in the wrong place.
    """
    start, end = raw.index(b"[") + 1, raw.rindex(b"]") if b"]" in raw[-PIECE:] else len(raw)
    between = _BETWEEN_OBJECTS if raw[start : start + 100].lstrip()[:1] == b"{" else _COMMA
    found: list[Any] = []
    at, tries = start + PIECE, 0
    while end - start > PIECE and tries < _TRIES:
        boundary = between.search(raw, at, min(end, at + 4 * PIECE))
        if boundary is None:
            break
        at = boundary.end()
        try:
            found += from_json(b"[" + raw[start : boundary.start(1)] + b"]", allow_inf_nan=False)
        except ValueError:
            tries += 1
        else:
            start, at, tries = at, at + PIECE, 0
        if len(found) > MOST_ITEMS:
            raise TooManyElements
        yield
    last: list[Any]
    rest = b"[" + raw[start:]
    if rest.count(b",") <= ELEMENTS_A_STEP:
        last = _read(rest)
        if not last and found:
            raise unreadable("Invalid JSON: a comma at the end of an array")
        return found + last
    yield
    yield from _check_count(rest, rest.count(b","), MOST_ITEMS - len(found))
    for number, part in enumerate(_cut(rest, list[Raw])):
        found.append((yield from _value(bytes(part), depth - 1)))
        if number % 1000 == 999 or len(part) > PIECE:
            yield
    return found


def _check_count(raw: bytes, commas: int, most: int) -> Steps[None]:
    """Raise :class:`TooManyElements` if an array or an object has more than ``most`` elements or names.

    Counted without looking into strings, nor into what lies deeper.
    """
    if commas < most:
        return
    found = depth = start = 0
    within = False
    while start < len(raw):
        end = start + PIECE
        piece = raw[start:end]
        if (len(piece) - len(piece.rstrip(b"\\"))) % 2:
            end += 1
            piece = raw[start:end]
        start = end
        parts = piece.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
        outside = _INNERMOST.sub(b"", b"".join(parts[within::2]))
        within ^= len(parts) % 2 == 0
        last = 0
        for bracket in _BRACKET.finditer(outside):
            at = bracket.start()
            if depth == 1:
                found += outside.count(b",", last, at)
            depth += 1 if outside[at] in b"[{" else -1
            last = at
        if depth == 1:
            found += outside.count(b",", last)
        if found >= most:
            raise TooManyElements
        yield


def _read(raw: bytes) -> Any:
    try:
        return from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise unreadable(f"Invalid JSON: {error}") from None


def _cut(raw: bytes, type: Any) -> Any:
    try:
        return msgspec.json.decode(raw, type=type)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(f"Invalid JSON: {error}") from None


@lru_cache(maxsize=256)
def _shape(adapter: TypeAdapter[Any]) -> Any:
    """Return the fields that a body may have; ``None`` if they may have any names."""
    model = adapter._type
    if not (isinstance(model, type) and issubclass(model, BaseModel)) or "root" in model.model_fields:
        return None
    names = []
    for name, field in model.model_fields.items():
        names.append(name)
        if isinstance(field.validation_alias, str):
            names.append(field.validation_alias)
        elif field.alias is not None:
            names.append(field.alias)
    names = list(dict.fromkeys(names))
    fields = [(f"field{number}", Raw | msgspec.UnsetType, msgspec.UNSET) for number in range(len(names))]
    rename = {f"field{number}": name for number, name in enumerate(names)}
    return msgspec.defstruct("Shape", fields, rename=rename, namespace={"__rename__": rename})


def loads_in_steps(raw: bytes) -> Steps[Any]:
    """Decode JSON that the sandbox has written itself, such as a long array."""
    if len(raw) < AT_ONCE:
        return loads(raw)
    return (yield from _value(raw, _DEPTH))
