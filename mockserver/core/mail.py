"""A mail as it came (RFC 5322, MIME), read as its recipient's program would show it.

The parts are cut out here: the standard library's parser looks at each line with Python, and takes seconds for a mail
of many parts. Whatever stands there is read as far as it makes sense, and nothing is ever refused.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.message import Message as Content
from typing import NamedTuple

from .addresses import gather
from .messages import Attachment

LARGEST_HEAD = 256 * 1024
"""Bytes of headers that are read; more are as if they were not there."""
LONGEST_CONTENT_HEADER = 2000
MOST_PARTS = 1000
DEEPEST = 20
"""Multiparts within each other; a deeper one is left unread."""

BODIES = ("text/plain", "text/html", "text/x-amp-html")

_DELIMITER = rb"(?m)^--%b(--)?[ \t\r\v\f]*$"
_BLANK_LINE = re.compile(rb"\A\r?\n|(?<=\n)\r?\n")
_LINE_BEFORE_FIELD = re.compile(r"\r?\n(?![ \t])")
_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_ENCODED = r"=\?[^?\s]{1,80}\?[bBqQ]\?[^?]*\?="
_WORDS = re.compile(rf"{_ENCODED}(?:\s+{_ENCODED})*")
_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")


Fields = list[tuple[str, str]]
"""Names and values of headers as they stand in a mail, folded lines and all; bytes that are not ASCII as surrogates."""


class Mail(NamedTuple):
    """A mail's contents. ``headers`` are the ``fields`` decoded, in their order."""

    fields: Fields
    headers: tuple[tuple[str, str], ...]
    text: str | None
    html: str | None
    amp_html: str | None
    attachments: tuple[Attachment, ...]

    def header(self, name: str) -> str:
        """The first header of this name (in lower case); empty if there is none."""
        return next((value for known, value in self.headers if known.lower() == name), "")


class _Part(NamedTuple):
    fields: Content
    data: bytes
    belongs: bool = False
    """It is there for another part, an image in HTML."""


def read(source: bytes) -> Mail:
    """Reads any bytes as a mail, as far as they are one."""
    head, body = split(source)
    fields = fields_in(head)
    bodies: dict[str, str] = {}
    attachments = []
    for part in _leaves(_Part(_content(fields), body), [MOST_PARTS], DEEPEST):
        kind = part.fields.get_content_type()
        attached = part.fields.get_content_disposition() == "attachment"
        if kind in BODIES and kind not in bodies and not attached and not part.belongs:
            bodies[kind] = _text(part)
        elif (
            attached
            or part.belongs
            or kind == "message/rfc822"
            or "content-id" in part.fields
            or _named(part.fields.get_filename)
        ):
            attachments.append(_attachment(part, kind))
    headers = tuple([(name, decoded(value)) for name, value in fields])
    text, html, amp_html = [bodies.get(kind) for kind in BODIES]
    return Mail(fields, headers, text, html, amp_html, tuple(attachments))


def split(source: bytes) -> tuple[bytes, bytes]:
    """The headers, with the last one's line end, and what follows the blank line after them."""
    found = _BLANK_LINE.search(source)
    return (source, b"") if found is None else (source[: found.start()], source[found.end() :])


def fields_in(head: bytes) -> Fields:
    """The headers in the first part of a mail; lines that are none are left out."""
    lines = _LINE_BEFORE_FIELD.split(head[:LARGEST_HEAD].decode("ascii", "surrogateescape"))
    return [(found[1], found[2]) for found in map(_FIELD.fullmatch, lines) if found is not None]


def values(fields: Fields, name: str) -> list[str]:
    """The values of all headers of a name (in lower case), their lines joined, their encoded words as they are."""
    return [_unfolded(value) for known, value in fields if known.lower() == name]


def mailboxes(fields: Fields, name: str) -> list[tuple[str, str]]:
    """The display names and addresses in all headers of a name (in lower case); what is no address is left out."""
    found = [box for value in values(fields, name) for box in gather(value)]
    return [(decoded(box.name), box.email) for box in found]


