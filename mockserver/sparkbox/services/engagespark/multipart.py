"""Uploads: ``multipart/form-data`` as fields of files (RFC 7578), within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from sparkbox.core.declare.schema import unreadable
from sparkbox.mail.headers import Fields, fields_in, values

FORM = "multipart/form-data"

MOST_PARTS = 1000
_MOST_HEAD = 8192

_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;,"]{1,200}))', re.IGNORECASE)
_PARAMETER = re.compile(r';\s*(name|filename)(\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.IGNORECASE)
# Browsers that send a whole path do not escape its backslashes: only a quote and a backslash can be meant.
_ESCAPED = re.compile(r'\\(["\\])')


class Part(NamedTuple):
    """One field of a form; ``filename`` is empty where it is no file."""

    field: str
    filename: str
    content_type: str
    content: bytes


def parse(body: bytes, content_type: str) -> list[Part]:
    """Return the form's fields in order; raise an error for what cannot be read."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise unreadable("multipart/form-data without a boundary")
    mark = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    between = b"\r\n" + mark
    if body.count(between) > MOST_PARTS + 1:
        raise unreadable(f"a form of more than {MOST_PARTS} parts")
    chunks = body.split(between)
    if body.startswith(mark):
        chunks[:1] = [b"", chunks[0][len(mark) :]]
    if len(chunks) < 2 or not chunks[-1].startswith(b"--"):
        raise unreadable("a form that ends before its last boundary")
    if len(chunks) > MOST_PARTS + 2:
        raise unreadable(f"a form of more than {MOST_PARTS} parts")
    return list(_parts(chunks[1:-1]))


def _parts(chunks: list[bytes]) -> Iterator[Part]:
    for chunk in chunks:
        head, gap, content = chunk.partition(b"\r\n\r\n")
        if not gap or len(head) > _MOST_HEAD:
            raise unreadable("a part of a form without an end of its head")
        fields = fields_in(head)
        parameters = _parameters(_last(fields, "content-disposition"))
        if "name" not in parameters:
            raise unreadable("a part of a form without a name")
        kind = _last(fields, "content-type", "application/octet-stream").partition(";")[0].strip().lower()
        yield Part(parameters["name"], parameters.get("filename", ""), kind, content)


def _parameters(disposition: str) -> dict[str, str]:
    """Return ``name`` and ``filename``; ``filename*`` (RFC 8187), which names its encoding, wins over ``filename``."""
    parameters: dict[str, str] = {}
    extended: dict[str, str] = {}
    for name, star, quoted, plain in _PARAMETER.findall(disposition):
        text = _ESCAPED.sub(r"\1", quoted) or plain
        (extended if star else parameters)[name.lower()] = _decoded(text) if star else text
    return parameters | {name: text for name, text in extended.items() if text}


def _decoded(text: str) -> str:
    """Return ``UTF-8''na%C3%AFve.txt`` as text; empty for anything else."""
    charset, _, rest = text.partition("'")
    _, tick, encoded = rest.partition("'")
    return unquote(encoded, errors="replace") if tick and charset.lower() == "utf-8" else ""


def _last(fields: Fields, name: str, default: str = "") -> str:
    return next(reversed(values(fields, name)), default)
