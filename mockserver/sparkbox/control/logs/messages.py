"""Messages: whatever was sent, in one shape for all services and channels."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote

import msgspec
from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.logs import events, messages
from sparkbox.core.logs.events import EventView
from sparkbox.core.logs.messages import Message, MessageDetails, MessageSummary, PendingMessage, RecipientType
from sparkbox.core.request.http import Response
from sparkbox.core.state.steps import Steps

from .. import errors, selection
from ..context import Context
from ..names import check_channel
from ..queries import AccountQuery, Deleted, LogQuery, in_words, same, within
from . import logs, parts
from .logs import EVENTS, MESSAGES
from .parts import PartView

HTML_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src 'self' data:; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""The policy of a captured page: a browser may show it with the sandbox's images, and follow its links.

It runs no script, loads nothing from elsewhere and sends nothing.
"""

operations = Operations("Messages", public=True)


class MessageQuery(LogQuery):
    service: str | None = None
    channel: Annotated[str | None, Field(description="The kind of message, such as `email` or `sms`.")] = None
    to: Annotated[str | None, Field(description="The recipient's whole address or number.")] = None
    sender: Annotated[str | None, Field(alias="from", description="The sender's whole address or name.")] = None
    subject: Annotated[str | None, Field(description="A part of the subject.")] = None
    text: Annotated[str | None, Field(description="A part of the text or the HTML.")] = None
    status: str | None = None
    rcpt_type: RecipientType | None = None
    vendor_id: Annotated[str | None, Field(description="The id that the service gave it.")] = None
    metadata: Annotated[
        str | None, Field(description="`name` has that entry at the top, `name:value` has it with that value.")
    ] = None


class MessageList(TypedDict):
    messages: list[MessageSummary]
    total: int


class MessageView(MessageDetails):
    """A message with its contents, the parts of the mail, and what happened to it, in the order of the events."""

    parts: list[PartView]
    events: list[EventView]


@operations.get("/_mock/messages", errors=selection.ERRORS)
def list_messages(ctx: Context, query: MessageQuery) -> Steps[MessageList]:
    """List what was sent, newest first. Filters are joined by *and*, and ignore case."""
    check_channel(ctx.sandbox, query.channel)
    weight = None if query.text is None else _size
    rows, total = yield from MESSAGES.page(
        ctx,
        query,
        messages.summary,
        lambda message: _matches(message, query),
        weight,
        skips=lambda pending: _skips(pending, query),
    )
    return {"messages": rows, "total": total}


@operations.delete("/_mock/messages", errors=selection.ERRORS)
def delete_messages(ctx: Context, query: AccountQuery) -> Deleted:
    """Delete all messages, or one account's."""
    return MESSAGES.clear(ctx, query.account)


@operations.get("/_mock/messages/{id}", errors=logs.ERRORS)
def show_message(ctx: Context, id: int, query: AccountQuery) -> Steps[MessageView]:
    """Show a message with its contents and its events."""
    message = MESSAGES.find(ctx, id, query.account)
    happened = yield from EVENTS.search(
        ctx, message.account, lambda event: event.message == id, skips=lambda pending: pending.message != id
    )
    shown = messages.details(message)
    inside = yield from parts.parts_of(message)
    return {**shown, "parts": inside, "events": [events.view(event) for event in reversed(happened)]}


@operations.delete("/_mock/messages/{id}", errors=logs.ERRORS)
def delete_message(ctx: Context, id: int, query: AccountQuery) -> Deleted:
    """Delete a message."""
    return MESSAGES.remove(ctx, id, query.account)


@operations.get(
    "/_mock/messages/{id}/raw", media_types=((200, "message/rfc822"),), errors=[*logs.ERRORS, errors.NO_SUCH_PART]
)
def show_message_raw(ctx: Context, id: int, query: AccountQuery) -> Steps[Response]:
    """Show a mail as its recipient gets it, as message/rfc822."""
    message = MESSAGES.find(ctx, id, query.account)
    if message.channel != "email":
        raise errors.NO_SUCH_PART(id=id, part="raw form", reason=f": it is no mail but {message.channel}")
    source = yield from message.written()
    return Response(200, source, [(b"content-type", b"message/rfc822")])


