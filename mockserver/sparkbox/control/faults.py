"""Faults: trouble on demand, in the services' own dialects.

A fault picks requests (by service and operation; the first so many, every n-th, by chance) and spoils their answers: a
status or an error of the service's own table, latency, a dropped connection, a body cut short, garbage, headers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.testing.faults import MOST_FAULTS, Fault, Faults

from . import errors, selection
from .context import Context
from .envelope import quoted
from .queries import AccountQuery, Deleted, PageQuery, Strict, part
from .services import check_operation, find_service, unknown_name

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
        Field(default_factory=dict, description="Headers of the answer; they replace the service's of the same name."),
    ]
    latency: Annotated[float, Field(ge=0, le=300, description="Real seconds before the answer.")] = 0.0
    drop: Annotated[bool, Field(description="Closes the connection without an answer.")] = False
    truncate: Annotated[int | None, Field(ge=0, lt=2**31, description="Closes the connection after so many bytes.")] = (
        None
    )
    garbage: Annotated[bool, Field(description="Answers with random bytes.")] = False
    first: Annotated[int | None, Field(ge=1, lt=2**31, description="Only the first so many requests that match.")] = (
        None
    )
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

    def fault(self, id: str) -> Fault:
        try:
            return Fault(**self.model_dump(), id=id)
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
    found = [
        (credential, fault) for credential, faults in _sets(ctx, query.account) for fault in reversed(list(faults))
    ]
    rows, total = part(found, query)
    return {"faults": [_view(fault, credential) for credential, fault in rows], "total": total}


@operations.post(
    "/_mock/faults", status=201, errors=[*selection.ERRORS, errors.SERVICE_NOT_FOUND, errors.TOO_MANY_FAULTS]
)
def create_fault(ctx: Context, body: NewFault, query: AccountQuery) -> FaultView:
    """Set a fault, for one account or for all."""
    _check(ctx, body)
    faults = ctx.sandbox.faults if query.account is None else selection.opened(ctx, query.account).faults
    if len(faults) >= MOST_FAULTS:
        raise errors.TOO_MANY_FAULTS(most=MOST_FAULTS)
    # One of its kind in the whole sandbox, so that a fault can be deleted without saying whose it is.
    fault = faults.add(body.fault(ctx.ids.hex(16)))
    return _view(fault, query.account)


@operations.get("/_mock/faults/{id}", errors=[*selection.ERRORS, errors.FAULT_NOT_FOUND])
def show_fault(ctx: Context, id: str, query: AccountQuery) -> FaultView:
    """Show a fault, and how often it struck."""
    for credential, faults in _sets(ctx, query.account):
        for fault in faults:
            if fault.id == id:
                return _view(fault, credential)
    raise errors.FAULT_NOT_FOUND(id=quoted(id))


@operations.delete("/_mock/faults", errors=selection.ERRORS)
def delete_faults(ctx: Context, query: AccountQuery) -> Deleted:
    """Take back all faults, or one account's."""
    count = 0
    for _, faults in _sets(ctx, query.account):
        count += len(faults)
        faults.clear()
    return {"deleted": count}


@operations.delete("/_mock/faults/{id}", errors=[*selection.ERRORS, errors.FAULT_NOT_FOUND])
def delete_fault(ctx: Context, id: str, query: AccountQuery) -> Deleted:
    """Take back a fault."""
    if not any(faults.remove(id) for _, faults in _sets(ctx, query.account)):
        raise errors.FAULT_NOT_FOUND(id=quoted(id))
    return {"deleted": 1}


def _sets(ctx: Context, credential: str | None) -> Iterator[tuple[str | None, Faults]]:
    """Whose faults a call is about."""
    if credential is None:
        yield None, ctx.sandbox.faults
    for account in selection.existing(ctx, credential):
        yield account.credential, account.faults


def _check(ctx: Context, fault: NewFault) -> None:
    """Refuses names that no service knows, which would leave the fault without effect."""
    if fault.service is None:
        return
    service = find_service(ctx, fault.service)
    if fault.error is not None and service.errors.get(fault.error) is None:
        raise unknown_name("error", fault.error, service, sorted(row.name for row in service.errors))
    if fault.operation is not None:
        check_operation(service, fault.operation, service.targets)


def _view(fault: Fault, account: str | None) -> FaultView:
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
