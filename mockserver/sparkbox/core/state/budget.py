"""How many bytes all state together may take, and what a record takes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import Any, get_args

import msgspec

_PLAIN = frozenset({int, float, bool, type(None)})
_PLAIN_BYTES = 16
"""Types whose values are all counted alike, and how."""

RECORD_BYTES = 200
"""A record's own, with its entry in the collection."""

COLLECTION_BYTES = 500


class StoreFull(RuntimeError):
    """No more can be kept: a collection has as many records as it may, or all state as many bytes."""


class Budget:
    """Bytes that are taken and given back."""

    __slots__ = ("most", "used")

    def __init__(self, most: int = 2**63) -> None:
        self.most = most
        self.used = 0

    def take(self, size: int) -> None:
        """Take ``size`` bytes, or give them back if negative; :class:`StoreFull` if there are too few."""
        if size > 0 and self.used + size > self.most:
            raise StoreFull(f"the state of all accounts together takes {self.most} bytes already; a reset makes room")
        self.used += size


class Ledger:
    """The bytes of one store in the budget, and whether anything in it was changed."""

    __slots__ = ("budget", "changed", "closed")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.changed = False
        self.closed = False
        """Whether the store was let go of; what still works on it takes nothing any more."""

    def take(self, size: int) -> None:
        if not self.closed:
            self.budget.take(size)

    def insist(self, size: int) -> None:
        """Take bytes even beyond the bound: for work that frees more in the end."""
        if not self.closed:
            self.budget.used += size


def size_of(record: msgspec.Struct) -> int:
    """Return the bytes that a record is counted with."""
    fixed, varying = _layout(record.__class__)
    return fixed + _sizes(varying(record))


def growth(old: msgspec.Struct, new: msgspec.Struct) -> int:
    """Return by how many bytes ``new`` is larger than ``old``; only what was changed is measured."""
    if old.__class__ is not new.__class__:
        return size_of(new) - size_of(old)
    _, varying = _layout(new.__class__)
    size = 0
    for before, after in zip(varying(old), varying(new), strict=True):
        if before is not after:
            size += _sizes((after,)) - _sizes((before,))
    return size


@cache
def _layout(kind: type[msgspec.Struct]) -> tuple[int, Callable[[Any], tuple[Any, ...]]]:
    """Return the bytes that all records of a kind take, and what gives a record's values of varying size."""
    fields = msgspec.structs.fields(kind)
    names = [field.name for field in fields if not _PLAIN.issuperset(get_args(field.type) or (field.type,))]
    fixed = RECORD_BYTES + _PLAIN_BYTES * (len(fields) - len(names))
    match names:
        case []:
            return fixed, lambda record: ()
        case [name]:
            return fixed, lambda record: (getattr(record, name),)
        case _:
            return fixed, attrgetter(*names)


def _sizes(values: Iterable[Any]) -> int:
    size = 0
    for value in values:
        kind = value.__class__
        if kind is str:
            # Not what Python reports: that grows once a text has been encoded, and more would be given back than taken.
            size += 50 + (len(value) if value.isascii() else 4 * len(value))
        elif kind in _PLAIN:
            size += _PLAIN_BYTES
        elif kind is bytes:
            size += 33 + len(value)
        elif kind is tuple or kind is list or kind is frozenset:
            size += 56 + 8 * len(value) + _sizes(value)
        elif isinstance(value, msgspec.Struct):
            size += size_of(value)
        elif kind is dict:
            size += 64 + 100 * len(value) + _sizes(value) + _sizes(value.values())
        else:
            size += _PLAIN_BYTES
    return size
