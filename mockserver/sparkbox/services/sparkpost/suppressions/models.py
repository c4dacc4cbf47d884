"""The records of the suppression list: the addresses that get no mail of a type, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Literal, get_args

import msgspec

from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record

TYPES = ("transactional", "non_transactional")
MANUALLY_ADDED: Final = "Manually Added"
COMPLIANCE: Final = "Compliance"
Source = Literal[
    "Spam Complaint", "List Unsubscribe", "Bounce Rule", "Unsubscribe Link", "Manually Added", "Compliance"
]
SOURCES: tuple[str, ...] = get_args(Source)

_LIST_ID = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One suppression of an address: of a mail type, for one mailing list or all, in one (sub)account."""

    type: str
    source: str
    description: str
    list_id: str
    subaccount: int
    created: float
    updated: float


class Suppressed(Record, frozen=True, gc=False):
    """An address in lower case with its suppressions."""

    id: str
    entries: tuple[Entry, ...]


def entry_against(ctx: Context, email: str, *, transactional: bool, list_id: str, owner: int) -> Entry | None:
    """Return the suppression that stops mail of this kind to an address; ``None`` if there is none."""
    suppressed = ctx.store[Suppressed].get(email.lower())
    if suppressed is not None:
        type = TYPES[0] if transactional else TYPES[1]
        for entry in suppressed.entries:
            if entry.type == type and entry.subaccount == owner and entry.list_id in ("", list_id):
                return entry
    return None


def suppress(
    ctx: Context, email: str, type: str, source: str, description: str = "", *, list_id: str = "", owner: int = 0
) -> None:
    """Suppress an address, or renew its suppression."""
    email = email.lower()
    suppressed = ctx.store[Suppressed].get(email)
    entries = () if suppressed is None else suppressed.entries
    same = next((e for e in entries if (e.type, e.list_id, e.subaccount) == (type, list_id, owner)), None)
    created = ctx.now if same is None else same.created
    entry = Entry(type, source, description, list_id, owner, created, ctx.now)
    ctx.store[Suppressed].put(Suppressed(email, (*(e for e in entries if e is not same), entry)))


def all_entries(ctx: Context, owner: int | None) -> Iterator[tuple[str, Entry]]:
    """Yield all suppressions with their addresses, of one subaccount or of all."""
    for suppressed in ctx.store[Suppressed].values():
        for entry in suppressed.entries:
            if owner is None or entry.subaccount == owner:
                yield suppressed.id, entry


def is_list_id(value: Any) -> bool:
    """Return whether it is a mailing list's id as of RFC 2919: letters, digits, ``-`` and ``_``, with dots between."""
    return isinstance(value, str) and len(value) <= 255 and _LIST_ID.fullmatch(value) is not None
