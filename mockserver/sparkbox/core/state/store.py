"""State through a narrow door.

A handler reads a frozen record, makes a changed copy and puts it back::

    template = ctx.store[Template].get(id)
    ctx.store[Template].put(replace(template, name="New"))

``store[Kind]`` is a service's collection of that kind in this account; ``store[Kind, parent]`` is a collection of its
own below a parent (the addresses of one mailing list). Everything behind the door speaks in records and keys only, so
another store (shared by several processes) can take :class:`MemoryStore`'s place; ``tests/core/store_suite.py`` is what
it must pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, ClassVar, Generic, Protocol, TypeVar, overload
from weakref import WeakValueDictionary

import msgspec

from .budget import COLLECTION_BYTES, Budget, Ledger, StoreFull, growth, size_of

Key = str | int


class Record(msgspec.Struct, frozen=True, gc=False):
    """A frozen, small thing that is kept. Its key is its ``id`` unless it says otherwise.

    Records hold scalars, strings, bytes, tuples and other records; a big body is kept as bytes.
    """

    most: ClassVar[int | None] = None
    """How many of this kind a collection keeps, the oldest dropped first; ``None``: :data:`MOST_RECORDS`, then full."""

    first_id: ClassVar[int] = 1

    @property
    def key(self) -> Key:
        return self.id  # type: ignore[attr-defined, no-any-return]


R = TypeVar("R", bound=Record)
replace = msgspec.structs.replace

MOST_RECORDS = 1_000_000
DROPPED_AT_ONCE = 100


class Collection(Protocol[R]):
    """Records of one kind, in the order in which they were first put."""

    def get(self, key: Key) -> R | None: ...
    def put(self, record: R) -> None:
        """Keep the record under its key, in the place of one that was there."""

    def add(self, record: R) -> bool:
        """Keep the record unless its key is taken. Return whether it was kept."""

    def delete(self, key: Key) -> R | None:
        """Delete a record and return it."""

    def values(self) -> Iterator[R]:
        """Return all records as they stand now; changes made while iterating are not seen."""

    def page(self, offset: int = 0, limit: int | None = None, *, newest: bool = False) -> list[R]:
        """Return ``limit`` records after the first ``offset``, in their order or the newest first.

        The others are not read, so it costs as much in a large collection as in a small one.
        """

    def clear(self) -> None: ...
    def next_id(self) -> int:
        """Return the next number for this kind; never given twice."""

    def __len__(self) -> int: ...


class Store(Protocol):
    """The collections of one service in one account."""

    @overload
    def __getitem__(self, kind: type[R]) -> Collection[R]: ...
    @overload
    def __getitem__(self, kind: tuple[type[R], Key]) -> Collection[R]: ...
    def __contains__(self, kind: object) -> bool:
        """Return whether anything was ever kept of a kind (or of a kind below a parent): the cheapest way to look."""

    def fork(self) -> Store:
        """Return an independent copy. Both share what neither has changed since."""

    @property
    def changed(self) -> bool:
        """Whether anything was changed since it was settled; a fork is."""

    def settle(self) -> None:
        """Count the present contents as the initial state."""

    def release(self) -> list[dict[Key, Any]]:
        """Give back the bytes that it takes; nobody uses it any more.

        Return its records, but for those that a copy shares: where there are many, they are to be freed in steps.
        """

    def sizes(self) -> dict[str, int]:
        """Return how many records of each kind there are."""

    def collections(self) -> Iterator[tuple[str, Key | None, Collection[Any]]]:
        """Return every collection, in the order of their first use: the kind's name, the parent where there is one."""


class _Table(Generic[R]):
    """Records and their bytes, of one collection or of several that were forked and not changed since."""

    __slots__ = ("_keys", "bytes", "owners", "records")

    def __init__(self, records: dict[Key, R], bytes: int) -> None:
        self.records = records
        self.bytes = bytes
        self.owners = 1
        self._keys: list[Key] | None = None
        """The keys by place, from the first page that was read until a record is deleted."""

    def keep(self, key: Key, record: R) -> None:
        if self._keys is not None and key not in self.records:
            self._keys.append(key)
        self.records[key] = record

    def drop(self, key: Key) -> R:
        self._keys = None
        return self.records.pop(key)

    @property
    def keys(self) -> list[Key]:
        """The keys by place."""
        if self._keys is None:
            self._keys = list(self.records)
        return self._keys


