"""Accounts: one private world per credential.

An API key, a client id or a token opens the account of its own name: state, limits, clock, faults and logs are nobody
else's. It is a credential of the service that it is first used with, and refused in every other one. What opens the
same account there has the service's name behind it: ``mock-shop.post`` is the credential of the account ``mock-shop``
in the service ``post``. So one account, with one clock, can have all services, each with a credential of its own.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property, partial
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from ..declare.limits import Buckets
from ..logs.buffer import AccountLog, LogBuffer
from ..logs.events import Event
from ..logs.journal import Entry
from ..logs.messages import Message
from ..testing.faults import Faults
from ..testing.stubs import Stubs
from .budget import Budget, StoreFull
from .clock import Alarm, Clock, TooManyJobs, stopwatch
from .config import Profile, Settings
from .ids import Ids, secret_of
from .steps import FREED_A_STEP, Steps, complete, freed
from .store import MemoryStore, Store

if TYPE_CHECKING:
    from ..logs.deliveries import Delivery


MOST_CREDENTIAL = 4096
"""Characters."""

MADE = "made-"
"""What credentials that were made in an account begin with: they open that account or none."""

MOST_ALIASES = 10_000
"""Further credentials of one account; beyond that the oldest are taken back."""


class Ready(NamedTuple):
    """A credential that everybody is told of: which service's it is, and the secret that goes with it."""

    service: str
    secret: str = ""


class Alias(NamedTuple):
    """What a further credential opens, in one service."""

    account: Account
    service: str


ACCOUNTS_A_STEP = 100
MOST_SWEPT = 200
"""Accounts that are dropped in one go."""
SEARCHED = 1000
"""Of so many accounts, the longest idle, one that holds nothing makes room before any other."""

log = logging.getLogger("sparkbox")


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
        """Back to the settings that the sandbox was started with."""
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
    ) -> None:
        self.credential = credential
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
        """A credential that opens it in a service."""
        return self.credential if self.service in ("", service) else f"{self.credential}.{service}"

    @cached_property
    def key(self) -> bytes:
        """What this account's signatures are made with; its credential alone does not tell it."""
        return blake2b(self.credential.encode("utf-8", "replace"), key=self._secret, digest_size=32).digest()

    def store(self, service: str, seed_account: Callable[[Account, Store], None] | None = None) -> Store:
        """A service's state in this account; on first use ``plant`` puts the initial state there."""
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
        """Whether somebody would miss it: it holds more than the journal of requests that changed nothing."""
        return bool(
            len(self.messages) or len(self.events) or len(self.deliveries) or len(self.faults) or self.stubs.rules
            or self.clock.next_at is not None or any(store.changed for store in self.stores.values())
        )  # fmt: skip

    def copy(self, source: Account) -> None:
        """Takes over copies of another account's state, clock, jobs, limits' settings, stubs, profile and chance."""
        for name, store in source.stores.items():
            self.stores[name] = store.fork()
        self.clock.copy(source.clock, partial(_moved, self))
        self.ids.setstate(source.ids.getstate())
        self.buckets = source.buckets.fork()
        self.stubs.clear()
        self.stubs = source.stubs.fork()
        self.profile, self.suspended = source.profile, source.suspended

    def reset(self) -> None:
        """Puts everything back to how a new account is, but for its further credentials: see :meth:`Accounts.reset`."""
        self.generation += 1
        self.clock.clear()
        self.stubs.clear()
        for store in self.stores.values():
            store.release()
        self._begin()
        for account_log in (self.requests, self.messages, self.events, self.deliveries):
            account_log.clear()

    def reset_in_steps(self) -> Steps[None]:
        """:meth:`reset`; what was in the logs is freed in steps."""
        logs: list[Any] = []
        for account_log in (self.requests, self.messages, self.events, self.deliveries):
            logs += account_log.oldest()
        self.reset()
        yield from freed(logs)


