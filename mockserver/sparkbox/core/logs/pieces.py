"""Values by growing numbers, for the log buffers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

V = TypeVar("V")

PIECE = 4096


class Pieces(Generic[V]):
    """Values by number; numbers only grow.

    It is kept in pieces: a dict of 50,000 numbers takes milliseconds each time that it makes room for more.
    """

    __slots__ = ("_pieces", "_size")

    def __init__(self) -> None:
        self._pieces: dict[int, dict[int, V]] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def get(self, number: int) -> V | None:
        piece = self._pieces.get(number // PIECE)
        return None if piece is None else piece.get(number)

    def add(self, number: int, value: V) -> None:
        piece = self._pieces.get(number // PIECE)
        if piece is None:
            piece = self._pieces[number // PIECE] = {}
        piece[number] = value
        self._size += 1

    def replace(self, number: int, value: V) -> V:
        """Replace a value and return it as it was."""
        piece = self._pieces[number // PIECE]
        before = piece[number]
        piece[number] = value
        return before

    def pop(self, number: int) -> V:
        """Remove and return a value."""
        piece = self._pieces[number // PIECE]
        value = piece.pop(number)
        self._size -= 1
        if not piece:
            del self._pieces[number // PIECE]
        return value

    def newest(self) -> Iterator[tuple[int, V]]:
        """Iterate over the numbers and values, newest first."""
        for piece in reversed(self._pieces.values()):
            yield from reversed(piece.items())
