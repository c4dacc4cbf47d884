"""A world: one credential's private account in every service, as a test sees it and turns its switches.

Everything here may be called from any thread but the sandbox's own, and waits until the sandbox has done it. A test
that serves webhooks on its own event loop calls what waits for them with ``asyncio.to_thread``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import sleep
from typing import TYPE_CHECKING, Any, TypeVar

from .core.account import Account
from .core.clock import iso, moment, stopwatch
from .core.config import Profile
from .core.events import Event
from .core.faults import Fault
from .core.journal import Entry
from .core.messages import Message
from .core.service import Service
from .core.webhooks import Delivery

if TYPE_CHECKING:
    from .testing import MockServer

T = TypeVar("T")

POLL_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class MailPlace:
    """Where a service takes mail: ``port`` with STARTTLS or without, ``tls_port`` over TLS from the first byte on."""

    host: str
    port: int
    tls_port: int
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a world's service is, and how to get in. ``headers`` authenticate a request."""

    url: str
    headers: dict[str, str]
    key: str = ""
    """The API key or token, where the service has one."""
    client_id: str = ""
    client_secret: str = ""
    relay: MailPlace | None = None

    @property
    def smtp(self) -> MailPlace:
        """The mail relay; ``ValueError`` where the service has none."""
        if self.relay is None:
            raise ValueError(f"nothing takes mail by SMTP for {self.url}")
        return self.relay


