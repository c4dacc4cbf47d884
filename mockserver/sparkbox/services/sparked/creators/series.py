"""Numbers that move with the clock: followers, and what a channel did on a day.

Nothing of it is kept. A day's numbers follow from the channel's seed and the day, so they are the same whenever they
are asked for; today's grow as the day goes on, and only ever upwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from ..times import DAY
from .models import Channel

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
    """All channels together, day by day from ``first`` to ``last``."""
    return [total([of_day(channel, day, now) for channel in channels]) for day in range(first, last + 1)]


def total(numbers: Sequence[Numbers]) -> Numbers:
    """Several together."""
    return Numbers._make(map(sum, zip(*numbers, strict=True))) if numbers else _NONE


_NONE = Numbers()
