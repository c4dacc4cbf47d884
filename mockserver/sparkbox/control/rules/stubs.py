"""Stubs: canned responses in a service's place, for requests that fit.

``service``, ``operation``, ``method``, ``path``, ``query``, ``headers``, ``contains`` and ``fields`` describe the
requests; ``status``, ``json`` or ``text``, and ``response_headers`` the response. Stubs with a limit of ``times`` are
tried first, the oldest first; then the others, the newest first.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.testing.stubs import STARTED, Stub, Stubs, make_stub

from .. import errors, selection
from ..context import Context
from ..names import check_operation, find_service
from ..queries import AccountQuery, Deleted, PageQuery, Strict
from .rules import Rules

operations = Operations("Stubs", public=True)

Text = Annotated[str, Field(max_length=10_000)]
Texts = Annotated[dict[str, str], Field(default_factory=dict)]


class NewStub(Strict):
    service: Annotated[str | None, Field(description="One service; every service without it.")] = None
    operation: Annotated[
        str | None, Field(description="An operation's id, or `POST /api/v1/transmissions`; name its service too.")
    ] = None
    method: Text | None = None
    path: Annotated[Text | None, Field(description="The vendor's path; `*` stands for any one segment.")] = None
    query: Annotated[Texts, Field(description="Parameters of the query, and their values.")]
    headers: Annotated[Texts, Field(description="Headers of the request, and their values.")]
    contains: Annotated[str | None, Field(description="A part of the body, as it is sent.")] = None
    fields: Annotated[
        dict[str, Any],
        Field(
            default_factory=dict,
            description="JSON pointers into the body, and the values that are there; forms are decoded, too.",
        ),
    ]
    status: Annotated[int, Field(ge=200, le=599)] = 200
    payload: Annotated[Any, Field(alias="json", description="What is answered, as JSON.")] = None
    text: Annotated[str | None, Field(description="What is answered, as it is.")] = None
    response_headers: Texts
    envelope: Annotated[
        bool, Field(description="The service wraps `json`, and adds its headers, as it does with its own answers.")
    ] = False
    times: Annotated[int | None, Field(ge=1, lt=2**31, description="How many requests are answered.")] = None
    scenario: Annotated[Text | None, Field(description=f"Every scenario begins in the state `{STARTED}`.")] = None
    state: Annotated[Text | None, Field(description="The state in which this answers; any without it.")] = None
    next_state: Annotated[Text | None, Field(description="The state that the scenario is in afterwards.")] = None

    def stub(self) -> Stub:
        try:
            return make_stub(**self.model_dump(by_alias=True))
        except ValueError as error:
            raise errors.INVALID(reason=str(error)) from None


class StubView(TypedDict):
    """``hits`` counts the responses. ``account`` is null for a stub of all accounts.

    ``scenario_state`` is the scenario's current state.
    """

    id: str
    account: str | None
    service: str | None
    operation: str | None
    method: str | None
    path: str | None
    query: dict[str, str]
    headers: dict[str, str]
    contains: str | None
    fields: dict[str, Any]
    status: int
    response_headers: dict[str, str]
    body: str
    envelope: bool
    times: int | None
    scenario: str | None
    state: str | None
    next_state: str | None
    scenario_state: str | None
    hits: int


class StubList(TypedDict):
    stubs: list[StubView]
    total: int


@operations.get("/_mock/stubs", errors=selection.ERRORS)
def list_stubs(ctx: Context, query: PageQuery) -> StubList:
    """List the stubs that are set, in the order in which they are tried: one account's, or all.

    Those of each account come before those for all accounts.
    """
    rows, total = STUBS.page(ctx, query)
    return {"stubs": rows, "total": total}


@operations.post(
    "/_mock/stubs",
    status=201,
    errors=[*selection.ERRORS, errors.SERVICE_NOT_FOUND, errors.UNKNOWN_NAME, errors.TOO_MANY_STUBS],
)
def create_stub(ctx: Context, body: NewStub, query: AccountQuery) -> StubView:
    """Set a canned response to chosen requests, for one account or for all.

    An account's stub applies to requests with its credential, one of all accounts to any request.
    Faults strike stubs, too.
    """
    stub = add_stub(ctx, body.stub(), query.account)
    return STUBS.show(ctx, stub.id, query.account)


@operations.get("/_mock/stubs/{id}", errors=[*selection.ERRORS, errors.STUB_NOT_FOUND])
def show_stub(ctx: Context, id: str, query: AccountQuery) -> StubView:
    """Show a stub, and the number of its responses."""
    return STUBS.show(ctx, id, query.account)


@operations.delete("/_mock/stubs", errors=selection.ERRORS)
def delete_stubs(ctx: Context, query: AccountQuery) -> Deleted:
    """Delete all stubs, or one account's; their scenarios are forgotten."""
    return STUBS.clear(ctx, query.account)


@operations.delete("/_mock/stubs/{id}", errors=[*selection.ERRORS, errors.STUB_NOT_FOUND])
def delete_stub(ctx: Context, id: str, query: AccountQuery) -> Deleted:
    """Delete a stub."""
    return STUBS.remove(ctx, id, query.account)


def add_stub(ctx: Context, stub: Stub, credential: str | None) -> Stub:
    """Set a stub for one account, or for all, and give it its id."""
    pattern = stub.pattern
    if pattern.service is not None:
        service = find_service(ctx.sandbox, pattern.service)
        check_operation(service, pattern.operation, service.operations.values())
    account = None if credential is None else selection.opened(ctx, credential)
    try:
        return ctx.sandbox.add_stub(stub, account)
    except ValueError as error:
        raise errors.TOO_MANY_STUBS(reason=str(error)) from None


def _view(stub: Stub, stubs: Stubs, account: str | None) -> StubView:
    pattern = stub.pattern
    return {
        "id": stub.id,
        "account": account,
        "service": pattern.service,
        "operation": pattern.operation,
        "method": pattern.method,
        "path": pattern.path,
        "query": dict(pattern.query),
        "headers": dict(pattern.headers),
        "contains": pattern.contains,
        "fields": dict(pattern.fields),
        "status": stub.status,
        "response_headers": dict(stub.headers),
        "body": stub.body.decode("utf-8", "replace"),
        "envelope": stub.envelope,
        "times": stub.times,
        "scenario": stub.scenario,
        "state": stub.state,
        "next_state": stub.next_state,
        "scenario_state": None if stub.scenario is None else stubs.state_of(stub.scenario),
        "hits": stub.hits,
    }


STUBS: Rules[Stubs, Stub, StubView] = Rules(lambda owner: owner.stubs, _view, errors.STUB_NOT_FOUND, newest_first=False)
