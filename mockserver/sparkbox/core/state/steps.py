"""Work in steps, so that a large request does not hold up the others.

A handler or a job that may have much to do is a generator: it works for a few milliseconds, yields, and continues when
the others have had their turn::

    @operations.post("/api/v1/recipient-lists")
    def create_list(ctx: Context, body: NewList) -> Steps[ListAnswer]:
        \"\"\"Create a list.\"\"\"
        for chunk in chunks(body.recipients, 500):
            ...
            yield
        return {"id": ...}

One that ends before its first ``yield`` costs nothing and is answered at once. Between two steps other requests of the
same account are answered: check in steps without touching state, then change it in one.
Without an event loop the steps follow each other, see :meth:`Rest.complete`.

What happens to something later, at times of the account's clock, is a lifecycle: see :mod:`.lifecycle`.
"""

from __future__ import annotations

import asyncio
import gc
import heapq
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from math import inf
from types import GeneratorType
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")
Wait = Callable[[], Awaitable[Any]]

_NEVER = 1_000_000
FREED_A_STEP = 1000
SHORT = 100
"""Elements of a list that is freed at once, except for the lists in it."""

Steps = Generator[None, None, T]
"""Work that yields between its steps, and returns a ``T``."""

StepsAndWaits = Generator[Wait | None, Any, T]
"""The same; it may also yield a :data:`Wait`, such as an :class:`Aside`, and gets its result."""


class Interrupted(RuntimeError):
    """The account was reset during one of its requests."""


