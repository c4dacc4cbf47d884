"""Metrics: how many messages were sent, delivered, bounced, opened and so on, aggregated from the events.

https://developers.sparkpost.com/api/metrics/. ``/deliverability/aggregate`` is the older name of the summary, which the
vendor's examples still use.
"""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from sparkbox.core.logs.events import Event
from sparkbox.core.state.clock import iso, moment
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps

from ..page import Page
from . import filters
from .aggregates import METRICS, Aggregate
from .digests import Digest
from .links import INDEX, LINKS, MetricsLink
from .queries import DOCS, ERRORS, POLLING, Key, MetricsQuery, Row, WindowQuery, aggregate, check
from .windows import DAY, floor, inner_zone, window

MOST_DAYS = 366

operations = Page("Metrics", docs=DOCS, limits=(POLLING,), view="metrics/view")


class BenchmarkQuery(WindowQuery):
    industry_category: str = "all"
    mailbox_provider: str = "all"


class MetricsIndex(TypedDict):
    results: dict[str, Any]
    links: list[MetricsLink]


class Summary(TypedDict):
    results: list[dict[str, int]]
    links: list[MetricsLink]


class InboxRate(TypedDict):
    median: float
    q25: float
    q75: float
    ts: str


@operations.get("/api/v1/metrics", bare=True, limits=())
def list_metrics_links(ctx: Context) -> MetricsIndex:
    """List discoverability links."""
    return {"results": {}, "links": INDEX}


@operations.get("/api/v1/metrics/deliverability", errors=ERRORS, bare=True)
def summarize_metrics(ctx: Context, query: MetricsQuery) -> Steps[Summary]:
    """Retrieve a metrics summary."""
    return (yield from _summary(ctx, query))


@operations.get("/api/v1/metrics/deliverability/aggregate", errors=ERRORS, bare=True, evidence="observed")
def aggregate_metrics(ctx: Context, query: MetricsQuery) -> Steps[Summary]:
    """Retrieve a metrics summary under its older name."""
    return (yield from _summary(ctx, query))


@operations.get("/api/v1/metrics/deliverability/time-series", errors=ERRORS)
def measure_over_time(ctx: Context, query: MetricsQuery) -> Steps[list[Row]]:
    """Retrieve time-series metrics.

    There is a row for each step of time that has events.
    """
    checked = check(ctx, query, METRICS, series=True)
    precision = query.precision or "day"
    zone = inner_zone(precision, checked.within.zone)

    starts: dict[float, Key] = {}

    def step(event: Event, digest: Digest) -> Key:
        # Every step has whole minutes in it.
        minute = event.time // 60
        start = starts.get(minute)
        if start is None:
            start = starts[minute] = (floor(event.time, precision, zone),)
        return start

    found = yield from aggregate(ctx, checked, step)
    return [
        {**counted.row(checked.metrics), "ts": moment(start).astimezone(zone).isoformat(timespec="seconds")}
        for (start,), counted in sorted(found.items())
    ]


@operations.get("/api/v1/metrics/deliverability/query-filters-schema")
def retrieve_filters_schema(ctx: Context) -> dict[str, Any]:
    """Retrieve the JSON schema of advanced queries."""
    return filters.SCHEMA


@operations.get("/api/v1/metrics/benchmarks/inbox-rate", errors=ERRORS, evidence="assumed")
def list_inbox_rates(ctx: Context, query: BenchmarkQuery) -> list[InboxRate]:
    """Retrieve the industry's inbox rates.

    They are made up, and the same for each day.
    """
    within = window(query.from_, query.to, query.timezone, "day", series=False, now=ctx.now)
    until = ctx.now if within.until is None else within.until
    days = min(int((until - within.since + DAY - 1) // DAY), MOST_DAYS)
    return [{"median": 0.894, "q25": 0.6, "q75": 0.97, "ts": iso(within.since + day * DAY)} for day in range(days)]


def _summary(ctx: Context, query: MetricsQuery) -> Steps[Summary]:
    checked = check(ctx, query, METRICS)
    found = yield from aggregate(ctx, checked, lambda event, digest: ())
    return {"results": [found.get((), Aggregate()).row(checked.metrics)], "links": LINKS}
