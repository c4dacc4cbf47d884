"""What a mail is made of, in templates and transmissions alike: checked, compiled, filled in.

https://developers.sparkpost.com/api/transmissions/#header-content-attributes
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec
from pydantic import Field

from mockserver.core.errors import Refusal
from mockserver.core.schema import Body

from . import errors
from .substitution import TemplateError, compile

FORBIDDEN_HEADERS = frozenset({"content-type", "content-transfer-encoding", "to", "subject", "from", "reply-to"})
FORBIDDEN_ANYWHERE = frozenset("\r\n\0")


class Sender(Body):
    """``from`` as an object; clients send a null name with a bare address."""

    name: str | None = None
    email: str


class File(Body):
    """An attachment or an inline image; ``data`` is base64 without line breaks."""

    name: Annotated[str, Field(max_length=255)]
    type: str
    data: str


class Content(Body):
    """Inline content. ``email_rfc822`` stands in the place of everything else."""

    from_: Sender | str | None = Field(None, alias="from")
    subject: str | None = None
    html: str | None = None
    text: str | None = None
    amp_html: str | None = None
    reply_to: str | None = None
    headers: dict[str, str | None] | None = None
    attachments: list[File] | None = None
    inline_images: list[File] | None = None
    email_rfc822: str | None = None


class SenderFields(TypedDict):
    name: NotRequired[str]
    email: str


ContentFields = TypedDict(
    "ContentFields",
    {
        "from": NotRequired[SenderFields | str],
        "subject": NotRequired[str],
        "html": NotRequired[str],
        "text": NotRequired[str],
        "amp_html": NotRequired[str],
        "reply_to": NotRequired[str],
        "headers": NotRequired[dict[str, str]],
        "attachments": NotRequired[list[dict[str, str]]],
        "inline_images": NotRequired[list[dict[str, str]]],
        "email_rfc822": NotRequired[str],
    },
)
"""Content as it is kept and shown: what was not given is left out."""


def fields(content: Content) -> ContentFields:
    """The content's own fields, nulls left out as if they had not been sent."""
    kept: ContentFields = content.model_dump(by_alias=True, exclude_none=True)  # type: ignore[assignment]
    return kept


def check(content: ContentFields) -> None:
    """Refuses content that could never be sent: missing fields, forbidden headers, templates that do not compile."""
    if "email_rfc822" in content:
        _compile("email_rfc822", content["email_rfc822"])
        return
    if "from" not in content:
        raise errors.MISSING(description="content.from is required")
    if "subject" not in content:
        raise errors.MISSING(description="content.subject is required")
    if "html" not in content and "text" not in content:
        raise errors.MISSING(description="At least one of content.html or content.text must be provided")
    for name, value in content.get("headers", {}).items():
        if name.lower() in FORBIDDEN_HEADERS or FORBIDDEN_ANYWHERE.intersection(name + value):
            raise errors.HEADER_ERROR(description=f"Header '{name}' is not allowed")
    for part, source in _parts(content):
        _compile(part, source)


def render(content: ContentFields, data: Mapping[str, Any], *, substitute: bool = True) -> ContentFields:
    """The content with every part filled in from ``data``; HTML parts escape what they are given.

    ``substitute=False`` leaves the bodies as they are; headers are filled in all the same, as the vendor does.
    """
    filled: dict[str, Any] = {**content}
    for part in ("text", "html", "amp_html"):
        if substitute and part in filled:
            filled[part] = _fill(part, filled[part], data, html=part != "text")
    for part in ("subject", "reply_to"):
        if part in filled:
            filled[part] = _fill(f"Header:{part.title().replace('_', '-')}", filled[part], data)
    sender = filled.get("from")
    if isinstance(sender, str):
        filled["from"] = _fill("Header:From", sender, data)
    elif sender is not None:
        filled["from"] = {name: _fill("Header:From", value, data) for name, value in sender.items()}
    if "headers" in filled:
        filled["headers"] = {name: _fill(f"Header:{name}", value, data) for name, value in filled["headers"].items()}
    return filled  # type: ignore[return-value]


def pack(content: ContentFields) -> bytes:
    """For a record: big bodies are kept as bytes."""
    return msgspec.json.encode(content)


def unpack(data: bytes) -> ContentFields:
    content: ContentFields = msgspec.json.decode(data)
    return content


def _parts(content: ContentFields) -> Iterator[tuple[str, str]]:
    for name in ("text", "html", "amp_html"):
        if name in content:
            yield name, content[name]  # type: ignore[literal-required]
    for name, header in (("subject", "Header:Subject"), ("reply_to", "Header:Reply-To")):
        if name in content:
            yield header, content[name]  # type: ignore[literal-required]
    sender = content.get("from", "")
    for value in (sender,) if isinstance(sender, str) else sender.values():
        yield "Header:From", str(value)
    for name, value in content.get("headers", {}).items():
        yield f"Header:{name}", value


def _compile(part: str, source: str) -> None:
    try:
        compile(source)
    except TemplateError as error:
        raise _refusal(part, error) from None


def _fill(part: str, source: str, data: Mapping[str, Any], *, html: bool = False) -> str:
    try:
        return compile(source).render(data, html=html)
    except TemplateError as error:
        raise _refusal(part, error) from None


def _refusal(part: str, error: TemplateError) -> Refusal:
    row = errors.SYNTAX_ERROR if error.code == "3000" else errors.RENDER_ERROR
    verb = "compiling" if error.code == "3000" else "rendering"
    description = f"Error while {verb} part {part}: line {error.line}: {error.message}"
    return row(description=description, part=part, line=error.line)
