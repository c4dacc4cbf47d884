"""Requests to the services, with their responses. Control calls are not among them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.errors import Evidence
from sparkbox.core.declare.operation import Operation, Operations
from sparkbox.core.declare.service import Service
from sparkbox.core.declare.targets import named
from sparkbox.core.logs import journal
from sparkbox.core.logs.journal import Entry, RequestDetails, RequestSummary
from sparkbox.core.state.steps import Steps
from sparkbox.core.testing import patterns

from .. import selection
from ..context import Context
from ..queries import AccountQuery, Deleted, LogQuery, in_words, same, within
from . import logs
from .logs import REQUESTS

operations = Operations("Requests", public=True)


class RequestQuery(LogQuery):
    service: str | None = None
    operation: Annotated[
        str | None, Field(description="An operation's id, or `POST /api/v1/transmissions` with its service.")
    ] = None
    method: str | None = None
    path: Annotated[str | None, Field(description="A part of the path.")] = None
    status: Annotated[
        str | None, Field(pattern=r"^[1-5]([0-9]{2}|xx)$", description="`422`, or `4xx` for a whole class.")
    ] = None
    error: Annotated[str | None, Field(description="The name of an error in the service's table.")] = None
    contains: Annotated[str | None, Field(description="A part of the body, as it was sent.")] = None
    field: Annotated[
        str | None,
        Field(
            pattern="^(/|:|$)",
            description="`/content/subject` has that field in its body (a JSON pointer; forms are decoded, too), "
            "`/content/subject:Hello` has it with that value.",
        ),
    ] = None
    evidence: Annotated[
        Evidence | None, Field(description="How the response is known: `assumed` shows what rests on a guess.")
    ] = None
    header: Annotated[
        str | None, Field(pattern=r"^[^:]+:", description="`name:value` has a header of that name with that value.")
    ] = None


class RequestRow(RequestSummary):
    """``evidence`` says how the sandbox knows the vendor's response: the error's, if it is one.

    It is null where nobody claims that the vendor does: faults, stubs, and what the service has no operation for.
    """

    evidence: Evidence | None


class RequestView(RequestDetails):
    """``evidence`` as in :class:`RequestRow`; ``docs`` is the page of the vendor's that tells of the operation."""

    evidence: Evidence | None
    docs: str | None


class RequestList(TypedDict):
    requests: list[RequestRow]
    total: int


@operations.get("/_mock/requests", errors=selection.ERRORS)
def list_requests(ctx: Context, query: RequestQuery) -> Steps[RequestList]:
    """List the requests with their responses, newest first. Filters are joined by *and*, and ignore case.

    The ``total`` is the number of requests that match.
    """
    weight = None if query.contains is None and query.field is None else _size
    rows, total = yield from REQUESTS.page(
        ctx, query, lambda entry: _row(ctx, entry), lambda entry: _matches(ctx, entry, query), weight
    )
    return {"requests": rows, "total": total}


@operations.delete("/_mock/requests", errors=selection.ERRORS)
def delete_requests(ctx: Context, query: AccountQuery) -> Deleted:
    """Delete the whole journal, or one account's."""
    return REQUESTS.clear(ctx, query.account)


@operations.get("/_mock/requests/{id}", errors=logs.ERRORS)
def show_request(ctx: Context, id: int, query: AccountQuery) -> RequestView:
    """Show a request and its response, with headers, bodies and the evidence for the response."""
    entry = REQUESTS.find(ctx, id, query.account)
    operation = _operation(ctx, entry)
    docs = operation.docs if operation is not None else ""
    return {**journal.details(entry), "evidence": _evidence(ctx, entry), "docs": docs or None}


@operations.delete("/_mock/requests/{id}", errors=logs.ERRORS)
def delete_request(ctx: Context, id: int, query: AccountQuery) -> Deleted:
    """Delete a request from the journal."""
    return REQUESTS.remove(ctx, id, query.account)


def _row(ctx: Context, entry: Entry) -> RequestRow:
    return {**journal.summary(entry), "evidence": _evidence(ctx, entry)}


def _size(entry: Entry) -> int:
    return entry.size


def _matches(ctx: Context, entry: Entry, query: RequestQuery) -> bool:
    return (
        same(query.service, entry.service)
        and (same(query.operation, entry.operation) or _is_operation(ctx, entry, query.operation or ""))
        and same(query.method, entry.method)
        and same(query.error, entry.error or "")
        and within(query.path, entry.path)
        and (query.status is None or query.status in (str(entry.status), f"{entry.status // 100}xx"))
        and (query.evidence is None or query.evidence == _evidence(ctx, entry))
        and (query.contains is None or within(query.contains, entry.body.decode("utf-8", "replace")))
        and (query.header is None or _has_header(entry, query.header))
        and (query.field is None or _has_field(ctx, entry, query.field))
    )


def _operation(ctx: Context, entry: Entry) -> Operation | None:
    service = _service(ctx, entry)
    return None if service is None else service.operation(entry.operation)


def _evidence(ctx: Context, entry: Entry) -> Evidence | None:
    operation = _operation(ctx, entry)
    if operation is None or entry.fault is not None or entry.stubbed:
        return None
    error = ctx.sandbox.service(entry.service).errors.get(entry.error) if entry.error is not None else None
    return operation.evidence if error is None else error.evidence


def _is_operation(ctx: Context, entry: Entry, wanted: str) -> bool:
    service = _service(ctx, entry)
    return service is not None and named(wanted, patterns.target_of(service, entry))


def _has_header(entry: Entry, wanted: str) -> bool:
    name, _, value = wanted.partition(":")
    return patterns.has_header(patterns.request_of(entry), name.strip(), value.strip())


def _has_field(ctx: Context, entry: Entry, wanted: str) -> bool:
    pointer, colon, value = wanted.partition(":")
    service = _service(ctx, entry)
    if service is None:
        return False
    found = patterns.look_up(patterns.body_of(service, patterns.request_of(entry)), pointer)
    return found is not patterns.ABSENT and (not colon or value == in_words(found))


def _service(ctx: Context, entry: Entry) -> Service | None:
    """Return the service; ``None`` where a login by SMTP was refused before it was known whose relay it was for."""
    return ctx.sandbox.service(entry.service) if entry.service in ctx.sandbox.service_names else None
