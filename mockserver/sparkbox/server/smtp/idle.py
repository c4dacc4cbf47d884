"""When a connection has been silent for too long: the machine's seconds until its login, then the account's clock's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sparkbox.core.state.account import Account
from sparkbox.core.state.clock import TooManyJobs, stopwatch

LIMIT = 60.0
"""Seconds; https://developers.sparkpost.com/api/smtp/#header-smtp-security."""


class Idle:
    """Calls ``expire`` once nothing has been heard for :data:`LIMIT` seconds."""

    def __init__(self, expire: Callable[[], None]) -> None:
        self._expire = expire
        self.busy = False
        """Whether it is the client that waits: what is done for it may take long."""
        self._heard = stopwatch()
        self._account: Account | None = None
        self._generation = 0
        self._job = 0
        self._heard_on_clock = 0.0
        self._timer = asyncio.get_running_loop().call_later(LIMIT, self._tick)

    def hear(self) -> None:
        """The client has said something."""
        if self._account is None:
            self._heard = stopwatch()
        else:
            self._heard_on_clock = self._account.clock.now()

    def follow(self, account: Account) -> None:
        """Goes by this account's clock from now on. A reset of the account takes the job away: follow it again."""
        if self._account is account and self._generation == account.generation:
            return
        self._leave()
        self._account, self._generation = account, account.generation
        self._heard_on_clock = account.clock.now()
        self._wait()

    def cancel(self) -> None:
        """Expires no more."""
        self._timer.cancel()
        self._leave()

    def _leave(self) -> None:
        if self._account is not None and self._generation == self._account.generation:
            self._account.clock.cancel(self._job)
        self._account = None

    def _tick(self) -> None:
        """The machine's timer. Once there is an account, it only looks after one that nobody uses after its reset."""
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
        """One job at a time, however often something is heard."""
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
        # Who turns the clock back has not been silent since the future.
        self._heard_on_clock = now if self.busy else min(self._heard_on_clock, now)
        if now - self._heard_on_clock >= LIMIT:
            self._expire()
        else:
            self._wait()
