"""Content that is a complete mail, ``email_rfc822``.

https://developers.sparkpost.com/api/transmissions/#transmissions-post-send-rfc822-content. Substitutions apply to the
top headers and to the first text, HTML and AMP part that is not an attachment; the rest is delivered unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from sparkbox.core.state.steps import Steps, complete
from sparkbox.mail import parse
from sparkbox.mail.build import text_entity
from sparkbox.mail.entities import Entity, tree_in_steps
from sparkbox.mail.headers import decoded, fields_in, unfolded, values

from .. import errors
from ..substitution import allowance
from ..templates.parts import HEADER, MARK, Bodies, Part, Rendered, Spelt, Text, Tracking, fill_line, part, source_of
from .addresses import sender_in

_NEXT_HEADER = re.compile(r"\r\n(?![ \t])")
_HEADER = re.compile(r"([!-9;-~]+):[ \t]?(.*)", re.DOTALL)
_FOLD = re.compile(r"\r\n(?=[ \t])")
_BODIES = {"text/plain": "text", "text/html": "html", "text/x-amp-html": "amp_html"}
_ENCODED_BY = ("content-type", "content-transfer-encoding")
_SHOWN_ELSEWHERE = frozenset({"from", "to", "subject", "reply-to"})

LONGEST_CONTENT_HEADER = 1000
LARGEST_HEAD = 64 * 1024
LARGEST_CONTENT_HEADERS = 100 * 1024
PIECE = 256 * 1024
"""Characters of a mail whose line ends are converted in one step."""


class Mail:
    """A readable mail with its parts compiled."""

    def __init__(self, data: bytes, root: Entity, read: parse.Mail) -> None:
        """``root`` are the mail's parts, ``read`` is what it shows."""
        head, gap, _ = data[: LARGEST_HEAD + 5].partition(b"\r\n\r\n")
        if len(head) > LARGEST_HEAD:
            _refuse("the mail's headers are larger than 64 kB")
        self._headers = [_header(line) for line in _NEXT_HEADER.split(head.decode()) if line]
        if not self._headers:
            _refuse("the mail has no headers")
        _check(root)
        self._data, self._gap, self._body = data, gap, len(head) + len(gap)
        self._root, self._read = root, read
        self._parts = substituted(root)
        self._bodies = Bodies({body: part(body, _text(found)) for body, found in self._parts.items()})
        texts = (*self._bodies.texts.values(), *[text for _, text in self._headers])
        self.literal = Part not in map(type, texts)
        """Return whether it is the same for all recipients."""
        marked = any(MARK in source_of(text) for text in self._bodies.texts.values())
        self._fixed = rendered(data, read) if self.literal and not marked else None

    def render(
        self, data: Mapping[str, Any], *, substitute: bool = True, track: Tracking | None = None
    ) -> Steps[Rendered]:
        """Render the mail; without ``substitute``, only its headers."""
        if self._fixed is not None and track is None:
            return self._fixed
        headers, spelt = yield from allowance.shared(self._spell(data, substitute, tracked=track is not None))
        bodies = yield from self._bodies.finish(spelt, track)
        texts = self._bodies.texts
        return self._with(headers, {body: text for body, text in bodies.items() if text != source_of(texts[body])})

    def _spell(
        self, data: Mapping[str, Any], substitute: bool, *, tracked: bool
    ) -> Steps[tuple[list[tuple[str, str]], Spelt]]:
        headers = [(name, fill_line(value, data)) for name, value in self._headers]
        return headers, ((yield from self._bodies.spell(data, tracked=tracked)) if substitute else {})

    def _with(self, headers: list[tuple[str, str]], bodies: Mapping[str, str]) -> Rendered:
        encoded, body = _spliced(self._data, self._body, self._parts, bodies)
        if encoded:
            headers = [*[row for row in headers if row[0].lower() not in _ENCODED_BY], *encoded]
        head = "\r\n".join([f"{name}: {value}" for name, value in headers]).encode("utf-8", "replace")
        fields = fields_in(head)
        readable = tuple([(name, decoded(value)) for name, value in fields])
        texts = {body: _ended(text) for body, text in bodies.items()}
        read = self._read._replace(fields=fields, headers=readable, **texts)  # type: ignore[arg-type]
        return rendered(b"".join([head, self._gap, *body]), read)


def read(source: str) -> Steps[Mail]:
    """Read a mail; raise 3020 if it cannot be parsed."""
    data = yield from _with_line_ends(source)
    root = yield from tree_in_steps(data, messages=False)
    return Mail(data, root, (yield from parse.shown(root)))


def with_header(source: bytes, name: str, value: str) -> bytes:
    """Return a mail with one header replaced or added."""
    return with_headers(source, [(name, value)])


