"""Bounded logs: the newest so many items and bytes of all accounts together, the oldest dropped first and counted.

The bound is the sandbox's (a :class:`Ring`), the contents are the accounts' (each has a :class:`Shelf` in it), so ten
thousand accounts stay within one budget and one account's log is read or emptied without looking at the others'.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Ring(Generic[T]):
    """Holds at most ``most`` items and ``most_bytes`` bytes."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self.most = most
        self.most_bytes = most_bytes
        self.bytes = 0
        self.dropped = 0
        self._order: OrderedDict[int, tuple[Shelf[T], int]] = OrderedDict()
        self._last = 0

    def __len__(self) -> int:
        return len(self._order)

    def shelf(self) -> Shelf[T]:
        """A new, empty part of this ring."""
        return Shelf(self)

    def next_number(self) -> int:
        """The number that the next item will get."""
        return self._last + 1

    def get(self, number: int) -> T | None:
        """An item by its number, whichever account's it is."""
        entry = self._order.get(number)
        return None if entry is None else entry[0].items[number]

    def remove(self, number: int) -> bool:
        """Takes one item out; says whether it was there."""
        entry = self._order.get(number)
        return entry is not None and entry[0].remove(number)

    def shelves(self) -> list[Shelf[T]]:
        """The shelves that hold something, in the order of their oldest item."""
        return list({id(shelf): shelf for shelf, _ in self._order.values()}.values())

    def newest(self) -> Iterator[T]:
        """Everything, newest first."""
        for number, (shelf, _) in reversed(self._order.items()):
            yield shelf.items[number]

    def _append(self, shelf: Shelf[T], item: T, size: int) -> int:
        self._last = number = self._last + 1
        order = self._order
        order[number] = (shelf, size)
        shelf.items[number] = item
        self.bytes += size
        self._shrink()
        return number

    def _weigh(self, number: int, size: int) -> None:
        shelf, before = self._order[number]
        self._order[number] = (shelf, size)
        self.bytes += size - before
        self._shrink()

    def _shrink(self) -> None:
        order = self._order
        while len(order) > self.most or (self.bytes > self.most_bytes and len(order) > 1):
            oldest, (owner, freed) = order.popitem(last=False)
            del owner.items[oldest]
            owner.dropped += 1
            self.dropped += 1
            self.bytes -= freed

    def _remove(self, number: int) -> None:
        entry = self._order.pop(number, None)
        if entry is not None:
            self.bytes -= entry[1]


class Shelf(Generic[T]):
    """One account's items in a ring, by number, oldest first."""

    __slots__ = ("_ring", "dropped", "items")

    def __init__(self, ring: Ring[T]) -> None:
        self._ring = ring
        self.items: dict[int, T] = {}
        self.dropped = 0

    def __len__(self) -> int:
        return len(self.items)

    def append(self, item: T, size: int) -> int:
        """Keeps ``item``, which weighs ``size`` bytes, and gives its number."""
        return self._ring._append(self, item, size)

    def replace(self, number: int, item: T, size: int | None = None) -> None:
        """Puts a changed copy in the place of an item; one that was dropped stays dropped.

        ``size``: what the copy weighs, where that is not what the item weighed.
        """
        if number in self.items:
            self.items[number] = item
            if size is not None:
                self._ring._weigh(number, size)

    def get(self, number: int) -> T | None:
        return self.items.get(number)

    def remove(self, number: int) -> bool:
        """Takes one item out; says whether it was there."""
        if self.items.pop(number, None) is None:
            return False
        self._ring._remove(number)
        return True

    def newest(self) -> Iterator[T]:
        """Newest first."""
        return reversed(self.items.values())

    def oldest(self) -> Iterator[T]:
        """Oldest first."""
        return iter(self.items.values())

    def clear(self) -> None:
        """Empties the shelf and forgets what was dropped."""
        remove = self._ring._remove
        for number in self.items:
            remove(number)
        self.items = {}
        self.dropped = 0
