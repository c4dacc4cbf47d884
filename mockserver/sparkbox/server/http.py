"""A running sandbox: HTTP, HTTPS, the CONNECT proxy and the mail relays, on one event loop."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from email.utils import formatdate
from functools import partial
from typing import Any, TypeVar, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from sparkbox import services
from sparkbox.app import Application
from sparkbox.core.request.asgi import TRANSPORT, send_response
from sparkbox.core.request.http import Headers, Receive, Response, Scope, Send
from sparkbox.core.state.clock import machine_time

from .certificates import Authority, home
from .deadlines import Deadlines, Stage, make_room
from .ports import WAITING, Listening
from .proxy import ConnectProxy
from .smtp.gateway import Gateway
from .smtp.listener import Listener

MOST_CONNECTIONS = 2000
MOST_HEAD = 64 * 1024
"""Bytes of a request's target and headers."""
HANDSHAKE_SECONDS = 10.0
MOST_FILES = 8192
"""Open files that the listeners need at their limits, with some to spare."""
GRACE_SECONDS = 0.5
"""How long a sandbox that stops waits for the answers that are under way."""

T = TypeVar("T")
ASGI = Callable[[Scope, Receive, Send], Awaitable[None]]
AtOnce = Callable[[Scope, bytes], Response | None]
"""See :meth:`~sparkbox.app.Application.answer`."""

log = logging.getLogger("sparkbox")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine on a loop of its own: uvloop's, where there is one for this system."""
    new_loop: Callable[[], asyncio.AbstractEventLoop] | None = None
    with suppress(ImportError):
        from uvloop import new_event_loop as new_loop
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(main)


def allow_connections() -> None:
    """Lets this process open as many connections as its listeners take.

    Many systems begin with 256 or 1,024 open files: mail clients that idle would then keep everybody else out.
    """
    with suppress(ImportError):  # Windows counts no files
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            with suppress(ValueError, OSError):  # macOS knows a further limit
                resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class Server:
    """All listeners of one application; start and stop it on the loop that it is to live on."""

    def __init__(self, app: Application, listening: Listening) -> None:
        self.app = app
        self.addresses = listening.addresses
        app.guard.allow(self.addresses.host)
        self.authority = Authority(home(), (*services.hosts(), *services.smtp_hosts()))
        app.sandbox.find_authority = self.authority.certificate
        self._sockets = listening.sockets
        app.sandbox.own_ports.add(sock.getsockname()[1] for sock in self._sockets.values())
        self._state = ServerState()
        self._deadlines = Deadlines(app.sandbox.settings)
        self._http: asyncio.Server | None = None
        self._https: TlsListener | None = None
        self._proxy = ConnectProxy(services.hosts(), (self.addresses.host, self.addresses.tls))
        self._relays = Listener(
            Gateway(app.sandbox, services.relays(), self.addresses.url), self.authority.server_context()
        )
        self._smtp: asyncio.Server | None = None
        self._smtps: TlsListener | None = None
        self._ticks: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Answers on every port."""
        self.app.sandbox.home.settle()
        self._tick()
        protocol = partial(Protocol, self._config(), self._state, {}, at_once=self.app.response)
        self._http = await asyncio.get_running_loop().create_server(protocol, sock=self._sockets["http"])
        self._https = TlsListener(self._sockets["tls"], self.authority.server_context(), protocol)
        await self._proxy.start(sock=self._sockets["proxy"])
        self._smtp = await asyncio.get_running_loop().create_server(
            self._relays.plain, sock=self._sockets["smtp"], backlog=WAITING
        )
        self._smtps = TlsListener(self._sockets["smtps"], self.authority.server_context(), self._relays.encrypted)

    async def stop(self) -> None:
        """Closes every port. What is under way gets :data:`GRACE_SECONDS` to end, then it is cut off."""
        if self._http is not None:
            self._http.close()
        if self._https is not None:
            await self._https.stop()
        if self._ticks is not None:
            self._ticks.cancel()
        if self._smtp is not None:
            self._smtp.close()
        if self._smtps is not None:
            await self._smtps.stop()
        await self._proxy.stop()
        await self._relays.stop()
        await self._end_connections()
        await self.app.close()

    def _config(self) -> uvicorn.Config:
        config = uvicorn.Config(
            _until_cut_off(self.app),
            http=Protocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=self.app.sandbox.settings.keep_alive_seconds,  # type: ignore[arg-type]
        )
        config.load()
        return config

    def _tick(self) -> None:
        """Sets the ``Date`` of all answers and looks for connections that take too long, once a second."""
        self._state.default_headers = [(b"date", formatdate(machine_time(), usegmt=True).encode())]
        loop = asyncio.get_running_loop()
        self.check_deadlines(loop.time())
        self._ticks = loop.call_later(1.0, self._tick)

    def check_deadlines(self, now: float) -> None:
        """Ends the connections by HTTP that take too long; ``now`` is the loop's time."""
        self._deadlines.check((one for one in self._state.connections if isinstance(one, Protocol)), now)

    async def _end_connections(self) -> None:
        await asyncio.sleep(0)  # a connection that was accepted just now is known then
        connections = [one for one in self._state.connections if isinstance(one, Protocol)]
        for connection in connections:
            connection.finish()
        await _ended(connections, GRACE_SECONDS)
        for connection in connections:
            connection.transport.abort()
        await _ended(connections, GRACE_SECONDS)
        await _cancelled(*self._state.tasks)


