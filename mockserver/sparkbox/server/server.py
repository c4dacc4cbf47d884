"""A running sandbox: HTTP, HTTPS, the CONNECT proxy and the mail relays, on one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from email.utils import formatdate
from functools import partial
from typing import Any, TypeVar

import uvicorn
from uvicorn.server import ServerState

from sparkbox import services
from sparkbox.app import Application
from sparkbox.core.state.clock import machine_time

from .certificates import Authority, home
from .deadlines import Deadlines
from .http import HttpProtocol, ignore_cancellation
from .ports import WAITING, Listening
from .proxy import ConnectProxy
from .smtp.gateway import Gateway
from .smtp.listener import Listener
from .tls import TlsListener, cancel

MOST_CONNECTIONS = 2000
MOST_FILES = 8192
"""Open files that the listeners need at their limits, with some to spare."""
GRACE_SECONDS = 0.5
"""How long a sandbox that stops waits for responses under way."""

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on an event loop of its own: uvloop's, if this system has it."""
    new_loop: Callable[[], asyncio.AbstractEventLoop] | None = None
    with suppress(ImportError):
        from uvloop import new_event_loop as new_loop
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(main)


def raise_file_limit() -> None:
    """Let this process open as many connections as its listeners accept.

    Many systems start with 256 or 1,024 open files. Idle mail clients would then keep all others out.
    """
    with suppress(ImportError):  # Windows has no such limit
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < most:
            with suppress(ValueError, OSError):  # macOS has a further limit
                resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class Server:
    """All listeners of one application. Start and stop it on the event loop that it runs on."""

    connect: Callable[[], HttpProtocol]
    """Makes the protocol of a connection by HTTP, once it has started."""

    def __init__(
        self,
        app: Application,
        listening: Listening,
        gateway: Gateway | None = None,
        protocol: Callable[..., HttpProtocol] = HttpProtocol,
    ) -> None:
        self.app = app
        self._protocol = protocol
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
            gateway or Gateway(app.sandbox, services.relays(), self.addresses.url), self.authority.server_context()
        )
        self._smtp: asyncio.Server | None = None
        self._smtps: TlsListener | None = None
        self._ticks: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Accept connections on every port."""
        self.app.sandbox.home.settle()
        self._tick()
        self.connect = partial(self._protocol, self._config(), self._state, {}, respond=self.app.response)
        self._http = await asyncio.get_running_loop().create_server(
            self.connect, sock=self._sockets["http"], backlog=WAITING
        )
        self._https = TlsListener(self._sockets["tls"], self.authority.server_context(), self.connect)
        await self._proxy.start(sock=self._sockets["proxy"])
        self._smtp = await asyncio.get_running_loop().create_server(
            self._relays.plain, sock=self._sockets["smtp"], backlog=WAITING
        )
        self._smtps = TlsListener(self._sockets["smtps"], self.authority.server_context(), self._relays.encrypted)

    async def stop(self) -> None:
        """Close every port. Responses under way get :data:`GRACE_SECONDS`, then they are cut off."""
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
            ignore_cancellation(self.app),
            http=HttpProtocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            limit_concurrency=MOST_CONNECTIONS,
        )
        config.load()
        return config

    def _tick(self) -> None:
        """Set the ``Date`` of all responses and check the deadlines, once a second."""
        self._state.default_headers = [(b"date", formatdate(machine_time(), usegmt=True).encode())]
        loop = asyncio.get_running_loop()
        self.check_deadlines(loop.time())
        self._ticks = loop.call_later(1.0, self._tick)

    def check_deadlines(self, now: float) -> None:
        """End the HTTP connections that take too long; ``now`` is the event loop's time."""
        self._deadlines.check((one for one in self._state.connections if isinstance(one, HttpProtocol)), now)

    async def _end_connections(self) -> None:
        await asyncio.sleep(0)  # lets a connection that was just accepted register
        connections = [one for one in self._state.connections if isinstance(one, HttpProtocol)]
        for connection in connections:
            connection.finish()
        await _ended(connections, GRACE_SECONDS)
        for connection in connections:
            connection.transport.abort()
        await _ended(connections, GRACE_SECONDS)
        await cancel(*self._state.tasks)


async def _ended(connections: Iterable[HttpProtocol], seconds: float) -> None:
    waiting = [connection.ended for connection in connections if not connection.ended.done()]
    if waiting:
        await asyncio.wait(waiting, timeout=seconds)
