"""Events: search for the events of messages, page by page.

https://developers.sparkpost.com/api/events/. Quirks: ``links`` is an object, ``{}`` or ``{"next"}``; a link is relative
to the vendor's host. Unlike the vendor's, a search without ``to`` includes the last minute.
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.schema import Body
from sparkbox.core.logs.events import Event
from sparkbox.core.state.clock import iso
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, collected

from .. import errors
from ..page import Page
from ..searching import (
    DEFAULT_PER_PAGE,
    MOST_PER_PAGE,
    from_cursor,
    href,
    listed,
    one_of,
    refused,
    to_cursor,
    unix_time,
    whole_number,
)
from .event_types import TYPES, documentation, sample
from .search import DAY, EVENTS_A_STEP, Data, Search, keywords, run, same, wire

_PATTERN = "YYYY-MM-DDTHH:MM:ssZ"

operations = Page("Events", docs="https://developers.sparkpost.com/api/events/", view="message_events/view")


class EventQuery(Body):
    """Lists are delimited by ``delimiter``."""

    from_: Annotated[str | None, Field(alias="from")] = None
    to: str | None = None
    cursor: str | None = None
    per_page: str | None = None
    delimiter: str = ","
    event_ids: str | None = None
    events: str | None = None
    recipients: str | None = None
    recipient_domains: str | None = None
    from_addresses: str | None = None
    sending_domains: str | None = None
    subjects: str | None = None
    bounce_classes: str | None = None
    reasons: str | None = None
    campaigns: str | None = None
    templates: str | None = None
    sending_ips: str | None = None
    ip_pools: str | None = None
    subaccounts: str | None = None
    messages: str | None = None
    transmissions: str | None = None
    mailbox_providers: str | None = None
    mailbox_provider_regions: str | None = None
    ab_tests: str | None = None
    ab_test_versions: str | None = None


class IngestQuery(Body):
    """Lists are delimited by ``delimiter``."""

    from_: Annotated[str | None, Field(alias="from")] = None
    to: str | None = None
    cursor: str | None = None
    per_page: str | None = None
    delimiter: str = ","
    events: str | None = None
    event_ids: str | None = None
    batch_ids: str | None = None
    error_types: str | None = None
    retryable: str | None = None
    subaccounts: str | None = None


class SamplesQuery(Body):
    events: str | None = None


class NextLink(TypedDict):
    next: NotRequired[str]


class EventPage(TypedDict):
    results: list[dict[str, Any]]
    total_count: int
    links: NextLink


class FieldDocumentation(TypedDict):
    description: str
    sampleValue: Any


_EXACT = {
    "event_ids": "event_id",
    "recipients": "rcpt_to",
    "from_addresses": "friendly_from",
    "bounce_classes": "bounce_class",
    "sending_ips": "sending_ip",
    "subaccounts": "subaccount_id",
    "messages": "message_id",
    "transmissions": "transmission_id",
    "ab_test_versions": "ab_test_version",
}
_KEYWORDS = {
    "subjects": "subject",
    "reasons": "reason",
    "campaigns": "campaign_id",
    "templates": "template_id",
    "ip_pools": "ip_pool",
    "mailbox_providers": "mailbox_provider",
    "mailbox_provider_regions": "mailbox_provider_region",
    "ab_tests": "ab_test_id",
}
_INGEST = {
    "event_ids": "event_id",
    "batch_ids": "batch_id",
    "error_types": "error_type",
    "retryable": "retryable",
    "subaccounts": "subaccount_id",
}
_INGEST_TYPES = ("success", "error")
_DOMAINS = {"recipient_domains": "recipient_domain", "sending_domains": "sending_domain"}


@operations.get("/api/v1/events/message", errors=[errors.INVALID_QUERY, errors.INVALID_PARAMETERS], bare=True)
def search_events(ctx: Context, query: EventQuery) -> Steps[EventPage]:
    """Search for message events.

    The newest come first, by default those of the last 24 hours. Begin with ``cursor=initial`` and follow
    ``links.next``; events that happen meanwhile are on none of the pages.
    """
    found, response = yield from _page(ctx, query, _search(ctx, query))
    results = yield from collected((wire(event, data) for event, data in found), EVENTS_A_STEP)
    return {"results": results, **response}


@operations.get("/api/v1/events/ingest", errors=[errors.INVALID_QUERY, errors.INVALID_PARAMETERS], bare=True)
def search_ingest_events(ctx: Context, query: IngestQuery) -> Steps[EventPage]:
    """Search for ingest events: the results of batches of events that were sent to the vendor.

    The newest come first, by default those of the last 24 hours. They are paged like message events.
    """
    one_of("retryable", query.retryable, ("true", "false"))
    types = one_of("events", query.events, _INGEST_TYPES, query.delimiter)
    given = {name: listed(text, query.delimiter) for name, text in query if isinstance(text, str)}
    tests = [test for name, field in _INGEST.items() for test in same(field, given.get(name))]
    search = Search(frozenset(_INGEST_TYPES) if types is None else types, *_window(ctx, query), tests, _newest(ctx))
    found, response = yield from _page(ctx, query, search)
    rows = ({**data, "timestamp": iso(event.time)} for event, data in found)
    return {"results": (yield from collected(rows, EVENTS_A_STEP)), **response}


@operations.get("/api/v1/events/message/documentation")
def document_events(ctx: Context) -> list[dict[str, FieldDocumentation]]:
    """Retrieve events documentation: the fields of each type of event."""
    return [documentation(type) for type in TYPES]  # type: ignore[misc]


@operations.get("/api/v1/events/message/samples", errors=[errors.INVALID_QUERY, errors.INVALID_PARAMETERS])
def sample_events(ctx: Context, query: SamplesQuery) -> list[dict[str, Any]]:
    """Retrieve events samples: one of each type, or of the types in ``events``."""
    wanted = one_of("events", query.events, TYPES)
    return [sample(type) for type in TYPES if wanted is None or type in wanted]


class _Paging(TypedDict):
    total_count: int
    links: NextLink


def _page(
    ctx: Context, query: EventQuery | IngestQuery, search: Search
) -> Steps[tuple[list[tuple[Event, Data]], _Paging]]:
    """Return the events of the page at the query's cursor, and the fields beside them."""
    per_page, before = whole_number("per_page", query.per_page, DEFAULT_PER_PAGE, 1, MOST_PER_PAGE), None
    place = from_cursor(query.cursor, int, int, float)
    if place is not None:
        newest, before, since = place
        search = search._replace(newest=newest, since=since)
    page = yield from run(ctx, search, per_page=per_page + 1, before=before)
    found, links = page.found[:per_page], NextLink()
    if len(page.found) > per_page:
        links["next"] = href(ctx, per_page=per_page, cursor=to_cursor(search.newest, found[-1][0].number, search.since))
    return found, {"total_count": page.total, "links": links}


