"""Faults: trouble on demand, in the services' own words.

A fault picks requests (by service and operation; the first n, every n-th, by chance) and spoils their responses:
a status or an error of the service's own table, latency, a dropped connection, a body cut short, garbage, headers.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.testing.faults import MOST_FAULTS, Fault, Faults

from .. import errors, selection
from ..context import Context
from ..names import check_error, check_operation, find_service
from ..queries import AccountQuery, Deleted, PageQuery, Strict
from .rules import Rules

operations = Operations("Faults", public=True)


class NewFault(Strict):
    service: Annotated[str | None, Field(description="One service; every service without it.")] = None
    operation: Annotated[
        str | None,
        Field(description="An operation's id, `POST /api/v1/transmissions` or `smtp`; name its service too."),
    ] = None
    status: Annotated[int | None, Field(ge=200, le=599)] = None
    error: Annotated[str | None, Field(description="The name of an error in the service's table.")] = None
    headers: Annotated[
        dict[str, str],
        Field(
            default_factory=dict, description="Headers of the response; they replace the service's of the same name."
        ),
    ]
    latency: Annotated[float, Field(ge=0, le=300, description="Real seconds before the response.")] = 0.0
    drop: Annotated[bool, Field(description="Closes the connection without a response.")] = False
    truncate: Annotated[
        int | None, Field(ge=0, lt=2**31, description="Closes the connection after this number of bytes.")
    ] = None
    garbage: Annotated[bool, Field(description="Answers with random bytes.")] = False
    first: Annotated[int | None, Field(ge=1, lt=2**31, description="Only the first n requests that match.")] = None
    every: Annotated[int | None, Field(ge=1, lt=2**31, description="Only every n-th request that matches.")] = None
    probability: Annotated[float | None, Field(ge=0, le=1)] = None
    seed: Annotated[int, Field(ge=0, lt=2**63, description="Where chance begins.")] = 0

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        nothing = self.status is None and self.error is None and self.truncate is None
        if nothing and not (self.headers or self.latency or self.drop or self.garbage):
            raise ValueError("say what is to happen: status, error, headers, latency, drop, truncate or garbage")
        if self.service is None and (self.operation is not None or self.error is not None):
            raise ValueError("an operation or an error belongs to a service: name the service, too")
        return self

    def fault(self) -> Fault:
        try:
            return Fault(**self.model_dump())
        except ValueError as error:
            raise errors.INVALID(reason=str(error)) from None


class FaultView(TypedDict):
    """``seen`` requests matched, ``hits`` of them were spoilt. ``account`` is null for a fault of all accounts."""

    id: str
    account: str | None
    service: str | None
    operation: str | None
    status: int | None
    error: str | None
    headers: dict[str, str]
    latency: float
    drop: bool
    truncate: int | None
    garbage: bool
    first: int | None
    every: int | None
    probability: float | None
    seed: int
    seen: int
    hits: int


class FaultList(TypedDict):
    faults: list[FaultView]
    total: int


@operations.get("/_mock/faults", errors=selection.ERRORS)
def list_faults(ctx: Context, query: PageQuery) -> FaultList:
    """List the faults that are set, newest first: one account's, or those of all accounts and of each."""
    rows, total = FAULTS.page(ctx, query)
    return {"faults": rows, "total": total}


@operations.post(
    "/_mock/faults",
    status=201,
    errors=[*selection.ERRORS, errors.SERVICE_NOT_FOUND, errors.UNKNOWN_NAME, errors.TOO_MANY_FAULTS],
)
def create_fault(ctx: Context, body: NewFault, query: AccountQuery) -> FaultView:
    """Set a fault, for one account or for all."""
    return FAULTS.show(ctx, add_fault(ctx, body.fault(), query.account).id, query.account)


@operations.get("/_mock/faults/{id}", errors=[*selection.ERRORS, errors.FAULT_NOT_FOUND])
def show_fault(ctx: Context, id: str, query: AccountQuery) -> FaultView:
    """Show a fault, and how often it struck."""
    return FAULTS.show(ctx, id, query.account)


@operations.delete("/_mock/faults", errors=selection.ERRORS)
def delete_faults(ctx: Context, query: AccountQuery) -> Deleted:
    """Delete all faults, or one account's."""
    return FAULTS.clear(ctx, query.account)


@operations.delete("/_mock/faults/{id}", errors=[*selection.ERRORS, errors.FAULT_NOT_FOUND])
def delete_fault(ctx: Context, id: str, query: AccountQuery) -> Deleted:
    """Delete a fault."""
    return FAULTS.remove(ctx, id, query.account)


def add_fault(ctx: Context, fault: Fault, credential: str | None) -> Fault:
    """Set a fault for one account, or for all. Its id is unique in the sandbox."""
    if fault.service is not None:
        service = find_service(ctx.sandbox, fault.service)
        check_error(service, fault.error)
        check_operation(service, fault.operation, service.targets)
    faults = ctx.sandbox.faults if credential is None else selection.opened(ctx, credential).faults
    if len(faults) >= MOST_FAULTS:
        raise errors.TOO_MANY_FAULTS(most=MOST_FAULTS)
    fault.id = ctx.ids.hex(16)
    return faults.add(fault)


def _view(fault: Fault, faults: Faults, account: str | None) -> FaultView:
    return {
        "id": fault.id,
        "account": account,
        "service": fault.service,
        "operation": fault.operation,
        "status": fault.status,
        "error": fault.error,
        "headers": dict(fault.headers),
        "latency": fault.latency,
        "drop": fault.drop,
        "truncate": fault.truncate,
        "garbage": fault.garbage,
        "first": fault.first,
        "every": fault.every,
        "probability": fault.probability,
        "seed": fault.seed,
        "seen": fault.seen,
        "hits": fault.hits,
    }


FAULTS: Rules[Faults, Fault, FaultView] = Rules(
    lambda owner: owner.faults, _view, errors.FAULT_NOT_FOUND, newest_first=True
)
