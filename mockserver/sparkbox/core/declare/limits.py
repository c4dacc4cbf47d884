"""Rate limits on the account's clock.

A :class:`Limit` is declared on a service or an operation; an account's :class:`Buckets` count against it. Several
limits may apply to one operation: a request takes from all of them or from none.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Limit:
    """``amount`` requests in ``seconds``. A service's limits of one name are one limit.

    ``sliding`` looks back exactly ``seconds`` from each request; ``fixed`` counts in windows aligned to the clock
    (minutes begin at :00, days at midnight UTC) and needs no memory per request, as large quotas want.
    ``shared`` limits count all operations that carry them together; the others count each operation by itself.
    """

    name: str
    amount: int
    seconds: float
    window: Literal["sliding", "fixed"] = "sliding"
    shared: bool = True
    error: str = "rate_limited"
    """The name of the error in the service's table."""
    beyond: str = ""
    """A burst: it counts and lets through what the limit of this name would refuse, and refuses nothing itself."""
    evidence: Literal["documented", "observed", "assumed"] = "documented"

    def __post_init__(self) -> None:
        if self.amount < 0 or not self.seconds > 0:
            raise ValueError(f"the limit {self.name!r} allows {self.amount} in {self.seconds} s")

    def __str__(self) -> str:
        """Return ``10 requests in a minute``, with what is special about the limit."""
        span = _SPANS.get(self.seconds, f"{self.seconds:g} s")
        words = [f"{self.amount:,} {'request' if self.amount == 1 else 'requests'} in {span}"]
        if self.window == "fixed":
            words.append("by the clock")
        if not self.shared:
            words.append("for each operation")
        if self.beyond:
            words.append(f"beyond what {self.beyond!r} allows")
        return ", ".join(words)


_SPANS: dict[float, str] = {1: "a second", 60: "a minute", 3600: "an hour", 86_400: "a day"}


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an account has used up a limit, for headers and for ``/_mock/limits``. Times are Unix seconds."""

    limit: Limit
    amount: int
    used: int
    resets_at: float

    @property
    def remaining(self) -> int:
        return max(0, self.amount - self.used)


def used_up(limit: Limit, now: float) -> Standing:
    """Return the standing of an account that has just used up a limit."""
    resets_at = now + limit.seconds if limit.window == "sliding" else (int(now // limit.seconds) + 1) * limit.seconds
    return Standing(limit, limit.amount, limit.amount, resets_at)


class _Sliding:
    __slots__ = ("taken",)

    def __init__(self) -> None:
        self.taken: deque[float] = deque()

    def used(self, limit: Limit, now: float) -> int:
        taken, edge = self.taken, now - limit.seconds
        # A clock that was set back leaves stamps of the future behind: they count for nothing.
        while taken and taken[-1] > now:
            taken.pop()
        while taken and taken[0] <= edge:
            taken.popleft()
        return len(taken)

    def take(self, now: float) -> None:
        self.taken.append(now)

    def resets_at(self, limit: Limit, amount: int, now: float) -> float:
        if not self.taken:
            return now
        # A place becomes free when the oldest of the last `amount` leaves the window.
        oldest = self.taken[max(0, len(self.taken) - amount)] if amount > 0 else now
        return oldest + limit.seconds


class _Fixed:
    __slots__ = ("count", "window")

    def __init__(self) -> None:
        self.window = -1
        self.count = 0

    def used(self, limit: Limit, now: float) -> int:
        window = int(now // limit.seconds)
        if window != self.window:
            self.window, self.count = window, 0
        return self.count

    def take(self, now: float) -> None:
        self.count += 1

    def resets_at(self, limit: Limit, amount: int, now: float) -> float:
        return (int(now // limit.seconds) + 1) * limit.seconds


class Buckets:
    """One account's counters. ``enabled`` is for all of them; ``set_amount`` overrides one limit's amount."""

    def __init__(self, *, enabled: bool = True) -> None:
        self.enabled = enabled
        self._buckets: dict[tuple[str, str, str], _Sliding | _Fixed] = {}
        self.amounts: dict[tuple[str, str], int] = {}
        """The amounts that :meth:`set_amount` overrode, by service and limit."""
        self._limits: dict[tuple[str, str, str], Limit] = {}

    def take(self, service: str, operation: str, limits: tuple[Limit, ...], now: float) -> Standing | None:
        """Count one request against every limit. If a limit is used up, return its standing and count nothing."""
        if not self.enabled:
            return None
        buckets = []
        for limit in limits:
            if limit.beyond:
                continue
            bucket, amount = self._bucket(service, operation, limit)
            used = bucket.used(limit, now)
            if used >= amount:
                limit = self._burst(service, limit, limits)
                bucket, amount = self._bucket(service, operation, limit)
                used = bucket.used(limit, now)
                if used >= amount:
                    return Standing(limit, amount, used, bucket.resets_at(limit, amount, now))
            buckets.append(bucket)
        for bucket in buckets:
            bucket.take(now)
        return None

    def standing(self, service: str, operation: str, limit: Limit, now: float) -> Standing:
        """Read a limit without counting."""
        key = (service, limit.name, "" if limit.shared else operation)
        amount = self.amounts.get(key[:2], limit.amount)
        bucket = self._buckets.get(key)
        if bucket is None:
            return Standing(limit, amount, 0, now)
        return Standing(limit, amount, bucket.used(limit, now), bucket.resets_at(limit, amount, now))

    def standings(self, now: float) -> list[tuple[str, str, Standing]]:
        """Return every limit that has been counted against: service, operation (empty where shared), standing."""
        return [
            (service, operation, self.standing(service, operation, self._limits[service, name, operation], now))
            for service, name, operation in self._buckets
        ]

    def set_amount(self, service: str, name: str, amount: int | None) -> None:
        """Override a limit's amount in this account; ``None`` removes the override."""
        if amount is None:
            self.amounts.pop((service, name), None)
        else:
            self.amounts[service, name] = amount

    def fork(self) -> Buckets:
        """Return buckets with the same settings, and nothing counted."""
        copy = Buckets(enabled=self.enabled)
        copy.amounts = self.amounts.copy()
        return copy

    def clear(self) -> None:
        """Forget all counts; the settings stay."""
        self._buckets.clear()
        self._limits.clear()

    def _bucket(self, service: str, operation: str, limit: Limit) -> tuple[_Sliding | _Fixed, int]:
        key = (service, limit.name, "" if limit.shared else operation)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Sliding() if limit.window == "sliding" else _Fixed()
            self._limits[key] = limit
        return bucket, self.amounts.get(key[:2], limit.amount) if self.amounts else limit.amount

    def _burst(self, service: str, limit: Limit, limits: tuple[Limit, ...]) -> Limit:
        """Return the burst limit that counts once this one is used up; the limit itself if there is none."""
        bursts = (other for other in limits if other.beyond == limit.name)
        return next((burst for burst in bursts if self.amounts.get((service, burst.name), burst.amount)), limit)
