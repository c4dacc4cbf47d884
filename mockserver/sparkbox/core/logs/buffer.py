"""Bounded logs: the newest so many items and bytes of all accounts together; what is dropped is counted.

The bound is the sandbox's (a :class:`LogBuffer`), the contents are the accounts' (each has a :class:`AccountLog` in
it), so ten thousand accounts stay within one budget and one account's log is read or emptied without looking at the
others'.

Each account that has something in the log has a fair share of it, the bound divided by how many they are. It may use
more while there is room. When there is none, what grows beyond its share loses its own oldest items, and what grows
within its share has another's oldest dropped that is beyond.

Most items of a load test are dropped before anybody has looked at them. So a log also takes a :class:`Pending` item in
the place of one that takes long to make: it is made when somebody looks, and kept then if there is room.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import msgspec

from .pieces import Pieces

T = TypeVar("T")

SPARE = 1000
"""Numbers of cleared logs that are kept in any case."""


class Pending(msgspec.Struct, frozen=True, gc=False):
    """Stands in a log for an item that is made when somebody looks at it.

    What it is made from must not change, and weigh no more than the item was appended with.
    """

    def made(self, number: int) -> Any:
        """Return the item, which has this number and a ``size``."""
        raise NotImplementedError


class LogBuffer(Generic[T]):
    """Holds at most ``most`` items and ``most_bytes`` bytes."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self.most = most
        self.most_bytes = most_bytes
        self.bytes = 0
        self.dropped = 0
        self._count = 0
        # Nothing is made for an item that the garbage collector would have to look at. Some numbers are of logs that
        # were cleared since, so that clearing takes no longer for what was in them.
        self._owners: Pieces[AccountLog[T]] = Pieces()
        # The logs that hold something. The first is where the search for one beyond its share goes on.
        self._filled: OrderedDict[AccountLog[T], None] = OrderedDict()
        self._last = 0
        self.step = 1
        """From one number to the next. With several workers the numbers have gaps, which the others use."""

    def __len__(self) -> int:
        return self._count

    def account_log(self) -> AccountLog[T]:
        """Return a new, empty part of this buffer."""
        return AccountLog(self)

    def next_number(self) -> int:
        """Return the number that the next item will get."""
        return self._last + self.step

    def leap(self, number: int) -> None:
        """Let the next number be this one, unless it is behind."""
        self._last = max(self._last, number - self.step)

    def get(self, number: int) -> T | None:
        """Return an item by its number, whichever account's it is."""
        account_log = self._owners.get(number)
        return None if account_log is None else account_log.get(number)

    def remove(self, number: int) -> bool:
        """Remove an item. Return whether it was there."""
        account_log = self._owners.get(number)
        return account_log is not None and account_log.remove(number)

    def account_logs(self) -> list[AccountLog[T]]:
        """Return the logs that hold something, in the order of their oldest item."""
        return sorted(self._filled, key=lambda account_log: next(iter(account_log.items)))

    def newest(self) -> Iterator[T]:
        """Iterate over the items of all accounts, newest first."""
        for number, account_log in self._owners.newest():
            if number in account_log.items:
                yield account_log.get(number)  # type: ignore[misc]

    def numbers(self) -> Iterator[int]:
        """Iterate over the numbers of all accounts' items, newest first."""
        return (number for number, account_log in self._owners.newest() if number in account_log.items)

    def peek(self, number: int) -> T | Pending | None:
        """Return an item as it is kept."""
        account_log = self._owners.get(number)
        return None if account_log is None else account_log.items.get(number)

    def size_of(self, number: int) -> int:
        """Return the bytes that an item is counted with."""
        account_log = self._owners.get(number)
        return 0 if account_log is None else account_log.sizes.get(number) or 0

    def has_room(self, size: int) -> bool:
        """Return whether this many bytes may be added without dropping an item."""
        return self.bytes + size <= self.most_bytes

    def _append(self, account_log: AccountLog[T], item: T | Pending, size: int) -> int:
        self._last = number = self._last + self.step
        if not account_log.items:
            self._filled[account_log] = None
        self._owners.add(number, account_log)
        account_log.items[number] = item
        account_log.sizes.add(number, size)
        account_log.bytes += size
        self.bytes += size
        self._count += 1
        if self._count > self.most or self.bytes > self.most_bytes:
            self._shrink(account_log)
        return number

    def _shrink(self, grown: AccountLog[T]) -> None:
        """Drop items until all logs together are within their bounds."""
        while (crowded := self._count > self.most) or (self.bytes > self.most_bytes and self._count > 1):
            account_log = grown
            if len(self._filled) > 1 and (len(grown.items) <= 1 or not self._is_beyond(grown, crowded)):
                account_log = self._beyond(grown, crowded)
            self._forget(account_log, next(iter(account_log.items)))
            account_log.dropped += 1
            self.dropped += 1

    def _is_beyond(self, account_log: AccountLog[T], crowded: bool) -> bool:
        """Return whether a log has more than its fair share, in items or else in bytes."""
        shares = len(self._filled)
        return len(account_log.items) * shares > self.most if crowded else account_log.bytes * shares > self.most_bytes

    def _beyond(self, grown: AccountLog[T], crowded: bool) -> AccountLog[T]:
        """Return a log beyond its share, preferably another one. The next search begins with it."""
        for _ in range(len(self._filled)):
            account_log = next(iter(self._filled))
            if account_log is not grown and self._is_beyond(account_log, crowded):
                return account_log
            self._filled.move_to_end(account_log)
        return grown

    def _forget(self, account_log: AccountLog[T], number: int) -> None:
        del account_log.items[number]
        self._owners.pop(number)
        size = account_log.sizes.pop(number)
        account_log.bytes -= size
        self.bytes -= size
        self._count -= 1
        if not account_log.items:
            del self._filled[account_log]

    def _clear(self, account_log: AccountLog[T]) -> None:
        """Forget a log's items."""
        self._filled.pop(account_log, None)
        self.bytes -= account_log.bytes
        self._count -= len(account_log.items)
        if not self._count:
            self._owners = Pieces()

    def _tidy(self) -> None:
        """Drop the numbers of cleared logs, once they are more than the others."""
        if len(self._owners) > 2 * self._count + SPARE:
            kept, self._owners = reversed(list(self._owners.newest())), Pieces()
            for number, account_log in kept:
                if number in account_log.items:
                    self._owners.add(number, account_log)


