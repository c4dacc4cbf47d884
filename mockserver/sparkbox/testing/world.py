"""A world: one private account in every service, with its logs and its controls.

Everything here may be called from any thread but the sandbox's own, and waits until the sandbox has done it. A test
that serves webhooks on its own event loop calls what waits for them with ``asyncio.to_thread``.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sparkbox import services
from sparkbox.core.declare.info import ServiceInfo
from sparkbox.core.logs.deliveries import Delivery
from sparkbox.core.logs.events import Event
from sparkbox.core.logs.messages import Message
from sparkbox.core.state.account import Account
from sparkbox.core.state.clock import iso
from sparkbox.core.state.config import Profile

from .controls import WorldClock, WorldFaults, WorldLimits, WorldStubs
from .handle import Handle, SandboxServer
from .requests import Requests

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


class WorldServer(SandboxServer, Protocol):
    """The sandbox that a world is in: a :class:`~sparkbox.testing.sandbox.Sparkbox`."""

    @property
    def tls_url(self) -> str: ...
    @property
    def proxy_url(self) -> str: ...
    @property
    def ca_file(self) -> Path: ...
    def world(self, credential: str | None = None) -> World: ...


class World:
    """One private account in every service, in each with a credential of its own."""

    def __init__(self, server: WorldServer, credential: str) -> None:
        self.server = server
        self.credential = credential
        """The account's own name. Each service has a credential that is made from it, and opens no other."""
        self._handle = Handle(server, credential)
        self.clock = WorldClock(self._handle)
        self.faults = WorldFaults(self._handle)
        self.stubs = WorldStubs(self._handle)
        self.limits = WorldLimits(self._handle)

    @property
    def url(self) -> str:
        """The sandbox's address; it is the same for all worlds."""
        return self.server.url

    # Where each service is: one property for each, under the service's name.

    @property
    def sparkpost(self) -> Place:
        """The credential is the API key."""
        return self._place(services.SPARKPOST)

    @property
    def sendpulse(self) -> Place:
        """The credential is the client id, and a static API key as well."""
        return self._place(services.SENDPULSE)

    @property
    def engagespark(self) -> Place:
        """The credential is the token; the organization is 1, as everybody's."""
        return self._place(services.ENGAGESPARK)

    @property
    def sendspark(self) -> Place:
        """The credential is the API key; the workspace ``mock-workspace``, as everybody's."""
        return self._place(services.SENDSPARK)

    @property
    def sparked(self) -> Place:
        """The credential is the client id; in the easy profile it is a bearer for the creator ``cr_mock``, too."""
        return self._place(services.SPARKED)

    # What has happened, oldest first.

    @property
    def messages(self) -> list[Message]:
        """The messages that were sent."""
        return self._handle.use(lambda account: list(account.messages.oldest()))

    @property
    def requests(self) -> Requests:
        """The requests and their responses; ``.matching(…)`` finds some, ``.verify(…)`` asserts their number."""
        return Requests(self._handle.use(lambda account: list(account.requests.oldest())), self.server.sandbox)

    @property
    def events(self) -> list[Event]:
        """The events of the messages."""
        return self._handle.use(lambda account: list(account.events.oldest()))

    @property
    def webhooks(self) -> list[Delivery]:
        """The webhook deliveries, with every attempt."""
        return self._handle.use(lambda account: list(account.deliveries.oldest()))

    def wait_for(self, count: int = 1, *, timeout: float = 5.0, **wanted: str) -> list[Message]:
        """Wait until ``count`` messages match, and return them: ``wait_for(to="a@example.com", status="delivered")``.

        ``wanted`` names fields of :class:`Message`. After ``timeout`` real seconds an ``AssertionError`` says what
        there was instead.
        """
        unknown = sorted(set(wanted) - set(Message.__struct_fields__))
        if unknown:
            raise TypeError(f"a message has no {unknown[0]!r}; it has {', '.join(Message.__struct_fields__)}")
        from sparkbox.client import poll

        def find() -> list[Message]:
            return [message for message in self.messages if _matches(message, wanted)]

        found = poll(find, count, timeout, POLL_SECONDS)
        if len(found) < count:
            raise AssertionError(f"{len(found)} of {count} messages with {wanted}; {self._handle.use(_described)}")
        return found

    def drain_webhooks(self, timeout: float = 10.0) -> bool:
        """Wait until no webhook attempt is under way; ``False`` if some still were after ``timeout`` real seconds."""
        return self.server.run(lambda: self.server.sandbox.worker.drain(self._handle.account(), timeout))

    # How it behaves.

    def simulate(self, service: str, simulation: str, **fields: Any) -> dict[str, Any]:
        """Let something happen from outside a service's API: ``simulate("engagespark", "inbound-sms", …)``.

        ``GET /_mock/services/{name}/simulations`` lists what there is; the response is what the service shows of it.
        """
        from sparkbox.client import Client

        return Client(self.url).simulate(service, simulation, self.credential, **fields)

    @property
    def profile(self) -> Profile:
        """``easy``, or ``strict``: then senders and domains have to be verified as the vendor asks."""
        return self._handle.use(lambda account: account.profile)

    @profile.setter
    def profile(self, profile: Profile) -> None:
        if profile not in ("easy", "strict"):
            raise ValueError(f"a profile is 'easy' or 'strict', not {profile!r}")
        self._handle.use(lambda account: setattr(account, "profile", profile))

    def intercept(self) -> AbstractContextManager[None]:
        """See :meth:`Sparkbox.intercept <sparkbox.testing.sandbox.Sparkbox.intercept>`; the client's credential decides
        which world it reaches.
        """
        return self.server.intercept()

    def fork(self, credential: str | None = None) -> World:
        """Return a new world that begins as a copy of this one; from then on the two are independent.

        It has copies of the state, the clock with what waits for it, chance, the profile, the limits' settings and the
        stubs; its logs and faults are empty. Keys and tokens that were made in this world stay this one's.
        ``ValueError`` if the credential is taken.
        """
        fork = self.server.world(credential)
        self._handle.use(lambda account: self.server.sandbox.accounts.fork(account, fork.credential))
        return fork

    def reset(self) -> None:
        """Put this world back to how it began."""
        self._handle.use(self.server.sandbox.accounts.reset)

    def drop(self) -> None:
        """Forget this world. It begins anew if it is used again."""
        accounts = self.server.sandbox.accounts

        def forget() -> None:
            account = accounts.find(self.credential)
            if account is not None:
                accounts.drop(account)

        self.server.call(forget)

    def _place(self, info: ServiceInfo) -> Place:
        credential, server = f"{self.credential}.{info.name}", self.server
        relay = None
        if info.smtp_hosts:
            user, password = (credential if part == info.ready[0][0] else part for part in info.smtp_login)
            relay = MailPlace(server.host, server.smtp_port, server.smtps_port, user, password)
        return Place(
            f"{self.url}/{info.name}",
            info.authentication(credential),
            key=credential,
            client_id=credential if info.has_clients else "",
            client_secret=info.secret,
            relay=relay,
        )


def _described(account: Account) -> str:
    """Describe the messages that there are, for a test that waited in vain."""
    lines = [f"  {one.channel} to {one.to}: {one.subject!r} ({one.status})" for one in account.messages.oldest()]
    told = "there are:\n" + "\n".join(lines) if lines else "there are none"
    next_at = account.clock.next_at
    if next_at is not None:
        told += f"\n{account.clock.waiting} jobs wait for the clock, the first until {iso(next_at)}"
        told += ", and it is frozen" if account.clock.frozen else f"; it is {iso(account.clock.now())}"
    return told


def _matches(message: Message, wanted: dict[str, str]) -> bool:
    return all(getattr(message, field) == value for field, value in wanted.items())
