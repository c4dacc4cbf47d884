"""The jobs that wait for a clock, in order: by their times, and at equal times as they came.

What comes by the thousand and waits equally long, such as the delivery of a mail, shares a :class:`JobQueue`. These
jobs fall due in the order in which they came, so only the first needs a place among all others, and one call of their
function takes those that are due together.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from typing import Any, NamedTuple

MOST_JOBS = 250_000
MOST_JOBS_IN_ALL = 1_000_000
"""Of all clocks that share a :class:`JobCount`."""

MOST_AT_ONCE = 50
"""Jobs of a queue that one call of its function takes."""

SLACK = 0.005
"""Seconds for which the first job of a queue waits for others, while a clock runs by itself."""

Function = Callable[..., Any]


class TooManyJobs(RuntimeError):
    """A clock holds as many jobs as it may, or all clocks do; advance it, or reset the account."""


class JobCount:
    """How many jobs wait for several clocks together."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number = 0

    def add(self, more: int) -> None:
        """Count more jobs, or fewer; :class:`TooManyJobs` if it were too many."""
        if more > 0 and self.number + more > MOST_JOBS_IN_ALL:
            raise TooManyJobs(f"{MOST_JOBS_IN_ALL} jobs of all accounts wait already")
        self.number += more


class JobQueue:
    """The jobs of one function, which takes them as a list. They lie side by side: none is an object of its own."""

    __slots__ = ("function", "items", "numbers", "times")

    def __init__(self, function: Function, like: JobQueue | None = None) -> None:
        self.function = function
        self.times: deque[float] = deque(() if like is None else like.times)
        self.numbers: deque[int] = deque(() if like is None else like.numbers)
        self.items: deque[Any] = deque(() if like is None else like.items)

    def __len__(self) -> int:
        return len(self.times)

    def __iter__(self) -> Iterator[Job]:
        places = zip(self.times, self.numbers, self.items, strict=True)
        return (Job(when, number, self.function, ([item],)) for when, number, item in places)

    def append(self, when: float, number: int, item: Any) -> None:
        self.times.append(when)
        self.numbers.append(number)
        self.items.append(item)

    def first(self) -> Job:
        """Return the job that stands for the queue among others."""
        return Job(self.times[0], self.numbers[0], self)

    def take(self, now: float, following: Job | None) -> list[Any]:
        """Remove and return the first items, up to what is not due yet or comes after the ``following`` job."""
        items = []
        while True:
            self.times.popleft()
            self.numbers.popleft()
            items.append(self.items.popleft())
            if not self.times or self.times[0] > now or len(items) == MOST_AT_ONCE:
                return items
            if following is not None and (self.times[0], self.numbers[0]) > (following.when, following.number):
                return items


class Job(NamedTuple):
    """``function(*args)`` at ``when`` (Unix seconds), or the first of a queue."""

    when: float
    number: int
    function: Function | JobQueue
    args: tuple[Any, ...] = ()

    @property
    def wake_at(self) -> float:
        """When a clock that runs by itself should look at it."""
        return self.when + SLACK if self.function.__class__ is JobQueue else self.when


