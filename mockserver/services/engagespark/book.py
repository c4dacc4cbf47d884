"""The address book behind all pages: contacts by id and by number, custom fields, and texts filled in from them.

Several contacts may share a number. Where a number alone is given, the newest of them is meant, as
https://github.com/engagespark/api-docs has it; where there is none, one is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mockserver.core.context import Context
from mockserver.core.store import Record, replace

from . import errors, phones
from .phones import ContactRecipient, Number

MOST_FIELDS = 1000
MOST_NAME = 255
MOST_VALUE = 10_000

_PLACEHOLDER = re.compile(r"\{\{\s*contact\.([^{}]{1,300})\}\}")


class Contact(Record, frozen=True, gc=False):
    """A person; ``fields`` are custom fields' ids and values in the order of the ids, times are Unix seconds."""

    first_id = 100_001

    id: int
    number: str
    created: float
    updated: float
    used: float
    first_name: str = ""
    last_name: str = ""
    language: str = ""
    groups: tuple[int, ...] = ()
    fields: tuple[tuple[int, str], ...] = ()
    no_autodelete: bool = False
    with_bsuid: bool = False


class Namesakes(Record, frozen=True, gc=False):
    """The contacts that share a number, the newest last."""

    number: str
    ids: tuple[int, ...]

    @property
    def key(self) -> str:
        return self.number


class CustomField(Record, frozen=True, gc=False):
    """A column that the organization added to its contacts."""

    first_id = 120

    id: int
    name: str


def get(ctx: Context, id: int | str) -> Contact | None:
    """A contact by its id, as a number or as text."""
    if isinstance(id, str):
        if not (id.isascii() and id.isdigit() and len(id) < 19):
            return None
        id = int(id)
    return ctx.store[Contact].get(id)


def newest(ctx: Context, digits: str) -> Contact | None:
    """The contact that a number alone means."""
    namesakes = ctx.store[Namesakes].get(digits)
    return None if namesakes is None else ctx.store[Contact].get(namesakes.ids[-1])


def every(ctx: Context, digits: str) -> Iterator[Contact]:
    """All contacts with a number, the oldest first."""
    namesakes = ctx.store[Namesakes].get(digits)
    for id in namesakes.ids if namesakes is not None else ():
        contact = ctx.store[Contact].get(id)
        if contact is not None:
            yield contact


def draft(ctx: Context, digits: str) -> Contact:
    """A new contact, not kept yet."""
    return Contact(ctx.store[Contact].next_id(), digits, ctx.now, ctx.now, ctx.now)


def put(ctx: Context, contact: Contact) -> None:
    """Keeps a contact, new or changed."""
    before = ctx.store[Contact].get(contact.id)
    ctx.store[Contact].put(contact)
    if before is not None and before.number != contact.number:
        _unlist(ctx, before)
    if before is None or before.number != contact.number:
        known = ctx.store[Namesakes].get(contact.number)
        ids = (*known.ids, contact.id) if known is not None else (contact.id,)
        ctx.store[Namesakes].put(Namesakes(contact.number, tuple(sorted(ids))))


def delete(ctx: Context, contact: Contact) -> None:
    """Forgets a contact; what was sent to it stays."""
    ctx.store[Contact].delete(contact.id)
    _unlist(ctx, contact)


def use(ctx: Context, contact: Contact) -> None:
    """Keeps a contact, new or known, and notes that something was sent to it just now, or that it wrote."""
    put(ctx, replace(contact, used=ctx.now))


def named(ctx: Context, form: ContactRecipient, *, to: str = "") -> Contact:
    """The contact that a request means: by id, the newest with the number, or a new one that is not kept yet."""
    number = phones.number_of(ctx, form, to=to)
    if number is not None:
        return with_number(ctx, number)
    contact = get(ctx, form.contact_id or 0)
    if contact is None:
        raise errors.UNKNOWN_CONTACT()
    return contact


NAMING_ERRORS = (*phones.RECIPIENT_ERRORS, errors.UNKNOWN_CONTACT)
"""What :func:`named` refuses with."""


def with_number(ctx: Context, number: Number) -> Contact:
    """The newest contact with the number, or a new one that is not kept yet."""
    return newest(ctx, number.digits) or draft(ctx, number.digits)


