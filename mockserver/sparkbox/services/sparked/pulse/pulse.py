"""Pulse analytics: insights, nudges, performance. https://sparked.com/integration; the fields are inferred."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.clock import moment
from sparkbox.core.state.context import Context

from .. import errors
from ..creators import series
from ..creators.lookup import own_creator
from ..creators.models import Channel, Creator
from ..creators.series import Numbers
from ..envelope import Detail
from ..paging import ListQuery, page
from ..times import DAY, Day, day_of, day_stamp, stamp
from .models import Insight, Nudge, NudgeStatus

operations = Operations("Pulse", docs=errors.DOCS, errors=[errors.CREATOR_NOT_FOUND, errors.INSUFFICIENT_SCOPE])

USUAL_DAYS = 30
MOST_DAYS = 366

Granularity = Literal["day", "week", "month"]


class InsightQuery(ListQuery):
    platform: str | None = None


class NudgeQuery(ListQuery):
    status: NudgeStatus | None = None


class PerformanceQuery(Body):
    """At most 366 days; by default the thirty days up to today."""

    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None
    granularity: Granularity = "day"
    platform: str | None = None


class InsightFields(TypedDict):
    """A recommendation; ``confidence`` is between 0 and 1."""

    id: str
    kind: str
    title: str
    body: str
    platform: str
    confidence: float
    created_at: str


class InsightPage(TypedDict):
    data: list[InsightFields]
    next_cursor: str | None


class NudgeFields(TypedDict):
    id: str
    kind: str
    message: str
    channel: str
    status: NudgeStatus
    insight_id: str | None
    sent_at: str


class NudgePage(TypedDict):
    data: list[NudgeFields]
    next_cursor: str | None


class Metrics(TypedDict):
    """``engagement_rate`` is a percentage of the views."""

    impressions: int
    views: int
    likes: int
    comments: int
    shares: int
    saves: int
    new_followers: int
    engagement_rate: float


class Point(Metrics):
    """``date`` is the first day of the week or month within the period."""

    date: str


class Change(TypedDict):
    """Percentages relative to as many days before; ``null`` if these had none."""

    views: float | None
    impressions: float | None
    likes: float | None


Performance = TypedDict(
    "Performance",
    {
        "creator_id": str,
        "from": str,
        "to": str,
        "granularity": Granularity,
        "platform": str | None,
        "followers": int,
        "totals": Metrics,
        "change": Change,
        "series": list[Point],
    },
)


@operations.get("/api/v1/pulse/{creator_id}/insights", tags=("read:insights",))
def list_insights(ctx: Context, creator_id: str, query: InsightQuery) -> InsightPage:
    """List the insights that Pulse gave a creator, newest first."""
    own_creator(ctx, creator_id)
    found = (row for row in ctx.store[Insight, creator_id].values() if query.platform in (None, row.platform))
    rows, next_cursor = page(found, query)
    return {"data": [view_insight(insight) for insight in rows], "next_cursor": next_cursor}


@operations.get("/api/v1/pulse/{creator_id}/nudges", tags=("read:insights",))
def list_nudges(ctx: Context, creator_id: str, query: NudgeQuery) -> NudgePage:
    """List the nudges that Pulse sent a creator, newest first."""
    own_creator(ctx, creator_id)
    found = (row for row in ctx.store[Nudge, creator_id].values() if query.status in (None, row.status))
    rows, next_cursor = page(found, query)
    return {"data": [_view_nudge(nudge) for nudge in rows], "next_cursor": next_cursor}


@operations.get("/api/v1/pulse/{creator_id}/performance", tags=("read:insights",), errors=[errors.INVALID_QUERY])
def get_performance(ctx: Context, creator_id: str, query: PerformanceQuery) -> Performance:
    """Get a creator's performance, on one platform or all.

    Today's numbers grow with the clock.
    """
    creator = own_creator(ctx, creator_id)
    channels = _channels(creator, query.platform)
    first, last = _period(query, day_of(ctx.now))
    count = last - first + 1
    days = series.of_days(channels, first - count, last, ctx.now)
    earlier, requested = days[:count], days[count:]
    total = series.total(requested)
    return {
        "creator_id": creator.id,
        "from": day_stamp(first),
        "to": day_stamp(last),
        "granularity": query.granularity,
        "platform": query.platform,
        "followers": sum(series.followers(channel, ctx.now) for channel in channels),
        "totals": _metrics(total),
        "change": _change(series.total(earlier), total),
        "series": _points(first, requested, query.granularity),
    }


def view_insight(insight: Insight) -> InsightFields:
    """Return an insight as the API shows it."""
    return {
        "id": insight.id,
        "kind": insight.kind,
        "title": insight.title,
        "body": insight.body,
        "platform": insight.platform,
        "confidence": insight.confidence / 100,
        "created_at": stamp(insight.time),
    }


def _view_nudge(nudge: Nudge) -> NudgeFields:
    return {
        "id": nudge.id,
        "kind": nudge.kind,
        "message": nudge.message,
        "channel": nudge.channel,
        "status": nudge.status,
        "insight_id": nudge.insight_id or None,
        "sent_at": stamp(nudge.time),
    }


def _channels(creator: Creator, platform: str | None) -> tuple[Channel, ...]:
    found = tuple(channel for channel in creator.channels if platform in (None, channel.platform))
    if not found:
        raise _invalid_query("platform", f"must be one of {', '.join(creator.platforms)}")
    return found


def _period(query: PerformanceQuery, today: int) -> tuple[int, int]:
    last = today if query.last is None else min(query.last, today)
    first = last - USUAL_DAYS + 1 if query.first is None else query.first
    if first > last:
        raise _invalid_query("from", "must not lie after to, nor in the future")
    if last - first >= MOST_DAYS:
        raise _invalid_query("from", f"must lie at most {MOST_DAYS} days before to")
    return first, last


def _invalid_query(field: str, issue: str) -> Exception:
    details: list[Detail] = [{"field": field, "issue": issue}]
    return errors.INVALID_QUERY(count="1 parameter that makes no sense", details=details)


def _metrics(numbers: Numbers) -> Metrics:
    return {
        "impressions": numbers.impressions,
        "views": numbers.views,
        "likes": numbers.likes,
        "comments": numbers.comments,
        "shares": numbers.shares,
        "saves": numbers.saves,
        "new_followers": numbers.new_followers,
        "engagement_rate": numbers.engagement_rate,
    }


def _change(before: Numbers, now: Numbers) -> Change:
    def change(old: int, new: int) -> float | None:
        return round(100 * (new - old) / old, 1) if old else None

    return {
        "views": change(before.views, now.views),
        "impressions": change(before.impressions, now.impressions),
        "likes": change(before.likes, now.likes),
    }


def _points(first: int, days: list[Numbers], granularity: Granularity) -> list[Point]:
    dated = [(first + index, numbers) for index, numbers in enumerate(days)]
    groups = (list(group) for _, group in groupby(dated, key=lambda pair: _span(pair[0], granularity)))
    return [
        {"date": day_stamp(group[0][0]), **_metrics(series.total([numbers for _, numbers in group]))}
        for group in groups
    ]


def _span(day: int, granularity: Granularity) -> object:
    """Return what the days of a point share; weeks begin on Monday."""
    if granularity == "day":
        return day
    if granularity == "week":
        return (day + 3) // 7
    date = moment(day * DAY)
    return date.year, date.month
