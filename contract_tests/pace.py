"""Keep to the vendors' rate limits by waiting; over the loopback by turning the sandbox's clock instead."""

from __future__ import annotations

import os
import time
from pathlib import Path

from sparkbox.client import Client

ACCOUNT = "CONTRACT_CLOCK"
"""The variable that names the account whose clock is turned, where a sandbox stands in for the real services."""


def now() -> float:
    """Return the service's time, in Unix seconds."""
    account = os.environ.get(ACCOUNT)
    return float(Client().clock(account)["unix"]) if account else time.time()


def let_pass(seconds: float) -> None:
    """Wait; where a sandbox stands in, turn its clock instead."""
    account = os.environ.get(ACCOUNT)
    if account:
        Client().turn_clock(account, advance=seconds)
    else:
        time.sleep(seconds)


class Pace:
    """Spaces calls evenly: at most one in each ``1 / rate`` seconds.

    All processes that are given the same ``folder`` keep to it together: whoever creates a slot's file has the slot.
    """

    def __init__(self, folder: Path, name: str, rate: float) -> None:
        self._slots = folder / f"pace-{name}"
        self._slots.mkdir(exist_ok=True)
        self._rate = rate

    def wait(self) -> None:
        """Return when it is this call's turn."""
        if os.environ.get(ACCOUNT):
            return let_pass(1 / self._rate)
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
