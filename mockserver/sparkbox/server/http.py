"""HTTP on one connection: uvicorn's protocol, with limits, faults, and a short way for complete requests.

It leans on uvicorn's internals; ``pyproject.toml`` has an upper bound for that reason.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from sparkbox.core.request.asgi import TRANSPORT, send_response
from sparkbox.core.request.http import Headers, Receive, Response, Scope, Send

from .deadlines import Stage, make_room

MOST_HEAD = 64 * 1024
"""Bytes of a request's target and headers."""
MOST_AT_ONCE = 20
"""Requests in one chunk that are responded to before other connections have their turn."""

ASGI = Callable[[Scope, Receive, Send], Awaitable[None]]
Respond = Callable[[Scope, bytes], Response | None]
"""See :meth:`~sparkbox.app.Application.response`."""


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol for one connection, with a limit for heads, and with the transport in reach of faults.

    A request that has arrived as a whole is handed to ``respond``: no task, and one write. Everything else takes
    uvicorn's way: a body that comes later, a response that has to be awaited, or one that a fault changes.
    """

    in_head = False
    quiet_since = 0.0
    watched: tuple[Stage, object, float] = ("working", None, 0.0)
    _head_begun = False
    _most_head = 0
    """Bytes of the head so far, at most: with what came before it in the same chunk."""
    _least_head = 0
    _head_too_long = False
    _in_headers_complete = False
    _at_once = 0
    """Requests in this chunk that were responded to at once."""
    _pending: RequestResponseCycle | None = None
    """A request whose end may be in the chunk that is being read."""
    _under_way: RequestResponseCycle | None = None
    """The request that has a task; those behind it wait."""

    def __init__(self, *args: Any, respond: Respond | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self._respond_at_once = respond

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.ended: asyncio.Future[None] = self.loop.create_future()
        self._extensions = {TRANSPORT: transport}
        self.quiet_since = self.loop.time()
        if self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency:
            # Better than a 503 for the newest, as long as others are idle.
            others = (one for one in self.connections if one is not self and isinstance(one, HttpProtocol))
            self.connections.discard(make_room(others))

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        # uvicorn tells the last request alone, which may wait behind the one that is responded to.
        if self._under_way is not None and not self._under_way.response_complete:
            self._under_way.disconnected = True
            self._under_way.message_event.set()
        self.ended.set_result(None)

    def finish(self) -> None:
        """Close the connection: at once if nothing is under way, else when the response is sent."""
        if (self.cycle is None or self.cycle.response_complete) and not self.transport.get_write_buffer_size():
            # Not close(): a client that keeps a TLS connection for later ignores the closing alert.
            self.transport.abort()
        else:
            self.shutdown()

    def data_received(self, data: bytes) -> None:
        size = len(data)
        if self.in_head:
            self._most_head += size
            self._least_head += size
        else:
            self._most_head = size
            if b"pgrade:" in data and (self.cycle is None or not self.cycle.more_body):
                data = _without_upgrade(data)
        self._head_begun = False
        self._at_once = 0
        super().data_received(data)
        if self._pending is not None:
            # The rest of the request comes later: uvicorn's way.
            cycle, self._pending = self._pending, None
            if not self.transport.is_closing():
                self._start(cycle, self.app)
        if self._head_begun:
            self._most_head, self._least_head = size, 0
        elif self.in_head and self._least_head > MOST_HEAD and not self.transport.is_closing():
            self._reject_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.in_head = self._head_begun = True
        self.scope["extensions"] = self._extensions  # type: ignore[typeddict-item]

    def on_headers_complete(self) -> None:
        self.in_head = False
        # Count field by field only if it may be too long: this runs for every request.
        if self._most_head > MOST_HEAD and _size(self.url, self.headers) > MOST_HEAD:
            self._head_too_long = True
            raise ValueError("the head of the request is too long")
        if not self.url.startswith(b"/"):
            self._read_target()
        self._in_headers_complete = self._respond_at_once is not None
        super().on_headers_complete()
        self._in_headers_complete = False

    def _read_target(self) -> None:
        """Take the host from a target in absolute form instead of from ``Host`` (RFC 9112, section 3.2.2).

        Another scheme is not served here, and a target without a host is invalid (RFC 9110, 4.2.1).
        """
        target = _ABSOLUTE.fullmatch(self.url)
        if target is None:
            return
        scheme, authority, path = target.groups()
        if scheme.lower() not in (b"http", b"https") or authority[:1] in (b"", b":"):
            raise ValueError("the request's target leads nowhere")
        self.headers[:] = [(b"host", authority), *(header for header in self.headers if header[0] != b"host")]
        self.url = path if path.startswith(b"/") else b"/" + path

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._pending is not None:
            cycle, self._pending = self._pending, None
            self._respond(cycle)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self._in_headers_complete and app is self.app:
            self._pending = cycle
        else:
            self._start(cycle, app)

    def _start(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Respond to a request in a task."""
        self._under_way = cycle
        super()._start_asgi_task(cycle, app)

    def _respond(self, cycle: RequestResponseCycle) -> None:
        if self.transport.is_closing():  # an earlier response on this connection has closed it
            return
        response = None
        self._at_once += 1
        if self._respond_at_once is not None and self._at_once <= MOST_AT_ONCE and not self.flow.write_paused:
            response = self._respond_at_once(cast("Scope", cycle.scope), bytes(cycle.body))
        if response is None:
            self._start(cycle, self.app)
            return
        head = None if response.later is not None or response.fault is not None else _head(cycle, response)
        if head is None:
            self._start_asgi_task(cycle, ignore_cancellation(partial(send_response, response)))
            return
        self.transport.write(head if cycle.scope["method"] == "HEAD" else head + response.body)
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def on_response_complete(self) -> None:
        """Continue with a pipelined request. How long a connection may be idle is one of the deadlines: no timer."""
        self.quiet_since = self.loop.time()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start(*self.pipeline.pop())

    def send_400_response(self, msg: str) -> None:
        if self._head_too_long:
            self._reject_head()
        else:
            super().send_400_response(msg)

    def _reject_head(self) -> None:
        self.transport.write(_HEAD_TOO_LARGE)
        self.transport.close()


def _head(cycle: RequestResponseCycle, response: Response) -> bytes | None:
    """Return status line and headers; ``None`` if a header has a line break, which uvicorn then reports."""
    if not response.is_sound:
        return None
    common = [b"%b: %b\r\n" % header for header in cycle.default_headers]
    end = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
    return b"".join([STATUS_LINE[response.status], *common, response.head, end])


def ignore_cancellation(app: ASGI) -> ASGI:
    """Wrap an application so that uvicorn does not report a failure where a stopping server cuts it off."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(asyncio.CancelledError):
            await app(scope, receive, send)

    return wrapped


def _size(url: bytes, headers: Headers) -> int:
    return len(url) + sum(len(name) + len(value) for name, value in headers)


def _without_upgrade(data: bytes) -> bytes:
    """Remove the request for another protocol, which a server may ignore, from a head.

    Java's own client asks for HTTP/2 in each request over plain HTTP. The parser would then read no body.
    """
    head, blank, rest = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"", head) + blank + rest


_ABSOLUTE = re.compile(rb"([^:/?#]*)://([^/?#]*)(.*)", re.DOTALL)
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)
_HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
