"""Prepared content: checked and compiled, to be rendered for each recipient.

The errors' texts are the vendor's, https://www.sparkpost.com/docs/tech-resources/extended-error-codes/
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

import orjson

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.logs.messages import Attachment
from sparkbox.core.request.json import dumps
from sparkbox.core.state.steps import Steps

from .. import errors
from ..envelope import json_type, wrong_type
from ..substitution import allowance
from ..transmissions.addresses import is_list, sender_in
from ..transmissions.rfc822 import Mail
from .content_fields import ContentFields, NewContent, NewFile
from .parts import (
    AMP,
    HEADER,
    HTML,
    TEXT,
    Bodies,
    Outline,
    Part,
    Rendered,
    Spelt,
    Text,
    Tracking,
    fill_line,
    part,
    source_of,
)

GENERATED_HEADERS = frozenset({"content-type", "content-transfer-encoding", "to", "subject", "from", "reply-to"})
LONGEST_HEADER_NAME = 255
DIGITS_A_STEP = 4 * 512 * 1024
"""Of base64."""
MOST_WRITTEN = 64 * 1024
"""Bytes that variables may add to a message that is rendered later."""
BODIES = (TEXT, HTML, AMP)

_HEADER_NAME = re.compile(r"[!-9;-~]+")
_NO_TEXT = re.compile(r"[\r\n\0]")
_SCALARS = frozenset({str, int, float, bool, type(None)})
"""The types of values that can be written whatever they are."""


class Prepared:
    """Valid content, compiled."""

    whole = False
    __slots__ = (
        "_attachments",
        "_bodies",
        "_content",
        "_fixed",
        "_headers",
        "_lines",
        "_taken",
        "_writes",
        "literal",
        "packed",
        "size",
    )

    def __init__(self, content: NewContent) -> None:
        """Raise an API error for missing fields, forbidden headers and templates that do not compile.

        It can be used after :meth:`attach`.
        """
        sender = content.get("from")
        _require_parts(content, sender)
        email, name = (sender["email"], sender.get("name") or "") if isinstance(sender, dict) else (str(sender), "")
        self._content = content
        self._lines: list[Text] = [
            part("Header:From", email),
            part("Header:From", name),
            part("Header:Subject", content.get("subject") or ""),
            part("Header:Reply-To", content.get("reply_to") or ""),
        ]
        text, html, amp_html = content.get("text"), content.get("html"), content.get("amp_html")
        named = ((TEXT, text), (HTML, html), (AMP, amp_html))
        self._bodies = Bodies({name: part(name, body) for name, body in named if body is not None})
        headers = content.get("headers")
        self._headers = (
            [_header(name, value) for name, value in headers.items() if value is not None] if headers else ()
        )
        self._attachments: tuple[Attachment, ...] = ()
        texts = (*self._lines, *self._bodies.texts.values(), *[value for _, value in self._headers])
        self.literal = Part not in map(type, texts)
        """Whether it is the same for all recipients."""
        self._fixed: Rendered | None = None
        self.packed = b""
        """What it was prepared from, if that is short."""
        self.size = 600 + sum(len(one or "") for one in (content.get("subject"), text, html, amp_html))
        """About how many bytes the mail has."""
        self._taken = _variables(texts) if type(self._lines[0]) is type(self._lines[3]) is str else None
        self._writes = sum(len(text.variables or ()) for text in texts if isinstance(text, Part))

    def attach(self, content: NewContent) -> Steps[None]:
        """Decode the files, and check what is the same for all recipients."""
        if "attachments" in content or "inline_images" in content:
            files = yield from _files("attachments", content.get("attachments"))
            images = yield from _files("inline_images", content.get("inline_images"))
            if len({image.name for image in images}) < len(images):
                raise errors.INVALID(description="content.inline_images: each name must be unique")
            self._attachments = (*files, *images)
            self.size += sum(len(file.data) * 4 // 3 for file in self._attachments)
        if self.literal:
            _check(str(self._lines[3]))

    def outline(self, data: Mapping[str, Any]) -> Outline | None:
        """Return what is known of a message without rendering it; ``None`` if that could fail, or take long."""
        if self._taken is None or not self.packed:
            return None
        values = {name: data[name] for name in self._taken if name in data}
        if not _SCALARS.issuperset(map(type, values.values())):
            return None
        try:
            packed = dumps(values) if values else b""
        except orjson.JSONEncodeError:
            return None
        if len(packed) * self._writes > MOST_WRITTEN:
            return None
        sender = str(self._lines[0])
        if isinstance(self._content.get("from"), str):
            sender = sender_in(sender)[0]
        return Outline(sender, fill_line(self._lines[2], data), self.size, values=packed)

    def render(
        self, data: Mapping[str, Any], *, substitute: bool = True, track: Tracking | None = None
    ) -> Steps[Rendered]:
        """Render the content with ``data``; values in HTML parts are escaped.

        ``substitute=False`` leaves the bodies unchanged; headers are rendered all the same, as at the vendor's.
        ``track`` returns the address that replaces a link.
        """
        if self._fixed is not None and track is None:
            return self._fixed
        rendered = yield from self._fill(data, substitute=substitute, track=track)
        if self.literal and track is None and substitute:
            self._fixed = rendered
        return rendered

    def preview(self, data: Mapping[str, Any]) -> Steps[ContentFields]:
        """Render the content in the shape in which it was given."""
        content = self._content
        rendered = yield from self._fill(data, substitute=True, track=None, checked=False)
        filled: dict[str, Any] = {}
        if isinstance(content.get("from"), dict):
            filled["from"] = {"email": rendered.sender}
            if rendered.sender_name:
                filled["from"]["name"] = rendered.sender_name
        else:
            filled["from"] = fill_line(self._lines[0], data)
        filled["subject"] = rendered.subject
        for field in ("reply_to", "text", "html", "amp_html"):
            if content.get(field) is not None:
                filled[field] = getattr(rendered, field)
        if rendered.headers:
            filled["headers"] = dict(rendered.headers)
        return filled  # type: ignore[return-value]

    def _fill(
        self, data: Mapping[str, Any], *, substitute: bool, track: Tracking | None, checked: bool = True
    ) -> Steps[Rendered]:
        lines, headers, spelt = yield from allowance.shared(self._spell(data, substitute, tracked=track is not None))
        sender, name, subject, reply_to = lines
        if isinstance(self._content.get("from"), str):
            sender, name = sender_in(sender)
        if checked:
            _check(reply_to)
        if substitute:
            bodies = yield from self._bodies.finish(spelt, track)
        else:
            bodies = {name: source_of(text) for name, text in self._bodies.texts.items()}
        text, html, amp_html = [bodies.get(body) for body in BODIES]
        return Rendered(sender, name, subject, text, html, amp_html, reply_to, headers, self._attachments)

    def _spell(
        self, data: Mapping[str, Any], substitute: bool, *, tracked: bool
    ) -> Steps[tuple[list[str], tuple[tuple[str, str], ...], Spelt]]:
        lines = [fill_line(line, data) for line in self._lines]
        headers = tuple([(name, fill_line(value, data)) for name, value in self._headers]) if self._headers else ()
        return lines, headers, ((yield from self._bodies.spell(data, tracked=tracked)) if substitute else {})


class PreparedMail:
    """Content that is a complete mail."""

    whole = False

    def __init__(self, mail: Mail) -> None:
        self._mail = mail
        self.literal = mail.literal
        self.packed = b""
        self.size = 0

    def outline(self, data: Mapping[str, Any]) -> None:
        """Return nothing: it has to be rendered."""

    def render(
        self, data: Mapping[str, Any], *, substitute: bool = True, track: Tracking | None = None
    ) -> Steps[Rendered]:
        """See :meth:`Prepared.render`."""
        return (yield from self._mail.render(data, substitute=substitute, track=track))

    def preview(self, data: Mapping[str, Any]) -> Steps[ContentFields]:
        """Render the complete mail."""
        rendered = yield from self.render(data)
        return {"email_rfc822": rendered.source.decode("utf-8", "replace")}


def _variables(texts: Iterable[Text]) -> frozenset[str] | None:
    """Return the variables of texts that consist of nothing else but these; ``None`` if there is more in them."""
    taken = [() if isinstance(text, str) else text.variables for text in texts]
    return None if None in taken else frozenset(chain.from_iterable(taken))  # type: ignore[arg-type]


def _require_parts(content: NewContent, sender: Any) -> None:
    if not content:
        raise errors.MISSING(description="No valid fields exist in the 'content' object")
    if sender is None:
        raise errors.MISSING(description="content.from is a required field")
    if isinstance(sender, dict):
        email, name = sender.get("email"), sender.get("name")
        if email is None:
            raise errors.MISSING(description="content.from.email is a required field")
        if not isinstance(email, str):
            raise errors.INVALID(description=wrong_type("content.from.email", email, "string"))
        if name is not None and not isinstance(name, str):
            raise errors.INVALID(description=wrong_type("content.from.name", name, "string"))
    elif not isinstance(sender, str):
        raise errors.INVALID(description=wrong_type("content.from", sender, "string"))
    if any(_NO_TEXT.search(text or "") for text in (sender.values() if isinstance(sender, dict) else (sender,))):
        raise _no_header("From")
    subject = content.get("subject")
    if subject is None:
        raise errors.MISSING(description="content.subject is a required field")
    if not subject or subject.isspace():
        # Observed: https://github.com/mautic/mautic/issues/2264. The description is that of other headers (assumed).
        problem = "Header content all whitespace" if subject else "Missing header content"
        raise errors.HEADER_ERROR(description=f"Error while validating header Subject: {problem}")
    if content.get("html") is None:
        if content.get("text") is None:
            text = "At least one of 'text' or 'html' needs to exist in 'content'"
            if content.get("amp_html") is not None:
                text = "content.amp_html requires content.html or content.text"
            raise errors.MISSING(description=text)
        if content.get("inline_images") is not None:
            # Also for an empty list: https://github.com/SparkPost/python-sparkpost/issues/103.
            raise errors.MISSING(description="content.inline_images requires content.html")


def _check(reply_to: str) -> None:
    if reply_to and not is_list(reply_to):
        raise _no_header("Reply-To")


def _no_header(name: str) -> ApiError:
    # assumed: the same text as for other headers.
    return errors.HEADER_ERROR(description=f"Error while validating header {name}: Invalid header content")


def _header(name: str, value: Any) -> tuple[str, Text]:
    if not isinstance(value, str):
        text = f"content.headers json dictionary value has type '{json_type(value)}' when expecting type 'string'"
        raise errors.INVALID(description=text)
    problem = _header_problem(name, value)
    if problem is not None:
        raise errors.HEADER_ERROR(description=f"Error while validating header {name}: {problem}")
    return name, part(HEADER + name, value)


def _header_problem(name: str, value: str) -> str | None:
    if len(name) > LONGEST_HEADER_NAME:
        return "Header name too long"
    if _HEADER_NAME.fullmatch(name) is None:
        return "Invalid header name"
    if name.lower() in GENERATED_HEADERS:
        return "Header is generated and cannot be set"
    if not value:
        return "Missing header content"
    if _NO_TEXT.search(value):
        return "Invalid header content"
    return "Header content all whitespace" if value.isspace() else None


def _files(field: str, given: Iterable[NewFile] | None) -> Steps[list[Attachment]]:
    files = []
    for number, file in enumerate(given or ()):
        files.append((yield from _file(field, number, file)))
    return files


def _file(field: str, number: int, file: NewFile) -> Steps[Attachment]:
    name = file["name"]
    try:
        # Ruby's client sends line breaks, and the vendor accepts them.
        data = yield from _from_base64(file["data"].replace("\r", "").replace("\n", ""))
    except ValueError:
        raise errors.INVALID(description=f"content.{field}[{number}].data is not valid base64") from None
    return Attachment(name, file["type"], data, name if field == "inline_images" else None)


def _from_base64(text: str) -> Steps[bytes]:
    pieces: list[bytes] = []
    position = 0
    while len(text) - position > 2 * DIGITS_A_STEP:
        yield
        piece = text[position : position + DIGITS_A_STEP]
        if "=" in piece:
            raise ValueError("padding before the end")
        pieces.append(binascii.a2b_base64(piece, strict_mode=True))
        position += DIGITS_A_STEP
    return b"".join([*pieces, binascii.a2b_base64(text[position:], strict_mode=True)])
