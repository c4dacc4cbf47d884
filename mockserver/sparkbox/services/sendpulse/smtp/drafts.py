"""Read the ``email`` of ``POST /smtp/emails`` as the vendor does.

https://sendpulse.com/integrations/api/smtp. Each mistake has its own code. Quirk: ``html`` is base64 and
is always decoded, so plain HTML arrives garbled, as it does from the vendor.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from functools import lru_cache, partial
from mimetypes import guess_type
from string import ascii_letters, digits
from typing import Any

import msgspec

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.logs.messages import Attachment
from sparkbox.core.state.steps import Steps
from sparkbox.mail.build import quoted
from sparkbox.mail.html import plain_text

from .. import addresses, errors
from ..requests.decoding import Undecodable, decode_base64, unpack

_BOX = {
    "type": "object",
    "required": ["email"],
    "properties": {"name": {"type": "string"}, "email": {"type": "string", "format": "email"}},
}
_BOXES = {"type": "array", "items": _BOX}
_FILES = {"type": "object", "additionalProperties": {"type": "string"}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["subject", "from", "to"],
    "properties": {
        "html": {"type": "string", "contentEncoding": "base64"},
        "text": {"type": "string"},
        "template": {"type": "object", "required": ["id", "variables"]},
        "auto_plain_text": {"type": "boolean"},
        "subject": {"type": "string"},
        "from": _BOX,
        "to": _BOXES,
        "cc": _BOXES,
        "bcc": _BOXES,
        "reply_to": _BOX,
        "attachments": _FILES,
        "attachments_binary": _FILES,
    },
}
"""What :func:`read` reads, for the docs."""

_KNOWN = 200
_SHORT = 10_000
"""Of texts of this many characters, the latest are kept decoded."""

MOST_RECIPIENTS = 500
MOST_BYTES = 10 * 1024 * 1024

ERRORS = (
    errors.FROM_MISSING,
    errors.FROM_INVALID,
    errors.TO_INVALID,
    errors.SUBJECT_MISSING,
    errors.BODY_MISSING,
    errors.TEMPLATE_ID_MISSING,
    errors.TEMPLATE_NOT_FOUND,
    errors.TEMPLATE_VARIABLES,
    errors.RECIPIENT_INVALID,
    errors.TOO_MANY_RECIPIENTS,
    errors.MESSAGE_TOO_LARGE,
    errors.DATA_MALFORMED,
)
"""The errors of :func:`read`."""

_NOT_BASE64 = bytes(set(range(256)) - set(ascii_letters.encode() + digits.encode() + b"+/"))


class Mailbox(msgspec.Struct, frozen=True, gc=False):
    email: str
    name: str

    def __str__(self) -> str:
        return f"{quoted(self.name)} <{self.email}>" if self.name else self.email


class Draft(msgspec.Struct, frozen=True, gc=False):
    """A mail before it is sent; ``source`` is the whole mail if it came by SMTP."""

    sender: Mailbox
    subject: str
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    html: str | None = None
    text: str | None = None
    reply_to: str = ""
    attachments: tuple[Attachment, ...] = ()
    source: bytes = b""
    header_to: str = ""
    """Its ``To`` header, if that shows more than ``to``."""
    headers: tuple[tuple[str, str], ...] = ()
    """Its other headers, if it came with some."""
    note: str = ""
    """For the journal: a probable mistake that the vendor accepts."""

    @property
    def size(self) -> int:
        """Bytes of its subject, texts and files, or of the whole mail."""
        if self.source:
            return len(self.source)
        size = len(self.subject.encode()) + len((self.html or "").encode()) + len((self.text or "").encode())
        for file in self.attachments:
            size += len(file.name.encode()) + len(file.data)
        return size


def read(value: Any) -> Steps[Draft]:
    """Read the request's ``email``, an object or an object packed into text; raise the vendor's errors."""
    if value is None or value == "":
        raise errors.ARGUMENT_MISSING(name="email")
    email = unpack(value)
    if not isinstance(email, dict):
        raise errors.DATA_MALFORMED()
    sender = _sender(email.get("from"))
    to = _recipients(email.get("to"), errors.TO_INVALID)
    if not to:
        raise errors.TO_INVALID()
    subject = _subject(email.get("subject"))
    html, text, note = yield from _bodies(email)
    draft = Draft(
        sender=sender,
        subject=subject,
        to=to,
        cc=_copied(email, "cc"),
        bcc=_copied(email, "bcc"),
        html=html,
        text=text,
        reply_to=_reply_to(email.get("reply_to")),
        attachments=(*_text_files(email.get("attachments")), *_binary_files(email.get("attachments_binary"))),
        note=note,
    )
    if len(draft.to) + len(draft.cc) + len(draft.bcc) > MOST_RECIPIENTS:
        raise errors.TOO_MANY_RECIPIENTS()
    if draft.size > MOST_BYTES:
        raise errors.MESSAGE_TOO_LARGE()
    return draft


def _sender(value: Any) -> Mailbox:
    if value is None:
        raise errors.FROM_MISSING()
    if not isinstance(value, dict):
        raise _invalid("from")
    if value.get("email") in (None, ""):
        raise errors.FROM_MISSING()
    email = addresses.read(value["email"])
    if email is None:
        raise errors.FROM_INVALID()
    return Mailbox(email, _name(value))


def _copied(email: dict[str, Any], field: str) -> tuple[Mailbox, ...]:
    given = email.get(field)
    return _recipients(given, partial(_invalid, f"email.{field}")) if given else ()


def _recipients(value: Any, wrong: Callable[[], ApiError]) -> tuple[Mailbox, ...]:
    rows = unpack(value)
    if not isinstance(rows, list):
        raise wrong()
    boxes = []
    for row in rows:
        if not isinstance(row, dict) or row.get("email") in (None, ""):
            raise wrong()
        email = addresses.read(row["email"])
        if email is None:
            raise errors.RECIPIENT_INVALID()
        boxes.append(Mailbox(email, _name(row)))
    return tuple(boxes)


def _subject(value: Any) -> str:
    if value is None or value == "":
        raise errors.SUBJECT_MISSING()
    if isinstance(value, (dict, list)):
        raise _invalid("subject")
    return str(value)


def _bodies(email: dict[str, Any]) -> Steps[tuple[str | None, str | None, str]]:
    template, html, text = email.get("template"), email.get("html") or None, email.get("text") or None
    if template:
        return _template(template)
    if html is None and text is None:
        raise errors.BODY_MISSING()
    for name, value in (("html", html), ("text", text)):
        if value is not None and not isinstance(value, str):
            raise _invalid(name)
    decoded, note = (None, "") if html is None else (_known_html if len(html) <= _SHORT else _html)(html)
    if text is None and decoded is not None and _is_true(email.get("auto_plain_text")):
        text = yield from plain_text(decoded)
    return decoded, text, note


def _template(value: Any) -> tuple[str | None, str | None, str]:
    template = unpack(value)
    if not isinstance(template, dict):
        raise _invalid("template")
    if template.get("id") in (None, ""):
        raise errors.TEMPLATE_ID_MISSING()
    # PHP writes an empty object as an empty list.
    if not isinstance(template.get("variables") or {}, dict):
        raise errors.TEMPLATE_VARIABLES()
    raise errors.TEMPLATE_NOT_FOUND()


def _html(text: str) -> tuple[str, str]:
    try:
        return decode_base64(text).decode(), ""
    except (Undecodable, UnicodeDecodeError):
        found = text.encode("utf-8", "replace").translate(None, _NOT_BASE64)
        kept = found[: len(found) - (len(found) % 4 == 1)]
        garbled = b64decode(kept + b"=" * (-len(kept) % 4)).decode("utf-8", "replace")
        return garbled, "html is not base64, so it arrives garbled"


_known_html = lru_cache(_KNOWN)(_html)


def _reply_to(value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    row = value if isinstance(value, dict) else {"email": value}
    email = addresses.read(row.get("email"))
    if email is None:
        raise _invalid("reply_to")
    return str(Mailbox(email, _name(row)))


def _text_files(value: Any) -> list[Attachment]:
    return [Attachment(name, _type(name), text.encode()) for name, text in _files(value, "attachments")]


def _binary_files(value: Any) -> list[Attachment]:
    files = []
    for name, text in _files(value, "attachments_binary"):
        try:
            files.append(Attachment(name, _type(name), decode_base64(text)))
        except Undecodable:
            raise _invalid("attachments_binary") from None
    return files


def _files(value: Any, field: str) -> list[tuple[str, str]]:
    if not value:
        return []
    files = unpack(value) or {}
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise _invalid(field)
    return list(files.items())


def _type(name: str) -> str:
    return guess_type(name)[0] or "application/octet-stream"


def _name(row: dict[str, Any]) -> str:
    name = row.get("name")
    return name.strip()[:255] if isinstance(name, str) else ""


def _is_true(value: Any) -> bool:
    return value in (True, 1, "1", "true")


def _invalid(name: str) -> ApiError:
    return errors.ARGUMENT_INVALID(name=name, complaint="is invalid")
