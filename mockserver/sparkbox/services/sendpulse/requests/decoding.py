"""Decode request bodies and queries, in every way that SendPulse's clients write them.

Bodies come as JSON, as forms with PHP's bracketed names or as multipart; fields inside them as structures, as JSON text
or as PHP's ``serialize()`` text; contents in base64, from the Ruby client with line breaks. What cannot be decoded
raises ``Undecodable``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import orjson

from sparkbox.core.declare.schema import Invalid
from sparkbox.core.request.large_json import PIECE, TooManyElements, decoded_whole
from sparkbox.core.state.steps import Steps

from .php import MAX_DEPTH, MAX_FIELDS, FormFields, Undecodable, unserialize

__all__ = ["Undecodable", "decode_base64", "decode_body", "decode_large", "decode_query", "unpack"]


def decode_body(body: bytes, content_type: str) -> dict[str, object] | list[object]:
    """Return a request's body as a dictionary or a list; an empty one, white space or JSON ``null`` is ``{}``.

    ``content_type`` is the whole header, ``boundary`` included, or empty. ``charset`` is not looked at: text is UTF-8,
    with or without byte order mark. A body that begins with ``{`` or ``[`` is JSON under any type, for curl calls
    everything a form; otherwise the type decides, and an unknown or missing one means a form. Form values are text,
    uploaded files ``{"filename": text, "content_type": text, "content": bytes}``.

    ``Undecodable``: malformed text, NaN and Infinity, text that is not UTF-8, a JSON body that is neither object nor
    array, more than 64 levels or 100,000 fields.
    """
    if content_type == "application/json" or content_type.startswith("application/json;"):
        return _decode_json(body)
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.endswith(("/json", "+json")) or _JSON_START.match(body):
        return _decode_json(body)
    text = body.removeprefix(_BYTE_ORDER_MARK)
    if not text.strip():
        return {}
    if media_type == "multipart/form-data":
        return _decode_multipart(text, content_type).structure()
    return _decode_form(text).structure()


def decode_large(body: bytes, content_type: str) -> Steps[dict[str, object] | list[object]]:
    """Do the same as :func:`decode_body` in steps."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.endswith(("/json", "+json")) or _JSON_START.match(body):
        text = body.removeprefix(_BYTE_ORDER_MARK)
        if text.count(b",") <= MAX_FIELDS:
            return _decode_json(body)
        try:
            value = yield from decoded_whole(text)
        except (TooManyElements, Invalid) as error:
            if isinstance(error, TooManyElements):
                raise Undecodable(f"The JSON has more than {MAX_FIELDS} fields.") from None
            raise Undecodable(error.problems[0].message) from None
        yield
        _refuse_excess(value)
        return value if isinstance(value, (dict, list)) else {}
    if media_type == "multipart/form-data":
        return decode_body(body, content_type)
    text = body.removeprefix(_BYTE_ORDER_MARK)
    fields = FormFields()
    for number, (name, value) in enumerate(_split_form(text), 1):
        if number % FIELDS_A_STEP == 0:
            yield
        if name:
            fields.add(_text((yield from _unquote_large(name))), _text((yield from _unquote_large(value))))
    if text.count(b"&") > FIELDS_A_STEP:
        yield
    return fields.structure()


def decode_query(query: bytes) -> dict[str, object]:
    """Return a query's parameters: text, or lists and dictionaries for bracketed names.

    A JSON document in place of parameters is ignored, as the vendor does: ``?%7B%22limit%22:%20100%7D`` is what the
    Python client makes of every GET. https://github.com/sendpulse/sendpulse-rest-api-python
    """
    if not query or query == b"?" or (query[:1] in _JSON_QUERY_START and _is_json(_unquote(query))):
        return {}
    return _decode_form(query).mapping()


def unpack(value: object) -> object:
    """Return the structure inside a field that may be JSON text, PHP's ``serialize()`` text or structured already.

    Only an object or an array counts as JSON text, so that ``"380971234567"`` stays text. A text that is neither, or is
    damaged or beyond the limits of ``decode_body``, is returned as it is.
    """
    if not isinstance(value, str) or not _PACKED_START.match(value):
        return value
    try:
        data = value.strip().encode()
        return _decode_json(data) if data[:1] in (b"{", b"[") else unserialize(data)
    except ValueError:
        return value


def decode_base64(text: str) -> bytes:
    """Return the bytes of standard base64, with or without line breaks, spaces, padding; else ``Undecodable``."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        digits = _WHITE_SPACE.sub("", text)
    if not _BASE64.fullmatch(digits):
        raise Undecodable("The text is not base64.")
    digits = digits.rstrip("=")
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4))
    except binascii.Error:
        raise Undecodable("The base64 text is broken off: one character is left over.") from None


FIELDS_A_STEP = 1000

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_JSON_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*[{\[]")
_JSON_QUERY_START = (b"%", b"{", b"[")
# Every field takes two bytes.
_SURELY_FEW_FIELDS = 2 * MAX_FIELDS
_PACKED_START = re.compile(r"\s{0,1000}+(?:[{\[]|[abdis]:|N;)")
_WHITE_SPACE = re.compile(r"[ \t\r\n]+")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]+={0,2})?")


def _decode_json(body: bytes) -> dict[str, object] | list[object]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = _load_odd_json(body)
    # What clients usually send has too few brackets and is too short to exceed a limit, and is not looked into.
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH or len(body) > _SURELY_FEW_FIELDS:
        _refuse_excess(value)
    if isinstance(value, (dict, list)):
        return value
    if value is None:
        return {}
    raise Undecodable("The JSON body is neither an object nor an array.")


def _load_odd_json(body: bytes) -> object:
    """Return a JSON body that is blank or has a byte order mark; for any other, raise why it is not JSON."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Undecodable("The body is not UTF-8 text.") from None
    if not text.strip():
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Undecodable(f"The body is not valid JSON: {error}.") from None


def _refuse_excess(value: object) -> None:
    level = [value]
    fields = 0
    for _ in range(MAX_DEPTH):
        containers = _containers(level)
        level = []
        for container in containers:
            level += container.values() if isinstance(container, dict) else container
        fields += len(level)
        if fields > MAX_FIELDS:
            raise Undecodable(f"The JSON has more than {MAX_FIELDS} fields.")
    if _containers(level):
        raise Undecodable(f"The JSON is nested deeper than {MAX_DEPTH} levels.")


def _containers(items: list[object]) -> list[dict[str, object] | list[object]]:
    return [item for item in items if isinstance(item, (dict, list))]


def _is_json(text: bytes) -> bool:
    if not _JSON_START.match(text):
        return False
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _decode_form(text: bytes) -> FormFields:
    fields = FormFields()
    for name, value in _split_form(text):
        if name:
            fields.add(_text(_unquote(name)), _text(_unquote(value)))
    return fields


def _split_form(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    if text.count(b"&") >= 2 * MAX_FIELDS:
        raise Undecodable(f"There are more than {MAX_FIELDS} fields.")
    for field in text.split(b"&"):
        name, _, value = field.partition(b"=")
        yield name, value


def _unquote_large(text: bytes) -> Steps[bytes]:
    """Decode a value piece by piece, none of which ends within ``%XX``."""
    if len(text) <= PIECE:
        return _unquote(text)
    pieces, start = [], 0
    while start < len(text):
        end = start + PIECE
        mark = text.rfind(b"%", end - 2, end)
        end = mark if mark >= 0 else end
        pieces.append(_unquote(text[start:end]))
        start = end
        yield
    return b"".join(pieces)


def _unquote(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Undecodable("A field is not UTF-8 text.") from None


_BOUNDARY = re.compile(r"""boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;,"]{1,200}))""", re.IGNORECASE)
_PARAMETER = re.compile(rb""";\s*(name|filename)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))""", re.IGNORECASE)
_FIRST_DELIMITER = rb"(?m)^--%b(--)?[ \t]*(\r?\n|\Z)"
_DELIMITER = rb"\n--%b(--)?[ \t]*(?=\r?\n|\Z)"
_MAX_PART_HEADER = 8192


def _decode_multipart(body: bytes, content_type: str) -> FormFields:
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise Undecodable("The content type multipart/form-data has no boundary.")
    mark = (boundary[1] or boundary[2]).encode(errors="replace")
    first = re.search(_FIRST_DELIMITER % re.escape(mark), body)
    if first is None:
        raise Undecodable("The multipart body does not have the boundary of its content type.")
    fields = FormFields()
    if first[1]:
        return fields
    # A client that ends its lines with a line feed alone does so throughout.
    newline = first[2]
    start = first.start(2)
    for delimiter in re.compile(_DELIMITER % re.escape(mark)).finditer(body, start):
        end = delimiter.start() - len(newline) + 1
        if body[max(end, start) : delimiter.start() + 1] != newline:
            continue
        _add_part(fields, body[start:end], newline)
        if delimiter[1]:
            return fields
        start = delimiter.end()
    raise Undecodable("The multipart body ends before its closing boundary.")


def _add_part(fields: FormFields, part: bytes, newline: bytes) -> None:
    header_end = part.find(newline * 2, 0, _MAX_PART_HEADER)
    if header_end < 0:
        raise Undecodable("A part of the multipart body has no end of its header.")
    headers = _part_headers(part[:header_end])
    parameters = {
        found[1].lower(): found[3] or re.sub(rb"\\(.)", rb"\1", found[2])
        for found in _PARAMETER.finditer(headers.get(b"content-disposition", b""))
    }
    if b"name" not in parameters:
        raise Undecodable("A part of the multipart body has no name.")
    content = part[header_end + 2 * len(newline) :]
    if b"filename" not in parameters:
        fields.add(_text(parameters[b"name"]), _text(content))
        return
    file = {
        "filename": _text(parameters[b"filename"]),
        "content_type": _text(headers.get(b"content-type", b"application/octet-stream")),
        "content": content,
    }
    fields.add(_text(parameters[b"name"]), file)


def _part_headers(lines: bytes) -> dict[bytes, bytes]:
    split = (line.partition(b":") for line in lines.splitlines())
    return {name.strip().lower(): value.strip() for name, _, value in split}