class Turns:
    """Who works next: one step in each round of the event loop, first come, first served."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._at_work = 0
        self._thresholds = gc.get_threshold()

    async def next(self) -> None:
        """Wait for a turn."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop = loop
            self._waiting = deque()
        turn = loop.create_future()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            loop.call_soon(self._give, self._waiting)
        await turn

    async def finish(self, steps: Steps[T]) -> T:
        """Do all steps, each in its own turn."""
        try:
            with self.busy():
                while True:
                    await self.next()
                    next(steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Suspend full garbage collections: with a million elements in use, one takes a tenth of a second."""
        if not self._at_work:
            self._thresholds = gc.get_threshold()
            gc.set_threshold(*self._thresholds[:2], _NEVER)
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1
            if not self._at_work:
                gc.set_threshold(*self._thresholds)

    def _give(self, waiting: deque[asyncio.Future[None]]) -> None:
        while waiting:
            turn = waiting.popleft()
            if not turn.done():  # cancelled ones need none
                turn.set_result(None)
                break
        if waiting and self._loop is not None:
            self._loop.call_soon(self._give, waiting)


class Rest(Generic[T]):
    """The rest of work that did not end in its first step. It may also yield something to be awaited."""

    def __init__(self, steps: Generator[Wait | None, Any, T], wait: Wait | None, turns: Turns) -> None:
        self._steps = steps
        self._wait = wait
        self._turns = turns

    async def __call__(self) -> T:
        """Do it on the event loop, a turn at a time."""
        value: Any = None
        raised: Exception | None = None
        try:
            while True:
                if self._wait is None:
                    with self._turns.busy():
                        while self._wait is None:
                            await self._turns.next()
                            self._wait = next(self._steps)
                try:
                    value, raised = await self._wait(), None
                except Exception as error:
                    value, raised = None, error
                self._wait = self._steps.send(value) if raised is None else self._steps.throw(raised)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def step(self) -> T | None:
        """Do one step, and return the result if it was the last one."""
        try:
            next(self._steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        return None

    def complete(self) -> T | None:
        """Do it at once. Return ``None`` if something has to be awaited: :meth:`__call__` continues there."""
        try:
            while self._wait is None or isinstance(self._wait, Aside):
                value = None if self._wait is None else self._wait.at_once()
                self._wait = self._steps.send(value)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        return None


def begin(steps: StepsAndWaits[T], turns: Turns) -> T | Rest[T]:
    """Do the first step. Return the result if that was all, otherwise the rest of the work."""
    try:
        wait = next(steps)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    return Rest(steps, wait, turns)


class Resettable(Protocol):
    """Something that can be reset: an account."""

    generation: int
    """Counts the resets."""


def attended(account: Resettable, steps: StepsAndWaits[T]) -> StepsAndWaits[T]:
    """Do the steps of a request and return its result; raise :class:`Interrupted` once its account is reset."""
    generation = account.generation
    result: Any = None
    try:
        while True:
            result = yield steps.send(result)
            if account.generation != generation:
                raise Interrupted("the account was reset meanwhile")
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


class Aside:
    """Work that has no steps and touches no state, such as an import: on the event loop, a thread does it.

    Whoever needs it meanwhile waits for the same thread.
    """

    def __init__(self, at_once: Callable[[], Any]) -> None:
        self.at_once = at_once
        self._under_way: asyncio.Future[Any] | None = None

    async def __call__(self) -> Any:
        """Wait until it is done, and return its result."""
        loop = asyncio.get_running_loop()
        under_way = self._under_way
        if under_way is None or under_way.get_loop() is not loop or under_way.done():
            thread = ThreadPoolExecutor(1, "sparkbox-import")
            under_way = self._under_way = loop.run_in_executor(thread, self.at_once)
            thread.shutdown(wait=False)
        return await asyncio.shield(under_way)


def complete(steps: Steps[T]) -> T:
    """Do all steps at once, where nobody else waits."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


def running(steps: Steps[Any]) -> bool:
    """Return whether these steps are being done right now."""
    return bool(steps.gi_running)  # type: ignore[attr-defined]


def is_steps(value: Any) -> bool:
    """Return whether the result of a call is work in steps."""
    return value.__class__ is GeneratorType


def chunks(items: Sequence[T], size: int) -> Iterator[tuple[int, Sequence[T]]]:
    """Cut up a sequence; yield each piece with its first index."""
    for start in range(0, len(items), size):
        yield start, items[start : start + size]


class Held:
    """The lists in a large value, kept so that they are not all freed with it: half a million objects take 50 ms."""

    def __init__(self, value: Any = None) -> None:
        self._lists: list[list[Any]] = []
        self.hold(value)

    def hold(self, value: Any, depth: int = 3) -> None:
        """Keep the lists, and the values of large dictionaries, down to a depth."""
        if value.__class__ is not dict and value.__class__ is not list:
            value = getattr(value, "__dict__", None)
        if not value:
            return
        if len(value) > SHORT:
            self._lists.append(list(value.values() if isinstance(value, dict) else value))
        elif depth:
            for item in value.values() if isinstance(value, dict) else value:
                self.hold(item, depth - 1)

    def let_go(self) -> Steps[None]:
        """Free what nobody else uses, a piece in a step."""
        while self._lists:
            items = self._lists.pop()
            yield from freed(items)
            yield


def freed(items: list[Any]) -> Steps[None]:
    """Empty a list, a piece in a step."""
    while len(items) > FREED_A_STEP:
        del items[-FREED_A_STEP:]
        yield
    items.clear()


def emptied(mapping: dict[Any, Any]) -> Steps[None]:
    """Empty a dictionary, a piece in a step."""
    while len(mapping) > FREED_A_STEP:
        for _ in range(FREED_A_STEP):
            mapping.popitem()
        yield
    mapping.clear()


def in_order(items: list[T], key: Callable[[T], Any], *, reverse: bool = False, size: int = 5000) -> Steps[list[T]]:
    """Sort items, a bounded number in each step."""
    runs = []
    for start, some in chunks(items, size):
        if start:
            yield
        runs.append(sorted(some, key=key, reverse=reverse))
    if len(runs) < 2:
        return runs[0] if runs else []
    return (yield from collected(heapq.merge(*runs, key=key, reverse=reverse), size))


def collected(items: Iterable[T], size: int) -> Steps[list[T]]:
    """Collect items in a list, ``size`` of them in a step; ``items`` may be a generator that works for each."""
    found: list[T] = []
    iterator = iter(items)
    while piece := list(islice(iterator, size)):
        found += piece
        if len(piece) < size:
            break
        yield
    return found


def chosen(
    items: Iterable[T], wanted: Callable[[T], bool], first: int = 0, end: float = inf, *, size: int
) -> Steps[list[T]]:
    """Return the wanted items from the ``first`` until before the ``end``, looking at ``size`` items in a step."""
    found: list[T] = []
    place = 0
    for number, item in enumerate(items, 1):
        if number % size == 0:
            yield
        if wanted(item):
            if place >= first:
                found.append(item)
            place += 1
            if place >= end:
                break
    return found
