"""All accounts of a sandbox, and the credentials that open them.

A credential belongs to the service that it is first used with, and every other service refuses it. What opens the same
account there has the service's name behind it: ``mock-shop.post`` is the credential of the account ``mock-shop`` in the
service ``post``. So one account, with one clock, can have all services, each with a credential of its own.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from .account import Account, Defaults, Logs
from .budget import StoreFull
from .clock import Alarm, Clock, stopwatch
from .config import Settings
from .ids import secret_of
from .jobs import TooManyJobs
from .place import ALONE, Place
from .steps import Steps, complete, emptied

log = logging.getLogger("sparkbox")

MOST_CREDENTIAL = 4096
"""Characters."""

MADE = "made-"
"""The beginning of credentials that were made in an account: they open that account or none."""

MOST_ALIASES = 10_000
"""Further credentials of one account; beyond that the oldest are taken back."""

ACCOUNTS_A_STEP = 100
MOST_SWEPT = 200
"""Accounts that are dropped in one go."""
SEARCHED = 1000
"""Of so many accounts, the longest idle, one that holds nothing makes room before any other."""


class Ready(NamedTuple):
    """A documented credential: the service that it belongs to, and the secret that goes with it."""

    service: str
    secret: str = ""


class Alias(NamedTuple):
    """The account of a further credential, in one service."""

    account: Account
    service: str


class Accounts:
    """All accounts, the longest idle first."""

    def __init__(
        self,
        settings: Settings,
        logs: Logs,
        alarm: Alarm,
        services: Collection[str] = (),
        ready: Mapping[str, Ready] | None = None,
        place: Place = ALONE,
    ) -> None:
        self._settings = settings
        self._place = place
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
        """A secret of this run, for signatures."""
        self._swept = stopwatch()
        self.dropped = 0
        """How many were dropped by the sandbox itself."""
        self.clock = Clock()
        """How the clocks of new accounts start out: a clock that was set for all stays set for those to come."""
        self.defaults = Defaults(settings)

    def accepts(self, credential: str) -> bool:
        """Return whether a credential may open an account: not a real key, unless the sandbox accepts any."""
        if len(credential) > MOST_CREDENTIAL or credential.startswith(MADE):
            return False
        if credential in self.owners and credential not in self.ready:  # a secret
            return False
        return credential.startswith("mock-") or (self._settings.accept_any_key and credential != "")

    def open(self, credential: str, service: str = "") -> Account | None:
        """Return the account that a credential opens in a service, made on first use; ``None`` if it is refused.

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
        """Return the service that a credential belongs to; empty if it has none yet."""
        alias = self._aliases.get(credential)
        if alias is not None:
            return alias.service
        root, _, last = credential.rpartition(".")
        if root and last in self._services:
            return last
        account = self._accounts.get(credential)
        return self.owners.get(credential) or ("" if account is None else account.service)

    def root(self, credential: str) -> str:
        """Return the name of the account that a credential opens: the credential without a service's name behind it."""
        while len(credential) <= MOST_CREDENTIAL:
            root, _, last = credential.rpartition(".")
            if not root or last not in self._services:
                break
            credential = root
        return credential

    def find(self, credential: str) -> Account | None:
        """Return an account that exists already. This does not count as use."""
        account = self._accounts.get(credential)
        if account is not None:
            return account
        alias = self._aliases.get(credential)
        return self._accounts.get(self.root(credential)) if alias is None else alias.account

    def made(self, credential: str, service: str) -> Account | None:
        """Return the account in which a service made a further credential; ``None`` for anything else."""
        alias = self._aliases.get(credential)
        return alias.account if alias is not None and alias.service == service else None

    def fork(self, source: Account, credential: str) -> Account:
        """Return a new account that begins as a copy of ``source``; from then on the two are independent.

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
        """Let a further credential (a key that a service made in the account) open the account in that service."""
        self.unalias(credential)
        if len(account.aliases) >= MOST_ALIASES:
            same = [known for known in account.aliases if self._aliases[known].service == service]
            for oldest in (same or list(account.aliases))[: MOST_ALIASES // 10]:
                self.unalias(oldest)
        self._aliases[credential] = Alias(account, service)
        account.aliases[credential] = None

    def unalias(self, credential: str) -> None:
        """Revoke a further credential."""
        alias = self._aliases.pop(credential, None)
        if alias is not None:
            alias.account.aliases.pop(credential, None)

    def reset(self, account: Account) -> None:
        """Put an account back to how a new one is; credentials that were made in it are revoked."""
        complete(self.reset_in_steps(account))

    def reset_in_steps(self, account: Account) -> Steps[None]:
        """:meth:`reset`, done with the first step but for what is freed."""
        for credential in tuple(account.aliases):
            self.unalias(credential)
        yield from account.reset_in_steps()

    def drop(self, account: Account) -> None:
        """Forget an account with all that is in it."""
        self._accounts.pop(account.credential, None)
        self.reset(account)

    def clear(self) -> Steps[None]:
        """Forget all accounts, and what was set for those to come.

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
        yield from emptied(aliases)

    def sweep(self) -> int:
        """Drop idle accounts that hold nothing, at most :data:`MOST_SWEPT`. Return their number."""
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
        """Drop the longest idle account, preferably one that holds nothing."""
        longest = list(islice(self._accounts.values(), SEARCHED))
        account = next((account for account in longest if not account.in_use), longest[0])
        self.dropped += 1
        what = "with all that it held" if account.in_use else "which held nothing"
        log.warning("account %.100r, %s, made room for a new one: most_accounts", account.credential, what)
        self.drop(account)

    def busy_clocks(self) -> list[Clock]:
        """Return the clocks of those that have something to do later, or have begun it."""
        return self._alarm.busy()

    def newest(self) -> Iterator[Account]:
        """Iterate over them, the last used first."""
        return reversed(self._accounts.values())

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
        account = Account(
            credential, self._settings, self._logs, clock, self.defaults, secret=self.secret, place=self._place
        )
        self._accounts[credential] = account
        return account
