"""Time: the only module that asks the machine for it.

Every account has a :class:`Clock`: live (the machine's time, shifted) or frozen. Timers, token expiry, rate windows,
scheduled sends, retries and time stamps all read it, so a test turns the clock and everything moves together.
An :class:`Alarm` wakes the live clocks when a job falls due.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import math
import time
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from .jobs import Function, Job, JobCount, Jobs
from .steps import Steps, Turns, complete, is_steps, running

log = logging.getLogger("sparkbox")

JOBS_A_STEP = 50
CLOCKS_A_STEP = 50

LATEST = 221_845_392_000.0
"""The year 9000: as far as a clock can be set, so that what is reckoned from it is a date still."""


def machine_time() -> float:
    """Return the machine's wall clock, in Unix seconds."""
    return time.time()


stopwatch = time.perf_counter
"""Returns a monotonic reading in seconds, for durations alone."""


def iso(seconds: float) -> str:
    """Return Unix seconds as ``2026-03-01T12:00:00.000Z``."""
    return f"{with_milliseconds(seconds)}Z"


def with_milliseconds(seconds: float) -> str:
    """Return Unix seconds as ``2026-03-01T12:00:00.000``, in UTC."""
    fraction, whole = math.modf(seconds)
    microseconds = round(fraction * 1e6)
    if not 0 <= microseconds < 1_000_000:
        return moment(seconds).isoformat(timespec="milliseconds")[:-6]
    return f"{_to_the_second(whole)}.{microseconds // 1000:03d}"


