"""The seven scopes, and how the consent page explains them. https://sparked.com/integration"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Scope(NamedTuple):
    """``opens`` is the list on the consent page; ``documented`` is the vendor's own description."""

    name: str
    title: str
    documented: str
    opens: tuple[str, ...]

    @property
    def writes(self) -> bool:
        return self.name.startswith("write:")


SCOPES = (
    Scope(
        "read:profile",
        "See your profile",
        "Creator name, avatar, bio",
        (
            "Your name, handle, avatar and bio",
            "Your category, country, language and time zone",
            "The accounts you have connected: platform, handle, followers and engagement",
        ),
    ),
    Scope(
        "read:insights",
        "See your analytics",
        "Analytics and performance data",
        (
            "Your audience: age, gender, countries and growth",
            "Your performance day by day: views, likes, comments, shares and followers",
            "The recommendations and nudges that Pulse has given you",
        ),
    ),
    Scope(
        "read:gameplan",
        "See your content plan",
        "Content calendar and planned posts",
        ("Your content calendar, with planned and published posts and their captions",),
    ),
    Scope(
        "write:gameplan",
        "Add to your content plan",
        "Modify content plan",
        ("Add posts to your calendar, which Sparked publishes when their time comes",),
    ),
    Scope(
        "read:assets",
        "See your Studio assets",
        "Studio assets and media library",
        ("The images, videos and documents in your Studio, with their titles and tags",),
    ),
    Scope(
        "write:assets",
        "Add assets to your Studio",
        "Upload and create assets",
        ("Upload images, videos and documents to your Studio",),
    ),
    Scope(
        "read:mediakit",
        "See and generate your media kit",
        "Media kit data",
        (
            "Your media kit: audience, performance, rates and collaborations",
            "Generate new snapshots of it with a public page",
            "Who viewed your media kit, and when",
        ),
    ),
)

BY_NAME = {scope.name: scope for scope in SCOPES}
NAMES = tuple(BY_NAME)


def parse(text: str) -> tuple[str, ...]:
    """Return the names in ``read:profile read:insights``, each once, known ones first and in the order of this list."""
    given = dict.fromkeys(text.split(" "))
    given.pop("", None)
    return (*(name for name in NAMES if name in given), *(name for name in given if name not in BY_NAME))


def join(names: Iterable[str]) -> str:
    """Return the names as in the ``scope`` parameter."""
    return " ".join(names)
