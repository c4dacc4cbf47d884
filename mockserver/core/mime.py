"""Mail as message/rfc822, built and read with the standard library."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default
from email.utils import format_datetime

from .clock import moment
from .messages import Attachment, Message

_POLICY = SMTP.clone(max_line_length=78)
_NOT_IN_HEADERS = re.compile(r"[\r\n\0]")


def build(message: Message) -> bytes:
    """A captured message as the mail that its recipient gets."""
    mail = EmailMessage(policy=_POLICY)
    own = {name.lower() for name, _ in message.headers}
    mail["From"] = mailbox(message.sender, message.sender_name)
    mail["To"] = safe(message.header_to) if message.header_to else mailbox(message.to, message.to_name)
    mail["Subject"] = safe(message.subject)
    if "date" not in own:
        mail["Date"] = format_datetime(moment(message.time))
    if "message-id" not in own:
        domain = message.sender.rpartition("@")[2] or "localhost"
        mail["Message-ID"] = f"<{message.vendor_id or message.number}.{message.number}@{domain}>"
    if message.reply_to:
        mail["Reply-To"] = safe(message.reply_to)
    for name, value in message.headers:
        # A header that the sender sets wins over ours, but for those that may stand once only and are set already.
        if name.lower() not in ("from", "to", "subject", "reply-to") or name not in mail:
            mail[name] = safe(value)
    _add_bodies(mail, message)
    for attachment in message.attachments:
        if attachment.content_id is None:
            main, _, sub = media_type(attachment.type)
            mail.add_attachment(attachment.data, maintype=main, subtype=sub, filename=attachment.name)
    return mail.as_bytes()


def _add_bodies(mail: EmailMessage, message: Message) -> None:
    bodies = [(message.text, "plain"), (message.amp_html, "x-amp-html"), (message.html, "html")]
    first = True
    for body, subtype in bodies:
        if body is None:
            continue
        if first:
            mail.set_content(body, subtype=subtype)
        else:
            mail.add_alternative(body, subtype=subtype)
        first = False
    if first:
        mail.set_content("")
    images = [attachment for attachment in message.attachments if attachment.content_id is not None]
    target = mail.get_body(("html",)) if images else None
    for image in images:
        main, _, sub = media_type(image.type)
        if isinstance(target, EmailMessage):
            target.add_related(image.data, maintype=main, subtype=sub, cid=f"<{image.content_id}>", filename=image.name)
        else:
            mail.add_attachment(image.data, maintype=main, subtype=sub, filename=image.name)


def media_type(text: str) -> tuple[str, str, str]:
    """``image/png; name=x`` as ``("image", "/", "png")``; what is no media type is an octet stream."""
    main, slash, sub = text.partition(";")[0].strip().lower().partition("/")
    token = re.compile(r"[a-z0-9!#$&^_.+-]+")
    if token.fullmatch(main) and token.fullmatch(sub) and main not in ("multipart", "message"):
        return main, slash, sub
    return "application", "/", "octet-stream"


def mailbox(address: str, name: str = "") -> Address | str:
    """``Name <address>`` for a header; an address that the standard library refuses stays text."""
    address, name = safe(address), safe(name)
    try:
        return Address(display_name=name, addr_spec=address)
    except (ValueError, MessageError, IndexError):
        return f"{name} <{address}>" if name else address


def safe(value: str) -> str:
    """A header's value without line breaks, so that no header is smuggled in."""
    return _NOT_IN_HEADERS.sub(" ", value).strip()


def parse(source: bytes) -> EmailMessage:
    """A mail as a standard parser reads it; it never refuses, defects are listed on the result."""
    mail = BytesParser(policy=default).parsebytes(source)
    if not isinstance(mail, EmailMessage):
        raise TypeError("the default policy builds EmailMessage")
    return mail


def bodies(mail: EmailMessage) -> tuple[str | None, str | None, tuple[Attachment, ...]]:
    """A parsed mail's text, HTML and attachments."""
    text = _content(mail.get_body(("plain",)))
    html = _content(mail.get_body(("html",)))
    attachments = tuple(
        Attachment(
            name=part.get_filename() or "",
            type=part.get_content_type(),
            data=bytes(part.get_payload(decode=True) or b""),
            content_id=(part["Content-ID"] or "").strip("<> ") or None,
        )
        for part in mail.walk()
        if isinstance(part, EmailMessage) and not part.is_multipart() and _is_file(part)
    )
    return text, html, attachments


def _is_file(part: EmailMessage) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename()) or "Content-ID" in part


def _content(part: object) -> str | None:
    if not isinstance(part, EmailMessage):
        return None
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return None
    charset = part.get_content_charset("utf-8")
    try:
        return payload.decode(charset, "replace").replace("\r\n", "\n")
    except LookupError:
        return payload.decode("utf-8", "replace").replace("\r\n", "\n")
