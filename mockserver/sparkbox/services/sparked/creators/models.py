"""Creators, their connected accounts and their audience."""

from __future__ import annotations

from sparkbox.core.state.store import Record
from sparkbox.services import SPARKED

CREATOR = SPARKED.credentials["creator"]
"""The ready creator."""


class DemoSeed(Record, frozen=True, gc=False):
    """The random seed of an account's demo data; there is one."""

    seed: int

    @property
    def key(self) -> str:
        return "seed"


class Channel(Record, frozen=True, gc=False):
    """A connected account on a platform. ``followers`` are those at ``measured``; the rest follows from the clock."""

    id: str
    time: float
    """When it was connected."""
    platform: str
    handle: str
    seed: int
    followers: int
    growth: float
    """Followers gained in a day, on average."""
    reach: float
    """Views in a day for each follower."""
    engagement: float
    """Likes for each view."""
    measured: float
    verified: bool


class Audience(Record, frozen=True, gc=False):
    """Percentages, whole numbers that add up to 100 each."""

    ages: tuple[tuple[str, int], ...]
    genders: tuple[tuple[str, int], ...]
    countries: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, int], ...]
    """Where new followers come from."""


class Creator(Record, frozen=True, gc=False):
    """One creator. ``seed`` is what everything of theirs grows from."""

    id: str
    time: float
    """When they joined Sparked."""
    seed: int
    name: str
    handle: str
    bio: str
    niche: str
    country: str
    city: str
    language: str
    timezone: str
    channels: tuple[Channel, ...]
    audience: Audience
    brands: tuple[str, ...]
    """Whom they have worked with."""

    @property
    def avatar(self) -> str:
        """The name of their picture."""
        return f"{self.handle}.svg"

    @property
    def platforms(self) -> tuple[str, ...]:
        return tuple(channel.platform for channel in self.channels)
