"""The content of templates and transmissions, from a request or from its record to what messages are rendered from.

https://developers.sparkpost.com/api/transmissions/#header-content-attributes
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from sparkbox.core.request.json import dumps
from sparkbox.core.state.steps import Steps
from sparkbox.mail.addresses import domain_of

from .. import errors
from ..fields import pack
from ..substitution import Recent, compile_in_steps
from ..transmissions.addresses import sender_in
from ..transmissions.rfc822 import read
from .content_fields import ContentFields, NewContent
from .prepared import Prepared, PreparedMail

_CACHED_SIZE = 64 * 1024
_CACHED = 256
_CACHED_BYTES = 8 * 1024 * 1024
_LARGEST = 512 * 1024
"""What takes more when it is compiled is rendered at once, as it would take too long when somebody looks."""
_TEMPLATES = (("subject", False), ("text", False), ("html", True), ("amp_html", True))
"""The longest fields, and whether they are HTML."""

CONTENT_ERRORS = (
    errors.MISSING,
    errors.INVALID,
    errors.INVALID_COMBINATION,
    errors.TOO_LONG,
    errors.HEADER_ERROR,
    errors.MIME_ERROR,
    errors.SYNTAX_ERROR,
)
"""The API errors of content in a request."""

AnyContent = Prepared | PreparedMail


def prepare(content: NewContent) -> Steps[AnyContent]:
    """Check and compile inline content; nulls count as absent."""
    if None in content.values():
        content = {field: value for field, value in content.items() if value is not None}  # type: ignore[assignment]
    source = content.get("email_rfc822")
    if source is None:
        prepared = Prepared(content)
        yield from prepared.attach(content)
        return prepared
    for field in ContentFields.__annotations__:
        if field != "email_rfc822" and field in content:
            text = f"content.email_rfc822 and content.{field} are mutually exclusive"
            raise errors.INVALID_COMBINATION(description=text)
    return PreparedMail((yield from read(source)))


def compiled(content: Mapping[str, Any] | None, *, tracked: bool = False) -> Steps[list[object]]:
    """Compile long parts in steps. While the returned list exists, :func:`prepare` finds them compiled."""
    held = []
    for field, html in _TEMPLATES:
        source = None if content is None else content.get(field)
        if isinstance(source, str):
            held.append((yield from compile_in_steps(source, html=html, tracked=tracked or "data-msys-" in source)))
    return held


def prepare_inline(content: NewContent) -> Steps[AnyContent]:
    """Check and compile the content of a transmission. Content that comes again is ready, unless it is long."""
    if any(len(text) > _CACHED_SIZE for text in _texts(content)):
        return (yield from _compiled_and_prepared(content, tracked=True))
    try:
        packed = dumps({field: value for field, value in content.items() if value is not None})
    except orjson.JSONEncodeError:  # a number beyond 64 bits, where none belongs
        return (yield from _compiled_and_prepared(content, tracked=True))
    return (yield from prepare_stored(packed, tracked=True))


def prepare_stored(packed: bytes, *, tracked: bool = False) -> Steps[AnyContent]:
    """Compile packed content, such as a template's. Content that comes again is ready."""
    ready = _ready.get(packed)
    if ready is None:
        ready = yield from _compiled_and_prepared(unpack(packed), tracked=tracked)  # type: ignore[arg-type]
        if len(packed) <= _CACHED_SIZE and _ready.keep(packed, ready, packed.count(b"{{")):
            ready.packed = packed
    return ready


def _compiled_and_prepared(content: NewContent, *, tracked: bool) -> Steps[AnyContent]:
    held = yield from compiled(content, tracked=tracked)
    prepared = yield from prepare(content)
    del held
    return prepared


_ready: Recent[bytes, AnyContent] = Recent(_CACHED, _CACHED_BYTES, _LARGEST)
"""The content that was prepared last."""


def store(content: NewContent) -> Steps[bytes]:
    """Check a template's content and pack it for its record."""
    if content.get("attachments") is not None or content.get("inline_images") is not None:
        raise errors.INVALID(description="attachments and inline_images are not supported in stored templates")
    yield from prepare(content)
    _require_address(content.get("from"))
    known = ContentFields.__annotations__
    kept: dict[str, Any] = {field: content[field] for field in known if content.get(field) is not None}  # type: ignore[literal-required]
    if isinstance(kept.get("from"), dict):
        kept["from"] = {
            field: kept["from"][field] for field in ("email", "name") if kept["from"].get(field) is not None
        }
    if "headers" in kept:
        kept["headers"] = {name: value for name, value in kept["headers"].items() if value is not None}
    return pack(kept, "content")


def unpack(data: bytes) -> ContentFields:
    """Unpack the content from :func:`store`."""
    content: ContentFields = orjson.loads(data)
    return content


def _texts(content: NewContent) -> Iterator[str]:
    """Yield the texts that may be long, attachments among them."""
    for value in content.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (data for file in value if isinstance(file, dict) and isinstance(data := file.get("data"), str))


def _require_address(sender: Any) -> None:
    email = sender.get("email", "") if isinstance(sender, dict) else sender_in(sender).email if sender else None
    if email is not None and "{{" not in email and domain_of(email) is None:
        raise errors.INVALID_FROM(description=f'content.from.email: "{email}" isn\'t a valid email format.')
