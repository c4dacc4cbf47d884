"""Bundles of dynamic-video minutes, and how many minutes were used."""

from __future__ import annotations

from typing import Literal

from sparkbox.core.state.store import Record

BundleStatus = Literal["active", "canceling", "canceled"]


class Usage(Record, frozen=True, gc=False):
    """Minutes used in a billing period; the account's first period is 0."""

    period: int
    used: int

    @property
    def key(self) -> str:
        return ""


class Bundle(Record, frozen=True, gc=False, kw_only=True):
    """A bundle that was bought; ``ends`` is set when it is cancelled."""

    id: str
    """The subscription item, ``si_…``."""
    product: str
    price: str
    label: str
    minutes: int
    count: int = 1
    custom: bool = False
    bought: float
    ends: float | None = None

    @property
    def total(self) -> int:
        return self.minutes * self.count
