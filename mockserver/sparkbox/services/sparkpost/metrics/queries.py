"""What the queries for metrics have in common: their parameters, and the events that they want, counted in groups."""

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
from .aggregates import Fact, Qualities, Tally, fact
from .filters import FIELDS, Test
from .windows import Window, window

POLLING = Limit("metrics", 1, 120, shared=False)
"""As the vendor words it: polling more than once in two minutes may encounter rate limiting."""

DOCS = "https://developers.sparkpost.com/api/metrics/"
ROOT = "/api/v1/metrics"
SUMMARY = f"{ROOT}/deliverability"
LIST_ERRORS = (errors.INVALID_QUERY, errors.INVALID_PARAMETERS)
ERRORS = (errors.METRICS_WINDOW, *LIST_ERRORS)
MOST_ROWS = 10_000
DEFAULT_ROWS = 1000

Row = dict[str, Any]
Key = tuple[Any, ...]
EVENTS_A_STEP = 1000

KeyOf = Callable[[Event, Fact], Key | None]


class WindowQuery(Body):
    from_: Annotated[str | None, Field(alias="from")] = None
    to: str | None = None
    timezone: str | None = None


class MetricsQuery(WindowQuery):
    """All lists are delimited by ``delimiter``, a comma unless it says otherwise."""

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


class Asked(NamedTuple):
    """What a query asks for."""

    within: Window
    metrics: tuple[str, ...]
    order_by: str
    limit: int
    tests: list[Test]


def asked(
    ctx: Context, query: MetricsQuery, metrics: tuple[str, ...], *, series: bool = False, chosen: bool = True
) -> Asked:
    """The query, checked; ``metrics`` are those to choose from, or all that there are unless they can be ``chosen``."""
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
        tests = filters.simple({name: listed(getattr(query, name), query.delimiter) for name in FIELDS})
    return Asked(within, metrics, query.order_by or metrics[0], limit, [*tests, *owned(ctx)])


def tallied(ctx: Context, query: Asked, key: KeyOf) -> Steps[dict[Key, Tally]]:
    """The events that the query wants, counted in groups; those without a key count in none."""
    tallies: dict[Key, Tally] = {}
    for each in facts(ctx, query.within, query.tests):
        if each is None:
            yield
            continue
        event, found = each
        group = key(event, found)
        if group is not None:
            tally = tallies.get(group)
            if tally is None:
                tally = tallies[group] = Tally()
            tally.add(found)
    return tallies


def ordered(query: Asked, rows: list[Row], name: str) -> list[Row]:
    """The rows with the largest figures first, as many as the query wants."""
    return sorted(rows, key=lambda row: (-row[query.order_by], row[name]))[: query.limit]


def facts(ctx: Context, within: Window, tests: list[Test]) -> Iterator[tuple[Event, Fact] | None]:
    """The events of a window that pass all tests, oldest first; ``None`` where others should have their turn."""
    passing: dict[Qualities, bool] = {}
    for number, event in enumerate(ctx.events(), 1):
        if number % EVENTS_A_STEP == 0:
            yield None
        if event.type in TYPES and within.holds(event.time):
            found = fact(event)
            passes = passing.get(found.qualities)
            if passes is None:
                passes = passing[found.qualities] = all(test(found.qualities) for test in tests)
            if passes:
                yield event, found


def owned(ctx: Context) -> list[Test]:
    """The test for the subaccount that the request is made for, if it is for one."""
    owner = given_subaccount(ctx)
    return [] if owner is None else [lambda its: its.subaccount_id == owner]
