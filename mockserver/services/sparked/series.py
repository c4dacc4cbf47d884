"""Numbers that move with the clock: followers, and what a channel did on a day.

Nothing of it is kept. A day's numbers follow from the channel's seed and the day, so they are the same whenever they
are asked for; today's grow as the day goes on, and only ever upwards.
"""

from __future__ import annotations

import math
from hashlib import blake2b
from typing import NamedTuple

from .people import Channel
from .times import DAY

_WEEKDAYS = (1.0, 0.95, 0.98, 1.08, 1.1, 1.22, 1.15)
"""How the days do, beginning on Thursday, which 1 January 1970 was."""


class Numbers(NamedTuple):
    """What happened in some span of time; ``new_followers`` may be fewer than none."""

    impressions: int = 0
    views: int = 0
    likes: int = 0
    comments: int = 0
    shares: int = 0
    saves: int = 0
    new_followers: int = 0

    def plus(self, other: Numbers) -> Numbers:
        return Numbers(*(mine + its for mine, its in zip(self, other, strict=True)))

    @property
    def engagement_rate(self) -> float:
        """Likes, comments, shares and saves for a hundred views."""
        engaged = self.likes + self.comments + self.shares + self.saves
        return round(100 * engaged / self.views, 2) if self.views else 0.0


def followers(channel: Channel, when: float) -> int:
    """How many followers a channel has at a time."""
    days = (when - channel.measured) / DAY
    swing = 3 * channel.growth * (math.sin(days / 5 + channel.seed % 7) - math.sin(channel.seed % 7))
    return max(0, int(channel.followers + channel.growth * days + swing))


def of_day(channel: Channel, day: int, now: float) -> Numbers:
    """A channel's numbers on a day; of today what there is by ``now``, of the future nothing."""
    begins = day * DAY
    passed = min(max((now - begins) / DAY, 0.0), 1.0)
    if not passed:
        return Numbers()
    chance = blake2b(f"{channel.seed}:{day}".encode(), digest_size=8).digest()
    first, second, third, fourth = (
        int.from_bytes(chance[index : index + 2], "big") / 65_536 for index in range(0, 8, 2)
    )
    views = followers(channel, begins) * channel.reach * _WEEKDAYS[day % 7] * (0.7 + 0.6 * first)
    likes = views * channel.engagement * (0.75 + 0.5 * second)
    full = (
        views * (1.3 + 0.4 * third),
        views,
        likes,
        likes * (0.03 + 0.05 * fourth),
        likes * (0.02 + 0.04 * third),
        likes * (0.05 + 0.06 * first),
    )
    gained = followers(channel, begins + passed * DAY) - followers(channel, begins)
    return Numbers._make([*(int(number * passed) for number in full), gained])


def of_days(channels: tuple[Channel, ...], first: int, last: int, now: float) -> list[Numbers]:
    """All channels together, day by day from ``first`` to ``last``."""
    days = []
    for day in range(first, last + 1):
        total = Numbers()
        for channel in channels:
            total = total.plus(of_day(channel, day, now))
        days.append(total)
    return days


def total(days: list[Numbers]) -> Numbers:
    """The days together."""
    numbers = Numbers()
    for day in days:
        numbers = numbers.plus(day)
    return numbers
