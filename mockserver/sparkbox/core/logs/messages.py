"""Messages: whatever a service sends is captured once, in one shape for all channels and services.

A message has exactly one recipient: a mail to three people is three messages, as the vendors count them too.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from typing_extensions import TypedDict

from ..state.clock import iso
from ..state.steps import Steps, complete
from .buffer import Pending

MOST_PREVIEW = 100
"""Characters of a text that lists show, on one line."""
_READ = 2 * MOST_PREVIEW

RecipientType = Literal["to", "cc", "bcc", "archive"]


class Attachment(msgspec.Struct, frozen=True, gc=False):
    """A file in a message. ``content_id`` is set for inline images."""

    name: str
    type: str
    data: bytes
    content_id: str | None = None


class Message(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One message to one recipient, rendered as the recipient gets it."""

    number: int = 0
    """Its number in the sandbox; set when it is captured."""
    channel: str
    """The kind of message, as its service calls it: ``email``, ``sms``."""
    service: str = ""
    account: str = ""
    time: float = 0.0
    vendor_id: str = ""
    """The id by which the service knows it."""
    sender: str = ""
    """The address, number or name that it comes from, without a display name."""
    sender_name: str = ""
    to: str = ""
    to_name: str = ""
    header_to: str = ""
    """The address in the mail's ``To``, if that is not the recipient (cc, bcc)."""
    rcpt_type: RecipientType = "to"
    subject: str = ""
    text: str | None = None
    html: str | None = None
    amp_html: str | None = None
    reply_to: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    source: bytes = b""
    """The mail as it was handed over (RFC 822), where it was."""
    metadata: bytes = b"{}"
    """A JSON object."""
    status: str = "accepted"

    @property
    def size(self) -> int:
        """Bytes that this message is counted with."""
        size = 700 + len(self.text or "") + len(self.html or "") + len(self.amp_html or "")
        size += len(self.source) + len(self.metadata) + len(self.subject) + len(self.sender_name) + len(self.to_name)
        for name, value in self.headers:
            size += len(name) + len(value)
        for attachment in self.attachments:
            size += len(attachment.data)
        return size

    @property
    def raw(self) -> bytes:
        """The mail as message/rfc822; empty for other channels."""
        return complete(self.written())

    def written(self) -> Steps[bytes]:
        """:attr:`raw` in steps."""
        return b""
        yield

    @property
    def parts(self) -> tuple[Any, ...]:
        """The parts of a mail; empty for other channels."""
        return ()


class PendingMessage(Pending, frozen=True, gc=False, kw_only=True):
    """A message that is made when somebody looks at it. Its status may change before."""

    to: str
    status: str = "accepted"

    def made(self, number: int) -> Message:
        raise NotImplementedError


_Shown = TypedDict(
    "_Shown",
    {
        "id": str,
        "time": str,
        "channel": str,
        "service": str,
        "account": str,
        "vendor_id": str,
        "from": str,
        "from_name": str,
        "to": str,
        "to_name": str,
        "rcpt_type": RecipientType,
        "subject": str,
        "preview": str,
        "status": str,
    },
)


class MessageSummary(_Shown):
    """A message without its contents; ``preview`` is how its text begins, ``attachments`` how many there are."""

    attachments: int


class AttachmentSummary(TypedDict):
    """An attachment without its data; ``size`` in bytes."""

    name: str
    type: str
    size: int
    content_id: str | None


class MessageDetails(_Shown):
    """A message with its contents."""

    attachments: list[AttachmentSummary]
    text: str | None
    html: str | None
    amp_html: str | None
    reply_to: str
    header_to: str
    headers: dict[str, str]
    metadata: dict[str, Any]


def summary(message: Message) -> MessageSummary:
    """Return the message without its contents, as lists show it."""
    return {
        "id": str(message.number),
        "time": iso(message.time),
        "channel": message.channel,
        "service": message.service,
        "account": message.account,
        "vendor_id": message.vendor_id,
        "from": message.sender,
        "from_name": message.sender_name,
        "to": message.to,
        "to_name": message.to_name,
        "rcpt_type": message.rcpt_type,
        "subject": message.subject,
        "preview": " ".join((message.text or "")[:_READ].split())[:MOST_PREVIEW],
        "status": message.status,
        "attachments": len(message.attachments),
    }


def details(message: Message) -> MessageDetails:
    """Return the message with its texts, headers and metadata; attachments by name, type and size."""
    return {
        **summary(message),
        "text": message.text,
        "html": message.html,
        "amp_html": message.amp_html,
        "reply_to": message.reply_to,
        "header_to": message.header_to or message.to,
        "headers": dict(message.headers),
        "metadata": msgspec.json.decode(message.metadata),
        "attachments": [
            {
                "name": attachment.name,
                "type": attachment.type,
                "size": len(attachment.data),
                "content_id": attachment.content_id,
            }
            for attachment in message.attachments
        ],
    }
