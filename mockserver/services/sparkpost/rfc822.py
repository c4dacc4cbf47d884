"""Content that is a whole mail, ``email_rfc822``.

https://developers.sparkpost.com/api/transmissions/#transmissions-post-send-rfc822-content. Substitutions are made in
the headers at the top and in the first text, HTML and AMP part that is no attachment; the rest is delivered as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from mockserver.core import mail as mails
from mockserver.core import mail_headers
from mockserver.core.errors import Refusal

from . import errors
from .addresses import sender_in
from .parts import HEADER, Part, Rendered, Text, Track, fill, fill_line, fill_tracked, part

if TYPE_CHECKING:
    from email.message import EmailMessage

_LINE_END = re.compile(r"\r\n|\r|\n")
_NEXT_HEADER = re.compile(r"\r\n(?![ \t])")
_HEADER = re.compile(r"([!-9;-~]+):[ \t]?(.*)", re.DOTALL)
_FOLD = re.compile(r"\r\n(?=[ \t])")
_BODIES = {"text/plain": "text", "text/html": "html", "text/x-amp-html": "amp_html"}
_SHOWN_ELSEWHERE = frozenset({"from", "to", "subject", "reply-to"})

# The standard library takes seconds for a header of 20 kB, and for a mail of some thousand parts.
_CONTENT_HEADER = re.compile(rb"^content-[a-z-]+:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE)
LONGEST_CONTENT_HEADER = 1000
LARGEST_HEAD = 64 * 1024
LARGEST_CONTENT_HEADERS = 100 * 1024
MOST_DELIMITERS = 5000


class Mail:
    """A mail that has been found readable, its parts compiled."""

    def __init__(self, source: str) -> None:
        """Refuses, with code 3020, what cannot be parsed as a mail."""
        source = _LINE_END.sub("\r\n", source)
        head, self._gap, self._body = source.partition("\r\n\r\n")
        if len(head) > LARGEST_HEAD:
            _refuse("the mail's headers are larger than 64 kB")
        self._headers = [_header(line) for line in _NEXT_HEADER.split(head) if line]
        if not self._headers:
            _refuse("the mail has no headers")
        data = source.encode("utf-8", "replace")
        self._bodies = {body: part(body, _text(found)) for body, found in _substituted(_parse(data)).items()}
        texts = (*self._bodies.values(), *[text for _, text in self._headers])
        self.literal = Part not in map(type, texts)
        """Whether it reads the same for everybody."""
        self._fixed = rendered(data) if self.literal else None

    def render(self, data: Mapping[str, Any], *, substitute: bool = True, track: Track | None = None) -> Rendered:
        """The mail with the data put in; without ``substitute`` in its headers only."""
        if self._fixed is not None and track is None:
            return self._fixed
        head = "\r\n".join(f"{name}: {fill_line(value, data)}" for name, value in self._headers)
        source = (head + self._gap + self._body).encode("utf-8", "replace")
        if substitute:
            if track is not None:
                tracked = {body: fill_tracked(body, text, data, track) for body, text in self._bodies.items()}
                bodies = {body: text for body, text in tracked.items() if text != self._bodies[body]}
            else:
                bodies = {body: fill(text, data) for body, text in self._bodies.items() if isinstance(text, Part)}
            if bodies:
                source = with_bodies(source, bodies)
        return rendered(source)


def with_header(source: bytes, name: str, value: str) -> bytes:
    """A mail with one of its headers replaced, or added."""
    return with_headers(source, [(name, value)])


def with_headers(source: bytes, headers: Sequence[tuple[str, str]]) -> bytes:
    """A mail with these headers at its top, in the place of all that have their names."""
    end = source.find(b"\r\n\r\n")
    head = source if end < 0 else source[:end]
    names = {name.lower() for name, _ in headers}
    lines = _NEXT_HEADER.split(head.decode("utf-8", "replace"))
    kept = [line for line in lines if line.partition(":")[0].strip().lower() not in names]
    top = "\r\n".join([*[f"{name}: {value}" for name, value in headers], *kept]).encode("utf-8", "replace")
    return top if end < 0 else b"".join((top, memoryview(source)[end:]))


def with_bodies(source: bytes, bodies: Mapping[str, str]) -> bytes:
    """A mail with some of its bodies replaced, by ``text``, ``html`` and ``amp_html``."""
    from email.policy import SMTP

    mail = _parse(source)
    try:
        for body, found in _substituted(mail).items():
            if body in bodies:
                found.set_content(bodies[body], subtype=found.get_content_subtype(), charset="utf-8")
        return mail.as_bytes(policy=SMTP.clone(refold_source="none"))
    except Exception:
        _refuse("the mail cannot be put together again")


def _check_size(source: bytes) -> None:
    headers = [len(found[0]) for found in _CONTENT_HEADER.finditer(source)]
    if sum(headers) > LARGEST_CONTENT_HEADERS or source.count(b"\r\n--") > MOST_DELIMITERS:
        _refuse("the mail has too many parts")
    if headers and max(headers) > LONGEST_CONTENT_HEADER:
        _refuse("a Content header is too long")


def _header(line: str) -> tuple[str, Text]:
    found = _HEADER.fullmatch(line)
    if found is None:
        _refuse("a line among the headers is none")
    return found[1], part(HEADER + found[1], _FOLD.sub("", found[2]))


def _refuse(problem: str) -> NoReturn:
    raise errors.MIME_ERROR(description=f"Error in content.email_rfc822: {problem}")


def _parse(source: bytes) -> EmailMessage:
    from mockserver.core.mime import parse

    _check_size(source)
    try:
        mail = parse(source)
        for found in mail.walk():
            for defect in found.defects:
                if type(defect).__name__ in ("NoBoundaryInMultipartDefect", "StartBoundaryNotFoundDefect"):
                    _refuse("a multipart without its parts")
    except Refusal:
        raise
    except Exception:
        # Broken mail breaks the standard library's parser in many ways, each with an exception of its own.
        _refuse("the mail is not readable")
    return mail


def _substituted(mail: EmailMessage) -> dict[str, EmailMessage]:
    """The first part of each kind of body that is no attachment."""
    from email.message import EmailMessage

    found: dict[str, EmailMessage] = {}
    for each in mail.walk():
        body = _BODIES.get(each.get_content_type())
        attached = each.get_content_disposition() == "attachment"
        if body is not None and body not in found and not attached and isinstance(each, EmailMessage):
            found[body] = each
    return found


def _text(found: EmailMessage) -> str:
    payload = found.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        return data.decode(found.get_content_charset("utf-8"), "replace")
    except LookupError:
        kind = found.get_content_type()
        raise errors.MIME_ERROR(description=f"Unable to decode the {kind} part into UTF-8") from None


def rendered(source: bytes, mail: mails.Mail | None = None) -> Rendered:
    """A mail as it stands, in the parts that a captured message shows. ``mail``: the same, if it was read already."""
    mail = mail or mails.read(source)
    # Two headers are no more one sender than two addresses in one.
    sender, name = sender_in(", ".join(mail_headers.values(mail.fields, "from")))
    others = tuple([(name, value) for name, value in mail.headers if name.lower() not in _SHOWN_ELSEWHERE])
    subject, reply_to = mail.header("subject"), mail.header("reply-to")
    return Rendered(
        sender, name, subject, mail.text, mail.html, mail.amp_html, reply_to, others, mail.attachments, source
    )
