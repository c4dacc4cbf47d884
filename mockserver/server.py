"""The listeners of a running sandbox: HTTP, HTTPS and the CONNECT proxy, on one event loop."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl
from dataclasses import dataclass
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from . import services
from .app import Application
from .authority import Authority, home
from .core.dispatch import TRANSPORT
from .proxy import ConnectProxy

MOST_CONNECTIONS = 2000
MOST_HEADER_BYTES = 64 * 1024

_HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

log = logging.getLogger("mockserver")


class PortTaken(OSError):
    """Another program listens on a port that was asked for; ``str()`` is one line for the user."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where to listen; 0 picks a free port. ``fixed`` names those that must not be replaced when they are taken."""

    http: int = 8025
    tls: int = 8443
    proxy: int = 8026
    fixed: frozenset[str] = frozenset({"http"})


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a started sandbox is found."""

    host: str
    http: int
    tls: int
    proxy: int
    moved: tuple[str, ...] = ()
    """One line for each default port that was taken and replaced by a free one."""

    @property
    def url(self) -> str:
        return f"http://{_in_url(self.host)}:{self.http}"

    @property
    def tls_url(self) -> str:
        return f"https://{_in_url(self.host)}:{self.tls}"

    @property
    def proxy_url(self) -> str:
        return f"http://{_in_url(self.host)}:{self.proxy}"


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, with a bound on the head of a request, and with the transport in reach of faults."""

    _head = 0
    _in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._extensions = {TRANSPORT: transport}

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head, self._in_head = 0, True
        self.scope["extensions"] = self._extensions  # type: ignore[typeddict-item]

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            # Counted a chunk at a time, not a header at a time: this runs for every request.
            self._head += len(data)
            if self._head > MOST_HEADER_BYTES and not self.transport.is_closing():
                self.transport.write(_HEAD_TOO_LARGE)
                self.transport.close()


class Listener(uvicorn.Server):
    """A uvicorn server on a socket of ours, which leaves signals to the program around it."""

    def __init__(self, app: Application, context: ssl.SSLContext | None = None) -> None:
        config = uvicorn.Config(
            app,
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._context = context
        self._loop_task: asyncio.Task[None] | None = None

    async def open(self, sock: socket.socket) -> None:
        self.config.load()
        self.config.ssl = self._context
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup(sockets=[sock])
        self._loop_task = asyncio.create_task(self.main_loop())

    async def close(self) -> None:
        self.should_exit = True
        if self._loop_task is not None:
            self._loop_task.cancel()
            await asyncio.gather(self._loop_task, return_exceptions=True)
            await self.shutdown()


class Server:
    """All listeners of one application; start and stop it on the loop that it is to live on."""

    def __init__(self, app: Application, host: str = "127.0.0.1", ports: Ports | None = None) -> None:
        self.app = app
        self.authority = Authority(home(), services.hosts())
        self.addresses: Addresses | None = None
        self._host = host
        self._ports = ports or Ports()
        self._listeners: list[Listener] = []
        self._proxy: ConnectProxy | None = None

    async def start(self) -> Addresses:
        """Opens every port; :class:`PortTaken` if one that was asked for is in use, and then none stays open."""
        moved: list[str] = []
        sockets: dict[str, socket.socket] = {}
        try:
            for name in ("http", "tls", "proxy"):
                sockets[name] = self._bind(name, getattr(self._ports, name), moved)
        except OSError:
            for sock in sockets.values():
                sock.close()
            raise
        numbers = {name: sock.getsockname()[1] for name, sock in sockets.items()}
        http, tls = Listener(self.app), Listener(self.app, self.authority.server_context())
        self._listeners = [http, tls]
        await http.open(sockets["http"])
        await tls.open(sockets["tls"])
        self._proxy = ConnectProxy(services.hosts(), (_reachable(self._host), numbers["tls"]))
        await self._proxy.start(sock=sockets["proxy"])
        self.addresses = Addresses(_reachable(self._host), **numbers, moved=tuple(moved))
        return self.addresses

    async def stop(self) -> None:
        """Closes every port and whatever is under way."""
        if self._proxy is not None:
            await self._proxy.stop()
        await asyncio.gather(*(listener.close() for listener in self._listeners))
        await self.app.close()

    def _bind(self, name: str, port: int, moved: list[str]) -> socket.socket:
        try:
            return _socket(self._host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise PortTaken(f"cannot listen on {self._host}:{port}: {error.strerror}") from None
            if name in self._ports.fixed:
                message = f"port {port} on {self._host} is taken; choose another with --{_FLAGS[name]}"
                raise PortTaken(message) from None
        sock = _socket(self._host, 0)
        moved.append(f"port {port} ({name}) is taken, so {name} listens on {sock.getsockname()[1]}")
        return sock


_FLAGS = {"http": "port", "tls": "tls-port", "proxy": "proxy-port"}


def _socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        # Listening now, not when the server starts, finds a taken port while we still can say so.
        sock.listen(2048)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _reachable(host: str) -> str:
    """Where this machine reaches a listener: an address for all interfaces is no address to call."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


async def serve_until(app: Application, stop: asyncio.Event, host: str, ports: Ports, ready: Any) -> None:
    """Runs a server until ``stop`` is set; ``ready(server)`` is called once every port is open."""
    server = Server(app, host, ports)
    await server.start()
    try:
        ready(server)
        await stop.wait()
    finally:
        await server.stop()
