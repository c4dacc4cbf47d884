"""Creator data: profile, connected accounts, audience. https://sparked.com/integration; the fields are inferred."""

from __future__ import annotations

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context

from .. import errors
from ..paging import ListQuery, page
from ..times import DAY, day_of, stamp
from . import niches, series
from .lookup import own_creator
from .models import Channel

operations = Operations("Creators", docs=errors.DOCS, errors=[errors.CREATOR_NOT_FOUND, errors.INSUFFICIENT_SCOPE])

GROWTH_DAYS = 30


class Profile(TypedDict):
    id: str
    name: str
    handle: str
    avatar_url: str
    bio: str
    category: str
    country: str
    city: str
    language: str
    timezone: str
    platforms: list[str]
    joined_at: str


class ConnectedAccount(TypedDict):
    """``engagement_rate`` is a percentage of the last thirty days."""

    id: str
    platform: str
    handle: str
    url: str
    followers: int
    engagement_rate: float
    verified: bool
    connected_at: str


class AccountPage(TypedDict):
    data: list[ConnectedAccount]
    next_cursor: str | None


class AgeShare(TypedDict):
    range: str
    percentage: int


class GenderShare(TypedDict):
    gender: str
    percentage: int


class CountryShare(TypedDict):
    """``country`` is an ISO 3166 code, or ``Other``."""

    country: str
    percentage: int


class SourceShare(TypedDict):
    source: str
    percentage: int


class Growth(TypedDict):
    """``rate`` is a percentage; ``sources`` is where the new followers came from."""

    period_days: int
    new_followers: int
    rate: float
    sources: list[SourceShare]


class AudienceInsights(TypedDict):
    """The percentages of each list add up to 100."""

    creator_id: str
    followers: int
    age: list[AgeShare]
    gender: list[GenderShare]
    countries: list[CountryShare]
    growth: Growth
    updated_at: str


@operations.get("/api/v1/creators/{id}", tags=("read:profile",))
def get_creator(ctx: Context, id: str) -> Profile:
    """Get a creator's profile."""
    creator = own_creator(ctx, id)
    return {
        "id": creator.id,
        "name": creator.name,
        "handle": creator.handle,
        "avatar_url": f"{ctx.request.base_url}/media/avatars/{creator.avatar}",
        "bio": creator.bio,
        "category": creator.niche,
        "country": creator.country,
        "city": creator.city,
        "language": creator.language,
        "timezone": creator.timezone,
        "platforms": list(creator.platforms),
        "joined_at": stamp(creator.time),
    }


@operations.get("/api/v1/creators/{id}/accounts", tags=("read:profile",))
def list_accounts(ctx: Context, id: str, query: ListQuery) -> AccountPage:
    """List a creator's connected accounts, oldest first."""
    rows, next_cursor = page(own_creator(ctx, id).channels, query, oldest_first=True)
    return {"data": [_account(channel, ctx.now) for channel in rows], "next_cursor": next_cursor}


@operations.get("/api/v1/creators/{id}/insights", tags=("read:insights",))
def get_audience(ctx: Context, id: str) -> AudienceInsights:
    """Get a creator's audience insights."""
    creator = own_creator(ctx, id)
    now, before = (
        sum(series.followers(channel, when) for channel in creator.channels)
        for when in (ctx.now, ctx.now - GROWTH_DAYS * DAY)
    )
    audience = creator.audience
    return {
        "creator_id": creator.id,
        "followers": now,
        "age": [{"range": label, "percentage": share} for label, share in audience.ages],
        "gender": [{"gender": label, "percentage": share} for label, share in audience.genders],
        "countries": [{"country": label, "percentage": share} for label, share in audience.countries],
        "growth": {
            "period_days": GROWTH_DAYS,
            "new_followers": now - before,
            "rate": round(100 * (now - before) / before, 2) if before else 0.0,
            "sources": [{"source": label, "percentage": share} for label, share in audience.sources],
        },
        "updated_at": stamp(ctx.now),
    }


def _account(channel: Channel, now: float) -> ConnectedAccount:
    today = day_of(now)
    numbers = series.total(series.of_days((channel,), today - GROWTH_DAYS, today - 1, now))
    return {
        "id": channel.id,
        "platform": channel.platform,
        "handle": channel.handle,
        "url": niches.PROFILES[channel.platform].format(handle=channel.handle),
        "followers": series.followers(channel, now),
        "engagement_rate": numbers.engagement_rate,
        "verified": channel.verified,
        "connected_at": stamp(channel.time),
    }
