"""The home of a sandbox: one event loop, or threads that call one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock, get_ident


class Home:
    """Keeps two threads from working on one sandbox at the same time."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0

    def settle(self) -> None:
        """Make the loop that runs now its home; ``RuntimeError`` if another thread's loop that still runs is."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            with self._lock:
                self._check()
                self._loop, self._thread = loop, get_ident()

    @contextmanager
    def visit(self) -> Iterator[None]:
        """Make a call without a loop: it waits for other calls, and fails if another thread's loop has the sandbox."""
        with self._lock:
            self._check()
            yield

    def _check(self) -> None:
        if self._loop is not None and self._loop.is_running() and self._thread != get_ident():
            raise RuntimeError(
                "this sandbox belongs to an event loop that runs on another thread: call it from there, or over HTTP"
            )
