"""Events: what happened to what was sent (delivered, bounced, opened, …), in each service's own words."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.logs import events
from sparkbox.core.logs.events import Event, EventView, PendingEvent
from sparkbox.core.state.steps import Steps

from .. import selection
from ..context import Context
from ..queries import AccountQuery, Deleted, LogQuery, same
from . import logs
from .logs import EVENTS

operations = Operations("Events", public=True)


class EventQuery(LogQuery):
    service: str | None = None
    type: str | None = None
    message: Annotated[int | None, Field(ge=0, description="The id of the captured message.")] = None


class EventList(TypedDict):
    events: list[EventView]
    total: int


@operations.get("/_mock/events", errors=selection.ERRORS)
def list_events(ctx: Context, query: EventQuery) -> Steps[EventList]:
    """List what happened, newest first."""
    rows, total = yield from EVENTS.page(
        ctx,
        query,
        events.view,
        lambda event: _matches(event, query),
        skips=lambda pending: not _matches(pending, query),
    )
    return {"events": rows, "total": total}


@operations.delete("/_mock/events", errors=selection.ERRORS)
def delete_events(ctx: Context, query: AccountQuery) -> Deleted:
    """Delete all events, or one account's. What the services count from them begins at zero again."""
    return EVENTS.clear(ctx, query.account)


@operations.get("/_mock/events/{id}", errors=logs.ERRORS)
def show_event(ctx: Context, id: int, query: AccountQuery) -> EventView:
    """Show an event."""
    return events.view(EVENTS.find(ctx, id, query.account))


def _matches(event: Event | PendingEvent, query: EventQuery) -> bool:
    return (
        same(query.service, event.service) and same(query.type, event.type) and query.message in (None, event.message)
    )
