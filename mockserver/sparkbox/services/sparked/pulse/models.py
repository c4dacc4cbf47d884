"""Insights, nudges, and the schedule of insights."""

from __future__ import annotations

from typing import Literal

from sparkbox.core.state.store import Record

NudgeStatus = Literal["sent", "acted", "dismissed", "expired"]


class Insight(Record, frozen=True, gc=False):
    most = 2_000

    id: str
    time: float
    kind: str
    title: str
    body: str
    platform: str
    confidence: int
    """Per cent."""


class Nudge(Record, frozen=True, gc=False):
    most = 2_000

    id: str
    time: float
    kind: str
    message: str
    channel: Literal["push", "email", "in_app"]
    status: NudgeStatus
    insight_id: str = ""


class Schedule(Record, frozen=True, gc=False):
    """When a creator's next insight is due (0: never), and the end of the schedule; one for each creator."""

    creator_id: str
    seed: int
    until: float = 0.0
    next: float = 0.0

    @property
    def key(self) -> str:
        return self.creator_id
