"""What a client has sent and what is not read yet, line by line."""

from __future__ import annotations

LONGEST_LINE = 16 * 1024
"""Bytes of a line without its line feed. More than these are not kept."""
_END = 32


class Lines:
    """Collects what arrives, and gives it back as lines or as a whole."""

    __slots__ = ("_begin", "_data")

    def __init__(self) -> None:
        self._data = b""
        self._begin = 0

    def __len__(self) -> int:
        return len(self._data) - self._begin

    def add(self, data: bytes) -> None:
        """Add what has arrived."""
        self._data = self._data[self._begin :] + data if self._begin < len(self._data) else data
        self._begin = 0

    def starts_with(self, prefix: bytes) -> bool:
        """Return whether the next line begins with ``prefix``."""
        return self._data.startswith(prefix, self._begin)

    def take(self) -> bytes | None:
        """Return the next line without its line feed; ``None`` if that has not arrived.

        A line of more than :data:`LONGEST_LINE` bytes is shortened in its middle, and still longer than that.
        """
        end = self._data.find(b"\n", self._begin)
        if end < 0:
            if len(self) > 2 * LONGEST_LINE:
                self._data, self._begin = _shortened(self._data[self._begin :]), 0
            return None
        line = self._data[self._begin : end]
        self._begin = end + 1
        return line if len(line) <= LONGEST_LINE else _shortened(line)

    def take_all(self) -> bytes:
        """Return everything."""
        data = self._data[self._begin :]
        self.clear()
        return data

    def clear(self) -> None:
        """Drop everything."""
        self._data, self._begin = b"", 0


def _shortened(line: bytes) -> bytes:
    """Return the beginning and the end of a line that is too long."""
    return line[: LONGEST_LINE + 1] + line[LONGEST_LINE + 1 :][-_END:]
