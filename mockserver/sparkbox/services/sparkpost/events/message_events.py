"""Message events: the older search for events, by page numbers.

The vendor no longer documents it, but clients still call it. Quirks, from recorded responses: ``links`` is a list of
``{"href", "rel"}``; ``tdate`` is beside ``timestamp``. It is the only search with a known limit: polling more than
once in two minutes may get a 429.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.limits import Limit
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
    href,
    listed,
    one_of,
    refused,
    time_zone,
    unix_time,
    whole_number,
)
from ..times import moment_in
from .event_types import TYPES, documentation, sample
from .events import FieldDocumentation, SamplesQuery
from .search import DAY, EVENTS_A_STEP, Search, holds, run, same

POLLING = Limit("message_events", 1, 120)
"""The vendor: polling more than once in two minutes may encounter rate limiting."""

_PATTERN = "YYYY-MM-DDTHH:MM"
_MOST_PAGES = 1_000_000
_EXACT = {
    "bounce_classes": "bounce_class",
    "campaign_ids": "campaign_id",
    "friendly_froms": "friendly_from",
    "message_ids": "message_id",
    "recipients": "rcpt_to",
    "subaccounts": "subaccount_id",
    "template_ids": "template_id",
    "transmission_ids": "transmission_id",
}

operations = Page(
    "Message Events",
    docs="https://developers.sparkpost.com/api/message-events/",
    evidence="observed",
    view="message_events/view",
)


class MessageEventQuery(Body):
    """Lists are delimited by ``delimiter``."""

    from_: Annotated[str | None, Field(alias="from")] = None
    to: str | None = None
    timezone: str | None = None
    page: str | None = None
    per_page: str | None = None
    delimiter: str = ","
    events: str | None = None
    reason: str | None = None
    bounce_classes: str | None = None
    campaign_ids: str | None = None
    friendly_froms: str | None = None
    message_ids: str | None = None
    recipients: str | None = None
    subaccounts: str | None = None
    template_ids: str | None = None
    transmission_ids: str | None = None


class PageLink(TypedDict):
    href: str
    rel: str


class MessageEventPage(TypedDict):
    results: list[dict[str, Any]]
    total_count: int
    links: list[PageLink]


@operations.get(
    "/api/v1/message-events",
    errors=[errors.INVALID_QUERY, errors.INVALID_PARAMETERS],
    limits=(POLLING,),
    bare=True,
)
def search_message_events(ctx: Context, query: MessageEventQuery) -> Steps[MessageEventPage]:
    """Search for message events by page numbers.

    The newest come first, by default those of the last 24 hours. ``timezone`` applies to the dates of the query and of
    the response.
    """
    zone = time_zone(query.timezone)
    per_page = whole_number("per_page", query.per_page, DEFAULT_PER_PAGE, 1, MOST_PER_PAGE)
    number = whole_number("page", query.page, 1, 1, _MOST_PAGES)
    page = yield from run(ctx, _search(ctx, query, zone), per_page=per_page, skip=(number - 1) * per_page)
    last = max(1, -(-page.total // per_page))
    links: list[PageLink] = []
    if last > 1:
        pages = {"first": 1, "previous": number - 1, "next": number + 1, "last": last}
        shown = {rel: to for rel, to in pages.items() if 1 <= to <= last and to != number}
        links = [{"href": href(ctx, page=to), "rel": rel} for rel, to in shown.items()]
    results = yield from collected((_wire(event, data, zone) for event, data in page.found), EVENTS_A_STEP)
    return {"results": results, "total_count": page.total, "links": links}


@operations.get("/api/v1/message-events/events/documentation")
def document_message_events(ctx: Context) -> list[dict[str, FieldDocumentation]]:
    """Retrieve events documentation: the fields of each type of event."""
    return [documentation(type) for type in TYPES]  # type: ignore[misc]


@operations.get("/api/v1/message-events/events/samples", errors=[errors.INVALID_QUERY, errors.INVALID_PARAMETERS])
def sample_message_events(ctx: Context, query: SamplesQuery) -> list[dict[str, Any]]:
    """Retrieve event samples: one of each type, or of the types in ``events``."""
    wanted = one_of("events", query.events, TYPES)
    return [sample(type) for type in TYPES if wanted is None or type in wanted]


def _search(ctx: Context, query: MessageEventQuery, zone: tzinfo) -> Search:
    since = unix_time("from", query.from_, _PATTERN, zone)
    until = unix_time("to", query.to, _PATTERN, zone)
    if since is None:
        since = (ctx.now if until is None else min(until, ctx.now)) - DAY
    if until is not None and since > until:
        raise refused("from", "from must be before to")
    given = {name: listed(text, query.delimiter) for name, text in query if isinstance(text, str)}
    tests = [
        *[test for name, field in _EXACT.items() for test in same(field, given.get(name))],
        *holds("reason", query.reason),
    ]
    return Search(one_of("events", query.events, TYPES, query.delimiter), since, until, tests)


def _wire(event: Event, data: dict[str, Any], zone: tzinfo) -> dict[str, Any]:
    return {**data, "timestamp": moment_in(event.time, zone), "tdate": iso(event.time)}
