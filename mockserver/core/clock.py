"""Time. The only module that asks the machine for it.

Every account has a :class:`Clock`: live (the machine's time, shifted) or frozen. Timers, token expiry, rate windows,
scheduled sends, retries and time stamps all read it, so a test turns the clock and everything moves together.
An :class:`Alarm` wakes the live clocks when a job falls due.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

MOST_JOBS = 250_000


class TooManyJobs(RuntimeError):
    """A clock holds as many jobs as it may; advance it, or reset the account."""


class Job(NamedTuple):
    """``function(*args)`` at ``when`` (Unix seconds); equal times run in the order in which they were asked for."""

    when: float
    number: int
    function: Callable[..., None]
    args: tuple[Any, ...]


def machine_time() -> float:
    """The machine's wall clock, in Unix seconds."""
    return time.time()


def stopwatch() -> float:
    """A monotonic reading in seconds, for durations alone."""
    return time.perf_counter()


def iso(seconds: float) -> str:
    """Unix seconds as ``2026-03-01T12:00:00.000Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def moment(seconds: float) -> datetime:
    """Unix seconds as an aware UTC datetime."""
    return datetime.fromtimestamp(seconds, UTC)


class Clock:
    """One account's time and the jobs that wait for it."""

    def __init__(self, alarm: Alarm | None = None, like: Clock | None = None) -> None:
        self._alarm = alarm
        self._shift: float = like._shift if like else 0.0
        self._frozen: float | None = like._frozen if like else None
        self._jobs: list[Job] = []
        self._cancelled: set[int] = set()
        self._numbers = itertools.count(1)

    def now(self) -> float:
        """Unix seconds, with fractions."""
        return time.time() + self._shift if self._frozen is None else self._frozen

    @property
    def frozen(self) -> bool:
        return self._frozen is not None

    def call_at(self, when: float, function: Callable[..., None], *args: Any) -> int:
        """Runs ``function(*args)`` once the clock shows ``when``; the number returned cancels it."""
        if len(self._jobs) >= MOST_JOBS:
            raise TooManyJobs(f"{MOST_JOBS} jobs wait already")
        job = Job(when, next(self._numbers), function, args)
        heapq.heappush(self._jobs, job)
        if self._frozen is None and self._alarm is not None and self._jobs[0] is job:
            self._alarm.ring_at(when - self._shift, self)
        return job.number

    def cancel(self, number: int) -> None:
        """Forgets a job; one that has run already is no error."""
        self._cancelled.add(number)
        if len(self._cancelled) > len(self._jobs):
            self._cancelled.intersection_update(job.number for job in self._jobs)

    def run_due(self) -> int:
        """Runs what is due by now, in order, and says how many jobs that were."""
        return self._run_until(self.now()) if self._jobs else 0

    def freeze(self, at: float | None = None) -> None:
        """Stops the clock where it is, or at ``at``."""
        self.set(self.now() if at is None else at, frozen=True)

    def resume(self) -> None:
        """Lets a frozen clock go on from where it stands."""
        self.set(self.now(), frozen=False)

    def advance(self, seconds: float) -> int:
        """Turns the clock on; the jobs on the way run in order, each at its own time. Says how many ran."""
        if seconds < 0:
            raise ValueError("a clock is not advanced backwards; set it instead")
        return self.set(self.now() + seconds, frozen=self.frozen)

    def set(self, to: float, *, frozen: bool) -> int:
        """Sets the clock. Jobs up to ``to`` run in order, each seeing its own time."""
        ran = self._run_until(to, turning=True) if self._jobs else 0
        self._frozen = to
        if not frozen:
            self._shift = to - time.time()
            self._frozen = None
        self._rearm()
        return ran

    @property
    def jobs(self) -> list[Job]:
        """What waits, the earliest first."""
        return sorted(job for job in self._jobs if job.number not in self._cancelled)

    def clear(self) -> None:
        """Back to live machine time, without jobs."""
        self._jobs.clear()
        self._cancelled.clear()
        self._shift, self._frozen = 0.0, None

    def _run_until(self, limit: float, *, turning: bool = False) -> int:
        ran = 0
        while self._jobs and self._jobs[0].when <= limit:
            job = heapq.heappop(self._jobs)
            if job.number in self._cancelled:
                self._cancelled.discard(job.number)
                continue
            if turning:
                # While the clock is turned, a job sees its own time, never an earlier one.
                self._frozen = max(job.when, self.now())
            ran += 1
            job.function(*job.args)
        if not turning:
            self._rearm()
        return ran

    def _rearm(self) -> None:
        if self._jobs and self._frozen is None and self._alarm is not None:
            self._alarm.ring_at(self._jobs[0].when - self._shift, self)


class Alarm:
    """One event-loop timer for all live clocks."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Clock]] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._at = 0.0

    def ring_at(self, when: float, clock: Clock) -> None:
        """Runs the clock's due jobs when the machine shows ``when``; without a running loop the next request does."""
        heapq.heappush(self._heap, (when, next(self._numbers), clock))
        self._arm()

    def _arm(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        first = self._heap[0][0]
        if self._timer is not None and self._loop is loop and self._at <= first:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._loop, self._at = loop, first
        self._timer = loop.call_later(max(0.0, first - time.time()), self._ring)

    def _ring(self) -> None:
        self._timer = None
        now = time.time()
        due: dict[int, Clock] = {}
        while self._heap and self._heap[0][0] <= now:
            clock = heapq.heappop(self._heap)[2]
            due[id(clock)] = clock
        for clock in due.values():
            clock.run_due()
        if self._heap:
            self._arm()

    def stop(self) -> None:
        """Cancels the timer; nothing rings any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._heap.clear()
