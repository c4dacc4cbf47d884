"""The records of transmissions: sent ones and scheduled ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record

MOST_SCHEDULED = 10_000
MOST_SCHEDULED_BYTES = 256 * 1024 * 1024

DELETION_WINDOW = 600.0
"""Seconds before its start during which a transmission and its recipient list cannot be changed."""


class Transmission(Record, frozen=True, gc=False, kw_only=True):
    """A transmission without its content; ``options``, ``metadata`` and ``substitution_data`` are JSON, or empty."""

    most: ClassVar[int | None] = 10_000

    id: str
    state: str
    campaign_id: str = ""
    description: str = ""
    template_id: str = "inline"
    use_draft: bool = False
    recipients: int = 0
    generated: int = 0
    failed: int = 0
    started: float = 0.0
    ended: float = 0.0
    options: bytes = b""
    metadata: bytes = b""
    substitution_data: bytes = b""
    subaccount: int = 0


class Scheduled(Record, frozen=True, gc=False, kw_only=True):
    """A scheduled transmission. ``body`` is the request's JSON, which is read again at the start time."""

    id: str
    transmission: Transmission
    body: bytes
    start: float
    job: int
    list_id: str = ""
    template_owner: int = 0
    """The subaccount that owns its template."""
    base_url: str = ""
    """The sandbox's URL that the sender used."""

    def within_window(self, now: float) -> bool:
        """Return whether it is too late for changes."""
        return self.start - now < DELETION_WINDOW


class ScheduledBytes(Record, frozen=True, gc=False):
    """The bytes of all scheduled transmissions; a single record."""

    bytes: int

    @property
    def key(self) -> str:
        return "all"


def schedule_is_full(ctx: Context, size: int) -> bool:
    """Return whether another scheduled transmission of ``size`` bytes is too much."""
    return len(ctx.store[Scheduled]) >= MOST_SCHEDULED or _scheduled_bytes(ctx) + size > MOST_SCHEDULED_BYTES


def keep_until_start(ctx: Context, scheduled: Scheduled) -> None:
    """Keep a scheduled transmission."""
    ctx.store[Scheduled].put(scheduled)
    ctx.store[ScheduledBytes].put(ScheduledBytes(_scheduled_bytes(ctx) + len(scheduled.body)))


def unschedule(ctx: Context, id: str) -> Scheduled | None:
    """Forget a scheduled transmission and return it."""
    scheduled = ctx.store[Scheduled].delete(id)
    if scheduled is not None:
        ctx.store[ScheduledBytes].put(ScheduledBytes(_scheduled_bytes(ctx) - len(scheduled.body)))
    return scheduled


def scheduled_with_template(ctx: Context, id: str, owner: int) -> Iterator[Scheduled]:
    """Yield the scheduled transmissions that use a template of the subaccount ``owner``."""
    for scheduled in ctx.store[Scheduled].values():
        if scheduled.transmission.template_id == id and scheduled.template_owner == owner:
            yield scheduled


def scheduled_with_list(ctx: Context, id: str, owner: int) -> Iterator[Scheduled]:
    """Yield the scheduled transmissions of the subaccount ``owner`` that use a recipient list."""
    for scheduled in ctx.store[Scheduled].values():
        if scheduled.list_id == id and scheduled.transmission.subaccount == owner:
            yield scheduled


def _scheduled_bytes(ctx: Context) -> int:
    total = ctx.store[ScheduledBytes].get("all")
    return 0 if total is None else total.bytes