@operations.get(
    "/_mock/messages/{id}/html", media_types=((200, "text/html"),), errors=[*logs.ERRORS, errors.NO_SUCH_PART]
)
def show_message_html(ctx: Context, id: int, query: AccountQuery) -> Response:
    """Show a message's HTML, safely: a browser runs none of its scripts and loads nothing from elsewhere.

    The images that the sandbox has itself are shown; a tracking pixel among them tells that the mail was opened.
    """
    message = MESSAGES.find(ctx, id, query.account)
    if message.html is None:
        raise errors.NO_SUCH_PART(id=id, part="HTML", reason="")
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-security-policy", HTML_POLICY.encode())]
    return Response(200, _encoded(message.html), headers)


@operations.get(
    "/_mock/messages/{id}/text", media_types=((200, "text/plain"),), errors=[*logs.ERRORS, errors.NO_SUCH_PART]
)
def show_message_text(ctx: Context, id: int, query: AccountQuery) -> Response:
    """Show a message's plain text."""
    message = MESSAGES.find(ctx, id, query.account)
    if message.text is None:
        raise errors.NO_SUCH_PART(id=id, part="plain text", reason="")
    return Response(200, _encoded(message.text), [(b"content-type", b"text/plain; charset=utf-8")])


@operations.get(
    "/_mock/messages/{id}/attachments/{index}", media_types=((200, "*/*"),), errors=[*logs.ERRORS, errors.NO_SUCH_PART]
)
def show_attachment(ctx: Context, id: int, index: int, query: AccountQuery) -> Response:
    """Download an attachment; the first one's index is 0."""
    message = MESSAGES.find(ctx, id, query.account)
    if index >= len(message.attachments):
        raise errors.NO_SUCH_PART(id=id, part=f"attachment {index}", reason=f": it has {len(message.attachments)}")
    attachment = message.attachments[index]
    return _download(attachment.data, attachment.type, attachment.name or f"attachment-{index}")


@operations.get("/_mock/messages/{id}/parts/{path}", errors=[*logs.ERRORS, errors.NO_SUCH_PART])
def show_part(ctx: Context, id: int, path: str, query: AccountQuery) -> Steps[Response]:
    """Download the decoded contents of one part of a mail; the message's `parts` show the paths."""
    part = yield from parts.part_of(MESSAGES.find(ctx, id, query.account), path)
    if part is None:
        raise errors.NO_SUCH_PART(id=id, part=f"part {path[:100]}", reason="")
    return _download(part.data, part.kind, part.file_name or f"part-{path}")


def _matches(message: Message, query: MessageQuery) -> bool:
    return (
        same(query.service, message.service)
        and same(query.channel, message.channel)
        and same(query.to, message.to)
        and same(query.sender, message.sender)
        and same(query.status, message.status)
        and same(query.rcpt_type, message.rcpt_type)
        and same(query.vendor_id, message.vendor_id)
        and within(query.subject, message.subject)
        and within(query.text, message.text, message.html)
        and (query.metadata is None or _has_metadata(message, query.metadata))
    )


def _skips(pending: PendingMessage, query: MessageQuery) -> bool:
    """Return whether a message does not match, whatever it will be when it is made."""
    return not same(query.to, pending.to) or not same(query.status, pending.status)


def _has_metadata(message: Message, wanted: str) -> bool:
    name, colon, value = wanted.partition(":")
    metadata = msgspec.json.decode(message.metadata)
    if not isinstance(metadata, dict) or name not in metadata:
        return False
    return not colon or value == in_words(metadata[name])


def _download(data: bytes, type: str, name: str) -> Response:
    """Return contents that no browser shows or runs as the sandbox's own."""
    from sparkbox.mail.build import media_type

    headers = [
        (b"content-type", "".join(media_type(type)).encode()),
        (b"content-disposition", _disposition(name).encode()),
        (b"content-security-policy", HTML_POLICY.encode()),
    ]
    return Response(200, data, headers)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _disposition(name: str) -> str:
    """Return the header of a download, with the attachment's name made safe for directories and headers."""
    safe = re.sub(r"[\x00-\x1f\x7f/\\\\]", "_", name)[-200:].lstrip(".") or "attachment"
    plain = re.sub(r"[^\x20-\x7e]", "_", safe).replace('"', "'")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='', errors='replace')}"


def _size(message: Message) -> int:
    return message.size
