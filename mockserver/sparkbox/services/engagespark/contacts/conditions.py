"""The ``conditions`` of a contact search: JSON in a query parameter.

The vendor publishes no schema for it, so this form is the sandbox's own (assumed): an object, or a list of objects that
all have to hold, each ``{"field": "firstName", "op": "is", "value": "Mary"}``. Fields are a contact's own, or
``customFields.<id>``; the operators are those of :data:`OPERATORS`, and texts are compared without regard to case.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import orjson

from .. import errors
from .models import Contact

MOST_CONDITIONS = 100

OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "is": lambda found, value: found == value,
    "isnot": lambda found, value: found != value,
    "contains": lambda found, value: value in found,
    "startswith": lambda found, value: found.startswith(value),
    "set": lambda found, value: found != "",
    "notset": lambda found, value: found == "",
}

_FIELDS: dict[str, Callable[[Contact], str]] = {
    "id": lambda contact: str(contact.id),
    "firstName": lambda contact: contact.first_name,
    "lastName": lambda contact: contact.last_name,
    "fullPhoneNumber": lambda contact: contact.number,
    "language": lambda contact: contact.language,
}
_CUSTOM = "customFields."


class Condition(msgspec.Struct, frozen=True):
    """One condition on a contact."""

    field: str
    op: str
    value: str = ""

    def holds(self, contact: Contact) -> bool:
        """Return whether it holds."""
        return OPERATORS[self.op](self._found(contact).lower(), self.value.lower())

    def _found(self, contact: Contact) -> str:
        if self.field.startswith(_CUSTOM):
            return dict(contact.fields).get(int(self.field.removeprefix(_CUSTOM)), "")
        return _FIELDS[self.field](contact)


def read(text: str) -> list[Condition]:
    """Return the conditions in a query parameter; none in an empty one."""
    if not text:
        return []
    try:
        given = orjson.loads(text)
        found = msgspec.convert(given if isinstance(given, list) else [given], list[Condition])
    except (orjson.JSONDecodeError, msgspec.ValidationError) as error:
        raise errors.INVALID(problem=f"invalid parameter 'conditions': {error}") from None
    if len(found) > MOST_CONDITIONS or not all(map(_is_known, found)):
        raise errors.INVALID(problem="invalid parameter 'conditions': unknown field or operator, or too many of them")
    return found


def _is_known(condition: Condition) -> bool:
    id = condition.field.removeprefix(_CUSTOM)
    custom = condition.field.startswith(_CUSTOM) and id.isascii() and id.isdigit() and len(id) < 19
    return condition.op in OPERATORS and (custom or condition.field in _FIELDS)
