"""The parts of a mail (MIME, RFC 2045 to 2049), as a tree, and what their Content headers say.

A part is a range of the mail's bytes, which are not copied. Everything is read as far as it makes sense and within
bounds; nothing is refused. The standard library takes a millisecond for some headers, and seconds for a mail of many
parts.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from string import ascii_letters, digits
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from sparkbox.core.state.steps import Steps, complete

from .headers import LARGEST_HEAD, Fields, decoded, fields_in, first, gap, in_charset, unfolded

LARGEST_HEADS = 320 * 1024
"""Bytes of headers that are read in all parts together; further parts have none."""
LONGEST_CONTENT_HEADER = 2000
MOST_PARAMETERS = 50
MOST_PARTS = 1000
MANY_FIELDS = 1000
"""Headers whose reading is a step of its own."""
DEEPEST = 20
"""Levels of parts within each other; deeper ones are left unread."""

MESSAGE = "message/rfc822"
PIECE = 256 * 1024
"""Bytes that are searched or decoded in one step."""
_LONGEST_DELIMITER = 2 * LONGEST_CONTENT_HEADER
_ENCODINGS = ("base64", "quoted-printable")
_NO_DIGITS = bytes(set(range(256)) - set(ascii_letters.encode() + digits.encode() + b"+/="))

_DELIMITER = rb"\n--%b(--)?[ \t\r\v\f]*(?=\n|\Z)"
_KIND = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+/[!#$%&'*+.^_`|~0-9a-z-]+")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.|\\$)*+)(?:"|$)|([^;]*))', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SECTION = re.compile(r"([^*]+)(?:\*([0-9]{1,3}))?(\*)?")


class Place(NamedTuple):
    """Where a part is in the mail: its headers, the blank line after them, its contents."""

    begin: int
    head_end: int
    body_begin: int
    end: int


class Entity:
    """A part, or the whole of a mail. ``parts`` are those within it."""

    __slots__ = (
        "_begin", "_disposition", "_end", "_source", "complete", "fields", "kind", "parameters", "parts", "place",
    )  # fmt: skip

    def __init__(self, source: bytes, begin: int, end: int, bounds: Bounds, default: str = "text/plain") -> None:
        head_end, self._begin = gap(source, begin, end)
        self._source, self._end = source, end
        self.place = Place(begin, head_end, self._begin, end)
        self.fields: Fields = fields_in(source[begin : min(head_end, begin + bounds.head(head_end - begin))])
        kind, self.parameters = _parameters(self._content("type"))
        self.kind = kind if _KIND.fullmatch(kind) else default
        """The media type in lower case, without its parameters. These are decoded, their names in lower case."""
        self._disposition = _parameters(self._content("disposition"))
        self.parts: list[Entity] = []
        self.complete = True
        """Whether all parts were read, within the bounds."""

    @property
    def content_type(self) -> str:
        """``kind``, as the control API calls it."""
        return self.kind

    @property
    def headers(self) -> list[tuple[str, str]]:
        """All headers in order, decoded."""
        return [(name, decoded(value)) for name, value in self.fields]

    @property
    def disposition(self) -> str:
        """``attachment``, ``inline`` or another value, in lower case; empty without one."""
        return self._disposition[0]

    @property
    def file_name(self) -> str:
        """The file name; empty without one."""
        return decoded(self._disposition[1].get("filename") or self.parameters.get("name", ""))

    @property
    def content_id(self) -> str | None:
        """The content id without angle brackets; ``None`` without the header."""
        found = next((value for name, value in self.fields if name.lower() == "content-id"), None)
        return None if found is None else decoded(found).strip("<> ")

    @property
    def boundary(self) -> str:
        """The boundary between the parts; empty if it is not multipart or has none."""
        return self.parameters.get("boundary", "").rstrip() if self.kind.startswith("multipart/") else ""

    @property
    def data(self) -> bytes:
        """The contents, decoded; of a multipart, its bytes."""
        return complete(self.decode())

    def decode(self) -> Steps[bytes]:
        """``data``, in steps."""
        encoding = self._content("transfer-encoding").lower()
        data = self._source[self._begin : self._end]
        if encoding == "quoted-printable":
            return binascii.a2b_qp(data)
        if encoding == "base64":
            found = yield from _from_base64(data)
            return data if found is None else found
        return data

    @property
    def size(self) -> int:
        """Bytes of ``data``."""
        encoding = self._content("transfer-encoding").lower()
        return len(self.data) if encoding in _ENCODINGS else self._end - self._begin

    @property
    def text(self) -> str:
        """The contents as text, in the charset that the part names."""
        return complete(self.read_text())

    def read_text(self) -> Steps[str]:
        """``text``, in steps."""
        text = in_charset((yield from self.decode()), self.parameters.get("charset") or "utf-8")
        pieces: list[str] = []
        position = 0
        while position < len(text):
            end = position + PIECE
            end += text[end - 1 : end + 1] == "\r\n"
            pieces.append(text[position:end].replace("\r\n", "\n"))
            position = end
            if position < len(text):
                yield
        return "".join(pieces)

    def walk(self, path: str = "1") -> Iterator[tuple[str, Entity]]:
        """Yield the part and all parts within it, parents first, with their paths: ``1.2.1``."""
        yield path, self
        for number, part in enumerate(self.parts, 1):
            yield from part.walk(f"{path}.{number}")

    def take_apart(self, bounds: Bounds, depth: int, *, messages: bool) -> Steps[None]:
        """Read ``parts``; with ``messages``, also those of mails within the mail."""
        if self.boundary:
            default = MESSAGE if self.kind == "multipart/digest" else "text/plain"
            found: Iterator[tuple[bytes, int, int] | None] = self._between(self.boundary)
        elif messages and self.kind == MESSAGE:
            default, found = "text/plain", iter([self._as_source()])
        else:
            return
        for stretch in found:
            if stretch is None:
                yield
                continue
            source, begin, end = stretch
            if not depth or not bounds.part():
                self.complete = False
                return
            part = Entity(source, begin, end, bounds, default)
            yield from part.take_apart(bounds, depth - 1, messages=messages)
            self.complete = self.complete and part.complete
            self.parts.append(part)

    def _as_source(self) -> tuple[bytes, int, int]:
        if self._content("transfer-encoding").lower() in _ENCODINGS:
            data = self.data
            return data, 0, len(data)
        return self._source, self._begin, self._end

    def _between(self, boundary: str) -> Iterator[tuple[bytes, int, int] | None]:
        """Yield the parts of a multipart, which are between lines of the boundary; the last such line ends it."""
        # White space may follow it on its line. What only begins like a delimiter must not cost time in Python.
        delimiter = re.compile(_DELIMITER % re.escape(boundary.encode("utf-8", "replace")))
        source, begin = self._source, None
        # Before the first delimiter is the blank line that ends the headers.
        for found in self._lines(delimiter):
            if found is None:
                yield None
                continue
            if begin is not None:
                end = max(begin, found.start())
                yield source, begin, end - source.endswith(b"\r", begin, end)
            if found[1]:
                return
            begin = min(found.end() + 1, self._end)
        if begin is not None:
            yield source, begin, self._end

    def _lines(self, delimiter: re.Pattern[bytes]) -> Iterator[re.Match[bytes] | None]:
        """Yield the delimiters, and ``None`` between two steps."""
        position = self._begin - 1
        while True:
            found = delimiter.search(self._source, max(position, 0), min(position + PIECE, self._end))
            # What ends where the search does may continue.
            if found is not None and (found.end() < position + PIECE or position + PIECE >= self._end):
                yield found
                position = found.end()
            elif position + PIECE >= self._end:
                return
            else:
                whole = None
                if found is not None and found.start() <= position:
                    whole = delimiter.search(self._source, max(position, 0), self._end)
                if whole is not None:
                    yield whole
                position = whole.end() if whole else found.start() if found else position + PIECE - _LONGEST_DELIMITER
                yield None

    def _content(self, name: str) -> str:
        return unfolded(first(self.fields, f"content-{name}"))[:LONGEST_CONTENT_HEADER].strip()


class Bounds:
    """How much of one mail may still be read."""

    def __init__(self) -> None:
        self._parts = MOST_PARTS
        self._heads = LARGEST_HEADS

    def part(self) -> bool:
        """Return whether another part may be read."""
        self._parts -= 1
        return self._parts >= 0

    def head(self, size: int) -> int:
        """Return how many bytes may be read of headers of this size."""
        taken = min(size, LARGEST_HEAD, self._heads)
        self._heads -= taken
        return taken


def tree(source: bytes, *, messages: bool = True) -> Entity:
    """Read any bytes as a mail with its parts; without ``messages``, mails within it are not read."""
    return complete(tree_in_steps(source, messages=messages))


def tree_in_steps(source: bytes, *, messages: bool = True) -> Steps[Entity]:
    """:func:`tree`, in steps."""
    bounds = Bounds()
    root = Entity(source, 0, len(source), bounds)
    if len(root.fields) > MANY_FIELDS:
        yield
    yield from root.take_apart(bounds, DEEPEST, messages=messages)
    return root


def _from_base64(data: bytes) -> Steps[bytes | None]:
    """Decode base64, ignoring all other characters; ``None`` if it is cut off."""
    pieces: list[bytes] = []
    left, position = b"", 0
    while len(data) - position > PIECE:
        found = left + data[position : position + PIECE].translate(None, _NO_DIGITS)
        if b"=" in found:
            break
        whole = len(found) - len(found) % 4
        pieces.append(binascii.a2b_base64(found[:whole]))
        left = found[whole:]
        position += PIECE
        yield
    for padding in (b"", b"=", b"=="):
        with suppress(binascii.Error):
            return b"".join([*pieces, binascii.a2b_base64(left + data[position:] + padding)])
    return None


def _parameters(value: str) -> tuple[str, dict[str, str]]:
    """Return a header's first word in lower case, and its parameters, joined and decoded (RFC 2231)."""
    word, semicolon, rest = value.partition(";")
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for found in islice(_PARAMETER.finditer(semicolon + rest), MOST_PARAMETERS):
        section = _SECTION.fullmatch(found[1].lower())
        if section is not None:
            text = found[3].strip() if found[2] is None else _ESCAPED.sub(r"\1", found[2])
            known = sections.setdefault(section[1], {})
            known.setdefault(int(section[2] or 0), (text, section[3] is not None))
    return word.strip().lower(), {name: _joined(sorted(known.items())) for name, known in sections.items()}


def _joined(sections: list[tuple[int, tuple[str, bool]]]) -> str:
    if not any(encoded for _, (_, encoded) in sections):
        return "".join([text for _, (text, _) in sections])
    charset, data = "", b""
    for number, (text, encoded) in sections:
        if encoded and not number and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
    return in_charset(data, charset or "utf-8")
