"""What is known of a creator, and the root that everybody in an account grows from."""

from __future__ import annotations

from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record, Store

CREATOR = "cr_mock"
"""The ready creator."""


class Root(Record, frozen=True, gc=False):
    """What an account's creators grow from; there is one."""

    seed: int

    @property
    def key(self) -> str:
        return "root"


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


def alias(id: str) -> str:
    """The credential by which a token or a public page opens its account; the id alone opens it in no service."""
    return f"sparked:{id}"


def seed_account(account: Account, store: Store) -> None:
    """Draws what everything else of a new account grows from; this is cheap, the rest waits until it is wanted."""
    store[Root].put(Root(account.ids.getrandbits(64)))


def root(ctx: Context) -> Root:
    """The account's root."""
    found = ctx.store[Root].get("root")
    if found is None:
        raise LookupError("an account without a root")
    return found