class TlsListener:
    """Accepts connections and shakes hands with the clients.

    asyncio's own listener does not know a connection before that is done: a client that says nothing would still be
    there when the sandbox has stopped.
    """

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, protocol: Callable[[], asyncio.Protocol]) -> None:
        self._sock = sock
        self._context = context
        self._protocol = protocol
        self._handshakes: dict[asyncio.Task[None], None] = {}
        self._accepting = asyncio.create_task(self._accept())

    async def stop(self) -> None:
        """Closes the port and every connection whose client was still silent."""
        # One after the other: a handshake that has begun closes its connection when it is cancelled.
        await _cancelled(self._accepting)
        await _cancelled(*self._handshakes)
        self._sock.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self._sock)
            except OSError as error:  # no file descriptor is left, say
                log.warning("cannot accept a connection over TLS: %s", error)
                await asyncio.sleep(1.0)
                continue
            if len(self._handshakes) >= MOST_CONNECTIONS:
                # The oldest is silent, most likely.
                oldest = next(iter(self._handshakes))
                del self._handshakes[oldest]
                oldest.cancel()
            task = loop.create_task(self._shake_hands(connection))
            self._handshakes[task] = None
            task.add_done_callback(lambda done: self._handshakes.pop(done, None))

    async def _shake_hands(self, connection: socket.socket) -> None:
        with suppress(OSError):  # the client left, trusts somebody else, or does not speak TLS
            await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol, connection, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_SECONDS
            )


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, with a bound on the head of a request, and with the transport in reach of faults.

    What is there as a whole is answered ``at_once``, on the spot: without a task, and with one write. Everything else
    (a body that comes later, an answer that has to be waited for or is spoilt by a fault) goes uvicorn's way.
    """

    in_head = False
    made = 0.0
    watched: tuple[Stage, object, float] = ("working", None, 0.0)
    _begun = False
    _at_most = 0
    """Bytes that have come for the head, with what came before it in the same chunk."""
    _at_least = 0
    _too_long = False
    _starting = False
    _held: RequestResponseCycle | None = None
    """What waits for the end of its request within the chunk that is being read."""

    def __init__(self, *args: Any, at_once: AtOnce | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self._at_once = at_once

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.ended: asyncio.Future[None] = self.loop.create_future()
        self._extensions = {TRANSPORT: transport}
        self.made = self.loop.time()
        if self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency:
            # Rather than 503 for whoever comes, as long as others wait for nothing.
            others = (one for one in self.connections if one is not self and isinstance(one, Protocol))
            self.connections.discard(make_room(others))

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.ended.set_result(None)

    def finish(self) -> None:
        """Closes the connection: at once if nothing is under way, else when the answer is sent."""
        if (self.cycle is None or self.cycle.response_complete) and not self.transport.get_write_buffer_size():
            # Not close(): a client that keeps a TLS connection for later does not answer the farewell.
            self.transport.abort()
        else:
            self.shutdown()

    def data_received(self, data: bytes) -> None:
        size = len(data)
        if self.in_head:
            self._at_most += size
            self._at_least += size
        else:
            self._at_most = size
            if b"pgrade:" in data and (self.cycle is None or not self.cycle.more_body):
                data = _without_upgrade(data)
        self._begun = False
        super().data_received(data)
        if self._held is not None:
            # The end of the request is not there yet: uvicorn's way, then.
            cycle, self._held = self._held, None
            if not self.transport.is_closing():
                super()._start_asgi_task(cycle, self.app)
        if self._begun:
            self._at_most, self._at_least = size, 0
        elif self.in_head and self._at_least > MOST_HEAD and not self.transport.is_closing():
            self._refuse_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.in_head = self._begun = True
        self.scope["extensions"] = self._extensions  # type: ignore[typeddict-item]

    def on_headers_complete(self) -> None:
        self.in_head = False
        # Counted field by field only where it may be too long: this runs for every request.
        if self._at_most > MOST_HEAD and _size(self.url, self.headers) > MOST_HEAD:
            self._too_long = True
            raise ValueError("the head of the request is too long")
        if not self.url.startswith(b"/"):
            self._read_target()
        self._starting = self._at_once is not None
        super().on_headers_complete()
        self._starting = False

    def _read_target(self) -> None:
        """Of a target that is a whole address, as proxies get it, the host counts and ``Host`` does not (RFC 9112,
        section 3.2.2). One of another scheme is none of ours, and one without a host is invalid (RFC 9110, 4.2.1).
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
        if self._held is not None:
            cycle, self._held = self._held, None
            self._response(cycle)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self._starting and app is self.app:
            self._held = cycle
        else:
            super()._start_asgi_task(cycle, app)

    def _response(self, cycle: RequestResponseCycle) -> None:
        if self.transport.is_closing():  # by an answer to what came before on this connection
            return
        response = None
        if self._at_once is not None and not self.flow.write_paused:
            response = self._at_once(cast("Scope", cycle.scope), bytes(cycle.body))
        if response is None:
            super()._start_asgi_task(cycle, self.app)
            return
        head = None if response.later is not None or response.fault is not None else _head(cycle, response)
        if head is None:
            self._start_asgi_task(cycle, _until_cut_off(partial(send_response, response)))
            return
        self.transport.write(head if cycle.scope["method"] == "HEAD" else head + response.body)
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def send_400_response(self, msg: str) -> None:
        if self._too_long:
            self._refuse_head()
        else:
            super().send_400_response(msg)

    def _refuse_head(self) -> None:
        self.transport.write(_HEAD_TOO_LARGE)
        self.transport.close()