def with_headers(source: bytes, headers: Sequence[tuple[str, str]]) -> bytes:
    """Return a mail with these headers at its top, replacing all headers with their names."""
    end = source.find(b"\r\n\r\n")
    head = source if end < 0 else source[:end]
    names, lowered = {name.lower() for name, _ in headers}, head.lower()
    kept = [head.decode("utf-8", "replace")]
    if any(name.encode() in lowered for name in names):
        lines = _NEXT_HEADER.split(kept[0])
        kept = [line for line in lines if line.partition(":")[0].strip().lower() not in names]
    top = "\r\n".join([*[f"{name}: {value}" for name, value in headers], *kept]).encode("utf-8", "replace")
    return top if end < 0 else b"".join((top, memoryview(source)[end:]))


def with_bodies(source: bytes, parts: Mapping[str, Entity], bodies: Mapping[str, str]) -> bytes:
    """Return a mail with some of its bodies replaced, by ``text``, ``html`` and ``amp_html``."""
    at = next((part.place.body_begin for part in parts.values() if part.place.begin == 0), 0)
    encoded, body = _spliced(source, at, parts, bodies)
    head = source[:at]
    return b"".join([with_headers(head, encoded) if encoded else head, *body])


def substituted(root: Entity) -> dict[str, Entity]:
    """Return the first part of each kind of body that is not an attachment."""
    found: dict[str, Entity] = {}
    for each, belongs in parse.leaves(root):
        body = _BODIES.get(each.kind)
        if body is not None and body not in found and each.disposition != "attachment" and not belongs:
            found[body] = each
    return found


def _spliced(
    source: bytes, at: int, parts: Mapping[str, Entity], bodies: Mapping[str, str]
) -> tuple[list[tuple[str, str]], list[bytes]]:
    """Return the pieces of a mail from ``at`` on with other bodies, and the headers of a mail with only a body."""
    top: list[tuple[str, str]] = []
    pieces: list[bytes] = []
    for body, found in sorted(parts.items(), key=lambda row: row[1].place.begin):
        if body not in bodies:
            continue
        begin, _, body_begin, end = found.place
        head, data = complete(text_entity(_ended(bodies[body]), found.kind.partition("/")[2]))
        if not begin:
            top = fields_in(head)
            top = [(name, unfolded(value)) for name, value in top]
            pieces.append(source[at:body_begin])
        else:
            kept = [f"{name}:{value}\r\n" for name, value in found.fields if name.lower() not in _ENCODED_BY]
            pieces += (source[at:begin], "".join(kept).encode("ascii", "surrogateescape"), head, b"\r\n")
        pieces.append(data)
        at = end
    return top, [*pieces, source[at:]]


def _ended(text: str) -> str:
    """Return a body with the line ends of texts, also after the last line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") else f"{text}\n"


def _with_line_ends(source: str) -> Steps[bytes]:
    pieces: list[bytes] = []
    position = 0
    while position < len(source):
        end = position + PIECE
        end += source.startswith("\n", end) and source[end - 1] == "\r"
        piece = source[position:end].encode("utf-8", "replace")
        pieces.append(piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n"))
        position = end
        if position < len(source):
            yield
    return b"".join(pieces)


def _check(root: Entity) -> None:
    if not root.complete:
        _refuse("the mail has too many parts")
    lengths = []
    for _, each in root.walk():
        if each.kind.startswith("multipart/") and not each.parts:
            _refuse("a multipart without its parts")
        lengths += [len(name) + len(value) for name, value in each.fields if name.lower().startswith("content-")]
    if sum(lengths) > LARGEST_CONTENT_HEADERS:
        _refuse("the mail has too many parts")
    if lengths and max(lengths) > LONGEST_CONTENT_HEADER:
        _refuse("a Content header is too long")


def _header(line: str) -> tuple[str, Text]:
    found = _HEADER.fullmatch(line)
    if found is None:
        _refuse("a line among the headers is none")
    return found[1], part(HEADER + found[1], _FOLD.sub("", found[2]))


def _refuse(problem: str) -> NoReturn:
    raise errors.MIME_ERROR(description=f"Error in content.email_rfc822: {problem}")


def _text(found: Entity) -> str:
    try:
        return found.data.decode(found.parameters.get("charset") or "utf-8", "replace")
    except (LookupError, ValueError):
        raise errors.MIME_ERROR(description=f"Unable to decode the {found.kind} part into UTF-8") from None


def rendered(source: bytes, mail: parse.Mail | None = None) -> Rendered:
    """Return a mail unchanged, in the parts that a captured message shows; ``mail`` is the same mail, already read."""
    mail = mail or parse.read(source)
    # Two headers are not one sender, and neither are two addresses in one header.
    sender, name = sender_in(", ".join(values(mail.fields, "from")))
    others = tuple([(name, value) for name, value in mail.headers if name.lower() not in _SHOWN_ELSEWHERE])
    subject, reply_to = mail.header("subject"), mail.header("reply-to")
    return Rendered(
        sender, name, subject, mail.text, mail.html, mail.amp_html, reply_to, others, mail.attachments, source
    )
