"""The delivery worker makes the attempts: I/O on the loop, beside the handlers and never inside one.

The accounts' logs are the queue. A delivery that is pending without a date waits for its turn: each account has a
:class:`_Queue` with few attempts under way, and the queues take turns, so one account's dead target delays no others.
Nor do hundreds of dead targets: :class:`Places` tells attempts that hang from those that do not.
A delivery that is pending with a date waits for its account's clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable
from functools import partial
from itertools import islice
from weakref import WeakKeyDictionary

from ..logs.deliveries import Attempt, Delivery, Headers, NotReady, Status, check_target
from ..state.account import Account
from ..state.clock import LATEST, stopwatch
from ..state.context import Context
from ..state.jobs import TooManyJobs
from ..state.steps import Turns
from ..state.store import replace
from .client import Outbound, TargetResponse, reason
from .own_ports import OwnPorts
from .slots import Places

log = logging.getLogger("sparkbox")

MOST_UNDER_WAY_PER_ACCOUNT = 8
MOST_WAITING = 1000
"""Numbers that a queue remembers; what waits beyond them is found in the account's log when its turn comes."""
MOST_EXCERPT = 4096
"""Bytes of a response that are kept with the attempt."""
PATIENCE = 300.0


class DeliveryWorker:
    """Makes the deliveries of all accounts. Everything here runs on the loop that serves the sandbox."""

    def __init__(
        self, own_ports: OwnPorts, turns: Turns, context: Callable[[str, Account], Context], most_arrivals: int
    ) -> None:
        """``context`` gives the context of a service in an account."""
        self._own_ports = own_ports
        self._turns = turns
        self._context = context
        self._loop: asyncio.AbstractEventLoop | None = None
        self._outbound = Outbound(own_ports)
        # More arrivals than the log holds deliveries need not be remembered.
        self._arrivals: deque[tuple[Account, int]] = deque(maxlen=most_arrivals)
        self._queues: dict[Account, _Queue] = {}
        self._ready: deque[_Queue] = deque()
        self._held: deque[_Queue] = deque()
        """Queues that wait because their next target did not respond lately."""
        self._places = Places()
        self._tasks: set[asyncio.Task[None]] = set()
        self._turning: WeakKeyDictionary[Account, asyncio.Lock] = WeakKeyDictionary()

    def line_up(self, account: Account, number: int) -> None:
        """Queue a pending delivery, to be attempted when its turn comes."""
        self._arrivals.append((account, number))
        self.wake()

    def wake(self) -> None:
        """Start the attempts that wait.

        What was posted where no loop runs (in a thread, in a test without a loop) starts on the loop that serves the
        sandbox if there is one, else with the next call of this, of a post, a drain or an advance on a running loop.
        """
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        home = self._loop
        if home is not None and home is not here and home.is_running():
            # A loop that closes at this very moment leaves the delivery to the next one.
            with contextlib.suppress(RuntimeError):
                home.call_soon_threadsafe(self.wake)
        elif here is not None:
            if here is not home:
                self._move(here)
            self._start()

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        seconds: float = 10.0,
        owner: Account | None = None,
    ) -> TargetResponse:
        """Make one request outside of the log, for what an attempt needs first; :class:`NotReady` without a response.

        ``owner``: the account that it is for.
        """
        self._settle()
        response, headers = TargetResponse(), tuple(headers)
        try:
            check_target(url, headers)
            await self._outbound.load(url)
            async with asyncio.timeout(seconds):
                await self._outbound.exchange(response, method, url, headers, body, owner)
        except Exception as error:
            raise NotReady(f"{method} {url}: {reason(error, seconds)}") from error
        return response

    async def drain(self, account: Account | None = None, timeout: float | None = None) -> bool:  # noqa: ASYNC109
        """Wait until no attempt (of the account) is under way or waits for its turn; retries to come don't count.

        ``timeout``: real seconds, after which it gives up and returns ``False``.
        """
        self._settle()
        await asyncio.sleep(0)
        self.wake()
        until = None if timeout is None else stopwatch() + timeout
        while busy := self._busy(account):
            left = None if until is None else until - stopwatch()
            if left is not None and left <= 0:
                return False
            await asyncio.wait(busy, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        return True

    async def advance(self, account: Account, seconds: float, patience: float = PATIENCE) -> int:
        """Turn the account's clock on step by step, and return the number of jobs.

        At each job on the way it waits until the attempts that were started have ended, so one advance of eight hours
        makes all the retries of eight hours, each at its own time. ``patience``: real seconds for these attempts all
        together; after that time goes on without them.
        """
        if seconds < 0:
            raise ValueError("a clock is not advanced backwards; set it instead")
        self._settle()
        async with self._turning.setdefault(account, asyncio.Lock()):
            clock = account.clock
            return await self._turn(account, clock.now() + seconds, clock.frozen, patience)

    async def set_clock(self, account: Account, to: float, *, frozen: bool, patience: float = PATIENCE) -> int:
        """Set the account's clock, as :meth:`Clock.set` does; what lies on the way is done as by :meth:`advance`."""
        self._settle()
        async with self._turning.setdefault(account, asyncio.Lock()):
            return await self._turn(account, to, frozen, patience)

    async def _turn(self, account: Account, to: float, frozen: bool, patience: float) -> int:
        clock, generation, ran = account.clock, account.generation, 0
        until = stopwatch() + patience
        await self.drain(account, patience)
        while account.generation == generation and (due := clock.next_at) is not None and due <= to <= LATEST:
            ran += await self._turns.finish(clock.turn(max(due, clock.now()), frozen=clock.frozen))
            await self.drain(account, max(0.0, until - stopwatch()))
        # After a reset on the way the clock is a new one.
        if account.generation == generation:
            ran += await self._turns.finish(clock.turn(to, frozen=frozen))
        return ran

    async def aclose(self) -> None:
        """Cancel what is under way. It is pending again, and starts anew with the next :meth:`wake`."""
        self._settle()
        self._loop = None
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.copy())
        await self._outbound.close()

    # Turns.

    def _start(self) -> None:
        while self._arrivals:
            account, number = self._arrivals.popleft()
            queue = self._queue_of(account)
            queue.add(number)
            self._queue(queue)
        while (turn := self._turn_of()) is not None:
            turn.queued = False
            delivery = turn.next()
            if delivery is not None:
                task = asyncio.create_task(self._attempt(turn, delivery))
                turn.under_way[delivery.number] = task
                self._tasks.add(task)
                self._places.take(task, delivery.url, self._start)
                task.add_done_callback(partial(self._landed, turn, delivery.number))
            self._queue(turn)

    def _turn_of(self) -> _Queue | None:
        """Return the queue that starts an attempt next, if there is a place for it."""
        if self._held and self._places.for_held():
            return self._held.popleft()
        if self._places.for_any():
            while self._ready:
                queue = self._ready.popleft()
                if not self._places.are_held(queue.next_url()):
                    return queue
                self._held.append(queue)
            return self._held.popleft() if self._held and self._places.for_held() else None
        # Targets that hang have taken all the places: who has no attempt under way gets one of the spare ones.
        first = (
            next((queue for queue in self._ready if not queue.under_way), None) if self._places.for_first() else None
        )
        if first is not None:
            self._ready.remove(first)
        return first

    def _queue_of(self, account: Account) -> _Queue:
        queue = self._queues.get(account)
        if queue is None or not queue.current:
            for task in queue.under_way.values() if queue is not None else ():
                task.cancel()
            queue = self._queues[account] = _Queue(account)
        return queue

    def _queue(self, queue: _Queue) -> None:
        """Let the queue wait for a place, or forgets it if nothing is in it."""
        if not queue.current:
            queue.waiting.clear()
            queue.more = False
        if queue.waiting or queue.more:
            if not queue.queued and len(queue.under_way) < MOST_UNDER_WAY_PER_ACCOUNT:
                queue.queued = True
                (self._held if self._places.are_held(queue.next_url()) else self._ready).append(queue)
        elif not queue.under_way and self._queues.get(queue.account) is queue:
            del self._queues[queue.account]

    def _landed(self, queue: _Queue, number: int, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._places.leave(task)
        if queue.under_way.get(number) is task:
            del queue.under_way[number]
        if task.cancelled():
            # Cut off by a reset, or because the loop ends: then it waits again, for the next loop.
            queue.more = queue.current
        elif (error := task.exception()) is not None:
            log.error("an attempt was not recorded; this is a mistake of the sandbox", exc_info=error)
        if self._loop is task.get_loop() and not (task.cancelled() and queue.current):
            self._queue(queue)
            self._start()

    def _busy(self, account: Account | None) -> Collection[asyncio.Task[None]]:
        """Return the tasks to wait for, of an account or of all."""
        if account is None:
            return self._tasks.copy()
        queue = self._queues.get(account)
        if queue is None or not queue.current:
            return ()
        # A queue without a place waits until somebody else's attempt ends.
        return set(queue.under_way.values()) or (self._tasks.copy() if queue.waiting or queue.more else ())

    def _move(self, loop: asyncio.AbstractEventLoop) -> None:
        """Move to another loop; what was under way on the old one waits again."""
        self._loop, self._outbound, self._tasks = loop, Outbound(self._own_ports), set()
        self._places = Places()
        for queue in tuple(self._queues.values()):
            if queue.under_way:
                queue.under_way, queue.more = {}, True
            self._queue(queue)

    def _settle(self) -> None:
        """Make the running loop the worker's own."""
        here = asyncio.get_running_loop()
        if self._loop is not here:
            if self._loop is not None and self._loop.is_running():
                raise RuntimeError("the sandbox is served by another loop: use asyncio.run_coroutine_threadsafe")
            self._move(here)

    # One attempt.

    async def _attempt(self, queue: _Queue, delivery: Delivery) -> None:
        account, seconds = queue.account, delivery.retries.timeout
        time, began = account.clock.now(), stopwatch()
        response, error = TargetResponse(), None
        extra: Headers = ()
        try:
            await self._outbound.load(delivery.url)
            began = stopwatch()
            async with asyncio.timeout(seconds):
                if delivery.prepare is not None:
                    extra = tuple(await delivery.prepare(self._context(delivery.service, account), delivery))
                headers = delivery.headers + extra
                await self._outbound.exchange(response, "POST", delivery.url, headers, delivery.body, account)
        except Exception as exception:
            error = reason(exception, seconds)
        self._places.note(delivery.url, response.status is not None)
        excerpt = bytes(response.body[:MOST_EXCERPT])
        attempt = Attempt(time, response.status, error, excerpt, stopwatch() - began, extra)
        # On a loop that the worker has left, the outcome does not count.
        if queue.under_way.get(delivery.number) is asyncio.current_task():
            self._record(account, delivery.number, attempt)

    def _record(self, account: Account, number: int, attempt: Attempt) -> None:
        # Numbers are never given twice: what a reset forgot is not there any more.
        delivery = account.deliveries.get(number)
        if delivery is None:
            return
        ctx = self._context(delivery.service, account)
        attempts = (*delivery.attempts, attempt)
        status: Status = delivery.status
        next_at = None
        if status == "pending":
            if attempt.error is None and attempt.status in delivery.retries.success:
                status = "delivered"
            else:
                next_at = _schedule(ctx, delivery, attempt)
                status = "failed" if next_at is None else "pending"
        kept = replace(delivery, attempts=attempts, status=status, next_at=next_at)
        account.deliveries.replace(number, kept, kept.size)
        if delivery.on_done is not None and delivery.status == "pending" and status != "pending":
            try:
                delivery.on_done(ctx, number)
            except Exception:
                log.exception("what %s does after a delivery failed", delivery.service)


class _Queue:
    """One account's attempts since its last reset: under way by number, and the numbers that wait, oldest first."""

    __slots__ = ("account", "generation", "more", "queued", "under_way", "waiting")

    def __init__(self, account: Account) -> None:
        self.account = account
        self.generation = account.generation
        self.under_way: dict[int, asyncio.Task[None]] = {}
        self.waiting: deque[int] = deque()
        self.more = False
        """Whether the log may hold more that waits than ``waiting`` says."""
        self.queued = False

    @property
    def current(self) -> bool:
        return self.generation == self.account.generation

    def add(self, number: int) -> None:
        if self.more or len(self.waiting) >= MOST_WAITING:
            self.more = True
        else:
            self.waiting.append(number)

    def next(self) -> Delivery | None:
        """Return the delivery whose turn it is. One that was cancelled or dropped from the log is passed over."""
        while self.current and (self.waiting or self._look_for_more()):
            delivery = self.account.deliveries.get(self.waiting.popleft())
            if delivery is not None and self._waits(delivery):
                return delivery
        return None

    def next_url(self) -> str:
        """Return the URL of the next delivery, as far as is known."""
        delivery = self.account.deliveries.get(self.waiting[0]) if self.waiting else None
        return "" if delivery is None else delivery.url

    def _look_for_more(self) -> bool:
        if self.more:
            waits = (delivery.number for delivery in self.account.deliveries.oldest() if self._waits(delivery))
            self.waiting.extend(islice(waits, MOST_WAITING))
            self.more = len(self.waiting) == MOST_WAITING
        return bool(self.waiting)

    def _waits(self, delivery: Delivery) -> bool:
        return delivery.status == "pending" and delivery.next_at is None and delivery.number not in self.under_way


def _schedule(ctx: Context, delivery: Delivery, attempt: Attempt) -> float | None:
    """Schedule the next attempt, if there is one. Return its time."""
    gap = delivery.retries.gap(len(delivery.attempts) + 1, attempt)
    if gap is None:
        return None
    when = ctx.now + gap
    try:
        ctx.call_at(when, _retry, delivery.number)
    except TooManyJobs:
        log.warning("delivery %d is not retried: too many jobs wait for the clock", delivery.number)
        return None
    return when


def _retry(ctx: Context, number: int) -> None:
    delivery = ctx.account.deliveries.get(number)
    if delivery is not None:
        ctx.account.deliveries.replace(number, replace(delivery, next_at=None))
        ctx.sandbox.worker.line_up(ctx.account, number)