def _moved(account: Account, function: Callable[..., Any]) -> Callable[..., Any] | None:
    return function.moved_to(account) if isinstance(function, Movable) else None


class Accounts:
    """All accounts, the longest idle first."""

    def __init__(
        self,
        settings: Settings,
        logs: Logs,
        alarm: Alarm,
        services: Collection[str] = (),
        ready: Mapping[str, Ready] | None = None,
    ) -> None:
        self._settings = settings
        self._services = services
        self.ready = dict(ready or {})
        """The ready credentials."""
        self.owners = {credential: one.service for credential, one in self.ready.items()}
        """Which service's each of them is, and each of their secrets."""
        self.owners |= {one.secret: one.service for one in self.ready.values() if one.secret}
        self._logs = logs
        self._alarm = alarm
        self._accounts: OrderedDict[str, Account] = OrderedDict()
        self._aliases: dict[str, Alias] = {}
        self.secret = secret_of(settings.seed)
        """What nobody outside knows."""
        self._swept = stopwatch()
        self.dropped = 0
        """How many were forgotten without anybody's asking."""
        self.clock = Clock()
        """How the clocks of new accounts start out: a clock that was set for all stays set for those to come."""
        self.defaults = Defaults(settings)

    def accepts(self, credential: str) -> bool:
        """Whether a credential may open an account; a real key never does, unless the sandbox takes any."""
        if len(credential) > MOST_CREDENTIAL or credential.startswith(MADE):
            return False
        if credential in self.owners and credential not in self.ready:  # a secret
            return False
        return credential.startswith("mock-") or (self._settings.accept_any_key and credential != "")

    def open(self, credential: str, service: str = "") -> Account | None:
        """The account that a credential opens in a service, made on first use; ``None`` if the credential is refused.

        Without a service: the account that it opens in any.
        """
        account = self._accounts.get(credential)
        if account is not None and account.service == service:
            return self._used(account)
        if not self._may_open(credential, service):
            return None
        alias = self._aliases.get(credential)
        if alias is not None:
            return self._used(alias.account)
        root = self.root(credential)
        account = self._accounts.get(root)
        if account is not None:
            self._used(account)
        elif self.accepts(root):
            account = self._make(root)
        if account is not None and root == credential and not account.service:
            account.service = service
        return account

    def owner(self, credential: str) -> str:
        """Which service's credential it is; empty if it is none's yet."""
        alias = self._aliases.get(credential)
        if alias is not None:
            return alias.service
        root, _, last = credential.rpartition(".")
        if root and last in self._services:
            return last
        account = self._accounts.get(credential)
        return self.owners.get(credential) or ("" if account is None else account.service)

    def root(self, credential: str) -> str:
        """The name of the account that a credential opens: the credential without a service's name behind it."""
        while len(credential) <= MOST_CREDENTIAL:
            root, _, last = credential.rpartition(".")
            if not root or last not in self._services:
                break
            credential = root
        return credential

    def find(self, credential: str) -> Account | None:
        """An account that exists already; its idle time goes on."""
        account = self._accounts.get(credential)
        if account is not None:
            return account
        alias = self._aliases.get(credential)
        return self._accounts.get(self.root(credential)) if alias is None else alias.account

    def made(self, credential: str, service: str) -> Account | None:
        """The account in which a service made a further credential; ``None`` for anything else."""
        alias = self._aliases.get(credential)
        return alias.account if alias is not None and alias.service == service else None

    def fork(self, source: Account, credential: str) -> Account:
        """A new account that begins as a copy of ``source``; from then on the two are independent.

        It has copies of state, clock, pending jobs, limits' settings, stubs and profile; its logs and faults are empty,
        and further credentials stay with ``source``. ``ValueError`` if the credential is taken or refused.
        """
        root = self.root(credential)
        if self.find(credential) is not None or not self.accepts(root):
            raise ValueError(f"no new account can be called {credential[:100]!r}")
        # The longest idle account may have to make room for the new one; let that not be the source.
        self.open(source.credential)
        account = self._make(root)
        try:
            account.copy(source)
        except (StoreFull, TooManyJobs):
            self.drop(account)
            raise
        return account

    def alias(self, credential: str, account: Account, service: str) -> None:
        """Lets a further credential (a key that a service made in the account) open the account in that service."""
        self.unalias(credential)
        if len(account.aliases) >= MOST_ALIASES:
            same = [known for known in account.aliases if self._aliases[known].service == service]
            for oldest in (same or list(account.aliases))[: MOST_ALIASES // 10]:
                self.unalias(oldest)
        self._aliases[credential] = Alias(account, service)
        account.aliases[credential] = None

    def unalias(self, credential: str) -> None:
        """Takes a further credential back."""
        alias = self._aliases.pop(credential, None)
        if alias is not None:
            alias.account.aliases.pop(credential, None)

    def reset(self, account: Account) -> None:
        """Puts an account back to how a new one is; credentials that were made in it open it no more."""
        complete(self.reset_in_steps(account))

    def reset_in_steps(self, account: Account) -> Steps[None]:
        """:meth:`reset`, done with the first step but for what is freed."""
        for credential in tuple(account.aliases):
            self.unalias(credential)
        yield from account.reset_in_steps()

    def drop(self, account: Account) -> None:
        """Forgets an account with all that is in it."""
        self._accounts.pop(account.credential, None)
        self.reset(account)

    def clear(self) -> Steps[None]:
        """Forgets all accounts, and what was set for those to come.

        From the first step on none of them can be found; they are emptied in steps, beside accounts that are new.
        """
        accounts, aliases = self._accounts, self._aliases
        self._accounts, self._aliases = OrderedDict(), {}
        self.clock.clear()
        self.defaults.reset()
        number = 0
        while accounts:
            _, account = accounts.popitem()
            account.aliases.clear()
            yield from account.reset_in_steps()
            number += 1
            if number % ACCOUNTS_A_STEP == 0:
                yield
        while len(aliases) > FREED_A_STEP:
            for _ in range(FREED_A_STEP):
                aliases.popitem()
            yield

    def sweep(self) -> int:
        """Drops accounts that have idled too long and hold nothing, and says how many; further ones the next time."""
        now = self._swept = stopwatch()
        idle: list[Account] = []
        for account in islice(self._accounts.values(), SEARCHED):
            if now - account.last_used < self._settings.idle_account_seconds or len(idle) == MOST_SWEPT:
                break
            if not account.in_use:
                idle.append(account)
        for account in idle:
            self.drop(account)
        if idle:
            self.dropped += len(idle)
            log.info("%d accounts that held nothing were forgotten, idle for too long", len(idle))
        return len(idle)

    def _make_room(self) -> None:
        """Drops the longest idle account, first of all one among the longest idle that holds nothing."""
        longest = list(islice(self._accounts.values(), SEARCHED))
        account = next((account for account in longest if not account.in_use), longest[0])
        self.dropped += 1
        what = "with all that it held" if account.in_use else "which held nothing"
        log.warning("account %.100r, %s, made room for a new one: most_accounts", account.credential, what)
        self.drop(account)

    def __iter__(self) -> Iterator[Account]:
        return iter(tuple(self._accounts.values()))

    def __len__(self) -> int:
        return len(self._accounts)

    def _may_open(self, credential: str, service: str) -> bool:
        return not service or self.owner(credential) in ("", service)

    def _used(self, account: Account) -> Account:
        self._accounts.move_to_end(account.credential)
        account.last_used = stopwatch()
        return account

    def _make(self, credential: str) -> Account:
        if stopwatch() - self._swept > 60:
            self.sweep()
        if len(self._accounts) >= self._settings.most_accounts:
            self._make_room()
        clock = Clock(self._alarm, like=self.clock)
        account = Account(credential, self._settings, self._logs, clock, self.defaults, secret=self.secret)
        self._accounts[credential] = account
        return account
