"""How long a connection by HTTP may take over each stage of a request. All connections are looked at once a second:
a request that comes and goes at once costs nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Literal, Protocol

from sparkbox.core.state.config import Settings

Stage = Literal["silent", "head", "body", "unread", "idle", "working", "closing"]

CLOSING_SECONDS = 5.0
"""For the client's farewell, where TLS wants one."""
UNREAD_STEP = 64 * 1024
"""Bytes of an answer that a client has to take within its deadline."""

TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Connection(Protocol):
    """What is looked at of a connection."""

    transport: asyncio.Transport
    cycle: Any
    flow: Any
    pipeline: Any
    in_head: bool
    made: float
    watched: tuple[Stage, object, float]
    """The stage, how far it has come, and since when that is so."""
    timeout_keep_alive: float
    timeout_keep_alive_task: asyncio.TimerHandle | None


class Deadlines:
    """Ends connections that take too long. A connection that is kept alive has uvicorn's own timer."""

    def __init__(self, settings: Settings) -> None:
        self._seconds: dict[Stage, float] = {
            "silent": settings.head_seconds,
            "head": settings.head_seconds,
            "body": settings.body_seconds,
            "unread": settings.unread_seconds,
            "closing": CLOSING_SECONDS,
        }

    def check(self, connections: Iterable[Any], now: float) -> None:
        """Ends those that have been at the same stage for too long; ``now`` is the loop's time."""
        for connection in tuple(connections):
            stage, progress = stage_of(connection)
            seconds = self._seconds.get(stage)
            if seconds is None or connection.watched[:2] != (stage, progress):
                connection.watched = stage, progress, now
            elif now - connection.watched[2] >= seconds:
                _end(connection, stage)


def stage_of(connection: Connection) -> tuple[Stage, object]:
    """The stage of a connection, and what changes as it goes on."""
    cycle, transport = connection.cycle, connection.transport
    unread = transport.get_write_buffer_size()
    if unread:
        return "unread", (cycle, unread // UNREAD_STEP)
    if transport.is_closing():
        return "closing", None
    if connection.in_head:
        return "head", cycle
    if cycle is None:
        return "silent", None
    if cycle.more_body and not connection.pipeline:
        return "body", cycle
    return ("idle" if cycle.response_complete else "working"), cycle


def make_room(connections: Iterable[Any]) -> Any:
    """Cuts the connection that has been idle, or without a whole head, for the longest time, and gives it back."""
    idle = [connection for connection in connections if stage_of(connection)[0] in ("idle", "silent", "head")]
    if not idle:
        return None
    oldest = min(idle, key=_quiet_since)
    oldest.transport.abort()
    return oldest


def _quiet_since(connection: Connection) -> float:
    timer = connection.timeout_keep_alive_task
    return connection.made if timer is None else timer.when() - connection.timeout_keep_alive


def _end(connection: Connection, stage: Stage) -> None:
    if stage in ("head", "body") and (stage == "head" or not connection.cycle.response_started):
        connection.transport.write(TIMED_OUT)
        connection.transport.close()
    else:
        connection.transport.abort()
