"""The time limit of idle connections: on the machine's clock until the login, then on the account's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sparkbox.core.state.account import Account
from sparkbox.core.state.clock import stopwatch
from sparkbox.core.state.jobs import TooManyJobs

LIMIT = 60.0
"""Seconds; https://developers.sparkpost.com/api/smtp/#header-smtp-security."""


class Idle:
    """Calls ``expire`` when the client has sent nothing for :data:`LIMIT` seconds."""

    def __init__(self, expire: Callable[[], None]) -> None:
        self._expire = expire
        self.busy = False
        """Whether the client is waiting for us."""
        self._heard = stopwatch()
        self._account: Account | None = None
        self._generation = 0
        self._job = 0
        self._heard_on_clock = 0.0
        self._timer = asyncio.get_running_loop().call_later(LIMIT, self._tick)

    def hear(self) -> None:
        """Note that the client has sent something."""
        if self._account is None:
            self._heard = stopwatch()
        else:
            self._heard_on_clock = self._account.clock.now()

    def follow(self, account: Account) -> None:
        """Use this account's clock from now on. A reset of the account drops the job: follow it again then."""
        if self._account is account and self._generation == account.generation:
            return
        self._leave()
        self._account, self._generation = account, account.generation
        self._heard_on_clock = account.clock.now()
        self._wait()

    def cancel(self) -> None:
        """Stop watching."""
        self._timer.cancel()
        self._leave()

    def _leave(self) -> None:
        if self._account is not None and self._generation == self._account.generation:
            self._account.clock.cancel(self._job)
        self._account = None

    def _tick(self) -> None:
        """Run the machine's timer. With an account, it only finds one that was reset and not used since."""
        left = LIMIT
        if self._account is not None:
            self.follow(self._account)
        else:
            if self.busy:
                self._heard = stopwatch()
            left = self._heard + LIMIT - stopwatch()
            if left <= 0:
                self._expire()
                return
        self._timer = asyncio.get_running_loop().call_later(left, self._tick)

    def _wait(self) -> None:
        """Wait with one job, however often the client sends something."""
        account = self._account
        if account is not None:
            try:
                self._job = account.clock.call_at(self._heard_on_clock + LIMIT, self._look)
            except TooManyJobs:
                self._account, self._heard = None, stopwatch()

    def _look(self) -> None:
        account = self._account
        if account is None or self._generation != account.generation:
            return
        now = account.clock.now()
        # The clock may have been turned back.
        self._heard_on_clock = now if self.busy else min(self._heard_on_clock, now)
        if now - self._heard_on_clock >= LIMIT:
            self._expire()
        else:
            self._wait()
