"""Templates of WhatsApp messages: ``content`` of any structure, whose texts are filled in as a message's are."""

from __future__ import annotations

from typing import Any

import orjson

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context

from .. import errors
from ..contacts import address_book
from ..contacts.models import Contact

MOST_CONTENT = 100_000
"""Bytes."""


def filled(ctx: Context, content: dict[str, Any] | None, contact: Contact) -> bytes:
    """Return a template's content as JSON, with its texts filled in; empty if there is none."""
    if not content:
        return b""
    _packed(content)
    return _packed(_Template(ctx, contact).fill(content))


def _packed(content: Any) -> bytes:
    try:
        packed = dumps(content)
    except orjson.JSONEncodeError:
        raise errors.INVALID(problem="invalid field 'content': a number in it is too large") from None
    if len(packed) > MOST_CONTENT:
        raise _too_much()
    return packed


class _Template:
    """Fills in texts for a contact, which together may take :data:`MOST_CONTENT` characters."""

    def __init__(self, ctx: Context, contact: Contact) -> None:
        self._ctx = ctx
        self._contact = contact
        self._left = MOST_CONTENT

    def fill(self, value: Any) -> Any:
        match value:
            case str():
                text = address_book.personalise(self._ctx, value, self._contact)
                self._left -= len(text)
                if self._left < 0:
                    raise _too_much()
                return text
            case dict():
                return {name: self.fill(item) for name, item in value.items()}
            case list():
                return [self.fill(item) for item in value]
            case _:
                return value


def _too_much() -> ApiError:
    return errors.INVALID(problem=f"invalid field 'content': at most {MOST_CONTENT} bytes are taken")
