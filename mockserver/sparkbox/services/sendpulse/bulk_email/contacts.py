"""The e-mails of mailing lists: adding and removing them, their statuses, typed variables and phones.

A variable belongs to its list and gets its type from the first value: ``number`` from a number, ``date`` from a
``YYYY-MM-DD``, else ``string``. A value that does not fit makes it a ``string``. ``Phone`` is a variable of the system.
An address on the blacklist is blocked in every list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from typing_extensions import TypedDict

from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps
from sparkbox.core.state.store import replace

from .. import addresses
from ..requests.decoding import unpack
from ..requests.fields import invalid
from ..times import is_date
from .models import (
    ACTIVE,
    BLOCKED,
    NEW,
    SENDABLE,
    Blocked,
    Contact,
    ListCounts,
    Listed,
    Subscribers,
    Value,
    Variable,
    Variables,
    VariableType,
)

PHONE = "Phone"
MOST_VARIABLES = 250
LONGEST_NAME = 100
CONTACTS_A_STEP = 1000

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


class VariableFields(TypedDict):
    name: str
    type: VariableType
    value: str


def read_variables(value: Any, name: str) -> Variables:
    """Read variables, ``{name: value}`` or ``[{"name", "value"}]``; anything else is an error about ``name``."""
    if isinstance(value, dict):
        pairs: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list) and all(isinstance(entry, dict) and "name" in entry for entry in value):
        pairs = [(entry["name"], _typed(entry.get("value"), entry.get("type"))) for entry in value]
    else:
        raise invalid(name=name)
    variables: Variables = {}
    for key, item in pairs:
        if not isinstance(key, str) or not key.strip() or len(key) > LONGEST_NAME or isinstance(item, (dict, list)):
            raise invalid(name=name)
        variables[key.strip()] = _scalar(item)
    if len(variables) > MOST_VARIABLES:
        raise invalid(name=name)
    return variables


def texts_of(value: Any) -> list[str]:
    """Return the addresses in a list of texts or of ``{"email"}``, however it is packed; each once, in lower case."""
    value = unpack(value)
    items = value if isinstance(value, list) else [value]
    texts = [item.get("email") if isinstance(item, dict) else item for item in items]
    return list(dict.fromkeys(addresses.read(text) or str(text) for text in texts if text not in (None, "")))


def take_phone(variables: Variables) -> str | None:
    """Remove the ``Phone`` from variables and return its digits; ``None`` if there is no valid one."""
    for name in list(variables):
        if name.lower() == "phone":
            return addresses.read_phone(variables.pop(name))
    return None


def fits(ctx: Context, list_id: int, names: Iterable[str]) -> bool:
    """Return whether a list has room for variables of these names beside its own."""
    known = ctx.store[Variable, list_id]
    return len(known) + sum(known.get(name) is None for name in set(names)) <= MOST_VARIABLES


def learn(ctx: Context, list_id: int, variables: Variables, phone: str | None) -> Variables:
    """Add variables and their types to a list; return their values in the list's types."""
    known = ctx.store[Variable, list_id]
    fitted = {}
    for name, value in variables.items():
        before = known.get(name)
        if before is not None and before.type == "number":
            value = as_number(value)
        kind = type_of(value)
        if before is None:
            known.put(Variable(name, kind))
        elif before.type not in (kind, "string"):
            known.put(Variable(name, "string"))
        fitted[name] = value
    if phone and known.get(PHONE) is None:
        known.put(Variable(PHONE, "string"))
    return fitted


def update(contact: Contact, variables: Variables, phone: str | None) -> Contact:
    """Return a contact with further variables; an empty ``phone`` changes nothing."""
    packed = contact.variables
    if variables:
        packed = dumps({**orjson.loads(packed), **variables})
    return replace(contact, variables=packed, phone=phone or contact.phone)


def type_of(value: Value) -> VariableType:
    """Return the type that a variable gets from its first value."""
    if isinstance(value, (int, float)):
        return "number"
    return "date" if is_date(value) else "string"


def as_number(value: Any) -> Any:
    """Return a text that is a number as that number, anything else as it is. Forms have nothing but text."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return value


def status_of(ctx: Context, contact: Contact) -> int:
    """Return a contact's status as responses show it."""
    return BLOCKED if ctx.store[Blocked].get(contact.email) is not None else contact.status


def is_sendable(ctx: Context, contact: Contact) -> bool:
    """Return whether campaigns go to a contact."""
    return contact.status in SENDABLE and ctx.store[Blocked].get(contact.email) is None


def all_sendable(ctx: Context, list_id: int) -> bool:
    """Return whether campaigns go to all contacts of a list."""
    counts = counts_of(ctx, list_id)
    return not counts.unsendable and not counts.blocked


def count_sendable(ctx: Context, list_id: int) -> int:
    """Count the contacts of a list that campaigns go to."""
    counts = counts_of(ctx, list_id)
    return len(ctx.store[Contact, list_id]) - counts.unsendable - counts.blocked


def counts_of(ctx: Context, list_id: int) -> ListCounts:
    """Return the counts of a list."""
    return ctx.store[ListCounts].get(list_id) or ListCounts(list_id)


def subscribers(ctx: Context) -> int:
    """Return how many contacts all lists have together."""
    known = ctx.store[Subscribers].get("all")
    return 0 if known is None else known.count


def lists_of(ctx: Context, email: str) -> tuple[int, ...]:
    """Return the ids of the mailing lists that an address is in, the oldest first."""
    listed = ctx.store[Listed].get(email)
    return () if listed is None else listed.lists


