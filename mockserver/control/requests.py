"""Requests: what the services were asked, and what they answered. Control calls are not among them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from mockserver.core import journal
from mockserver.core.context import Context
from mockserver.core.journal import Entry, RequestDetails, RequestSummary
from mockserver.core.operation import Operations

from . import logs, selection
from .logs import REQUESTS
from .queries import AccountQuery, Deleted, LogQuery, page, same, within

operations = Operations("Requests", public=True)


class RequestQuery(LogQuery):
    service: str | None = None
    operation: Annotated[str | None, Field(description="An operation's id.")] = None
    method: str | None = None
    path: Annotated[str | None, Field(description="A part of the path.")] = None
    status: Annotated[
        str | None, Field(pattern=r"^[1-5]([0-9]{2}|xx)$", description="`422`, or `4xx` for a whole class.")
    ] = None
    error: Annotated[str | None, Field(description="The name of an error in the service's table.")] = None


class RequestList(TypedDict):
    requests: list[RequestSummary]
    total: int


@operations.get("/_mock/requests", errors=selection.ERRORS)
def list_requests(ctx: Context, query: RequestQuery) -> RequestList:
    """List what was asked and answered, newest first. Filters are joined by *and*, and ignore case."""
    found = (each for each in REQUESTS.newest(ctx, query.account, query.since) if _matches(each, query))
    rows, total = page(found, query)
    return {"requests": [journal.summary(entry) for entry in rows], "total": total}


@operations.delete("/_mock/requests", errors=selection.ERRORS)
def delete_requests(ctx: Context, query: AccountQuery) -> Deleted:
    """Delete the whole journal, or one account's."""
    return REQUESTS.clear(ctx, query.account)


@operations.get("/_mock/requests/{id}", errors=logs.ERRORS)
def show_request(ctx: Context, id: int, query: AccountQuery) -> RequestDetails:
    """Show a request and its answer, with headers and bodies."""
    return journal.details(REQUESTS.find(ctx, id, query.account))


@operations.delete("/_mock/requests/{id}", errors=logs.ERRORS)
def delete_request(ctx: Context, id: int, query: AccountQuery) -> Deleted:
    """Delete a request from the journal."""
    return REQUESTS.remove(ctx, id, query.account)


def _matches(entry: Entry, query: RequestQuery) -> bool:
    return (
        same(query.service, entry.service)
        and same(query.operation, entry.operation)
        and same(query.method, entry.method)
        and same(query.error, entry.error or "")
        and within(query.path, entry.path)
        and (query.status is None or query.status in (str(entry.status), f"{entry.status // 100}xx"))
    )
