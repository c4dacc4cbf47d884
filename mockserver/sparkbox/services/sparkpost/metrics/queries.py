"""The parameters of queries for metrics, and the events that they select, aggregated in groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from sparkbox.core.declare.limits import Limit
from sparkbox.core.declare.schema import Body
from sparkbox.core.logs.events import Event
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps

from .. import errors
from ..auth import given_subaccount
from ..events.event_types import TYPES
from ..searching import listed, one_of, refused, whole_number
from . import filters
from .aggregates import Aggregate
from .digests import Digest, Dimensions, digest_of
from .filters import FILTERS, Test
from .windows import Window, window

POLLING = Limit("metrics", 1, 120, shared=False)
"""The vendor: polling more than once in two minutes may encounter rate limiting."""

DOCS = "https://developers.sparkpost.com/api/metrics/"
LIST_ERRORS = (errors.INVALID_QUERY, errors.INVALID_PARAMETERS)
ERRORS = (errors.METRICS_WINDOW, *LIST_ERRORS)
MOST_ROWS = 10_000
DEFAULT_ROWS = 1000

Row = dict[str, Any]
Key = tuple[Any, ...]
EVENTS_A_STEP = 1000

KeyOf = Callable[[Event, Digest], Key | None]


class WindowQuery(Body):
    from_: Annotated[str | None, Field(alias="from")] = None
    to: str | None = None
    timezone: str | None = None


class MetricsQuery(WindowQuery):
    """Lists are delimited by ``delimiter``."""

    delimiter: str = ","
    metrics: str | None = None
    precision: str | None = None
    limit: str | None = None
    order_by: str | None = None
    query_filters: str | None = None
    domains: str | None = None
    campaigns: str | None = None
    subject_campaigns: str | None = None
    mailbox_providers: str | None = None
    mailbox_provider_regions: str | None = None
    templates: str | None = None
    sending_ips: str | None = None
    ip_pools: str | None = None
    sending_domains: str | None = None
    subaccounts: str | None = None


class Query(NamedTuple):
    """A checked query."""

    within: Window
    metrics: tuple[str, ...]
    order_by: str
    limit: int
    tests: list[Test]


def check(
    ctx: Context, query: MetricsQuery, metrics: tuple[str, ...], *, series: bool = False, chosen: bool = True
) -> Query:
    """Check a query. It chooses from ``metrics``; unless they can be ``chosen``, it gets all of them."""
    within = window(query.from_, query.to, query.timezone, query.precision, series=series, now=ctx.now)
    if chosen:
        names = listed(query.metrics, query.delimiter)
        if names is None:
            raise refused("metrics", "metrics is required")
        one_of("metrics", query.metrics, metrics, query.delimiter)
        metrics = tuple(dict.fromkeys(names))
    if query.order_by:
        one_of("order_by", query.order_by, metrics)
    limit = whole_number("limit", query.limit, DEFAULT_ROWS, 1, MOST_ROWS)
    if query.query_filters:
        tests = filters.advanced(query.query_filters)
    else:
        tests = filters.simple({name: listed(getattr(query, name), query.delimiter) for name in FILTERS})
    return Query(within, metrics, query.order_by or metrics[0], limit, [*tests, *subaccount_tests(ctx)])


def aggregate(ctx: Context, query: Query, key: KeyOf) -> Steps[dict[Key, Aggregate]]:
    """Aggregate the events that the query selects by their keys; events whose key is ``None`` are left out."""
    aggregates: dict[Key, Aggregate] = {}
    for each in matching_events(ctx, query.within, query.tests):
        if each is None:
            yield
            continue
        event, digest = each
        group = key(event, digest)
        if group is not None:
            found = aggregates.get(group)
            if found is None:
                found = aggregates[group] = Aggregate()
            found.add(digest)
    return aggregates


def ordered(query: Query, rows: list[Row], name: str) -> list[Row]:
    """Return the rows with the largest figures first, up to the query's limit."""
    return sorted(rows, key=lambda row: (-row[query.order_by], row[name]))[: query.limit]


def matching_events(ctx: Context, within: Window, tests: list[Test]) -> Iterator[tuple[Event, Digest] | None]:
    """Yield the events of a window that pass all tests, oldest first, and ``None`` where others may have their turn."""
    passing: dict[Dimensions, bool] = {}
    for number, event in enumerate(ctx.events(), 1):
        if number % EVENTS_A_STEP == 0:
            yield None
        if event.type in TYPES and within.holds(event.time):
            found = digest_of(event)
            passes = passing.get(found.dimensions)
            if passes is None:
                passes = passing[found.dimensions] = all(test(found.dimensions) for test in tests)
            if passes:
                yield event, found


def subaccount_tests(ctx: Context) -> list[Test]:
    """Return the test for the subaccount that the request names, if it names one."""
    owner = given_subaccount(ctx)
    return [] if owner is None else [lambda message: message.subaccount_id == owner]
