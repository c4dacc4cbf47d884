"""The fields of content, in requests and as it is stored and shown."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from ..fields import Text255


class SenderFields(TypedDict):
    """``from`` as an object."""

    name: NotRequired[str]
    email: str


NewSender = Annotated[
    Any,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "required": ["email"],
                    "properties": {"email": {"type": "string"}, "name": {"type": "string"}},
                },
            ]
        }
    ),
]
"""``from`` in a request: a string, or an object whose name may be null."""


class NewFile(TypedDict):
    """An attachment or an inline image; ``data`` is base64."""

    name: Text255
    type: str
    data: str


NewContent = TypedDict(
    "NewContent",
    {
        "from": NotRequired[NewSender],
        "subject": NotRequired[str | None],
        "html": NotRequired[str | None],
        "text": NotRequired[str | None],
        "amp_html": NotRequired[str | None],
        "reply_to": NotRequired[str | None],
        "headers": NotRequired[dict[str, Any] | None],
        "attachments": NotRequired[list[NewFile] | None],
        "inline_images": NotRequired[list[NewFile] | None],
        "email_rfc822": NotRequired[str | None],
    },
)
"""Content in a request; ``email_rfc822`` replaces all other fields."""

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
        "email_rfc822": NotRequired[str],
    },
)
"""Content as it is stored and shown."""
