"""How long an HTTP connection may take for each stage of a request.

All connections are checked once a second, so a quick request costs nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Literal, Protocol

from sparkbox.core.state.config import Settings

Stage = Literal["silent", "head", "body", "unread", "idle", "working", "closing"]

CLOSING_SECONDS = 5.0
"""For the client's closing alert under TLS."""
UNREAD_STEP = 64 * 1024
"""Bytes of a response that a client has to read within its deadline."""

TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Connection(Protocol):
    """The parts of a connection that are checked."""

    transport: asyncio.Transport
    cycle: Any
    flow: Any
    pipeline: Any
    in_head: bool
    quiet_since: float
    """When it was opened, or when its latest response was sent."""
    watched: tuple[Stage, object, float]
    """The stage, its progress, and the time since when both are the same."""


class Deadlines:
    """Ends connections that take too long."""

    def __init__(self, settings: Settings) -> None:
        self._seconds: dict[Stage, float] = {
            "silent": settings.head_seconds,
            "head": settings.head_seconds,
            "body": settings.body_seconds,
            "unread": settings.unread_seconds,
            "idle": settings.keep_alive_seconds,
            "closing": CLOSING_SECONDS,
        }

    def check(self, connections: Iterable[Any], now: float) -> None:
        """End those that have been at the same stage for too long; ``now`` is the event loop's time."""
        for connection in tuple(connections):
            stage, progress = stage_of(connection)
            seconds = self._seconds.get(stage)
            if seconds is None or connection.watched[:2] != (stage, progress):
                connection.watched = stage, progress, now
            elif now - connection.watched[2] >= seconds:
                _end(connection, stage)


def stage_of(connection: Connection) -> tuple[Stage, object]:
    """Return the stage of a connection, and what changes as it progresses."""
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
    """Abort and return the connection that has been idle, or without a complete head, for the longest time."""
    idle = [connection for connection in connections if stage_of(connection)[0] in ("idle", "silent", "head")]
    if not idle:
        return None
    oldest = min(idle, key=lambda connection: connection.quiet_since)
    oldest.transport.abort()
    return oldest


def _end(connection: Connection, stage: Stage) -> None:
    if stage in ("head", "body") and (stage == "head" or not connection.cycle.response_started):
        connection.transport.write(TIMED_OUT)
        connection.transport.close()
    elif stage == "idle":
        connection.transport.close()
    else:
        connection.transport.abort()
