"""The sandbox for tests and programs: a server on a thread, and a private world for each test.

::

    with MockServer() as mock:
        world = mock.world()
        requests.post(world.sparkpost.url + "/api/v1/transmissions", headers={"Authorization": world.sparkpost.key}, …)
        assert world.messages[0].subject == "Hello"
"""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from .authority import Authority
from .core.account import Account
from .core.clock import iso, moment, stopwatch
from .core.config import Profile, Settings
from .core.events import Event
from .core.faults import Fault
from .core.journal import Entry
from .core.messages import Message

T = TypeVar("T")

_POLL_SECONDS = 0.005


class MockServer:
    """A sandbox on a thread of its own: HTTP, HTTPS and proxy on free ports of the loopback interface.

    ``settings`` default to what tests want: no rate limits until a test asks for them.
    """

    def __init__(self, settings: Settings | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.settings = settings or Settings(rate_limits=False)
        self._host = host
        self._port = port
        self._worlds = itertools.count(1)
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> MockServer:
        """Opens the ports; an error in doing so is raised here."""
        self._thread = threading.Thread(target=self._run, name="mockserver", daemon=True)
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def stop(self) -> None:
        """Closes the ports and ends the thread."""
        if self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def __enter__(self) -> MockServer:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens, ``http://127.0.0.1:49152``; the services are below it."""
        return self._addresses.url

    @property
    def tls_url(self) -> str:
        return self._addresses.tls_url

    @property
    def proxy_url(self) -> str:
        """The CONNECT proxy that takes the vendors' hosts here."""
        return self._addresses.proxy_url

    @property
    def authority(self) -> Authority:
        """Who signs for the vendors' hosts here."""
        return self._server.authority

    @property
    def ca_file(self) -> Path:
        """The certificate authority that clients of ``tls_url`` have to trust."""
        return self.authority.ca_file

    def world(self, credential: str | None = None) -> World:
        """A private world; without a credential a fresh one."""
        return World(self, credential or f"mock-world-{next(self._worlds)}")

    @contextmanager
    def intercept(self) -> Iterator[None]:
        """Within it, clients in this process reach the sandbox under the vendors' own host names."""
        from .interception import intercept

        with intercept(
            url=self.url,
            proxy_url=self.proxy_url,
            bundle=self.authority.bundle_file(),
            ca=self.ca_file,
        ):
            yield

    def call(self, function: Callable[[], T]) -> T:
        """Runs ``function`` on the server's loop, between two requests, and gives what it returns."""
        return self.run(_as_coroutine(function))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Awaits a coroutine on the server's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def _run(self) -> None:
        import uvloop

        try:
            uvloop.run(self._serve())
        except BaseException as error:
            self._failure = error
            self._started.set()

    async def _serve(self) -> None:
        from .app import create_app
        from .server import Ports, Server

        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self.app = create_app(self.settings)
        self._server = Server(self.app, self._host, Ports(self._port, 0, 0))
        self._addresses = await self._server.start()
        self._started.set()
        try:
            await self._stop.wait()
        finally:
            await self._server.stop()


async def _as_coroutine(function: Callable[[], T]) -> T:
    return function()


class Place(msgspec.Struct, frozen=True):
    """Where a world's service is, and how to get in. ``headers`` authenticate a request."""

    url: str
    headers: dict[str, str]
    key: str = ""
    """The API key or token, where the service has one."""
    client_id: str = ""
    client_secret: str = ""


class World:
    """One credential's private account in every service: what a test sees, and the switches it has."""

    def __init__(self, server: MockServer, credential: str) -> None:
        self.server = server
        self.credential = credential
        self.clock = WorldClock(self)
        self.faults = WorldFaults(self)
        self.limits = WorldLimits(self)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def sparkpost(self) -> Place:
        return Place(f"{self.url}/sparkpost", {"Authorization": self.credential}, key=self.credential)

    @property
    def sendpulse(self) -> Place:
        """The credential is the client id, and a static API key as well; the secret is ``mock-secret``."""
        return Place(
            f"{self.url}/sendpulse",
            {"Authorization": f"Bearer {self.credential}"},
            key=self.credential,
            client_id=self.credential,
            client_secret="mock-secret",
        )

    @property
    def messages(self) -> list[Message]:
        """What was sent, in order."""
        return self._read(lambda account: list(account.messages.oldest()))

    @property
    def requests(self) -> list[Entry]:
        """What was asked and answered, in order."""
        return self._read(lambda account: list(account.requests.oldest()))

    @property
    def events(self) -> list[Event]:
        """What happened to what was sent, in order."""
        return self._read(lambda account: list(account.events.oldest()))

    def wait_for(self, count: int = 1, *, timeout: float = 5.0, **wanted: str) -> list[Message]:
        """Waits until ``count`` messages match, and gives them: ``wait_for(to="a@example.com", status="delivered")``.

        ``wanted`` names fields of :class:`Message`. The time-out is in real seconds; then an ``AssertionError`` says
        what there was instead.
        """
        deadline = stopwatch() + timeout
        while True:
            found = [message for message in self.messages if _matches(message, wanted)]
            if len(found) >= count:
                return found
            if stopwatch() >= deadline:
                seen = "\n".join(f"  {m.channel} to {m.to}: {m.subject!r} ({m.status})" for m in self.messages)
                raise AssertionError(
                    f"{len(found)} of {count} messages with {wanted} after {timeout} s; there are:\n{seen}"
                )
            threading.Event().wait(_POLL_SECONDS)

    @property
    def profile(self) -> Profile:
        """``easy``, or ``strict``: then senders and domains have to be verified as the vendor asks."""
        return self._read(lambda account: account.profile)

    @profile.setter
    def profile(self, profile: Profile) -> None:
        self._read(lambda account: setattr(account, "profile", profile))

    def intercept(self) -> Any:
        """See :meth:`MockServer.intercept`; the credential is still the client's to give."""
        return self.server.intercept()

    def reset(self) -> None:
        """Puts this world back to how it began."""
        self._read(lambda account: account.reset())

    def drop(self) -> None:
        """Forgets this world."""
        accounts = self.server.app.sandbox.accounts

        def forget() -> None:
            account = accounts.find(self.credential)
            if account is not None:
                accounts.drop(account)

        self.server.call(forget)

    def _read(self, function: Callable[[Account], T]) -> T:
        return self.server.call(lambda: function(self._account()))

    def _account(self) -> Account:
        account = self.server.app.sandbox.accounts.open(self.credential)
        if account is None:
            raise ValueError(f"{self.credential!r} opens no account: a credential begins with 'mock-'")
        account.clock.run_due()
        return account


class WorldClock:
    """A world's time. Times are Unix seconds, or aware datetimes."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def now(self) -> datetime:
        """The world's time, in UTC."""
        return moment(self._world._read(lambda account: account.clock.now()))

    def freeze(self, at: float | datetime | None = None) -> None:
        """Stops the clock, where it is or at ``at``."""
        self._world._read(lambda account: account.clock.freeze(None if at is None else _unix(at)))

    def resume(self) -> None:
        """Lets it go on from where it stands."""
        self._world._read(lambda account: account.clock.resume())

    def set(self, to: float | datetime) -> None:
        """Sets it; what falls due on the way happens in order."""
        self._world._read(lambda account: account.clock.set(_unix(to), frozen=account.clock.frozen))

    def advance(self, seconds: float) -> None:
        """Turns it on; what falls due on the way happens in order, webhook attempts included."""
        sandbox = self._world.server.app.sandbox

        async def turn() -> None:
            await sandbox.courier.advance(self._world._account(), seconds)

        self._world.server.run(turn())

    def __repr__(self) -> str:
        return f"<clock at {iso(self.now.timestamp())}>"


class WorldFaults:
    """A world's injected faults."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add(self, service: str | None = None, operation: str | None = None, **effect: Any) -> Fault:
        """Injects a fault; see :class:`Fault` for its effects: ``faults.add("sparkpost", status=503, first=1)``."""
        fault = Fault(service, operation, **effect)
        return self._world._read(lambda account: account.faults.add(fault))

    def clear(self) -> None:
        self._world._read(lambda account: account.faults.clear())


class WorldLimits:
    """A world's rate limits; off until a test asks for them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def enable(self) -> None:
        self._switch(True)

    def disable(self) -> None:
        self._switch(False)

    def set(self, service: str, name: str, amount: int | None) -> None:
        """Sets a limit's amount in this world and switches the limits on; ``None``: the vendor's own amount."""

        def change(account: Account) -> None:
            account.buckets.set_amount(service, name, amount)
            account.buckets.enabled = True

        self._world._read(change)

    def _switch(self, enabled: bool) -> None:
        self._world._read(lambda account: setattr(account.buckets, "enabled", enabled))


def _unix(time: float | datetime) -> float:
    return time.timestamp() if isinstance(time, datetime) else time


def _matches(message: Message, wanted: dict[str, str]) -> bool:
    return all(getattr(message, field) == value for field, value in wanted.items())