class MemoryCollection(Generic[R]):
    """A dictionary. It enters the store's ``table`` with its first record or number: looking leaves nothing behind."""

    __slots__ = ("__weakref__", "_kind", "_last_id", "_ledger", "_name", "_shared", "_table")

    def __init__(
        self, kind: type[R], ledger: Ledger, name: Any = None, table: dict[Any, MemoryCollection[Any]] | None = None
    ) -> None:
        self._kind = kind
        self._ledger = ledger
        self._name = name
        self._table = table
        self._shared: _Table[R] = _Table({}, 0)
        self._last_id = kind.first_id - 1

    def get(self, key: Key) -> R | None:
        return self._shared.records.get(key)

    def put(self, record: R) -> None:
        if self._table is not None:
            self._enter(self._table)
        most, key, ledger, shared = self._kind.most, record.key, self._ledger, self._shared
        old = shared.records.get(key)
        if old is None and most is None and len(shared.records) >= MOST_RECORDS:
            raise StoreFull(f"{MOST_RECORDS} {self._kind.__name__} records are kept already")
        change = size_of(record) if old is None else growth(old, record)
        if shared.owners > 1:
            self._part(ledger.take)
            shared = self._shared
        if change:
            ledger.take(change)
            shared.bytes += change
        ledger.changed = True
        shared.keep(key, record)
        if most is not None and len(shared.records) > most:
            # Several at a time: taking the first key of a dict again and again is slow.
            for first in list(islice(shared.records, max(1, min(most // 10, DROPPED_AT_ONCE)))):
                self.delete(first)

    def add(self, record: R) -> bool:
        if record.key in self._shared.records:
            return False
        self.put(record)
        return True

    def delete(self, key: Key) -> R | None:
        if key not in self._shared.records:
            return None
        if self._shared.owners > 1:
            self._part(self._ledger.insist)
        record = self._shared.drop(key)
        size = size_of(record)
        self._shared.bytes -= size
        self._ledger.take(-size)
        self._ledger.changed = True
        return record

    def values(self) -> Iterator[R]:
        return iter(tuple(self._shared.records.values()))

    def page(self, offset: int = 0, limit: int | None = None, *, newest: bool = False) -> list[R]:
        shared = self._shared
        if not offset and limit is None:
            everything = list(shared.records.values())
            return everything[::-1] if newest else everything
        keys, count = shared.keys, len(shared.records)
        end = count if limit is None else min(offset + limit, count)
        chosen = keys[max(count - end, 0) : max(count - offset, 0)][::-1] if newest else keys[offset:end]
        return [shared.records[key] for key in chosen]

    def clear(self) -> None:
        if self._shared.records:
            self._leave()
            self._shared = _Table({}, 0)
            self._ledger.changed = True

    def next_id(self) -> int:
        if self._table is not None:
            self._enter(self._table)
        self._last_id += 1
        return self._last_id

    def __len__(self) -> int:
        return len(self._shared.records)

    def copy(self, ledger: Ledger) -> MemoryCollection[R]:
        """Return a copy that shares the records until either of the two is changed."""
        ledger.take(COLLECTION_BYTES)
        copy = MemoryCollection(self._kind, ledger)
        copy._shared = self._shared
        copy._shared.owners += 1
        copy._last_id = self._last_id
        return copy

    def release(self) -> dict[Key, R]:
        """Give back the bytes that no copy shares, and return their records. Later changes go to others."""
        records = {} if self._shared.owners > 1 else self._shared.records
        self._leave()
        self._shared = _Table({}, 0)
        self._ledger.take(-COLLECTION_BYTES)
        return records

    def _enter(self, table: dict[Any, MemoryCollection[Any]]) -> None:
        self._ledger.take(COLLECTION_BYTES)
        table[self._name] = self
        self._table = None

    def _part(self, take: Callable[[int], None]) -> None:
        """Continue with a table of its own. Its records are counted again, though the two share them for now."""
        take(self._shared.bytes)
        self._shared.owners -= 1
        self._shared = _Table(self._shared.records.copy(), self._shared.bytes)

    def _leave(self) -> None:
        self._shared.owners -= 1
        if not self._shared.owners:
            self._ledger.take(-self._shared.bytes)


class MemoryStore:
    """The default store: dictionaries, in this process."""

    __slots__ = ("_collections", "_empty", "_ledger", "_unused")

    def __init__(self, budget: Budget | None = None) -> None:
        self._ledger = Ledger(Budget() if budget is None else budget)
        self._collections: dict[Any, MemoryCollection[Any]] = {}
        self._unused: dict[Any, MemoryCollection[Any]] = {}
        """Collections of kinds, of which there are only so many, into which nothing was put yet."""
        self._empty: WeakValueDictionary[Any, MemoryCollection[Any]] = WeakValueDictionary()
        """Those below a parent that somebody holds who has put nothing into them yet."""

    @overload
    def __getitem__(self, kind: type[R]) -> MemoryCollection[R]: ...
    @overload
    def __getitem__(self, kind: tuple[type[R], Key]) -> MemoryCollection[R]: ...
    def __getitem__(self, kind: Any) -> MemoryCollection[Any]:
        collection = self._collections.get(kind)
        if collection is None:
            unused = self._empty if kind.__class__ is tuple else self._unused
            collection = unused.get(kind)
            if collection is None:
                bare = kind[0] if kind.__class__ is tuple else kind
                collection = unused[kind] = MemoryCollection(bare, self._ledger, kind, self._collections)
        return collection

    def __contains__(self, kind: object) -> bool:
        return kind in self._collections

    def fork(self) -> MemoryStore:
        copy = MemoryStore(self._ledger.budget)
        copy._ledger.changed = True
        try:
            for name, collection in self._collections.items():
                copy._collections[name] = collection.copy(copy._ledger)
        except StoreFull:
            copy.release()
            raise
        return copy

    @property
    def changed(self) -> bool:
        return self._ledger.changed

    def settle(self) -> None:
        self._ledger.changed = False

    def release(self) -> list[dict[Key, Any]]:
        if self._ledger.closed:
            return []
        released = [collection.release() for collection in self._collections.values()]
        self._ledger.closed = True
        return [records for records in released if records]

    def sizes(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for name, collection in self._collections.items():
            kind = name[0] if isinstance(name, tuple) else name
            counts[kind.__name__] = counts.get(kind.__name__, 0) + len(collection)
        return counts

    def collections(self) -> Iterator[tuple[str, Key | None, MemoryCollection[Any]]]:
        for name, collection in tuple(self._collections.items()):
            kind, parent = name if isinstance(name, tuple) else (name, None)
            yield kind.__name__, parent, collection
