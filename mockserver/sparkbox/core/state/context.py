"""The context of a handler or a job: the account, the service's state in it, clock, chance, messages, webhooks."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ..declare.credentials import Credentials
from ..declare.operation import Operation
from ..logs import deliveries
from ..logs.deliveries import Delivery, Retries, check_target, complete
from ..logs.events import OWN_BYTES, Event, PendingEvent
from ..logs.messages import Message, PendingMessage
from ..request.http import Request, to_json
from .account import Account, Logs
from .accounts import Accounts
from .clock import Clock
from .config import Settings
from .ids import Ids
from .steps import Interrupted, Steps, is_steps
from .store import Store, replace

if TYPE_CHECKING:
    from ..outgoing.client import TargetResponse
    from ..outgoing.own_ports import OwnPorts

log = logging.getLogger("sparkbox")


class Service(Protocol):
    """The part of a service that a context uses."""

    @property
    def name(self) -> str: ...
    @property
    def seed_account(self) -> Callable[[Account, Store], None]: ...
    @property
    def listeners(self) -> tuple[Callable[[Context, Event], None], ...]: ...


class Worker(Protocol):
    """The worker that makes the deliveries, see :class:`~sparkbox.core.outgoing.worker.DeliveryWorker`."""

    def line_up(self, account: Account, number: int) -> None: ...

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        seconds: float = 10.0,
        owner: Account | None = None,
    ) -> TargetResponse: ...


class Sandbox(Protocol):
    """The part of the sandbox that services may use, see :class:`~sparkbox.core.state.sandbox.Sandbox`."""

    @property
    def settings(self) -> Settings: ...
    @property
    def logs(self) -> Logs: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def anonymous(self) -> Account: ...
    @property
    def own_ports(self) -> OwnPorts: ...
    @property
    def worker(self) -> Worker: ...

    def credentials(self, service: str) -> Credentials: ...


Prepare = Callable[["Context", Delivery], Awaitable[deliveries.Headers]]
"""Gives the headers that only one attempt has: a token that must be fetched, a signature over the time.

It is awaited before each attempt, within that attempt's timeout, and may fetch things with :meth:`Worker.call`.
``delivery.attempts`` are the earlier attempts: a 401 at their end says that a token that was kept is good no more. It
raises :class:`~sparkbox.core.logs.deliveries.NotReady` if the attempt cannot be made.
"""
OnDone = Callable[["Context", int], None]
"""Called with a delivery's number once it is delivered or has failed for good; a function of a module."""


