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
    """A connected account on a platform. ``followers`` is the number at ``measured``; :mod:`.series` adds the rest."""

    id: str
    time: float
    """When it was connected."""
    platform: str
    handle: str
    seed: int
    followers: int
    growth: float
    """Average number of new followers a day."""
    reach: float
    """Views a day for each follower."""
    engagement: float
    """Likes for each view."""
    measured: float
    verified: bool


class Audience(Record, frozen=True, gc=False):
    """Whole percentages; each list adds up to 100."""

    ages: tuple[tuple[str, int], ...]
    genders: tuple[tuple[str, int], ...]
    countries: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, int], ...]
    """The sources of new followers."""


class Creator(Record, frozen=True, gc=False):
    """One creator. All their demo data follow from ``seed``."""

    id: str
    time: float
    """When the creator joined Sparked."""
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
    """The brands that the creator has worked with."""

    @property
    def avatar(self) -> str:
        """Return the file name of the creator's picture."""
        return f"{self.handle}.svg"

    @property
    def platforms(self) -> tuple[str, ...]:
        return tuple(channel.platform for channel in self.channels)
