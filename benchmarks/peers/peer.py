"""A server that the sandbox is compared with: how it is started, and what it is sent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from benchmarks.processes import Server
from benchmarks.requests import HttpRequest


@dataclass(frozen=True, eq=False)
class Peer:
    """``start`` installs the server if need be; it raises :exc:`~.cache.Missing` where that fails."""

    name: str
    start: Callable[[], AbstractContextManager[Server]]
    read: HttpRequest | None
    """Gets something that is stored, as we get a template."""
    send: HttpRequest
    """Sends a mail, or what comes closest to it."""
    warm_up: int = 200
    """Requests before the first round."""
    least: tuple[float | None, float | None] = (None, None)
    """Our aims, as ratios to its reads and sends."""
