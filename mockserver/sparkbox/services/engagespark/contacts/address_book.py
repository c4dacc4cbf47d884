"""The address book behind all pages: contacts by id and by number, and texts filled in from them.

Several contacts may share a number. Where a number alone is given, the newest of them is meant, as
https://github.com/engagespark/api-docs has it; where there is none, one is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from .. import errors, phones
from ..phones import ContactRecipient, Number
from . import customfields
from .models import Contact, Namesakes

MOST_FILLED = 100_000
"""Characters; no text may become longer by what is filled in."""

_ATTRIBUTES = {
    "id": "id",
    "firstname": "first_name",
    "lastname": "last_name",
    "language": "language",
    "fullphonenumber": "number",
}
"""A contact's own fields, by their names in placeholders."""
_PLACEHOLDER = re.compile(r"\{\{\s*contact\.([^{}]{1,300})\}\}")


def get(ctx: Context, id: int | str) -> Contact | None:
    """Return a contact by its id, which may be a number or text."""
    if isinstance(id, str):
        if not (id.isascii() and id.isdigit() and len(id) < 19):
            return None
        id = int(id)
    return ctx.store[Contact].get(id)


def newest(ctx: Context, digits: str) -> Contact | None:
    """Return the contact that a number alone means."""
    namesakes = ctx.store[Namesakes].get(digits)
    return None if namesakes is None else ctx.store[Contact].get(namesakes.ids[-1])


def every(ctx: Context, digits: str) -> Iterator[Contact]:
    """Yield all contacts with a number, the oldest first."""
    namesakes = ctx.store[Namesakes].get(digits)
    for id in namesakes.ids if namesakes is not None else ():
        contact = ctx.store[Contact].get(id)
        if contact is not None:
            yield contact


def draft(ctx: Context, digits: str) -> Contact:
    """Return a new contact that is not stored yet."""
    return Contact(ctx.store[Contact].next_id(), digits, ctx.now, ctx.now, ctx.now)


def put(ctx: Context, contact: Contact) -> None:
    """Store a contact, new or changed."""
    before = ctx.store[Contact].get(contact.id)
    ctx.store[Contact].put(contact)
    if before is not None and before.number != contact.number:
        _unlist(ctx, before)
    if before is None or before.number != contact.number:
        known = ctx.store[Namesakes].get(contact.number)
        ids = (*known.ids, contact.id) if known is not None else (contact.id,)
        # A new contact is the newest; one whose number was changed need not be.
        ctx.store[Namesakes].put(Namesakes(contact.number, ids if before is None else tuple(sorted(ids))))


def delete(ctx: Context, contact: Contact) -> None:
    """Delete a contact; what was sent to it stays."""
    ctx.store[Contact].delete(contact.id)
    _unlist(ctx, contact)


def use(ctx: Context, contact: Contact) -> None:
    """Store a contact, new or known, as used just now: something was sent to it, or it wrote."""
    put(ctx, replace(contact, used=ctx.now))


def named(ctx: Context, form: ContactRecipient, *, to: str = "") -> Contact:
    """Return the contact that a request names: by id, the newest with the number, or a new one, not stored yet."""
    number = phones.number_of(ctx, form, to=to)
    if number is not None:
        return with_number(ctx, number)
    contact = get(ctx, form.contact_id or 0)
    if contact is None:
        raise errors.UNKNOWN_CONTACT()
    return contact


NAMING_ERRORS = (*phones.RECIPIENT_ERRORS, errors.UNKNOWN_CONTACT)
"""The errors of :func:`named`."""


def with_number(ctx: Context, number: Number) -> Contact:
    """Return the newest contact with the number, or a new one that is not stored yet."""
    return newest(ctx, number.digits) or draft(ctx, number.digits)


def personalise(ctx: Context, text: str, contact: Contact) -> str:
    """Fill ``{{contact.firstName}}`` and the like into a text; what the contact does not have is empty.

    Of a text that becomes longer than :data:`MOST_FILLED` only the beginning is filled in: it is an error anyway.
    """
    if "{{" not in text:
        return text
    values = dict(contact.fields)
    pieces: list[str] = []
    size = end = 0
    for found in _PLACEHOLDER.finditer(text):
        pieces += [text[end : found.start()], _value(ctx, contact, values, found[1].strip())]
        size += len(pieces[-2]) + len(pieces[-1])
        end = found.end()
        if size > MOST_FILLED:
            break
    return "".join([*pieces, text[end:]])


def names(contact: Contact) -> Iterator[str]:
    """Yield a contact's number and names."""
    yield from (contact.number, contact.first_name, contact.last_name, f"{contact.first_name} {contact.last_name}")


def texts(contact: Contact) -> Iterator[str]:
    """Yield the texts that a keyword is searched in: number, names, language and custom fields."""
    yield from names(contact)
    yield contact.language
    yield from (value for _, value in contact.fields)


def contains(keyword: str, found: Iterable[str]) -> bool:
    """Return whether a keyword is within one of the texts, in any case."""
    keyword = keyword.lower()
    return any(keyword in text.lower() for text in found)


def _unlist(ctx: Context, contact: Contact) -> None:
    known = ctx.store[Namesakes].get(contact.number)
    ids = tuple(id for id in known.ids if id != contact.id) if known is not None else ()
    if ids:
        ctx.store[Namesakes].put(Namesakes(contact.number, ids))
    else:
        ctx.store[Namesakes].delete(contact.number)


def _value(ctx: Context, contact: Contact, values: Mapping[int, str], name: str) -> str:
    key = name.lower()
    if key in _ATTRIBUTES:
        return str(getattr(contact, _ATTRIBUTES[key]))
    key = key.removeprefix("customfields.")
    id = int(key) if key.isascii() and key.isdigit() else customfields.named(ctx, key)
    return "" if id is None else values.get(id, "")
