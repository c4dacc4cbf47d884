"""The controls of a world: its clock, its faults, its stubs and its limits. Each calls the control API in process."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sparkbox.core.state.clock import iso, moment
from sparkbox.core.testing.faults import Fault
from sparkbox.core.testing.stubs import Stub, make_stub

from .handle import Handle


class WorldClock:
    """A world's time. Times are Unix seconds or datetimes with a time zone, spans seconds or timedeltas."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    @property
    def now(self) -> datetime:
        """The world's time, in UTC."""
        return moment(self._handle.use(lambda account: account.clock.now()))

    @property
    def frozen(self) -> bool:
        return self._handle.use(lambda account: account.clock.frozen)

    def freeze(self, at: float | datetime | None = None) -> int:
        """Stop the clock, where it is or at ``at``. Return the number of jobs that ran on the way."""
        return self._turn(freeze=True if at is None else _unix(at))

    def resume(self) -> int:
        """Let the clock run again from its present time."""
        return self._turn(resume=True)

    def set(self, to: float | datetime) -> int:
        """Set it; what falls due on the way happens in order. Return the number of jobs that ran."""
        return self._turn(set=_unix(to))

    def advance(self, by: float | timedelta) -> int:
        """Turn it on; what falls due on the way happens in order, webhook attempts included, each at its own time.

        Return the number of jobs that ran.
        """
        return self._turn(advance=by.total_seconds() if isinstance(by, timedelta) else by)

    def _turn(self, **turn: Any) -> int:
        from sparkbox.control.accounts.clock import ClockTurn, turn_clock
        from sparkbox.control.queries import AccountQuery

        body, query = ClockTurn(**turn), AccountQuery(account=self._handle.credential)
        ran: int = self._handle.control(lambda ctx: turn_clock(ctx, body, query))["ran"]
        return ran

    def __repr__(self) -> str:
        return f"<clock at {iso(self.now.timestamp())}>"


class WorldFaults:
    """A world's injected faults."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def add(self, service: str | None = None, operation: str | None = None, **effect: Any) -> Fault:
        """Inject a fault; see :class:`Fault` for its effects: ``faults.add("sparkpost", status=503, first=1)``.

        ``ValueError`` for a value out of range and for a name that the service does not know. The fault that is
        returned counts its ``hits``.
        """
        from sparkbox.control.rules.faults import add_fault

        fault = Fault(service, operation, **effect)
        self._handle.control(lambda ctx: add_fault(ctx, fault, self._handle.credential))
        return fault

    def clear(self) -> None:
        """Delete all of them."""
        self._handle.use(lambda account: account.faults.clear())


class WorldStubs:
    """A world's canned responses."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def add(self, service: str | None = None, operation: str | None = None, **more: Any) -> Stub:
        """Answer requests of this world in the service's place::

            stubs.add("sparkpost", "POST /api/v1/transmissions", fields={"/content/subject": "Hello"},
                      status=202, json={"queued": True}, times=1)

        The requests: ``method, path, query, headers, contains, fields``, as in
        :class:`~sparkbox.core.testing.patterns.Pattern`. The response: ``status, json, text, response_headers,
        envelope``. When: ``times, scenario, state, next_state``, as in :class:`Stub`. The stub that is returned counts
        its ``hits``. ``ValueError`` for what makes no sense, and for a name that the service does not know.
        """
        from sparkbox.control.rules.stubs import add_stub

        stub = make_stub(service=service, operation=operation, **more)
        self._handle.control(lambda ctx: add_stub(ctx, stub, self._handle.credential))
        return stub

    def clear(self) -> None:
        """Delete all of them."""
        self._handle.use(lambda account: account.stubs.clear())


class WorldLimits:
    """A world's rate limits; off until a test asks for them."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def enable(self) -> None:
        """Count requests against the vendors' own limits."""
        self._change(enabled=True)

    def disable(self) -> None:
        """Let any number of requests through."""
        self._change(enabled=False)

    def set(self, service: str, name: str, amount: int | None) -> None:
        """Set a limit's amount in this world and switch the limits on; ``None``: the vendor's own amount."""
        self._change(enabled=True, service=service, name=name, amount=amount)

    def _change(self, **change: Any) -> None:
        from sparkbox.control.queries import AccountQuery
        from sparkbox.control.rules.limits import LimitChange, set_limits

        body, query = LimitChange(**change), AccountQuery(account=self._handle.credential)
        self._handle.control(lambda ctx: set_limits(ctx, body, query))


def _unix(time: float | datetime) -> float:
    if not isinstance(time, datetime):
        return time
    if time.tzinfo is None:
        raise ValueError("a time without a zone means another moment on each machine: add tzinfo=UTC")
    return time.timestamp()
