"""Campaigns and the runs of contacts through them."""

from __future__ import annotations

from typing import Literal

from sparkbox.core.state.store import Record

State = Literal["draft", "launched", "stopped"]
End = Literal["", "done", "failures", "unsubscribed", "error"]


class Campaign(Record, frozen=True, gc=False):
    """An engagement that sends one SMS; ``open`` says whether it takes new subscriptions."""

    id: int
    name: str
    message: str
    state: State = "launched"
    open: bool = True
    sender: str = ""


class Run(Record, frozen=True, gc=False):
    """One subscription. ``end`` is empty while it is active; ``job`` is its delay, ``sms`` what it sent.

    ``time_zone`` and ``args`` (a JSON object) are what the subscription came with, ``relative`` its delay's.
    """

    most = 100_000
    first_id = 700_001

    id: int
    campaign: int
    contact: int
    starts: float
    end: End = ""
    job: int = 0
    sms: int = 0
    time_zone: str = ""
    args: bytes = b"{}"
    relative: str = ""


class Subscriber(Record, frozen=True, gc=False):
    """A contact's runs in one campaign, the oldest first."""

    campaign: int
    contact: int
    runs: tuple[int, ...]

    @property
    def key(self) -> str:
        return f"{self.campaign}:{self.contact}"
