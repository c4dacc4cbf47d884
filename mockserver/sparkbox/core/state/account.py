"""An account: one credential's private world.

State, limits, clock, faults, stubs and logs are nobody else's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from hashlib import blake2b
from typing import Any, Protocol, runtime_checkable

from ..declare.limits import Buckets
from ..logs.buffer import AccountLog, LogBuffer
from ..logs.deliveries import Delivery
from ..logs.events import Event
from ..logs.journal import Entry
from ..logs.messages import Message
from ..testing.faults import Faults
from ..testing.stubs import Stubs
from .budget import Budget, StoreFull
from .clock import Clock, stopwatch
from .config import Profile, Settings
from .ids import Ids, secret_of
from .place import ALONE, Place
from .steps import Steps, complete, emptied, freed
from .store import MemoryStore, Store


class Logs:
    """The sandbox's bounded logs, and the bytes that all state may take."""

    def __init__(self, settings: Settings) -> None:
        self.state = Budget(settings.most_state_bytes)
        self.stubs = Budget()
        self.requests: LogBuffer[Entry] = LogBuffer(settings.most_requests, settings.most_request_bytes)
        self.messages: LogBuffer[Message] = LogBuffer(settings.most_messages, settings.most_message_bytes)
        self.events: LogBuffer[Event] = LogBuffer(settings.most_events, settings.most_event_bytes)
        self.deliveries: LogBuffer[Delivery] = LogBuffer(settings.most_deliveries, settings.most_delivery_bytes)


class Defaults:
    """How accounts begin. What is set for all accounts is set here too, for those to come."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.reset()

    def reset(self) -> None:
        """Go back to the settings that the sandbox was started with."""
        self.profile: Profile = self._settings.profile
        self.suspended = False
        self.buckets = Buckets(enabled=self._settings.rate_limits)


@runtime_checkable
class Movable(Protocol):
    """A pending job's function that can be run in another account instead."""

    def moved_to(self, account: Account) -> Callable[..., Any]: ...


class Account:
    """One credential's world."""

    def __init__(
        self,
        credential: str,
        settings: Settings,
        logs: Logs,
        clock: Clock,
        defaults: Defaults | None = None,
        *,
        secret: bytes,
        budget: Budget | None = None,
        place: Place = ALONE,
    ) -> None:
        self.credential = credential
        self.place = place
        self.clock = clock
        self.requests: AccountLog[Entry] = logs.requests.account_log()
        self.messages: AccountLog[Message] = logs.messages.account_log()
        self.events: AccountLog[Event] = logs.events.account_log()
        self.deliveries: AccountLog[Delivery] = logs.deliveries.account_log()
        self.last_used = stopwatch()
        self.generation = 0
        """Counts resets; what began before one must not touch what came after it."""
        self.aliases: dict[str, None] = {}
        """The further credentials that open it, the oldest first; :class:`Accounts` keeps them."""
        self._secret = secret
        self._seed = settings.seed or 0
        self.life = b"" if settings.seed is not None else secret_of(None)
        """Tells it from an account that had its credential before and is gone."""
        self._defaults = defaults or Defaults(settings)
        self._budget = logs.state if budget is None else budget
        self._stub_total = logs.stubs
        self._begin()

    def _begin(self) -> None:
        self.ids = Ids(f"{self._seed}:{self.credential}")
        self.buckets = self._defaults.buckets.fork()
        self.faults = Faults()
        self.stubs = Stubs(self._stub_total)
        self.profile = self._defaults.profile
        self.suspended = self._defaults.suspended
        self.service = ""
        """Which service's credential its own is; empty before it is used with one."""
        self.stores: dict[str, Store] = {}

    def credential_of(self, service: str) -> str:
        """Return a credential that opens the account in a service."""
        return self.credential if self.service in ("", service) else f"{self.credential}.{service}"

    @cached_property
    def key(self) -> bytes:
        """The key of this account's signatures; it cannot be guessed from the credential."""
        return blake2b(self.credential.encode("utf-8", "replace"), key=self._secret, digest_size=32).digest()

    def store(self, service: str, seed_account: Callable[[Account, Store], None] | None = None) -> Store:
        """Return a service's state in this account; on first use ``seed_account`` puts the initial state there."""
        store = self.stores.get(service)
        if store is None:
            store = self.stores[service] = MemoryStore(self._budget)
            if seed_account is not None:
                try:
                    seed_account(self, store)
                except StoreFull:
                    del self.stores[service]
                    store.release()
                    raise
            store.settle()
        return store

    @property
    def in_use(self) -> bool:
        """Whether it holds more than the journal of requests that changed nothing."""
        return bool(
            len(self.messages) or len(self.events) or len(self.deliveries) or len(self.faults) or self.stubs.rules
            or self.clock.next_at is not None or any(store.changed for store in self.stores.values())
        )  # fmt: skip

    def copy(self, source: Account) -> None:
        """Take over copies of another account's state, clock, jobs, limits' settings, stubs, profile and chance."""
        for name, store in source.stores.items():
            self.stores[name] = store.fork()
        self.clock.copy(source.clock, partial(_moved, self))
        self.ids.setstate(source.ids.getstate())
        self.buckets = source.buckets.fork()
        self.stubs.clear()
        self.stubs = source.stubs.fork()
        self.profile, self.suspended = source.profile, source.suspended

    def reset(self) -> None:
        """Put everything back to how a new account is, but for its further credentials: see :meth:`Accounts.reset`."""
        complete(self.reset_in_steps())

    def reset_in_steps(self) -> Steps[None]:
        """:meth:`reset`, done with the first step; what was in the stores and logs is freed in steps."""
        logs: list[Any] = []
        for account_log in (self.requests, self.messages, self.events, self.deliveries):
            logs += account_log.items.values()
        self.generation += 1
        self.clock.clear()
        self.stubs.clear()
        released = [records for store in self.stores.values() for records in store.release()]
        self._begin()
        for account_log in (self.requests, self.messages, self.events, self.deliveries):
            account_log.clear()
        yield from freed(logs)
        for records in released:
            yield from emptied(records)


def _moved(account: Account, function: Callable[..., Any]) -> Callable[..., Any] | None:
    return function.moved_to(account) if isinstance(function, Movable) else None
