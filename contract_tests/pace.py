"""Keeps to the vendors' documented limits, by waiting."""

from __future__ import annotations

import time
from pathlib import Path


class Pace:
    """Spaces calls evenly: at most one in each ``1 / rate`` seconds.

    All processes that are given the same ``folder`` keep to it together: whoever creates a slot's file has the slot.
    """

    def __init__(self, folder: Path, name: str, rate: float) -> None:
        self._slots = folder / f"pace-{name}"
        self._slots.mkdir(exist_ok=True)
        self._rate = rate

    def wait(self) -> None:
        """Returns when it is this call's turn."""
        slot = int(time.time() * self._rate)
        while not self._take(slot):
            slot += 1
        time.sleep(max(0.0, slot / self._rate - time.time()))

    def _take(self, slot: int) -> bool:
        try:
            (self._slots / str(slot)).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