class Jobs:
    """The jobs of one clock."""

    __slots__ = ("_cancelled", "_count", "_heap", "_last_number", "_queued", "_queues")

    def __init__(self, count: JobCount | None = None) -> None:
        self._count = JobCount() if count is None else count
        self._heap: list[Job] = []
        self._queues: dict[Hashable, JobQueue] = {}
        self._queued = 0
        """How many jobs are in queues behind the first."""
        self._cancelled: set[int] = set()
        self._last_number = 0

    def __len__(self) -> int:
        """Return how many jobs wait."""
        heap = self._heap
        waiting = sum(job.number not in self._cancelled for job in heap) if self._cancelled else len(heap)
        return waiting + self._queued

    def __iter__(self) -> Iterator[Job]:
        """Iterate over the jobs in order, each of a queue as one of its own."""
        alone = [job for job in self._kept() if not isinstance(job.function, JobQueue)]
        queued = [job for queue in self._queues.values() for job in queue]
        return iter(sorted([*alone, *queued]))

    def __bool__(self) -> bool:
        """Return whether any job waits, or did before it was cancelled."""
        return bool(self._heap)

    @property
    def first(self) -> Job | None:
        """The earliest job; it may have been cancelled."""
        return self._heap[0] if self._heap else None

    @property
    def next_at(self) -> float | None:
        """When the earliest job falls due; ``None`` if none waits."""
        while self._heap and self._heap[0].number in self._cancelled:
            self._cancelled.discard(self._pop().number)
        return self._heap[0].when if self._heap else None

    def add(self, when: float, function: Function, args: tuple[Any, ...]) -> Job:
        """Add a job. Raises :class:`TooManyJobs`."""
        job = Job(when, self._take_number(), function, args)
        heapq.heappush(self._heap, job)
        return job

    def queue(self, when: float, key: Hashable, item: Any, function: Callable[[], Function]) -> Job | None:
        """Add a job to the queue of a key, for which ``function()`` gives the function. Raises :class:`TooManyJobs`.

        Return the job that is new among all others, if there is one.
        """
        number = self._take_number()
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = JobQueue(function())
        if queue and when < queue.times[-1]:  # a clock was set back
            job = Job(when, number, queue.function, ([item],))
        else:
            queue.append(when, number, item)
            if len(queue) > 1:
                self._queued += 1
                return None
            job = queue.first()
        heapq.heappush(self._heap, job)
        return job

    def cancel(self, number: int) -> None:
        """Forget a job; one that has run already is no error."""
        self._cancelled.add(number)
        if 2 * len(self._cancelled) > len(self._heap):
            kept = self._kept()
            self._count.add(len(kept) - len(self._heap))
            self._heap = kept
            self._cancelled.clear()

    def take(self, limit: float, now: Callable[[Job], float]) -> tuple[Function, tuple[Any, ...], int] | None:
        """Remove the earliest job that is due by ``limit``; return its function and arguments, and the jobs in it.

        ``now`` returns the time at which a job runs.
        """
        while self._heap and self._heap[0].when <= limit:
            job = self._pop()
            if job.number in self._cancelled:
                self._cancelled.discard(job.number)
            elif isinstance(job.function, JobQueue):
                items = self._take_of(job.function, now(job))
                return job.function.function, (items,), len(items)
            else:
                now(job)
                return job.function, job.args, 1
        return None

    def clear(self) -> None:
        """Forget all jobs."""
        self._count.add(-len(self._heap) - self._queued)
        self._heap.clear()
        self._queues.clear()
        self._queued = 0
        self._cancelled.clear()

    def copy(self, other: Jobs, move: Callable[[Function], Function | None]) -> None:
        """Hold the same jobs under the same numbers; ``move`` gives each function, ``None`` leaves a job behind."""
        queues: dict[Hashable, JobQueue] = {}
        copies: dict[int, JobQueue] = {}
        heap: list[Job] = []
        for key, queue in other._queues.items():
            function = move(queue.function)
            if function is not None:
                queues[key] = copies[id(queue)] = JobQueue(function, queue)
        for job in other._kept():
            target = copies.get(id(job.function)) if isinstance(job.function, JobQueue) else move(job.function)
            if target is not None:
                heap.append(job._replace(function=target))
        queued = sum(max(0, len(queue) - 1) for queue in queues.values())
        self._count.add(len(heap) + queued - len(self._heap) - self._queued)
        self._heap, self._queues, self._queued = heap, queues, queued
        self._cancelled.clear()
        self._last_number = other._last_number

    def _kept(self) -> list[Job]:
        """Return what is not cancelled, in order, which is a heap as well."""
        return sorted(job for job in self._heap if job.number not in self._cancelled)

    def _take_number(self) -> int:
        if len(self._heap) + self._queued >= MOST_JOBS:
            raise TooManyJobs(f"{MOST_JOBS} jobs wait already")
        self._count.add(1)
        self._last_number += 1
        return self._last_number

    def _take_of(self, queue: JobQueue, now: float) -> list[Any]:
        """Take from a queue; what comes next in it takes its place among the others."""
        items = queue.take(now, self.first)
        self._count.add(1 - len(items))
        self._queued -= len(items) - 1
        if queue:
            self._queued -= 1
            heapq.heappush(self._heap, queue.first())
        return items

    def _pop(self) -> Job:
        self._count.add(-1)
        return heapq.heappop(self._heap)