def filled_fields(
    ctx: Context, contact: Contact, by_id: Mapping[str, str | None], by_name: Mapping[str, str | None]
) -> tuple[tuple[int, str], ...]:
    """A contact's custom fields with these values in them; an empty one deletes, and those by name win.

    Names are compared without regard to case, of several fields the oldest is meant, an unknown one is made. In the
    easy profile an unknown id is made too; the strict one passes over it, as the older API does.
    """
    _check_fields(by_id, by_name)
    values = dict(contact.fields)
    for id, value in _by_id(ctx, by_id):
        values[id] = value or ""
    for name, value in by_name.items():
        values[_field_named(ctx, name)] = value or ""
    return tuple(sorted((id, value) for id, value in values.items() if value))


def personalise(ctx: Context, text: str, contact: Contact) -> str:
    """The text with ``{{contact.firstName}}`` and the like filled in; what the contact does not have is empty."""
    if "{{" not in text:
        return text
    return _PLACEHOLDER.sub(lambda found: _value(ctx, contact, found[1].strip()), text)


def texts(contact: Contact) -> Iterator[str]:
    """What a keyword search looks for in a contact."""
    yield from (contact.number, contact.first_name, contact.last_name, f"{contact.first_name} {contact.last_name}")
    yield from (value for _, value in contact.fields)


def contains(keyword: str, found: Iterable[str]) -> bool:
    """Whether a keyword is within one of the texts, in any case."""
    keyword = keyword.lower()
    return any(keyword in text.lower() for text in found)


def _unlist(ctx: Context, contact: Contact) -> None:
    known = ctx.store[Namesakes].get(contact.number)
    ids = tuple(id for id in known.ids if id != contact.id) if known is not None else ()
    if ids:
        ctx.store[Namesakes].put(Namesakes(contact.number, ids))
    else:
        ctx.store[Namesakes].delete(contact.number)


def _check_fields(by_id: Mapping[str, Any], by_name: Mapping[str, Any]) -> None:
    if len(by_id) + len(by_name) > MOST_FIELDS:
        raise errors.INVALID(problem=f"more than {MOST_FIELDS} custom fields")
    for id in by_id:
        if not (id.isascii() and id.isdigit() and len(id) < 19):
            raise errors.INVALID(problem="invalid field 'customFields': its keys are the custom fields' ids")
    if any(not 0 < len(name.strip()) <= MOST_NAME for name in by_name):
        raise errors.INVALID(problem=f"invalid field 'customFieldsByName': a name has 1 to {MOST_NAME} characters")
    if any(len(value or "") > MOST_VALUE for value in (*by_id.values(), *by_name.values())):
        raise errors.INVALID(problem=f"a custom field has at most {MOST_VALUE} characters")


def _by_id(ctx: Context, given: Mapping[str, str | None]) -> Iterator[tuple[int, str | None]]:
    fields = ctx.store[CustomField]
    for text, value in given.items():
        id = int(text)
        if fields.get(id) is None:
            if ctx.strict:
                continue
            fields.put(CustomField(id, f"Field {id}"))
        yield id, value


def _field_named(ctx: Context, name: str) -> int:
    fields = ctx.store[CustomField]
    name = name.strip()
    known = min((field.id for field in fields.values() if field.name.lower() == name.lower()), default=None)
    if known is not None:
        return known
    id = fields.next_id()
    while fields.get(id) is not None:
        id = fields.next_id()
    fields.put(CustomField(id, name))
    return id


def _value(ctx: Context, contact: Contact, name: str) -> str:
    plain = {
        "id": str(contact.id),
        "firstname": contact.first_name,
        "lastname": contact.last_name,
        "language": contact.language,
        "fullphonenumber": contact.number,
    }
    key = name.lower()
    if key in plain:
        return plain[key]
    values = dict(contact.fields)
    key = key.removeprefix("customfields.")
    if key.isascii() and key.isdigit():
        return values.get(int(key), "")
    ids = [field.id for field in ctx.store[CustomField].values() if field.name.lower() == key]
    return values.get(min(ids), "") if ids else ""
