"""Demo data from a random seed: creators, their plans, assets, insights and visitors. Faker makes names and brands.

The same seed gives the same data. Their times lie around the first request for the creator.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkbox.core.state.ids import Ids

from ..gameplan.models import Slot
from ..mediakit.models import View
from ..pulse import recommendations
from ..pulse.models import Insight, Nudge, NudgeStatus
from ..studio import assets
from ..studio.models import Asset, AssetType
from ..times import DAY, HOUR, MINUTE
from . import names
from .models import CREATOR, Audience, Channel, Creator
from .niches import BY_NAME, COUNTRIES, NICHES, PLATFORMS, PROFILES

if TYPE_CHECKING:
    from faker import Faker

CREATORS = 4
DAYS_BACK, DAYS_AHEAD = 28, 28

_HOMES = (
    ("US", "Portland", "America/Los_Angeles", "en"),
    ("GB", "Bristol", "Europe/London", "en"),
    ("CA", "Montréal", "America/Toronto", "en"),
    ("AU", "Melbourne", "Australia/Melbourne", "en"),
    ("DE", "Leipzig", "Europe/Berlin", "de"),
    ("NL", "Rotterdam", "Europe/Amsterdam", "nl"),
    ("ES", "Valencia", "Europe/Madrid", "es"),
    ("BR", "Recife", "America/Recife", "pt"),
)
_AGES = ("13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")
_GENDERS = ("female", "male", "other")
_SOURCES = ("recommendations", "search", "shares", "collaborations", "profile")


def creators(seed: int, now: float) -> list[Creator]:
    """Return the creators of an account, ``cr_mock`` first."""
    chance, faker = Ids(seed), names.faker()
    faker.seed_instance(chance.getrandbits(64))
    chosen = chance.sample(NICHES, CREATORS)
    return [
        _creator(
            Ids(chance.getrandbits(64)), faker, CREATOR if index == 0 else f"cr_{chance.text(10)}", niche.name, now
        )
        for index, niche in enumerate(chosen)
    ]


def plan(creator: Creator, now: float) -> list[Slot]:
    """Return four past and four future weeks of slots, some of them drafts."""
    chance = Ids(f"plan:{creator.seed}")
    titles = _shuffled(chance, BY_NAME[creator.niche].titles)
    today = int(now // DAY)
    found = []
    for index, day in enumerate(range(today - DAYS_BACK, today + DAYS_AHEAD, 3)):
        time = float(day * DAY + chance.choice((7, 9, 12, 16, 18, 19)) * HOUR + chance.choice((0, 15, 30)) * MINUTE)
        channel = chance.choice(creator.channels)
        id = f"slot_{chance.text(12)}"
        past = time <= now
        slot = Slot(
            id,
            time,
            channel.platform,
            chance.choice(PLATFORMS[channel.platform]),
            titles[index % len(titles)],
            f"{titles[index % len(titles)]}. #{' #'.join(chance.sample(BY_NAME[creator.niche].tags, 3))}",
            "published" if past else "draft" if index % 6 == 5 else "scheduled",
            "creator",
            time - chance.choice((2, 5, 9)) * DAY,
            published=time if past else None,
            post_url=f"{PROFILES[channel.platform].format(handle=channel.handle).rstrip('/')}/{id[5:]}" if past else "",
        )
        found.append(slot)
    return found


def library(creator: Creator, now: float) -> list[Asset]:
    """Return the assets in Studio."""
    chance = Ids(f"library:{creator.seed}")
    niche = BY_NAME[creator.niche]
    types: Sequence[AssetType] = ("image", "image", "video", "image", "video", "audio", "document")
    return [
        assets.sized(
            f"asset_{chance.text(12)}",
            now - (index * 2.3 + 0.4 + chance.random()) * DAY,
            types[index % len(types)],
            title,
            "studio" if index % 3 == 0 else "upload",
            chance.getrandbits(16),
            tags=tuple(chance.sample(niche.tags, 2)),
        )
        for index, title in enumerate((*niche.titles, *(f"{title}: cut-down" for title in niche.titles)))
    ]


def advice(creator: Creator, now: float) -> tuple[list[Insight], list[Nudge]]:
    """Return the insights and nudges of the last weeks."""
    chance = Ids(f"advice:{creator.seed}")
    insights = [
        recommendations.compose(chance, creator, f"ins_{chance.text(12)}", now - (day + chance.random()) * DAY)
        for day in range(14)
    ]
    statuses: Sequence[NudgeStatus] = ("acted", "dismissed", "expired", "acted", "sent")
    nudges = [
        recommendations.compose_nudge(
            chance,
            creator,
            f"ndg_{chance.text(12)}",
            now - (day * 1.7 + chance.random()) * DAY,
            statuses[day % len(statuses)],
            insights[day % len(insights)].id if day % 2 == 0 else "",
        )
        for day in range(18)
    ]
    return insights, nudges


def views(creator: Creator, kits: Sequence[tuple[str, float]], now: float) -> list[View]:
    """Return the views of media kits, which are given by id and time."""
    chance = Ids(f"visits:{creator.seed}")
    found = []
    for index, (kit_id, made) in enumerate(kits):
        for _ in range(9 - 3 * index if index < 3 else 2):
            brand = chance.choice((*creator.brands, ""))
            referrer = chance.choice(("", "https://www.linkedin.com/", "https://mail.example.com/"))
            time = made + (now - made) * chance.random()
            device = chance.choice(("desktop", "desktop", "mobile"))
            found.append(View(f"view_{chance.text(12)}", time, kit_id, brand, referrer, device))
    return found


def shares(chance: Ids, labels: Sequence[str], weights: Sequence[float]) -> tuple[tuple[str, int], ...]:
    """Return random whole percentages near the weights: at least 1 each, 100 in total."""
    varied = [weight * (0.6 + 0.8 * chance.random()) for weight in weights]
    left = 100 - len(labels)
    exact = [left * weight / sum(varied) for weight in varied]
    parts = [int(part) for part in exact]
    # What rounding down leaves over goes to the largest remainders.
    order = sorted(range(len(parts)), key=lambda index: exact[index] - parts[index], reverse=True)
    for index in order[: left - sum(parts)]:
        parts[index] += 1
    return tuple((label, part + 1) for label, part in zip(labels, parts, strict=True))


def _creator(chance: Ids, faker: Faker, id: str, niche: str, now: float) -> Creator:
    first, last = faker.first_name(), faker.last_name()
    handle = re.sub(r"[^a-z]", "", f"{first}{last}".lower())
    country, city, timezone, language = chance.choice(_HOMES)
    names = [name for name in PLATFORMS if name != "instagram"]
    platforms = ("instagram", "tiktok", "youtube") if id == CREATOR else ("instagram", *chance.sample(names, 2))
    joined = now - (200 + 900 * chance.random()) * DAY
    others = [code for code in chance.sample(tuple(COUNTRIES), 6) if code != country][:5]
    return Creator(
        id=id,
        time=joined,
        seed=chance.getrandbits(53),
        name=f"{first} {last}",
        handle=handle,
        bio=chance.choice(BY_NAME[niche].bios).format(city=city),
        niche=niche,
        country=country,
        city=city,
        language=language,
        timezone=timezone,
        channels=tuple(_channel(chance, platform, handle, joined, now) for platform in platforms),
        audience=Audience(
            shares(chance, _AGES, (4, 22, 34, 20, 11, 6, 3)),
            shares(chance, _GENDERS, (50, 46, 2)),
            _ranked(shares(chance, (country, *others, "Other"), (38, *(14, 11, 8, 6, 4)[: len(others)], 14))),
            shares(chance, _SOURCES, (42, 21, 17, 12, 8)),
        ),
        brands=tuple(faker.company() for _ in range(5)),
    )


def _channel(chance: Ids, platform: str, handle: str, joined: float, now: float) -> Channel:
    followers = int(4_000 * 10 ** (2.2 * chance.random()))
    return Channel(
        id=f"acc_{chance.text(12)}",
        time=joined + chance.random() * 30 * DAY,
        platform=platform,
        handle=chance.choice((handle, handle, f"{handle}official", f"the{handle}")),
        seed=chance.getrandbits(32),
        followers=followers,
        growth=round(followers * (0.0004 + 0.0016 * chance.random()), 2),
        reach=round(0.12 + 0.5 * chance.random(), 3),
        engagement=round(0.02 + 0.06 * chance.random(), 4),
        measured=now,
        verified=followers > 100_000,
    )


def _ranked(found: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Sort shares, the largest first; the last one, of all others, stays last."""
    *named, others = found
    return (*sorted(named, key=lambda share: -share[1]), others)


def _shuffled(chance: Ids, titles: Sequence[str]) -> list[str]:
    found = list(titles)
    chance.shuffle(found)
    return found
