"""What was compiled last, kept in case it comes again, within limits of number and memory."""

from __future__ import annotations

from threading import Lock
from typing import AnyStr, Generic, TypeVar

V = TypeVar("V")

TAG = 1000
"""About how many bytes a tag takes when it is compiled."""


class Recent(Generic[AnyStr, V]):
    """Values by their source. ``largest`` is the most that one may weigh, ``most_bytes`` all of them together."""

    def __init__(self, most: int, most_bytes: int, largest: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._largest = largest
        self._kept: dict[AnyStr, tuple[V, int]] = {}
        self._bytes = 0
        self._lock = Lock()

    def get(self, source: AnyStr) -> V | None:
        """Return the value of a source, if it is kept."""
        kept = self._kept.get(source)
        return None if kept is None else kept[0]

    def keep(self, source: AnyStr, value: V, tags: int) -> bool:
        """Keep a value in the place of what was first. Return ``False`` if it has too many tags."""
        size = len(source) + TAG * tags
        if size > self._largest:
            return False
        with self._lock:
            _, before = self._kept.pop(source, (None, 0))
            self._kept[source] = value, size
            self._bytes += size - before
            while len(self._kept) > self._most or self._bytes > self._most_bytes:
                _, size = self._kept.pop(next(iter(self._kept)))
                self._bytes -= size
        return True
