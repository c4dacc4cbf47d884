"""The switches of a world: its clock, its faults, its stubs and its limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sparkbox import services
from sparkbox.core.declare.service import Service
from sparkbox.core.declare.targets import Target, named
from sparkbox.core.state.account import Account
from sparkbox.core.state.clock import iso, moment
from sparkbox.core.testing.faults import Fault
from sparkbox.core.testing.stubs import Stub, make_stub

if TYPE_CHECKING:
    from .world import World


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
        return server.run(lambda: server.sandbox.worker.advance(self._world._account(), seconds))

    def _turn(self, destination: Callable[[Account], tuple[float, bool]]) -> int:
        server = self._world.server

        async def turn() -> int:
            account = self._world._account()
            to, frozen = destination(account)
            return await server.sandbox.worker.set_clock(account, to, frozen=frozen)

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
                declared = find_service(service)
                if fault.error is not None and declared.errors.get(fault.error) is None:
                    raise ValueError(f"{service} has no error {fault.error!r}; see: sparkbox operations --json")
                check_operation(declared, operation, declared.targets)
            return account.faults.add(fault)

        return self._world._with(add)

    def clear(self) -> None:
        """Takes all of them back."""
        self._world._with(lambda account: account.faults.clear())


class WorldStubs:
    """A world's canned answers."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add(self, service: str | None = None, operation: str | None = None, **more: Any) -> Stub:
        """Has requests of this world answered as is said here, in the service's place::

            stubs.add("sparkpost", "POST /api/v1/transmissions", fields={"/content/subject": "Hello"},
                      status=202, json={"queued": True}, times=1)

        What a request has to be like: ``method, path, query, headers, contains, fields``, as in
        :class:`~sparkbox.core.testing.patterns.Pattern`. What is answered: ``status, json, text, response_headers,
        envelope``. When: ``times, scenario, state, next_state``, as in :class:`Stub`. The stub that is given back
        counts its ``hits``. ``ValueError`` for what makes no sense, and for a name that the service does not know.
        """
        stub = make_stub(service=service, operation=operation, **more)

        def add(account: Account) -> Stub:
            if service is not None:
                declared = find_service(service)
                check_operation(declared, operation, declared.operations.values())
            return self._world.server.sandbox.add_stub(stub, account)

        return self._world._with(add)

    def clear(self) -> None:
        """Takes all of them back."""
        self._world._with(lambda account: account.stubs.clear())


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
            declared = find_service(service)
            known = {limit.name for each in declared.operations.values() for limit in declared.limits_of(each)}
            if name not in known:
                raise ValueError(f"{service} has no limit {name!r}; it has {', '.join(sorted(known)) or 'none'}")
            account.buckets.set_amount(service, name, amount)
            account.buckets.enabled = True

        self._world._with(change)

    def _switch(self, enabled: bool) -> None:
        self._world._with(lambda account: setattr(account.buckets, "enabled", enabled))


def find_service(name: str) -> Service:
    """A service by name; ``ValueError`` says which there are."""
    names = [info.name for info in services.SERVICES]
    if name not in names:
        raise ValueError(f"there is no service {name!r}; there are {', '.join(names)}")
    return services.load(name)


def check_operation(service: Service, operation: str | None, targets: Iterable[Target]) -> None:
    """Refuses an operation that the service does not know: what is said of it would never hold."""
    if operation is not None and not any(named(operation, target) for target in targets):
        raise ValueError(f"{service.name} has no operation {operation!r}; see: sparkbox operations --json")


def _unix(time: float | datetime) -> float:
    if not isinstance(time, datetime):
        return time
    if time.tzinfo is None:
        raise ValueError("a time without a zone means another moment on each machine: add tzinfo=UTC")
    return time.timestamp()