def decoded(value: str) -> str:
    """A header's text: its lines joined, its encoded words (RFC 2047) read, its bytes taken for UTF-8."""
    value = _unfolded(value)
    return _WORDS.sub(_run, value) if "=?" in value else value


def _unfolded(value: str) -> str:
    if "\n" in value:
        value = _FOLD.sub("", value)
    value = value.strip()
    return value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _run(found: re.Match[str]) -> str:
    """Encoded words in a row: the spaces between them are none, and they may cut a character in two."""
    pieces: list[tuple[str, bytes]] = []
    for charset, encoding, text in _WORD.findall(found[0]):
        try:
            data = _word(encoding, text)
        except ValueError:
            return found[0]
        if pieces and pieces[-1][0] == charset.lower():
            data = pieces.pop()[1] + data
        pieces.append((charset.lower(), data))
    return "".join([_in_charset(data, charset) for charset, data in pieces])


def _word(encoding: str, text: str) -> bytes:
    if encoding in "qQ":
        return binascii.a2b_qp(text, header=True)
    return binascii.a2b_base64(text + "=" * (-len(text) % 4))


def _leaves(part: _Part, left: list[int], depth: int) -> Iterator[_Part]:
    """The parts that are no multiparts; ``left`` says how many more may be read."""
    boundary = _named(part.fields.get_boundary) if part.fields.get_content_maintype() == "multipart" else ""
    if not boundary:
        yield part
        return
    related = part.fields.get_content_subtype() == "related"
    for number, entity in enumerate(_between(boundary, part.data) if depth else ()):
        left[0] -= 1
        if left[0] < 0:
            return
        head, body = split(entity)
        belongs = part.belongs or (related and number > 0)
        yield from _leaves(_Part(_content(fields_in(head)), body, belongs), left, depth - 1)


def _between(boundary: str, data: bytes) -> Iterator[bytes]:
    """The entities of a multipart: from line to line that consists of the boundary, the last of which ends it."""
    # Its whole line may be white space behind it; what only begins like a delimiter costs no step of Python.
    delimiter = re.compile(_DELIMITER % re.escape(boundary.encode("utf-8", "replace")))
    begin = None
    for found in delimiter.finditer(data):
        if begin is not None:
            yield data[begin : found.start()].removesuffix(b"\n").removesuffix(b"\r")
        if found[1]:
            return
        begin = found.end() + 1
    if begin is not None:
        yield data[begin:]


def _content(fields: Fields) -> Content:
    """The headers that say what a part is, for the standard library to take apart."""
    content = Content()
    for name, value in fields:
        if name[:8].lower() == "content-" and name not in content:
            content[name] = _unfolded(value)[: None if name[8:].lower() == "id" else LONGEST_CONTENT_HEADER]
    return content


def _named(parameter: Callable[[], str | None]) -> str:
    """A parameter's value; empty if there is none, or if it is in no charset (RFC 2231) that there is."""
    with suppress(ValueError, LookupError):
        return parameter() or ""
    return ""


def _text(part: _Part) -> str:
    charset = _named(part.fields.get_content_charset)
    return _in_charset(_data(part), charset or "utf-8").replace("\r\n", "\n")


def _attachment(part: _Part, kind: str) -> Attachment:
    content_id = decoded(part.fields.get("content-id", "")).strip("<> ")
    return Attachment(decoded(_named(part.fields.get_filename)), kind, _data(part), content_id or None)


def _data(part: _Part) -> bytes:
    encoding = part.fields.get("content-transfer-encoding", "").strip().lower()
    if encoding == "quoted-printable":
        return binascii.a2b_qp(part.data)
    if encoding == "base64":
        for padding in (b"", b"=", b"=="):
            with suppress(binascii.Error):
                return binascii.a2b_base64(part.data + padding)
    return part.data


def _in_charset(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")
