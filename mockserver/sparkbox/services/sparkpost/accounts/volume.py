"""The number of messages that an account has sent, by quarters of an hour.

They are counted when they are injected, because the log of events is bounded. The vendor's day is rolling: it ends with
the current quarter of an hour.
"""

from __future__ import annotations

from typing import ClassVar

from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record

from ..domains.models import SANDBOX

QUARTER = 900.0
DAY = 86_400.0
SANDBOX_LIMIT = 5
"""Messages from the sandbox domain that an account can send in its life."""


class Quarter(Record, frozen=True, gc=False):
    """The messages of one quarter of an hour; ``id`` is its number since 1970."""

    most: ClassVar[int | None] = 3_300
    """A month of 31 days plus one day."""

    id: int
    sent: int


class Sandbox(Record, frozen=True, gc=False):
    """The number of messages from the sandbox domain."""

    id: str
    sent: int


def count(ctx: Context, domain: str) -> None:
    """Count a message from a sending domain as it is injected; those from the sandbox domain also separately."""
    number = int(ctx.now // QUARTER)
    quarters = ctx.store[Quarter]
    known = quarters.get(number)
    quarters.put(Quarter(number, 1 if known is None else known.sent + 1))
    if domain == SANDBOX:
        ctx.store[Sandbox].put(Sandbox("sandbox", from_sandbox(ctx) + 1))


def sent_since(ctx: Context, start: float) -> int:
    """Return the messages since the quarter of an hour that ``start`` is in."""
    first, last = int(start // QUARTER), int(ctx.now // QUARTER)
    return sum(quarter.sent for quarter in ctx.store[Quarter].values() if first <= quarter.id <= last)


def from_sandbox(ctx: Context) -> int:
    """Return the messages from the sandbox domain so far."""
    known = ctx.store[Sandbox].get("sandbox")
    return 0 if known is None else known.sent


def day(ctx: Context) -> tuple[float, float]:
    """Return the beginning and the end of the rolling day."""
    end = (ctx.now // QUARTER + 1) * QUARTER
    return end - DAY, end