def _search(ctx: Context, query: EventQuery) -> Search:
    since, until = _window(ctx, query)
    if query.ab_test_versions and not query.ab_tests:
        raise refused("ab_tests", "ab_tests is required with ab_test_versions")
    given = {name: listed(text, query.delimiter) for name, text in query if isinstance(text, str)}
    tests = [
        *[test for name, field in _EXACT.items() for test in same(field, given.get(name))],
        *[test for name, field in _KEYWORDS.items() for test in keywords(field, given.get(name))],
        *[test for name, field in _DOMAINS.items() for test in keywords(field, given.get(name), domain=True)],
    ]
    return Search(one_of("events", query.events, TYPES, query.delimiter), since, until, tests, _newest(ctx))


def _window(ctx: Context, query: EventQuery | IngestQuery) -> tuple[float, float | None]:
    since = unix_time("from", query.from_, _PATTERN)
    until = unix_time("to", query.to, _PATTERN)
    if since is None:
        since = (ctx.now if until is None else min(until, ctx.now)) - DAY
    if until is not None and since > until:
        raise refused("from", "from must be before to")
    return since, until


def _newest(ctx: Context) -> int:
    """Return the number of the last event, so that later events are on none of the pages."""
    return ctx.sandbox.logs.events.next_number() - 1
