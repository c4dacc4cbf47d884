"""Batches: events that wait to be posted to a webhook together.

Each of them is a record of its own, so that one more costs the same however many wait already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..logs.events import Event
from ..state import lifecycle
from ..state.context import Context
from ..state.lifecycle import Stage
from ..state.steps import complete
from ..state.store import Record


class Rhythm(NamedTuple):
    """A batch is posted ``seconds`` after its first event, or when it holds ``most`` events or ``most_bytes``."""

    seconds: float
    most: int
    most_bytes: int


class Pending(Record, frozen=True, gc=False):
    """How many events wait for a webhook, and their bytes. While the record exists, a job is scheduled."""

    subscription: str
    count: int = 0
    size: int = 0

    @property
    def key(self) -> str:
        return self.subscription


class Waiting(Record, frozen=True, gc=False):
    """One of these events; kept under ``store[Waiting, subscription]``."""

    event: Event

    @property
    def key(self) -> int:
        return self.event.number


def collect(
    ctx: Context,
    subscription: str,
    event: Event,
    rhythm: Rhythm,
    post: Callable[[list[Event]], None],
    flush: Callable[[Context, str], None],
) -> None:
    """Add an event to a webhook's batch.

    ``post`` posts a batch that is full now; ``flush(ctx, subscription)`` is run by the clock to post what waits then.
    """
    known = ctx.store[Pending].get(subscription)
    before = known or Pending(subscription)
    pending = Pending(subscription, before.count + 1, before.size + len(event.data))
    ctx.store[Waiting, subscription].put(Waiting(event))
    if pending.count >= rhythm.most or pending.size >= rhythm.most_bytes:
        post(_take(ctx, subscription))
        pending = Pending(subscription)
    ctx.store[Pending].put(pending)
    if known is None:
        complete(lifecycle.start_or_finish(ctx, subscription, [Stage(rhythm.seconds, flush)]))


def end(ctx: Context, subscription: str) -> list[Event]:
    """Forget a webhook's batch, and return the events that waited."""
    return [] if ctx.store[Pending].delete(subscription) is None else _take(ctx, subscription)


def _take(ctx: Context, subscription: str) -> list[Event]:
    waiting = ctx.store[Waiting, subscription]
    events = [each.event for each in waiting.values()]
    waiting.clear()
    return events
