"""Build mail as message/rfc822; :mod:`.parse` reads it.

The standard library's header classes raise an ``IndexError`` or an ``AttributeError`` for odd addresses, and its
boundaries are random. So a mail is written by hand: it is the same each time, byte for byte, and nothing that a sender
puts into a field can become a header.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import quote

from sparkbox.core.logs.messages import Attachment, Message
from sparkbox.core.state.clock import moment
from sparkbox.core.state.steps import Steps, complete

from .addresses import gather
from .lines import has_line_longer_than

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_FIELD_NAME = re.compile(r"[!-9;-~]{1,76}")
_TOKEN = r"[A-Za-z0-9!#$&^_.+-]+"
_MEDIA_TYPE = re.compile(rf"({_TOKEN})/({_TOKEN})")
_PARAMETERS = re.compile(rf'(?:\s*;\s*{_TOKEN}=(?:{_TOKEN}|"[^"\\\x00-\x1f\x7f-\uffff]*"))*')
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN_NAME = re.compile(rf"{_ATOM}(?: {_ATOM})*")
_LONGEST_WORD = 899
_PIECE = re.compile(" *[^ ]+| +")

_ADDRESSES = frozenset({"from", "to", "cc", "bcc", "sender", "reply-to"})
_ONCE = _ADDRESSES | {"subject", "date", "message-id", "in-reply-to", "references"}
_LINE = 76
_WORD_BYTES = 45
_A_STEP = 57 * 10_000
"""Bytes of a file that are encoded in one step; 57 are a line of base64."""
_LONGEST_LINE = 990
"""Bytes of a line; a body with a longer one is sent as quoted-printable."""


def build(message: Message) -> bytes:
    """Build the mail that the recipient of a captured message gets."""
    return complete(built(message))


def built(message: Message) -> Steps[bytes]:
    """:func:`build` in steps."""
    fields = b"".join(_field(name, text) for name, text in _fields(message))
    head, body = yield from _entity(message)
    return fields + b"MIME-Version: 1.0\r\n" + head + b"\r\n" + body


def _fields(message: Message) -> Iterator[tuple[str, str]]:
    """Yield the headers. The sender's win, except for sender, recipients, subject and ``Reply-To``."""
    own = {name.lower() for name, _ in message.headers}
    to = _in_field("To", message.header_to) if message.header_to else mailbox(message.to, message.to_name)
    ours = [
        ("From", mailbox(message.sender, message.sender_name)),
        ("To", to),
        ("Subject", _encoded(message.subject) if "=?" in message.subject else _in_field("Subject", message.subject)),
    ]
    if "date" not in own:
        ours.append(("Date", format_datetime(moment(message.time))))
    if "message-id" not in own:
        domain = message.sender.rpartition("@")[2] or "localhost"
        id = f"<{message.vendor_id or message.number}.{message.number}@{domain}>"
        ours.append(("Message-ID", _in_field("Message-ID", id)))
    if message.reply_to:
        ours.append(("Reply-To", _in_field("Reply-To", message.reply_to)))
    yield from ours
    seen = {name.lower() for name, _ in ours}
    for name, value in message.headers:
        key = name.lower()
        if key == "mime-version" or key.startswith("content-") or (key in _ONCE and key in seen):
            continue
        if _FIELD_NAME.fullmatch(name):
            seen.add(key)
            yield name, _in_field(name, value)


def _in_field(name: str, value: str) -> str:
    """Return a header's value; all but addresses (RFC 6532) is encoded as in RFC 2047 where it is not ASCII."""
    value = safe(value)
    if value.isascii() and max(map(len, value.split(" "))) <= _LONGEST_WORD:
        return value
    if name.lower() in _ADDRESSES:
        found = [mailbox(box.email, box.name) for box in gather(value)]
        if found:
            return ", ".join(found)
    return _encoded(value)


def _field(name: str, text: str) -> bytes:
    lines = [""]
    for piece in _PIECE.findall(f"{name}: {text}".rstrip(" ")):
        if lines[-1] and len(lines[-1]) + len(piece) > _LINE:
            lines.append("")
        lines[-1] += piece
    return "\r\n".join(lines).encode() + b"\r\n"


def _encoded(text: str) -> str:
    """Return ``text`` as RFC 2047 encoded words of at most 75 characters."""
    data = safe(text).encode()
    words, begin = [], 0
    while len(data) - begin > _WORD_BYTES:
        end = begin + _WORD_BYTES
        while data[end] & 0xC0 == 0x80:  # in the middle of a character
            end -= 1
        words.append(data[begin:end])
        begin = end
    return " ".join(map(_encoded_word, [*words, data[begin:]]))