class World:
    """One credential's private account in every service."""

    def __init__(self, server: MockServer, credential: str) -> None:
        self.server = server
        self.credential = credential
        self.clock = WorldClock(self)
        self.faults = WorldFaults(self)
        self.limits = WorldLimits(self)

    @property
    def url(self) -> str:
        """The sandbox's address; it is the same for all worlds."""
        return self.server.url

    # Where each service is: one property for each, under the service's name.

    @property
    def sparkpost(self) -> Place:
        """The credential is the API key."""
        headers = {"Authorization": self.credential}
        return Place(f"{self.url}/sparkpost", headers, key=self.credential, relay=self._relay("SMTP_Injection"))

    @property
    def sendpulse(self) -> Place:
        """The credential is the client id, and a static API key as well."""
        return Place(
            f"{self.url}/sendpulse",
            {"Authorization": f"Bearer {self.credential}"},
            key=self.credential,
            client_id=self.credential,
            client_secret="mock-sendpulse-secret",
            relay=self._relay("sender@example.com"),
        )

    @property
    def engagespark(self) -> Place:
        """The credential is the token; the organization is 1, as everybody's."""
        return Place(f"{self.url}/engagespark", {"Authorization": f"Token {self.credential}"}, key=self.credential)

    @property
    def sendspark(self) -> Place:
        """The credential is the API key; the workspace ``mock-workspace``, as everybody's."""
        secret = "mock-sendspark-secret"
        headers = {"x-api-key": self.credential, "x-api-secret": secret}
        return Place(f"{self.url}/sendspark", headers, key=self.credential, client_secret=secret)

    @property
    def sparked(self) -> Place:
        """The credential is the client id; in the easy profile it is a bearer for the creator ``cr_mock``, too."""
        return Place(
            f"{self.url}/sparked",
            {"Authorization": f"Bearer {self.credential}"},
            key=self.credential,
            client_id=self.credential,
            client_secret="mock-sparked-secret",
        )

    # What has happened, oldest first.

    @property
    def messages(self) -> list[Message]:
        """What was sent."""
        return self._with(lambda account: list(account.messages.oldest()))

    @property
    def requests(self) -> list[Entry]:
        """What was asked and answered."""
        return self._with(lambda account: list(account.requests.oldest()))

    @property
    def events(self) -> list[Event]:
        """What became of what was sent."""
        return self._with(lambda account: list(account.events.oldest()))

    @property
    def webhooks(self) -> list[Delivery]:
        """What was posted to webhooks, with every attempt."""
        return self._with(lambda account: list(account.deliveries.oldest()))

    def wait_for(self, count: int = 1, *, timeout: float = 5.0, **wanted: str) -> list[Message]:
        """Waits until ``count`` messages match, and gives them: ``wait_for(to="a@example.com", status="delivered")``.

        ``wanted`` names fields of :class:`Message`. After ``timeout`` real seconds an ``AssertionError`` says what
        there was instead.
        """
        unknown = sorted(set(wanted) - set(Message.__struct_fields__))
        if unknown:
            raise TypeError(f"a message has no {unknown[0]!r}; it has {', '.join(Message.__struct_fields__)}")
        until = stopwatch() + timeout
        while True:
            found = [message for message in self.messages if _matches(message, wanted)]
            if len(found) >= count:
                return found
            if stopwatch() >= until:
                raise AssertionError(f"{len(found)} of {count} messages with {wanted}; {self._with(_story)}")
            sleep(POLL_SECONDS)

    def drain_webhooks(self, timeout: float = 10.0) -> bool:
        """Waits until no webhook attempt is under way; ``False`` if some still were after ``timeout`` real seconds."""
        return self.server.run(lambda: self.server.sandbox.courier.drain(self._account(), timeout))

    # How it behaves.

    def simulate(self, service: str, simulation: str, **fields: Any) -> dict[str, Any]:
        """Brings something about from outside a service's API: ``simulate("engagespark", "inbound-sms", …)``.

        ``GET /_mock/services/{name}/simulations`` lists what there is; the answer is what the service shows of it.
        """
        from .client import Client

        return Client(self.url).simulate(service, simulation, self.credential, **fields)

    @property
    def profile(self) -> Profile:
        """``easy``, or ``strict``: then senders and domains have to be verified as the vendor asks."""
        return self._with(lambda account: account.profile)

    @profile.setter
    def profile(self, profile: Profile) -> None:
        if profile not in ("easy", "strict"):
            raise ValueError(f"a profile is 'easy' or 'strict', not {profile!r}")
        self._with(lambda account: setattr(account, "profile", profile))

    def intercept(self) -> AbstractContextManager[None]:
        """See :meth:`MockServer.intercept <mockserver.testing.MockServer.intercept>`; the client's credential decides
        which world it reaches.
        """
        return self.server.intercept()

    def reset(self) -> None:
        """Puts this world back to how it began."""
        self._with(self.server.sandbox.accounts.reset)

    def drop(self) -> None:
        """Forgets this world. It begins anew if it is used again."""
        accounts = self.server.sandbox.accounts

        def forget() -> None:
            account = accounts.find(self.credential)
            if account is not None:
                accounts.drop(account)

        self.server.call(forget)

    def _relay(self, user: str) -> MailPlace:
        server = self.server
        return MailPlace(server.host, server.smtp_port, server.smtps_port, user, self.credential)

    def _with(self, function: Callable[[Account], T]) -> T:
        return self.server.call(lambda: function(self._account()))

    def _account(self) -> Account:
        account = self.server.sandbox.accounts.open(self.credential)
        if account is None:
            raise ValueError(f"{self.credential!r} opens no account: a credential begins with 'mock-'")
        account.clock.run_due()
        return account

    def _service(self, name: str) -> Service:
        sandbox = self.server.sandbox
        if name not in sandbox.service_names:
            raise ValueError(f"there is no service {name!r}; there are {', '.join(sandbox.service_names)}")
        return sandbox.service(name)


