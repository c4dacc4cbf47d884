"""Media kits and their views."""

from __future__ import annotations

import orjson
from typing_extensions import TypedDict

from sparkbox.core.state.store import Record


class KitChannel(TypedDict):
    platform: str
    handle: str
    followers: int
    engagement_rate: float


class KitTotals(TypedDict):
    followers: int
    impressions: int
    views: int
    engagement_rate: float


class KitShare(TypedDict):
    label: str
    percentage: int


class KitAudience(TypedDict):
    """The percentages of each list add up to 100."""

    age: list[KitShare]
    gender: list[KitShare]
    countries: list[KitShare]


class KitRate(TypedDict):
    platform: str
    deliverable: str
    amount: int
    currency: str


KitPeriod = TypedDict("KitPeriod", {"from": str, "to": str})


class KitContents(TypedDict):
    """The contents of a snapshot: the numbers of its period, day by day and in total, and prices."""

    period: KitPeriod
    channels: list[KitChannel]
    totals: KitTotals
    daily_views: list[int]
    audience: KitAudience
    rates: list[KitRate]
    collaborations: list[str]
    topics: list[str]


class Kit(Record, frozen=True, gc=False):
    """One snapshot. ``contents`` is JSON, as the API shows it."""

    most = 500

    id: str
    time: float
    creator_id: str
    number: int
    title: str
    contents: bytes

    def read(self) -> KitContents:
        contents: KitContents = orjson.loads(self.contents)
        return contents


class View(Record, frozen=True, gc=False):
    """A view of a kit's page; ``brand`` and ``referrer`` are empty if unknown."""

    most = 5_000

    id: str
    time: float
    kit_id: str
    brand: str
    referrer: str
    device: str