def _encoded_word(data: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(data).decode()}?="


def mailbox(address: str, name: str = "") -> str:
    """Return ``Name <address>`` for a header, the name quoted or encoded where necessary."""
    address, name = safe(address), safe(name)
    if not name:
        return address
    if not name.isascii() or "=?" in name:
        # One word however long: Python's parser keeps the space between two of them in a name.
        name = _encoded_word(name.encode())
    elif not _PLAIN_NAME.fullmatch(name):
        name = quoted(name)
    return f"{name} <{address}>"


def quoted(text: str) -> str:
    """Return a text as a quoted string (RFC 5322, section 3.2.4)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def safe(value: str) -> str:
    """Remove line breaks and other control characters from a header's value, so that it adds no header."""
    return _CONTROL.sub(" ", value).strip()


def _entity(message: Message) -> Steps[tuple[bytes, bytes]]:
    """Build the body: alternatives, the HTML with its images, and files."""
    shown = message.html is not None
    images, files, bodies = [], [], []
    for file in message.attachments:
        if file.content_id is None:
            files.append((yield from _file(file)))
        else:
            images.append((yield from _file(file, inline=shown)))
    for text, subtype in ((message.text, "plain"), (message.amp_html, "x-amp-html"), (message.html, "html")):
        if text is not None:
            bodies.append((yield from text_entity(text, subtype)))
    if images and shown:
        bodies[-1] = _multipart("related", [bodies[-1], *images])
    else:
        files = images + files
    body = (
        _multipart("alternative", bodies)
        if len(bodies) > 1
        else bodies[0]
        if bodies
        else (yield from text_entity("", "plain"))
    )
    return _multipart("mixed", [body, *files]) if files else body


def _multipart(subtype: str, parts: list[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    whole = [head + b"\r\n" + body for head, body in parts]
    boundary = b"=_%s_1" % subtype.encode()
    if any(boundary in part for part in whole):
        # No text contains its own digest.
        boundary = b"=_%s_%s" % (subtype.encode(), sha256(b"".join(whole)).hexdigest().encode())
    head = b'Content-Type: multipart/%s; boundary="%s"\r\n' % (subtype.encode(), boundary)
    return head, b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in whole) + b"--%s--\r\n" % boundary


def text_entity(text: str, subtype: str) -> Steps[tuple[bytes, bytes]]:
    """Return a text as a part of a mail: headers and body."""
    large = len(text) > _A_STEP
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if large:
        yield
    data = text.encode("utf-8", "replace")
    encoding = "7bit" if data.isascii() else "8bit"
    if b"\0" in data or has_line_longer_than(_LONGEST_LINE, data):
        if large:
            yield
        encoding, data = "quoted-printable", binascii.b2a_qp(data, istext=True)
    if large:
        yield
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n"
    return head.encode(), data.replace(b"\n", b"\r\n")


def _file(file: Attachment, *, inline: bool = False) -> Steps[tuple[bytes, bytes]]:
    # Without HTML that shows it, an inline text would be read as the body.
    disposition = "inline" if inline else "attachment"
    name = safe(file.name)[:255]
    if name.isascii():
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        named = f'; filename="{escaped}"' if name else ""
    else:
        named = f"; filename*=utf-8''{quote(name, safe='')}"
    head = f"Content-Type: {_content_type(file.type)}\r\n"
    head += f"Content-Transfer-Encoding: base64\r\nContent-Disposition: {disposition}{named}\r\n"
    if file.content_id is not None:
        head += _field("Content-ID", _in_field("Content-ID", f"<{file.content_id.strip('<> ')}>")).decode()
    pieces: list[bytes] = []
    for start in range(0, len(file.data), _A_STEP):
        if start:
            yield
        encoded = base64.b64encode(file.data[start : start + _A_STEP])
        pieces.append(b"".join([encoded[begin : begin + _LINE] + b"\r\n" for begin in range(0, len(encoded), _LINE)]))
    return head.encode(), b"".join(pieces)


def media_type(text: str) -> tuple[str, str, str]:
    """Split ``image/png; name=x`` into ``("image", "/", "png")``; what is no media type is an octet stream."""
    found = _MEDIA_TYPE.fullmatch(text.partition(";")[0].strip().lower())
    if found is None or found[1] in ("multipart", "message"):
        return "application", "/", "octet-stream"
    return found[1], "/", found[2]


def _content_type(text: str) -> str:
    """Return the media type, with its parameters if they are well-formed."""
    bare = "".join(media_type(text))
    parameters = "".join(text.partition(";")[1:])
    known = text.strip().lower().startswith(bare) and len(parameters) < 500
    return bare + parameters if known and _PARAMETERS.fullmatch(parameters) else bare
