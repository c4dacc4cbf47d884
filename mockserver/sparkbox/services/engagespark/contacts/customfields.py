"""Custom fields: the columns that an organization adds to its contacts, found by id and by name.

Names are compared without regard to case; of several fields with one name the oldest is meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Store

from .. import errors
from .models import CustomField, FieldName

MOST_FIELDS = 1000
"""That one request may set."""
MOST_NAME = 255
MOST_VALUE = 10_000

Values = Mapping[str, str | None]
"""By id or by name; an empty value deletes."""


def add(store: Store, name: str) -> CustomField:
    """Add a field, with the next id."""
    fields = store[CustomField]
    field = CustomField(fields.next_id(), name)
    fields.put(field)
    store[FieldName].add(FieldName(name.lower(), field.id))
    return field


def named(ctx: Context, name: str) -> int | None:
    """Return the id of the oldest field with this name, in any case."""
    known = ctx.store[FieldName].get(name.strip().lower())
    return None if known is None else known.field


def check(by_id: Values, by_name: Values) -> None:
    """Raise an API error for values that no contact can have."""
    if len(by_id) + len(by_name) > MOST_FIELDS:
        raise errors.INVALID(problem=f"more than {MOST_FIELDS} custom fields")
    for id in by_id:
        if not (id.isascii() and id.isdigit() and len(id) < 19):
            raise errors.INVALID(problem="invalid field 'customFields': its keys are the custom fields' ids")
    if any(not 0 < len(name.strip()) <= MOST_NAME for name in by_name):
        raise errors.INVALID(problem=f"invalid field 'customFieldsByName': a name has 1 to {MOST_NAME} characters")
    if any(len(value or "") > MOST_VALUE for value in (*by_id.values(), *by_name.values())):
        raise errors.INVALID(problem=f"a custom field has at most {MOST_VALUE} characters")


def merged(
    ctx: Context, before: tuple[tuple[int, str], ...], by_id: Values, by_name: Values
) -> tuple[tuple[int, str], ...]:
    """Return a contact's fields with these values, in the order of the ids; those by name win.

    An unknown name makes a field, an unknown id is passed over, as by the older API.
    """
    check(by_id, by_name)
    values = dict(before)
    for id, value in _known(ctx, by_id):
        values[id] = value or ""
    for name, value in by_name.items():
        field = named(ctx, name)
        values[add(ctx.store, name.strip()).id if field is None else field] = value or ""
    return tuple(sorted((id, value) for id, value in values.items() if value))


def _known(ctx: Context, given: Values) -> Iterator[tuple[int, str | None]]:
    fields = ctx.store[CustomField]
    for text, value in given.items():
        id = int(text)
        if fields.get(id) is None:
            continue
        yield id, value
