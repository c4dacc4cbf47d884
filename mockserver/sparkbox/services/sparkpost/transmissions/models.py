"""Transmissions as they are kept: those that were sent, and those that wait for their time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record

MOST_SCHEDULED = 10_000
MOST_SCHEDULED_BYTES = 256 * 1024 * 1024

DELETION_WINDOW = 600.0
"""Seconds before its start in which a transmission, and the list that it uses, can't be changed any more."""


class Transmission(Record, frozen=True, gc=False, kw_only=True):
    """One transmission, without its content; ``options``, ``metadata`` and ``substitution_data`` are JSON, or empty."""

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
    """A transmission that waits. ``body`` is the request's JSON; it is read again when the time has come."""

    id: str
    transmission: Transmission
    body: bytes
    start: float
    job: int
    list_id: str = ""
    template_owner: int = 0
    """The subaccount whose template it uses."""
    base_url: str = ""
    """The sandbox's URL as the sender reached it."""

    def within_window(self, now: float) -> bool:
        """Whether it is too late to change anything."""
        return self.start - now < DELETION_WINDOW


def full(ctx: Context, size: int) -> bool:
    """Whether there is no room for another scheduled transmission of ``size`` bytes."""
    waiting = ctx.store[Scheduled]
    if len(waiting) >= MOST_SCHEDULED:
        return True
    return size + sum(len(scheduled.body) for scheduled in waiting.values()) > MOST_SCHEDULED_BYTES


def using_template(ctx: Context, id: str, owner: int) -> Iterator[Scheduled]:
    """The scheduled transmissions that use a template of the subaccount ``owner``."""
    for scheduled in ctx.store[Scheduled].values():
        if scheduled.transmission.template_id == id and scheduled.template_owner == owner:
            yield scheduled


def using_list(ctx: Context, id: str, owner: int) -> Iterator[Scheduled]:
    """The scheduled transmissions of the subaccount ``owner`` that use a recipient list."""
    for scheduled in ctx.store[Scheduled].values():
        if scheduled.list_id == id and scheduled.transmission.subaccount == owner:
            yield scheduled
