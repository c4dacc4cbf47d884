"""Bounded logs: the newest so many items and bytes of all accounts together, the oldest dropped first and counted.

The bound is the sandbox's (a :class:`Ring`), the contents are the accounts' (each has a :class:`Shelf` in it), so ten
thousand accounts stay within one budget and one account's log is read or emptied without looking at the others'.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

_SPARE = 1024


class Ring(Generic[T]):
    """Holds at most ``most`` items and ``most_bytes`` bytes."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self.most = most
        self.most_bytes = most_bytes
        self.bytes = 0
        self.dropped = 0
        # Number, shelf and size, oldest first. What was taken out of its shelf stays here until it is the oldest, or
        # until such entries are the most: so emptying a shelf costs nothing for what is in it.
        self._order: deque[tuple[int, Shelf[T], int]] = deque()
        self._count = 0
        self._last = 0

    def __len__(self) -> int:
        return self._count

    def shelf(self) -> Shelf[T]:
        """A new, empty part of this ring."""
        return Shelf(self)

    def next_number(self) -> int:
        """The number that the next item will get."""
        return self._last + 1

    def get(self, number: int) -> T | None:
        """An item by its number, whichever account's it is."""
        shelf = self._owner(number)
        return None if shelf is None else shelf.items.get(number)

    def remove(self, number: int) -> bool:
        """Takes one item out; says whether it was there."""
        shelf = self._owner(number)
        return shelf is not None and shelf.remove(number)

    def shelves(self) -> list[Shelf[T]]:
        """The shelves that hold something, in the order of their oldest item."""
        return list({id(shelf): shelf for number, shelf, _ in self._order if number in shelf.items}.values())

    def newest(self) -> Iterator[T]:
        """Everything, newest first."""
        for number, shelf, _ in reversed(self._order):
            if number in shelf.items:
                yield shelf.items[number]

    def _append(self, shelf: Shelf[T], item: T, size: int) -> int:
        self._last = number = self._last + 1
        self._order.append((number, shelf, size))
        shelf.items[number] = item
        shelf.bytes += size
        self._count += 1
        self.bytes += size
        if self._count > self.most or self.bytes > self.most_bytes:
            self._shrink()
        return number

    def _shrink(self) -> None:
        while self._count > self.most or (self.bytes > self.most_bytes and self._count > 1):
            number, shelf, size = self._order.popleft()
            if number in shelf.items:
                self._forget(shelf, number, size)
                shelf.dropped += 1
                self.dropped += 1

    def _forget(self, shelf: Shelf[T], number: int, size: int) -> None:
        del shelf.items[number]
        size = shelf.reweighed.pop(number, size)
        shelf.bytes -= size
        self.bytes -= size
        self._count -= 1

    def _tidy(self) -> None:
        """Lets go of the entries without an item, once they are the most."""
        if not self._count:
            self._order.clear()
        elif len(self._order) > 2 * self._count + _SPARE:
            self._order = deque(entry for entry in self._order if entry[0] in entry[1].items)

    def _owner(self, number: int) -> Shelf[T] | None:
        entry = self._entry(number)
        return None if entry is None else entry[1]

    def _entry(self, number: int) -> tuple[int, Shelf[T], int] | None:
        index = bisect_left(self._order, number, key=lambda entry: entry[0])
        if index < len(self._order) and self._order[index][0] == number:
            return self._order[index]
        return None


class Shelf(Generic[T]):
    """One account's items in a ring, by number, oldest first."""

    __slots__ = ("_ring", "bytes", "dropped", "items", "reweighed")

    def __init__(self, ring: Ring[T]) -> None:
        self._ring = ring
        self.items: dict[int, T] = {}
        self.bytes = 0
        self.dropped = 0
        self.reweighed: dict[int, int] = {}
        """The sizes of items whose size changed."""

    def __len__(self) -> int:
        return len(self.items)

    def append(self, item: T, size: int) -> int:
        """Keeps ``item``, which weighs ``size`` bytes, and gives its number."""
        return self._ring._append(self, item, size)

    def replace(self, number: int, item: T, size: int | None = None) -> None:
        """Puts a changed copy in the place of an item; one that was dropped stays dropped.

        ``size``: what the copy weighs, where that is not what the item weighed.
        """
        if number not in self.items:
            return
        self.items[number] = item
        if size is not None:
            change = size - self._size(number)
            self.reweighed[number] = size
            self.bytes += change
            self._ring.bytes += change
            self._ring._shrink()

    def get(self, number: int) -> T | None:
        return self.items.get(number)

    def remove(self, number: int) -> bool:
        """Takes one item out; says whether it was there."""
        if number not in self.items:
            return False
        self._ring._forget(self, number, self._size(number))
        self._ring._tidy()
        return True

    def newest(self) -> Iterator[T]:
        """Newest first."""
        return reversed(self.items.values())

    def oldest(self) -> Iterator[T]:
        """Oldest first."""
        return iter(self.items.values())

    def clear(self) -> None:
        """Empties the shelf and forgets what was dropped."""
        ring = self._ring
        ring._count -= len(self.items)
        ring.bytes -= self.bytes
        self.items, self.reweighed, self.bytes, self.dropped = {}, {}, 0, 0
        ring._tidy()

    def _size(self, number: int) -> int:
        entry = self._ring._entry(number)
        return self.reweighed.get(number, entry[2] if entry is not None else 0)
