"""Values by growing numbers, for the log buffers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Generic, TypeVar

V = TypeVar("V")

PIECE = 4096
"""Values that a piece takes."""


class Pieces(Generic[V]):
    """Values by number; numbers only grow.

    It is kept in pieces: a dict of 50,000 numbers takes milliseconds each time that it makes room for more.
    """

    __slots__ = ("_firsts", "_pieces", "_room", "_size")

    def __init__(self) -> None:
        self._pieces: list[dict[int, V]] = []
        self._firsts: list[int] = []
        """The first number of each piece."""
        self._room = 0
        """How many values the last piece takes still."""
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def get(self, number: int) -> V | None:
        place = bisect_right(self._firsts, number)
        return self._pieces[place - 1].get(number) if place else None

    def add(self, number: int, value: V) -> None:
        if not self._room:
            self._pieces.append({})
            self._firsts.append(number)
            self._room = PIECE
        self._pieces[-1][number] = value
        self._room -= 1
        self._size += 1

    def replace(self, number: int, value: V) -> V:
        """Replace a value and return it as it was."""
        piece = self._pieces[bisect_right(self._firsts, number) - 1]
        before = piece[number]
        piece[number] = value
        return before

    def pop(self, number: int) -> V:
        """Remove and return a value."""
        place = bisect_right(self._firsts, number) - 1
        piece = self._pieces[place]
        value = piece.pop(number)
        self._size -= 1
        if not piece:
            if place == len(self._pieces) - 1:
                self._room = 0
            del self._pieces[place], self._firsts[place]
        return value

    def newest(self) -> Iterator[tuple[int, V]]:
        """Iterate over the numbers and values, newest first."""
        for piece in reversed(self._pieces):
            yield from reversed(piece.items())