@lru_cache(64)
def _to_the_second(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def moment(seconds: float) -> datetime:
    """Return Unix seconds as an aware UTC datetime."""
    return datetime.fromtimestamp(seconds, UTC)


class Clock:
    """One account's time and the jobs that wait for it."""

    def __init__(self, alarm: Alarm | None = None, like: Clock | None = None) -> None:
        self._alarm = alarm
        self._like = like
        self._shift: float = like._shift if like else 0.0
        self._frozen: float | None = like._frozen if like else None
        self._jobs = Jobs(None if alarm is None else alarm.jobs)
        self._unfinished: Steps[None] | None = None
        """A job of several steps that has begun; whoever wants what comes after it goes on with it."""
        self._clearings = 0

    def now(self) -> float:
        """Return the time in Unix seconds, with fractions."""
        return time.time() + self._shift if self._frozen is None else self._frozen

    @property
    def frozen(self) -> bool:
        return self._frozen is not None

    def call_at(self, when: float, function: Callable[..., Any], *args: Any) -> int:
        """Run ``function(*args)`` once the clock shows ``when``; the number returned cancels it.

        A function that is a generator works in steps, see :mod:`.steps`; the jobs after it wait until it is through.
        Raises :class:`~.jobs.TooManyJobs`.
        """
        job = self._jobs.add(when, function, args)
        self._hold(job)
        return job.number

    def queue_at(self, when: float, key: Hashable, item: Any, function: Callable[[], Function]) -> None:
        """Run a function once the clock shows ``when``, with a list of items of this ``key``, ``item`` among them.

        For what comes by the thousand and waits equally long. The order is that of :meth:`call_at`, and each item's
        time is right. ``function()`` gives the function. Raises :class:`~.jobs.TooManyJobs`.
        """
        job = self._jobs.queue(when, key, item, function)
        if job is not None:
            self._hold(job)

    def cancel(self, number: int) -> None:
        """Forget a job; one that has run already is no error."""
        self._jobs.cancel(number)

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits for it: the quickest way to know that nothing is due."""
        return not self._jobs and self._unfinished is None

    @property
    def is_due(self) -> bool:
        """Whether there is anything to do for :meth:`catch_up`."""
        if self._unfinished is not None:
            return True
        first = self._jobs.first
        if first is None:
            return False
        if self._frozen is not None:
            return first.when <= self._frozen
        return first.wake_at <= self.now() or not (self._alarm is None or self._alarm.armed)

    def catch_up(self) -> Steps[int]:
        """Run what is due by now, in order and in steps, and return the number of jobs."""
        try:
            return (yield from self._run_until(self.now()))
        finally:
            self._rearm()

    def run_due(self) -> int:
        """:meth:`catch_up` without a pause."""
        return complete(self.catch_up()) if self.is_due else 0

    def freeze(self, at: float | None = None) -> None:
        """Stop the clock where it is, or at ``at``."""
        self.set(self.now() if at is None else at, frozen=True)

    def resume(self) -> None:
        """Let a frozen clock run again from its present time."""
        self.set(self.now(), frozen=False)

    def advance(self, seconds: float) -> int:
        """Turn the clock on; the jobs on the way run in order, each at its own time. Return the number of jobs."""
        if seconds < 0:
            raise ValueError("a clock is not advanced backwards; set it instead")
        return self.set(self.now() + seconds, frozen=self.frozen)

    def set(self, to: float, *, frozen: bool) -> int:
        """Set the clock. Jobs up to ``to`` run in order, each at its own time. Return the number of jobs.

        A time before 1970 or after :data:`LATEST` raises ``ValueError``.
        """
        return complete(self.turn(to, frozen=frozen))

    def turn(self, to: float, *, frozen: bool) -> Steps[int]:
        """:meth:`set` in steps; between them the clock shows the time of the latest job."""
        if not 0 <= to <= LATEST:
            raise ValueError("a clock shows times between the years 1970 and 9000")
        clearings = self._clearings
        try:
            return (yield from self._run_until(to, turning=True))
        finally:
            if self._clearings == clearings:
                self._frozen = to
                if not frozen:
                    self._shift = to - time.time()
                    self._frozen = None
                self._rearm()

    @property
    def jobs(self) -> list[Job]:
        """The waiting jobs, the earliest first."""
        return list(self._jobs)

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return len(self._jobs)

    @property
    def next_at(self) -> float | None:
        """When the earliest job falls due; ``None`` if none waits."""
        return self._jobs.next_at

    def copy(self, other: Clock, move: Callable[[Function], Function | None]) -> None:
        """Show the same time as ``other``, and copy its jobs under the same numbers.

        ``move`` gives a job's function as it is to run here; ``None`` leaves the job behind.
        """
        self._jobs.copy(other._jobs, move)
        self._shift, self._frozen = other._shift, other._frozen
        first = self._jobs.first
        if first is not None:
            self._hold(first)

    def clear(self) -> None:
        """Go back to the time of a new clock, and forget all jobs."""
        self._jobs.clear()
        self._clearings += 1
        unfinished, self._unfinished = self._unfinished, None
        if unfinished is not None and not running(unfinished):
            unfinished.close()
        self._shift = self._like._shift if self._like else 0.0
        self._frozen = self._like._frozen if self._like else None
        if self._alarm is not None:
            self._alarm.forget(self)

    def _run_until(self, limit: float, *, turning: bool = False) -> Steps[int]:
        ran = paused = 0
        clearings = self._clearings

        def begin(job: Job) -> float:
            if turning:
                # While the clock is turned, a job sees its own time, never an earlier one.
                self._frozen = max(job.when, self.now())
            return self.now()

        yield from self._finish()
        while self._clearings == clearings and (due := self._jobs.take(limit, begin)) is not None:
            function, args, number = due
            ran += number
            steps = function(*args)
            if is_steps(steps):
                if self._unfinished is not None:  # which runs this one
                    complete(steps)
                else:
                    self._unfinished = steps
                    yield from self._finish()
            first = self._jobs.first
            if ran - paused >= JOBS_A_STEP and first is not None and first.when <= limit:
                paused = ran
                yield
        return ran

    def _finish(self) -> Steps[None]:
        """Go on with the job that has begun."""
        while (steps := self._unfinished) is not None and not running(steps):
            try:
                next(steps)
            except BaseException as end:
                if self._unfinished is steps:
                    self._unfinished = None
                if not isinstance(end, StopIteration):
                    raise
            else:
                yield

    def _hold(self, job: Job) -> None:
        """Tell the alarm that there are jobs, and when to wake this clock if the new one is the first."""
        if self._alarm is not None:
            self._alarm.holding[self] = None
        self._wake_for(job)

    def _wake_for(self, job: Job) -> None:
        """Have the alarm wake this clock for a new job, if that is the first."""
        if self._frozen is None and self._alarm is not None and self._jobs.first is job:
            self._alarm.wake_at(job.wake_at - self._shift, self)

    def _rearm(self) -> None:
        first = self._jobs.first
        if first is not None:
            self._wake_for(first)


class Alarm:
    """One event-loop timer for all live clocks."""

    def __init__(self) -> None:
        self.holding: dict[Clock, None] = {}
        """The clocks that were given jobs, until :meth:`busy` finds them idle."""
        self._next: dict[Clock, float] = {}
        self._heap: list[tuple[float, int, Clock]] = []
        """The times of ``_next`` in order, among others that count no more."""
        self.jobs = JobCount()
        """How many jobs wait in all of its clocks."""
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._at = 0.0
        self.turns = Turns()
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Return how many times are remembered: never many more than there are waiting clocks."""
        return len(self._heap)

    def wake_at(self, when: float, clock: Clock) -> None:
        """Run the clock's due jobs when the machine shows ``when``; without a running loop the next request does."""
        known = self._next.get(clock)
        if known is None or when < known:
            self._next[clock] = when
            heapq.heappush(self._heap, (when, next(self._numbers), clock))
            self._tidy()
        self._arm()

    def busy(self) -> list[Clock]:
        """Return the clocks that have jobs, or have begun one."""
        clocks = []
        for clock in tuple(self.holding):
            if clock.is_idle:
                del self.holding[clock]
            else:
                clocks.append(clock)
        return clocks

    @property
    def armed(self) -> bool:
        """Whether the loop that runs now has a timer for the next job."""
        return self._timer is not None and self._loop is asyncio._get_running_loop()

    def forget(self, clock: Clock) -> None:
        """Remove a clock until it asks again."""
        self.holding.pop(clock, None)
        if self._next.pop(clock, None) is not None:
            self._tidy()

    def stop(self) -> None:
        """Cancel the timer and all clocks."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for task in self._tasks:
            task.cancel()
        self._next.clear()
        self._heap.clear()

    def _tidy(self) -> None:
        """Remove the outdated times once they are the majority."""
        if not self._next:
            self._heap.clear()
        elif len(self._heap) > 2 * len(self._next) + 100:
            self._heap = [(at, next(self._numbers), waiting) for waiting, at in self._next.items()]
            heapq.heapify(self._heap)

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
        self._timer = loop.call_later(max(0.0, first - time.time()), self._wake)

    def _wake(self) -> None:
        self._timer = None
        now = time.time()
        due: list[Clock] = []
        while self._heap and self._heap[0][0] <= now:
            when, _, clock = heapq.heappop(self._heap)
            if self._next.get(clock) == when:
                del self._next[clock]
                due.append(clock)
        self._begin(self._catch_up(due))
        if self._heap:
            self._arm()

    def _catch_up(self, clocks: list[Clock]) -> Steps[None]:
        """Have each clock begin with its jobs; those that take long go on beside the others."""
        for number, clock in enumerate(clocks, 1):
            self._begin(clock.catch_up())
            if number % CLOCKS_A_STEP == 0:
                yield

    def _begin(self, steps: Steps[Any]) -> None:
        try:
            next(steps)
        except StopIteration:
            return
        except Exception:
            log.exception("a job failed")
            return
        task = asyncio.get_running_loop().create_task(self._finish(steps))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finish(self, steps: Steps[Any]) -> None:
        try:
            await self.turns.finish(steps)
        except Exception:
            log.exception("a job failed")