class Context:
    """The view of its account that a request or a job has."""

    __slots__ = ("account", "note", "now", "operation", "request", "sandbox", "service", "store")

    def __init__(
        self,
        sandbox: Sandbox,
        service: Service,
        account: Account,
        request: Request | None = None,
        operation: Operation | None = None,
    ) -> None:
        self.sandbox = sandbox
        self.service = service
        self.account = account
        self.store: Store = account.store(service.name, service.seed_account)
        self.now: float = account.clock.now()
        """The account's time at the beginning of this request or job, in Unix seconds."""
        self.request: Request = request if request is not None else _NO_REQUEST
        self.operation = operation
        self.note: str | None = None
        """A line for the journal."""

    @property
    def clock(self) -> Clock:
        return self.account.clock

    @property
    def ids(self) -> Ids:
        """Ids and random choices; seeded per account."""
        return self.account.ids

    @property
    def strict(self) -> bool:
        """Whether the account asks for what the vendor asks for (verified senders and the like)."""
        return self.account.profile == "strict"

    def enter(self, account: Account) -> Steps[None]:
        """Go on in another account, once what is due there has run: for links, and for exchanges of credentials."""
        if account.clock.is_due:
            generation = account.generation
            yield from account.clock.catch_up()
            if account.generation != generation:
                raise Interrupted("the account was reset meanwhile")
        self.account = account
        self.store = account.store(self.service.name, self.service.seed_account)
        self.now = account.clock.now()

    def call_at(self, when: float, function: Callable[..., Any], *args: Any) -> int:
        """Run ``function(ctx, *args)`` when the account's clock shows ``when``. ``args`` are plain JSON values.

        The number returned cancels it: ``ctx.clock.cancel(number)``. A reset of the account forgets it.
        """
        return self.account.clock.call_at(when, _Run(self.sandbox, self.service, self.account, function), *args)

    def call_in(self, seconds: float, function: Callable[..., Any], *args: Any) -> int:
        """:meth:`call_at`, counted from now."""
        return self.call_at(self.now + seconds, function, *args)

    def queue_at(self, when: float, function: Callable[[Context, Any], Any], item: Any) -> None:
        """Run ``function(ctx, item)`` when the account's clock shows ``when``.

        For what comes by the thousand: all items of a function wait equally long, see :meth:`.Clock.queue_at`.
        """
        run = partial(_RunEach, self.sandbox, self.service, self.account, function)
        self.account.clock.queue_at(when, function, item, run)

    def queue_in(self, seconds: float, function: Callable[[Context, Any], Any], item: Any) -> None:
        """:meth:`queue_at`, counted from now."""
        self.queue_at(self.now + seconds, function, item)

    def capture(self, message: Message) -> Message:
        """Keep a message that this service sends; the copy returned knows its number, account and time."""
        account_log = self.account.messages
        kept = replace(
            message,
            number=self.sandbox.logs.messages.next_number(),
            service=self.service.name,
            account=self.account.credential,
            time=message.time or self.now,
        )
        account_log.append(kept, kept.size)
        return kept

    def capture_pending(self, message: PendingMessage, size: int) -> int:
        """Keep a message that is made when somebody looks at it; it weighs at most ``size``. Return its number."""
        return self.account.messages.append(message, size)

    def mark(self, number: int, status: str) -> None:
        """Set the status of a captured message, if it is kept still."""
        messages = self.account.messages
        message: Any = messages.peek(number)
        if message is not None:
            messages.replace(number, replace(message, status=status))

    def emit(self, type: str, data: dict[str, Any] | bytes, *, message: int = 0) -> Event:
        """Append an event to the account's log and tell the service's listeners. ``data``: a JSON object."""
        body = data if isinstance(data, bytes) else to_json(data)
        event = Event(
            self.sandbox.logs.events.next_number(),
            self.now,
            self.service.name,
            self.account.credential,
            type,
            message,
            body,
        )
        self.account.events.append(event, event.size)
        for listener in self.service.listeners:
            listener(self, event)
        return event

    def emit_pending(self, event: PendingEvent, size: int) -> None:
        """Append an event that is written when somebody looks at it; ``size``: the bytes of its data.

        Listeners are not told. The caller does what would follow.
        """
        self.account.events.append(event, OWN_BYTES + size)

    def check_target(self, url: str, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Raise ``ValueError`` for what nothing could be posted with, and for a URL that leads to the sandbox itself.

        Where a name leads is only known, and looked at again, when something is posted.
        """
        check_target(url, headers)
        self.sandbox.own_ports.check(url)

    def post(
        self,
        url: str,
        body: bytes,
        *,
        retries: Retries,
        headers: Iterable[tuple[str, str]] = (),
        subscription: str = "",
        event: str = "",
        prepare: Prepare | None = None,
        on_done: OnDone | None = None,
    ) -> Delivery:
        """Post ``body`` to a webhook's target once this handler or job is through, and again as ``retries`` say.

        The delivery is kept in the account's log at once; ``subscription`` and ``event`` are for those who look there.
        ``Content-Type: application/json`` and a ``User-Agent`` are sent unless ``headers`` has its own.
        ``ValueError`` for a URL, a header or a body that nothing could be posted with.
        """
        headers = complete(headers)
        check_target(url, headers, body)
        delivery = Delivery(
            number=self.sandbox.logs.deliveries.next_number(),
            time=self.now,
            service=self.service.name,
            account=self.account.credential,
            subscription=subscription,
            event=event,
            url=url,
            headers=headers,
            body=body,
            retries=retries,
            prepare=prepare,
            on_done=on_done,
        )
        self.account.deliveries.append(delivery, delivery.size)
        self.sandbox.worker.line_up(self.account, delivery.number)
        return delivery

    def events(self, *, newest: bool = False) -> Iterator[Event]:
        """Iterate over this service's events in this account as they are now, oldest or newest first."""
        name = self.service.name
        return (event for event in self.account.events.snapshot(newest=newest) if event.service == name)


class _Run:
    """A job's function with the world that it runs in; a plain class, so that a pending job costs one small object."""

    __slots__ = ("account", "function", "sandbox", "service")

    def __init__(self, sandbox: Sandbox, service: Service, account: Account, function: Callable[..., Any]) -> None:
        self.sandbox = sandbox
        self.service = service
        self.account = account
        self.function = function

    def moved_to(self, account: Account) -> _Run:
        """Return the same job for a fork of the account."""
        return _Run(self.sandbox, self.service, account, self.function)

    def __call__(self, *args: Any) -> Steps[None] | None:
        try:
            steps = self.function(Context(self.sandbox, self.service, self.account), *args)
            return self._guarded(steps) if is_steps(steps) else None
        except Exception:
            self._failed()
            return None

    def _guarded(self, steps: Steps[None]) -> Steps[None]:
        try:
            yield from steps
        except Exception:
            self._failed()

    def _failed(self) -> None:
        if self.sandbox.settings.validate_responses:
            raise
        # One job that fails must not stop the clock for the others.
        log.exception("a job of %s failed: %s", self.service.name, self.name)

    @property
    def name(self) -> str:
        function = self.function.func if isinstance(self.function, partial) else self.function
        return getattr(function, "__qualname__", repr(function))


class _RunEach(_Run):
    """The same for each item of a queue. One that fails does not keep it from the others."""

    __slots__ = ()

    def moved_to(self, account: Account) -> _RunEach:
        return _RunEach(self.sandbox, self.service, account, self.function)

    def __call__(self, items: list[Any]) -> Steps[None]:
        ctx = Context(self.sandbox, self.service, self.account)
        for item in items:
            try:
                steps = self.function(ctx, item)
                if is_steps(steps):
                    yield from steps
            except Exception:
                self._failed()


_NO_REQUEST = Request("", "")
