"""Time series: followers, and the numbers of a channel day by day.

Nothing is stored. The numbers of a day follow from the channel's seed and the day, so every request gets the same ones.
Today's numbers grow with the clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from ..times import DAY
from .models import Channel

_WEEKDAYS = (1.0, 0.95, 0.98, 1.08, 1.1, 1.22, 1.15)
"""The weights of weekdays from Thursday on: 1 January 1970 was one."""


class Numbers(NamedTuple):
    """The numbers of a period; ``new_followers`` may be negative."""

    impressions: int = 0
    views: int = 0
    likes: int = 0
    comments: int = 0
    shares: int = 0
    saves: int = 0
    new_followers: int = 0

    @property
    def engagement_rate(self) -> float:
        """Return likes, comments, shares and saves as a percentage of views."""
        engaged = self.likes + self.comments + self.shares + self.saves
        return round(100 * engaged / self.views, 2) if self.views else 0.0


def followers(channel: Channel, when: float) -> int:
    """Return a channel's number of followers at a time."""
    days = (when - channel.measured) / DAY
    swing = 3 * channel.growth * (math.sin(days / 5 + channel.seed % 7) - math.sin(channel.seed % 7))
    return max(0, int(channel.followers + channel.growth * days + swing))


def of_day(channel: Channel, day: int, now: float) -> Numbers:
    """Return a channel's numbers on a day: today's until ``now``, zeros for a future day."""
    begins = day * DAY
    passed = min((now - begins) / DAY, 1.0)
    if passed <= 0:
        return _NONE
    chance = int.from_bytes(blake2b(b"%d:%d" % (channel.seed, day), digest_size=8).digest(), "big")
    first, second, third, fourth = ((chance >> shift & 0xFFFF) / 65_536 for shift in (0, 16, 32, 48))
    before = followers(channel, begins)
    views = before * channel.reach * _WEEKDAYS[day % 7] * (0.7 + 0.6 * first)
    likes = views * channel.engagement * (0.75 + 0.5 * second)
    return Numbers(
        int(passed * views * (1.3 + 0.4 * third)),
        int(passed * views),
        int(passed * likes),
        int(passed * likes * (0.03 + 0.05 * fourth)),
        int(passed * likes * (0.02 + 0.04 * third)),
        int(passed * likes * (0.05 + 0.06 * first)),
        followers(channel, begins + passed * DAY) - before,
    )


def of_days(channels: tuple[Channel, ...], first: int, last: int, now: float) -> list[Numbers]:
    """Return the numbers of all channels together, day by day from ``first`` to ``last``."""
    return [total([of_day(channel, day, now) for channel in channels]) for day in range(first, last + 1)]


def total(numbers: Sequence[Numbers]) -> Numbers:
    """Return the sum of several numbers."""
    return Numbers._make(map(sum, zip(*numbers, strict=True))) if numbers else _NONE


_NONE = Numbers()