class WorldClock:
    """A world's time. Times are Unix seconds or datetimes with a time zone, spans seconds or timedeltas."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def now(self) -> datetime:
        """The world's time, in UTC."""
        return moment(self._world._with(lambda account: account.clock.now()))

    @property
    def frozen(self) -> bool:
        return self._world._with(lambda account: account.clock.frozen)

    def freeze(self, at: float | datetime | None = None) -> int:
        """Stops the clock, where it is or at ``at``; says how many jobs ran on the way there."""
        to = None if at is None else _unix(at)
        return self._turn(lambda account: (account.clock.now() if to is None else to, True))

    def resume(self) -> int:
        """Lets it go on from where it stands."""
        return self._turn(lambda account: (account.clock.now(), False))

    def set(self, to: float | datetime) -> int:
        """Sets it; what falls due on the way happens in order. Says how many jobs that were."""
        seconds = _unix(to)
        return self._turn(lambda account: (seconds, account.clock.frozen))

    def advance(self, by: float | timedelta) -> int:
        """Turns it on; what falls due on the way happens in order, webhook attempts included, each at its own time.

        Says how many jobs that were.
        """
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        server = self._world.server
        return server.run(lambda: server.sandbox.courier.advance(self._world._account(), seconds))

    def _turn(self, destination: Callable[[Account], tuple[float, bool]]) -> int:
        server = self._world.server

        async def turn() -> int:
            account = self._world._account()
            to, frozen = destination(account)
            return await server.sandbox.courier.set_clock(account, to, frozen=frozen)

        return server.run(turn)

    def __repr__(self) -> str:
        return f"<clock at {iso(self.now.timestamp())}>"


class WorldFaults:
    """A world's injected faults."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add(self, service: str | None = None, operation: str | None = None, **effect: Any) -> Fault:
        """Injects a fault; see :class:`Fault` for its effects: ``faults.add("sparkpost", status=503, first=1)``.

        ``ValueError`` for a value out of range and for a name that the service does not know. The fault that is given
        back counts its ``hits``.
        """
        fault = Fault(service, operation, **effect)

        def add(account: Account) -> Fault:
            if service is not None:
                _check(fault, self._world._service(service))
            return account.faults.add(fault)

        return self._world._with(add)

    def clear(self) -> None:
        """Takes all of them back."""
        self._world._with(lambda account: account.faults.clear())


class WorldLimits:
    """A world's rate limits; off until a test asks for them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def enable(self) -> None:
        """Counts requests against the vendors' own limits."""
        self._switch(True)

    def disable(self) -> None:
        """Answers however often."""
        self._switch(False)

    def set(self, service: str, name: str, amount: int | None) -> None:
        """Sets a limit's amount in this world and switches the limits on; ``None``: the vendor's own amount."""

        def change(account: Account) -> None:
            declared = self._world._service(service)
            known = {limit.name for each in declared.operations.values() for limit in declared.limits_of(each)}
            if name not in known:
                raise ValueError(f"{service} has no limit {name!r}; it has {', '.join(sorted(known)) or 'none'}")
            account.buckets.set_amount(service, name, amount)
            account.buckets.enabled = True

        self._world._with(change)

    def _switch(self, enabled: bool) -> None:
        self._world._with(lambda account: setattr(account.buckets, "enabled", enabled))


def _check(fault: Fault, service: Service) -> None:
    """Refuses names that the service does not know: such a fault would never strike."""
    if fault.error is not None and service.errors.get(fault.error) is None:
        raise ValueError(f"{service.name} has no error {fault.error!r}; see: mockserver operations --json")
    if not any(fault.matches(service.name, target) for target in service.targets):
        raise ValueError(f"{service.name} has no operation {fault.operation!r}; see: mockserver operations --json")


def _story(account: Account) -> str:
    """What there is, for a test that waited in vain."""
    lines = [f"  {one.channel} to {one.to}: {one.subject!r} ({one.status})" for one in account.messages.oldest()]
    told = "there are:\n" + "\n".join(lines) if lines else "there are none"
    next_at = account.clock.next_at
    if next_at is not None:
        told += f"\n{account.clock.waiting} jobs wait for the clock, the first until {iso(next_at)}"
        told += ", and it is frozen" if account.clock.frozen else f"; it is {iso(account.clock.now())}"
    return told


def _matches(message: Message, wanted: dict[str, str]) -> bool:
    return all(getattr(message, field) == value for field, value in wanted.items())


def _unix(time: float | datetime) -> float:
    if not isinstance(time, datetime):
        return time
    if time.tzinfo is None:
        raise ValueError("a time without a zone means another moment on each machine: add tzinfo=UTC")
    return time.timestamp()
