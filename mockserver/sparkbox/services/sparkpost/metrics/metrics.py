"""Metrics: how many messages were sent, arrived, bounced, were opened, …, reckoned from the events.

https://developers.sparkpost.com/api/metrics/. Quirks: ``links`` is a list here, not an object; a link is relative to
the vendor's host. Polling an operation more than once in two minutes may get a 429. ``/deliverability/aggregate`` is
the older name of the summary, which the vendor's examples use still. The metrics of the deliverability add-on are zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typing_extensions import TypedDict

from sparkbox.core.logs.events import Event
from sparkbox.core.state.clock import iso, moment
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps

from ..page import Page
from ..searching import whole_number
from . import filters
from .aggregates import ADD_ON, METRICS, Fact, Qualities, Tally
from .filters import FIELDS
from .queries import (
    DEFAULT_ROWS,
    DOCS,
    ERRORS,
    LIST_ERRORS,
    MOST_ROWS,
    POLLING,
    ROOT,
    SUMMARY,
    Key,
    MetricsQuery,
    Row,
    WindowQuery,
    asked,
    facts,
    ordered,
    owned,
    tallied,
)
from .windows import DAY, LINKS, MetricsLink, floor, inner_zone, link, optional_window, window

MOST_DAYS = 366

operations = Page("Metrics", docs=DOCS, limits=(POLLING,), view="metrics/view")


class ListQuery(WindowQuery):
    match: str | None = None
    limit: str | None = None


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


@operations.get(ROOT, bare=True, limits=())
def list_metrics_links(ctx: Context) -> MetricsIndex:
    """Discoverability links."""
    return {"results": {}, "links": [link(""), link("deliverability"), *map(link, _LISTS)]}


@operations.get(SUMMARY, errors=ERRORS, bare=True)
def summarize_metrics(ctx: Context, query: MetricsQuery) -> Steps[Summary]:
    """Metrics summary: the metrics of everything that was sent."""
    return (yield from _summary(ctx, query))


@operations.get(f"{SUMMARY}/aggregate", errors=ERRORS, bare=True, evidence="observed")
def aggregate_metrics(ctx: Context, query: MetricsQuery) -> Steps[Summary]:
    """Aggregate metrics: the summary under its older name."""
    return (yield from _summary(ctx, query))


def _group(rel: str, key: str, value: Callable[[Qualities], Any], metrics: tuple[str, ...] = METRICS) -> None:
    """Declares the metrics by one quality of the messages; those that lack it are in none of its rows."""

    def by_quality(ctx: Context, query: MetricsQuery) -> Steps[list[Row]]:
        given = asked(ctx, query, metrics)
        tallies = yield from tallied(ctx, given, lambda event, fact: (value(fact.qualities),))
        rows = [{key: group, **tally.row(given.metrics)} for (group,), tally in tallies.items() if group != ""]
        return ordered(given, rows, key)

    by_quality.__name__ = f"measure_by_{rel.replace('-', '_')}"
    by_quality.__doc__ = f"Metrics by {rel.replace('-', ' ').replace('ip', 'IP')}."
    operations.get(f"{SUMMARY}/{rel}", errors=ERRORS)(by_quality)


_group("domain", "domain", FIELDS["domains"])
_group("watched-domain", "watched_domain", FIELDS["domains"])
_group("sending-ip", "sending_ip", FIELDS["sending_ips"])
_group("ip-pool", "ip_pool", FIELDS["ip_pools"])
_group("sending-domain", "sending_domain", FIELDS["sending_domains"])
_group("subaccount", "subaccount_id", lambda its: its.subaccount_id)
_group("campaign", "campaign_id", FIELDS["campaigns"])
_group("template", "template_id", FIELDS["templates"])
_group("subject-campaign", "subject_campaign", FIELDS["subject_campaigns"], ADD_ON)
_group("mailbox-provider", "mailbox_provider", FIELDS["mailbox_providers"])
_group("mailbox-provider-region", "mailbox_provider_region", FIELDS["mailbox_provider_regions"])


@operations.get(f"{SUMMARY}/time-series", errors=ERRORS)
def measure_over_time(ctx: Context, query: MetricsQuery) -> Steps[list[Row]]:
    """Time-series metrics: the metrics of each step of time in which something happened."""
    given = asked(ctx, query, METRICS, series=True)
    precision = query.precision or "day"
    zone = inner_zone(precision, given.within.zone)

    starts: dict[float, Key] = {}

    def step(event: Event, fact: Fact) -> Key:
        # Every step has whole minutes in it.
        minute = event.time // 60
        start = starts.get(minute)
        if start is None:
            start = starts[minute] = (floor(event.time, precision, zone),)
        return start

    tallies = yield from tallied(ctx, given, step)
    return [
        {**tally.row(given.metrics), "ts": moment(start).astimezone(zone).isoformat(timespec="seconds")}
        for (start,), tally in sorted(tallies.items())
    ]


@operations.get(f"{SUMMARY}/query-filters-schema")
def retrieve_filters_schema(ctx: Context) -> dict[str, Any]:
    """Advanced query JSON schema: what ``query_filters`` has to look like."""
    return filters.SCHEMA


_LISTS = {
    "campaigns": "campaigns",
    "domains": "domains",
    "ip-pools": "ip_pools",
    "mailbox-provider-regions": "mailbox_provider_regions",
    "mailbox-providers": "mailbox_providers",
    "sending-domains": "sending_domains",
    "sending-ips": "sending_ips",
    "subject-campaigns": "subject_campaigns",
    "templates": "templates",
}
"""What there are lists of, and the filter that chooses among the same."""


def _list(rel: str, value: Callable[[Qualities], str]) -> None:
    """Declares the list of all values of one quality of the messages."""

    def list_values(ctx: Context, query: ListQuery) -> Steps[dict[str, list[str]]]:
        within = optional_window(query.from_, query.to, query.timezone)
        limit = whole_number("limit", query.limit, DEFAULT_ROWS, 1, MOST_ROWS)
        part = (query.match or "").lower()
        qualities = set()
        for each in facts(ctx, within, owned(ctx)):
            if each is None:
                yield
            else:
                qualities.add(each[1].qualities)
        values = {value(its) for its in qualities}
        return {rel: [found for found in sorted(values) if found and part in found.lower()][:limit]}

    list_values.__name__ = f"list_{rel.replace('-', '_')}_with_metrics"
    list_values.__doc__ = f"List the {rel.replace('-', ' ').replace('ip', 'IP')} that there are metrics on."
    operations.get(f"{ROOT}/{rel}", errors=LIST_ERRORS)(list_values)


for _rel, _filter in _LISTS.items():
    _list(_rel, FIELDS[_filter])


@operations.get(f"{ROOT}/benchmarks/inbox-rate", errors=ERRORS, evidence="assumed")
def list_inbox_rates(ctx: Context, query: BenchmarkQuery) -> list[InboxRate]:
    """Inbox rate: a made-up benchmark of the industry, the same for each day."""
    within = window(query.from_, query.to, query.timezone, "day", series=False, now=ctx.now)
    until = ctx.now if within.until is None else within.until
    days = min(int((until - within.since + DAY - 1) // DAY), MOST_DAYS)
    return [{"median": 0.894, "q25": 0.6, "q75": 0.97, "ts": iso(within.since + day * DAY)} for day in range(days)]


def _summary(ctx: Context, query: MetricsQuery) -> Steps[Summary]:
    given = asked(ctx, query, METRICS)
    tally = (yield from tallied(ctx, given, lambda event, fact: ())).get((), Tally())
    return {"results": [tally.row(given.metrics)], "links": LINKS}