def _head(cycle: RequestResponseCycle, response: Response) -> bytes | None:
    """Status line and headers; ``None`` if a header has a line break in it, which uvicorn then complains about."""
    lines = [STATUS_LINE[response.status]]
    headers = cycle.default_headers + response.headers
    for name, value in headers:
        lines += (name, b": ", value, b"\r\n")
    lines.append(b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
    head = b"".join(lines)
    breaks = len(headers) + (2 if cycle.keep_alive else 3)
    return head if head.count(b"\n") == breaks == head.count(b"\r") else None


def _until_cut_off(app: ASGI) -> ASGI:
    """The application for connections that :meth:`Server.stop` may cut off, which uvicorn would report as a failure."""

    async def cut_off(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(asyncio.CancelledError):
            await app(scope, receive, send)

    return cut_off


async def _ended(connections: Iterable[Protocol], seconds: float) -> None:
    waiting = [connection.ended for connection in connections if not connection.ended.done()]
    if waiting:
        await asyncio.wait(waiting, timeout=seconds)


async def _cancelled(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _size(url: bytes, headers: Headers) -> int:
    return len(url) + sum(len(name) + len(value) for name, value in headers)


def _without_upgrade(data: bytes) -> bytes:
    """The head without the wish for another protocol, which a server may ignore.

    Java's own client asks for HTTP/2 in each request over plain http; the parser would take no body after that.
    """
    head, blank, rest = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"", head) + blank + rest


_ABSOLUTE = re.compile(rb"([^:/?#]*)://([^/?#]*)(.*)", re.DOTALL)
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)
_HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