def keep(ctx: Context, list_id: int, contact: Contact) -> None:
    """Put a new or changed contact into a list: the only way in."""
    before = ctx.store[Contact, list_id].get(contact.email)
    ctx.store[Contact, list_id].put(contact)
    if before is None:
        lists = lists_of(ctx, contact.email)
        ctx.store[Listed].put(Listed(contact.email, tuple(sorted((*lists, list_id)))))
        _count_subscribers(ctx, 1)
    _count(ctx, list_id, before, contact)


def drop(ctx: Context, list_id: int, email: str) -> Contact | None:
    """Take a contact out of a list and return it: the only way out but :func:`forget`."""
    contact = ctx.store[Contact, list_id].delete(email)
    if contact is not None:
        _unlist(ctx, list_id, email)
        _count_subscribers(ctx, -1)
    _count(ctx, list_id, contact, None)
    return contact


def block(ctx: Context, blocked: Blocked) -> None:
    """Put an address on the blacklist, unless it is there."""
    if ctx.store[Blocked].add(blocked):
        _count_blocked(ctx, blocked.email, 1)


def unblock(ctx: Context, email: str) -> None:
    """Take an address from the blacklist."""
    if ctx.store[Blocked].delete(email) is not None:
        _count_blocked(ctx, email, -1)


def variable_fields(ctx: Context, list_id: int, contact: Contact) -> list[VariableFields]:
    """Return a contact's variables with their types; values are text."""
    known = ctx.store[Variable, list_id]
    rows: list[VariableFields] = []
    for name, value in orjson.loads(contact.variables).items():
        variable = known.get(name)
        rows.append({"name": name, "type": variable.type if variable else type_of(value), "value": str(value)})
    return rows


def forget(ctx: Context, list_id: int) -> Steps[None]:
    """Delete everything in a list, with the first step but for what is kept of each address."""
    contacts = list(ctx.store[Contact, list_id].values())
    ctx.store[Contact, list_id].clear()
    ctx.store[Variable, list_id].clear()
    ctx.store[ListCounts].delete(list_id)
    _count_subscribers(ctx, -len(contacts))
    while contacts:
        _unlist(ctx, list_id, contacts.pop().email)
        if len(contacts) % CONTACTS_A_STEP == 0:
            yield


def emit(ctx: Context, event: str, list_id: int, email: str, **more: Any) -> None:
    """Emit an event about a contact, in the shape of the e-mail service's webhooks: ids, times and flags are text.

    https://sendpulse.com/knowledge-base/email-service/additional/webhooks
    """
    data = {"event": event, "timestamp": str(int(ctx.now)), "email": email, "book_id": str(list_id), **more}
    ctx.emit(event, data)


def emit_new(ctx: Context, list_id: int, email: str, variables: Variables) -> None:
    """Emit ``new_emails``. assumed: the ``source`` of contacts from the API is ``address book``.

    No variables are an empty list, as PHP writes an empty array.
    """
    emit(ctx, "new_emails", list_id, email, variables=variables or [], source="address book")


def emit_unsubscribe(ctx: Context, list_id: int, email: str) -> None:
    """Emit ``unsubscribe``. assumed: without a campaign, ``task_id`` is ``"0"``."""
    emit(ctx, "unsubscribe", list_id, email, task_id="0", from_all="0", reason=None, categories="")


def _unlist(ctx: Context, list_id: int, email: str) -> None:
    lists = tuple(id for id in lists_of(ctx, email) if id != list_id)
    if lists:
        ctx.store[Listed].put(Listed(email, lists))
    else:
        ctx.store[Listed].delete(email)


def _count_subscribers(ctx: Context, more: int) -> None:
    count = subscribers(ctx) + more
    if count:
        ctx.store[Subscribers].put(Subscribers(count))
    else:
        ctx.store[Subscribers].delete("all")


def _count(ctx: Context, list_id: int, before: Contact | None, after: Contact | None) -> None:
    changes: dict[str, int] = {}
    for contact, step in ((before, -1), (after, 1)):
        for name in () if contact is None else _counted(ctx, contact):
            changes[name] = changes.get(name, 0) + step
    _change_counts(ctx, list_id, changes)


def _count_blocked(ctx: Context, email: str, step: int) -> None:
    for list_id in lists_of(ctx, email):
        contact = ctx.store[Contact, list_id].get(email)
        if contact is not None and contact.status in SENDABLE:
            _change_counts(ctx, list_id, {"blocked": step})


def _change_counts(ctx: Context, list_id: int, changes: Mapping[str, int]) -> None:
    if any(changes.values()):
        counts = counts_of(ctx, list_id)
        changed = {name: getattr(counts, name) + change for name, change in changes.items()}
        ctx.store[ListCounts].put(replace(counts, **changed))


def _counted(ctx: Context, contact: Contact) -> Iterator[str]:
    """Yield the counts of a list that a contact is part of."""
    if contact.status not in SENDABLE:
        yield "unsendable"
    elif ctx.store[Blocked].get(contact.email) is not None:
        yield "blocked"
    if contact.phone:
        yield {NEW: "new_phones", ACTIVE: "active_phones"}.get(contact.status, "exc_phones")


def _scalar(value: Any) -> Value:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    return value if isinstance(value, (str, int, float)) else str(value)


def _typed(value: Any, kind: Any) -> Any:
    return as_number(value) if kind == "number" else value