class AccountLog(Generic[T]):
    """One account's items in a buffer, by number, oldest first."""

    __slots__ = ("_buffer", "bytes", "dropped", "items", "sizes")

    def __init__(self, buffer: LogBuffer[T]) -> None:
        self._buffer = buffer
        self.items: OrderedDict[int, T | Pending] = OrderedDict()
        """Ordered so that the first can be taken again and again, which is slow with a plain dict."""
        self.sizes: Pieces[int] = Pieces()
        self.bytes = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self.items)

    def append(self, item: T | Pending, size: int) -> int:
        """Keep ``item``, which weighs ``size`` bytes, and return its number."""
        return self._buffer._append(self, item, size)

    def replace(self, number: int, item: T | Pending, size: int | None = None) -> None:
        """Replace an item with a changed copy; a dropped item stays dropped.

        ``size``: what the copy weighs, where that is not what the item weighed.
        """
        if number not in self.items:
            return
        self.items[number] = item
        if size is not None:
            self._weigh(number, size)
            self._buffer._shrink(self)

    def get(self, number: int) -> T | None:
        """Return an item by its number."""
        item = self.items.get(number)
        return self._make(number, item) if isinstance(item, Pending) else item

    def peek(self, number: int) -> T | Pending | None:
        """Return an item as it is kept."""
        return self.items.get(number)

    def remove(self, number: int) -> bool:
        """Remove an item. Return whether it was there."""
        if number not in self.items:
            return False
        self._buffer._forget(self, number)
        return True

    def numbers(self) -> Iterator[int]:
        """Iterate over the numbers of the items, newest first."""
        return reversed(self.items)

    def newest(self) -> Iterator[T]:
        """Iterate over the items, newest first."""
        return self._made(reversed(self.items.items()))

    def oldest(self) -> Iterator[T]:
        """Iterate over the items, oldest first."""
        return self._made(iter(self.items.items()))

    def snapshot(self, *, newest: bool = False) -> Iterator[T]:
        """Iterate over the items that are there now, oldest or newest first, though some may come or go meanwhile."""
        for number in list(reversed(self.items) if newest else self.items):
            item = self.get(number)
            if item is not None:
                yield item

    def _made(self, items: Iterator[tuple[int, T | Pending]]) -> Iterator[T]:
        for number, item in items:
            yield self._make(number, item) if isinstance(item, Pending) else item

    def _make(self, number: int, pending: Pending) -> T:
        """Make an item, and keep it if there is room. Else it stays pending, so that looking drops nothing."""
        item: T = pending.made(number)
        if self.items.get(number) is pending:
            size: int = item.size  # type: ignore[attr-defined]
            more = size - (self.sizes.get(number) or 0)
            if more <= 0 or self._buffer.has_room(more):
                self.items[number] = item
                self._weigh(number, size)
        return item

    def _weigh(self, number: int, size: int) -> None:
        change = size - self.sizes.replace(number, size)
        self.bytes += change
        self._buffer.bytes += change

    def clear(self) -> None:
        """Empty the log and forget what was dropped."""
        self._buffer._clear(self)
        self.items, self.sizes, self.bytes, self.dropped = OrderedDict(), Pieces(), 0, 0
        self._buffer._tidy()
