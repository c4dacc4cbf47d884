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

from collections.abc import Iterator
from typing import Any, ClassVar, Generic, Protocol, TypeVar, overload
from weakref import WeakValueDictionary

import msgspec

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


class StoreFull(RuntimeError):
    """A collection holds :data:`MOST_RECORDS` records."""


class Collection(Protocol[R]):
    """Records of one kind, in the order in which they were first put."""

    def get(self, key: Key) -> R | None: ...
    def put(self, record: R) -> None:
        """Keeps the record under its key, in the place of one that was there."""

    def add(self, record: R) -> bool:
        """Keeps the record unless its key is taken; says whether it was kept."""

    def delete(self, key: Key) -> R | None:
        """Forgets a record and gives it back."""

    def values(self) -> Iterator[R]:
        """All records as they stand now; changes made while iterating are not seen."""

    def clear(self) -> None: ...
    def next_id(self) -> int:
        """The next number for this kind; never given twice."""

    def __len__(self) -> int: ...


class Store(Protocol):
    """The collections of one service in one account."""

    @overload
    def __getitem__(self, kind: type[R]) -> Collection[R]: ...
    @overload
    def __getitem__(self, kind: tuple[type[R], Key]) -> Collection[R]: ...
    def __contains__(self, kind: object) -> bool:
        """Whether anything was ever kept of a kind (or of a kind below a parent): the cheapest way to look."""

    def fork(self) -> Store:
        """An independent copy; records are frozen, so only the tables are copied."""

    def sizes(self) -> dict[str, int]:
        """How many records of each kind there are."""

    def collections(self) -> Iterator[tuple[str, Key | None, Collection[Any]]]:
        """Every collection, in the order of their first use: the kind's name, the parent where there is one."""


class MemoryCollection(Generic[R]):
    """A dictionary. It enters the store's ``table`` with its first record or number: looking leaves nothing behind."""

    __slots__ = ("__weakref__", "_kind", "_last_id", "_name", "_records", "_table")

    def __init__(self, kind: type[R], name: Any = None, table: dict[Any, MemoryCollection[Any]] | None = None) -> None:
        self._kind = kind
        self._name = name
        self._table = table
        self._records: dict[Key, R] = {}
        self._last_id = kind.first_id - 1

    def get(self, key: Key) -> R | None:
        return self._records.get(key)

    def put(self, record: R) -> None:
        if self._table is not None:
            self._enter(self._table)
        records = self._records
        records[record.key] = record
        most = self._kind.most
        if most is None:
            if len(records) > MOST_RECORDS:
                del records[record.key]
                raise StoreFull(f"{MOST_RECORDS} {self._kind.__name__} records are kept already")
        elif len(records) > most:
            # A tenth at a time: taking the first key of a dict again and again is slow.
            for key in [key for key, _ in zip(records, range(max(1, most // 10)), strict=False)]:
                del records[key]

    def add(self, record: R) -> bool:
        if record.key in self._records:
            return False
        self.put(record)
        return True

    def delete(self, key: Key) -> R | None:
        return self._records.pop(key, None)

    def values(self) -> Iterator[R]:
        return iter(tuple(self._records.values()))

    def clear(self) -> None:
        self._records.clear()

    def next_id(self) -> int:
        if self._table is not None:
            self._enter(self._table)
        self._last_id += 1
        return self._last_id

    def __len__(self) -> int:
        return len(self._records)

    def _enter(self, table: dict[Any, MemoryCollection[Any]]) -> None:
        table[self._name] = self
        self._table = None

    def copy(self) -> MemoryCollection[R]:
        twin = MemoryCollection(self._kind)
        twin._records = self._records.copy()
        twin._last_id = self._last_id
        return twin


class MemoryStore:
    """The default store: dictionaries, in this process."""

    __slots__ = ("_collections", "_empty", "_unused")

    def __init__(self) -> None:
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
                collection = unused[kind] = MemoryCollection(bare, kind, self._collections)
        return collection

    def __contains__(self, kind: object) -> bool:
        return kind in self._collections

    def fork(self) -> MemoryStore:
        twin = MemoryStore()
        twin._collections = {name: collection.copy() for name, collection in self._collections.items()}
        return twin

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
