"""The sandbox for tests and programs: a server on a thread, and a private world for each test.

::

    with Sparkbox() as mock:
        world = mock.world()
        requests.post(world.sparkpost.url + "/api/v1/transmissions", headers=world.sparkpost.headers, json=…)
        assert world.messages[0].subject == "Hello"
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread, current_thread
from typing import TYPE_CHECKING, Any, TypeVar

from sparkbox.core.state.config import Settings
from sparkbox.server.ports import FREE, Addresses, Listening, listen

from .world import World

if TYPE_CHECKING:
    from sparkbox.core.state.sandbox import Sandbox
    from sparkbox.server.certificates import Authority
    from sparkbox.server.server import Server

T = TypeVar("T")


class Sparkbox:
    """A sandbox on a thread of its own: HTTP, HTTPS, proxy and SMTP on free ports of the loopback interface.

    ``settings`` default to what tests want: no rate limits until a test asks for them. ``port`` is that of HTTP.
    """

    def __init__(self, settings: Settings | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.settings = settings or Settings(rate_limits=False)
        self._host = host
        self._port = port
        self._worlds = itertools.count(1)
        self._run: _Run | None = None

    def start(self) -> Sparkbox:
        """Open the ports; :class:`~sparkbox.server.ports.PortError` if ``port`` is taken."""
        if self._run is not None:
            raise RuntimeError("the sandbox runs already")
        listening = listen(self._host, replace(FREE, http=self._port))
        ready: Future[_Run] = Future()
        Thread(target=_serve, args=(self.settings, listening, ready), name="sparkbox", daemon=True).start()
        self._run = ready.result()
        return self

    def stop(self) -> None:
        """Close the ports and end the thread. A sandbox that does not run is left alone."""
        run, self._run = self._run, None
        if run is not None:
            run.loop.call_soon_threadsafe(run.stop.set)
            run.thread.join()
            run.ended.result()

    def __enter__(self) -> Sparkbox:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens, ``http://127.0.0.1:49152``; the services are below it."""
        return self._addresses.url

    @property
    def tls_url(self) -> str:
        """The same over HTTPS; its clients have to trust :attr:`ca_file`."""
        return self._addresses.tls_url

    @property
    def proxy_url(self) -> str:
        """The CONNECT proxy that takes the vendors' hosts here."""
        return self._addresses.proxy_url

    @property
    def host(self) -> str:
        """The host of all its ports, ``127.0.0.1``."""
        return self._addresses.host

    @property
    def smtp_port(self) -> int:
        """Where mail is handed over; the connection may be encrypted with STARTTLS."""
        return self._addresses.smtp

    @property
    def smtps_port(self) -> int:
        """The same over TLS from the first byte on."""
        return self._addresses.smtps

    @property
    def authority(self) -> Authority:
        """The certificate authority for localhost and the vendors' hosts."""
        return self._running.server.authority

    @property
    def ca_file(self) -> Path:
        """The certificate authority that clients of :attr:`tls_url` have to trust, PEM."""
        return self.authority.ca_file

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox that it serves; use it only within :meth:`call`."""
        return self._running.server.app.sandbox

    def world(self, credential: str | None = None) -> World:
        """Return a private world; a new one if no credential is given."""
        return World(self, credential or f"mock-world-{next(self._worlds)}")

    @contextmanager
    def intercept(self) -> Iterator[None]:
        """Within it, clients in this process reach the sandbox under the vendors' own host names."""
        from sparkbox.server.interception import intercept

        with intercept(**self.ways_in()):
            yield

    def ways_in(self) -> dict[str, Any]:
        """Return the arguments of :func:`sparkbox.server.interception.environment`."""
        at = self._addresses
        return {
            "url": at.url,
            "proxy_url": at.proxy_url,
            "smtp": at.smtp_address,
            "smtps": at.smtps_address,
            "bundle": self.authority.bundle_file(),
            "ca": self.ca_file,
        }

    def call(self, function: Callable[[], T]) -> T:
        """Run ``function`` on the server's loop, between two requests, and return its result."""

        async def called() -> T:
            return function()

        return self.run(called)

    def run(self, function: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Await ``function()`` on the server's loop."""
        loop = self._running.loop
        return asyncio.run_coroutine_threadsafe(function(), loop).result()

    @property
    def _running(self) -> _Run:
        if self._run is None:
            raise RuntimeError("the sandbox does not run: start it first, or use it with 'with'")
        return self._run

    @property
    def _addresses(self) -> Addresses:
        return self._running.server.addresses


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of a server, from its start to its stop."""

    server: Server
    loop: asyncio.AbstractEventLoop
    thread: Thread
    stop: asyncio.Event
    ended: Future[None]


def _serve(settings: Settings, listening: Listening, ready: Future[_Run]) -> None:
    """Serve until stopped, on a thread. ``ready`` gets the run once it listens, or the error that prevented it."""
    ended: Future[None] = Future()

    async def serve() -> None:
        server = Server(create_app(settings), listening)
        stop = asyncio.Event()
        try:
            await server.start()
            ready.set_result(_Run(server, asyncio.get_running_loop(), current_thread(), stop, ended))
            await stop.wait()
        finally:
            await server.stop()

    try:
        from sparkbox.app import create_app
        from sparkbox.server.server import Server, run

        run(serve())
        ended.set_result(None)
    except BaseException as error:
        listening.close()
        (ended if ready.done() else ready).set_exception(error)
