"""How many attempts are under way, and which of them hang: those leave their places to others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

from ..state.clock import stopwatch

MOST_UNDER_WAY = 128
SPARE = 128
"""Further places, each for the one attempt of an account that has none under way."""
MOST_HANGING = 768
"""Attempts that go on without a place."""
MOST_HELD = 384
"""Of those, attempts at targets that gave no response lately; the rest is for the first to hang."""
HANGING_SECONDS = 1.0
"""An attempt without a response for this time hangs."""
HELD_SECONDS = 60.0
"""How long a target that gave no response is known for that."""
MOST_KNOWN = 1000


class Places:
    """The places of one loop's attempts."""

    def __init__(self) -> None:
        self._taken: dict[asyncio.Task[None], asyncio.TimerHandle] = {}
        self._hanging: set[asyncio.Task[None]] = set()
        self._silent: dict[str, float] = {}
        """Targets without a response, with the stopwatch's time until which that counts."""

    def take(self, task: asyncio.Task[None], url: str, on_free: Callable[[], None]) -> None:
        """Give an attempt a place; ``on_free`` is called when it hangs and needs it no more."""
        if self.are_held(url):
            self._hanging.add(task)
            return
        loop = asyncio.get_running_loop()
        self._taken[task] = loop.call_later(HANGING_SECONDS, self._hangs, task, url, on_free)

    def leave(self, task: asyncio.Task[None]) -> None:
        """Return the attempt is over."""
        self._hanging.discard(task)
        timer = self._taken.pop(task, None)
        if timer is not None:
            timer.cancel()

    def note(self, url: str, answered: bool) -> None:
        """Remember whether a target has responded."""
        target = urlsplit(url).netloc
        self._silent.pop(target, None)
        if not answered:
            if len(self._silent) >= MOST_KNOWN:
                del self._silent[next(iter(self._silent))]
            self._silent[target] = stopwatch() + HELD_SECONDS

    def are_held(self, url: str) -> bool:
        """Return whether attempts at this target only go on beside the places, as it gave no response lately."""
        return self._silent.get(urlsplit(url).netloc, 0.0) > stopwatch() if self._silent else False

    def for_any(self) -> bool:
        """Return whether there is a place for whoever comes."""
        return len(self._taken) < MOST_UNDER_WAY

    def for_first(self) -> bool:
        """Return whether there is one for an account that has no attempt under way."""
        return len(self._taken) < MOST_UNDER_WAY + SPARE

    def for_held(self) -> bool:
        """Return whether there is one for a target that gave no response lately."""
        return len(self._hanging) < MOST_HELD

    def _hangs(self, task: asyncio.Task[None], url: str, on_free: Callable[[], None]) -> None:
        self.note(url, answered=False)
        if len(self._hanging) < MOST_HANGING and self._taken.pop(task, None) is not None:
            self._hanging.add(task)
            on_free()
