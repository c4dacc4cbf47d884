"""A mail's parts as they are, whichever way it came: what it is made of when it goes out is taken apart again."""

from __future__ import annotations

from typing_extensions import TypedDict

from sparkbox.core.logs.messages import Message
from sparkbox.core.request.large_json import AT_ONCE
from sparkbox.core.state.steps import Steps
from sparkbox.mail.entities import Entity, tree


class PartView(TypedDict):
    """A part of a mail. ``path`` leads to its contents; ``complete`` says that ``parts`` are all, on all levels.

    The mail is the part ``1``, the parts within it are ``1.1``, ``1.2``; a mail within the mail is a part of its part.
    ``size`` is that of the decoded contents, in bytes. ``content_type`` is without its ``parameters``.
    """

    path: str
    content_type: str
    parameters: dict[str, str]
    disposition: str | None
    file_name: str | None
    content_id: str | None
    size: int
    headers: list[tuple[str, str]]
    complete: bool
    parts: list[PartView]


def parts_of(message: Message) -> Steps[list[PartView]]:
    """Return the mail as the one part that holds all others; nothing for other channels."""
    if message.channel != "email":
        return []
    whole = yield from _whole(message)
    return [_view("1", whole)]


def part_of(message: Message, path: str) -> Steps[Entity | None]:
    """Return the part that a path leads to."""
    if message.channel != "email":
        return None
    whole = yield from _whole(message)
    return next((part for known, part in whole.walk() if known == path), None)


def _whole(message: Message) -> Steps[Entity]:
    source = yield from message.written()
    if len(source) <= AT_ONCE:
        return tree(source)
    yield
    whole = tree(source)
    yield
    return whole


def _view(path: str, part: Entity) -> PartView:
    return {
        "path": path,
        "content_type": part.kind,
        "parameters": part.parameters,
        "disposition": part.disposition or None,
        "file_name": part.file_name or None,
        "content_id": part.content_id or None,
        "size": part.size,
        "headers": part.headers,
        "complete": part.complete,
        "parts": [_view(f"{path}.{number}", each) for number, each in enumerate(part.parts, 1)],
    }
