"""Services: which vendors' APIs are here, how to reach them, and what they consist of."""

from __future__ import annotations

from collections import Counter
from typing import Any

from typing_extensions import TypedDict

from sparkbox.core.declare.errors import Error, Evidence
from sparkbox.core.declare.limits import Limit
from sparkbox.core.declare.operation import Operation, Operations
from sparkbox.core.declare.service import Service
from sparkbox.core.state.steps import Aside, StepsAndWaits

from .. import errors
from ..context import Context
from ..names import declared_limits, find_service

operations = Operations("Services", public=True)


class ServiceSummary(TypedDict):
    """``credentials`` are ready to use; ``loaded`` says whether it was in use before this call.

    ``operations`` counts those of the vendor, ``evidence`` the same by how we know of them.
    """

    name: str
    title: str
    docs: str
    hosts: list[str]
    base_path: str
    credentials: dict[str, str]
    operations: int
    errors: int
    loaded: bool
    evidence: dict[Evidence, int]


class ServiceList(TypedDict):
    services: list[ServiceSummary]
    total: int


class OperationView(TypedDict):
    """``errors`` are the names of its own; the service's common ones may come as well.

    ``own``: it is the sandbox's, not the vendor's, such as a tracking pixel.
    """

    id: str
    group: str
    method: str
    path: str
    summary: str
    own: bool
    evidence: Evidence
    errors: list[str]
    limits: list[str]
    docs: str


class ErrorView(TypedDict):
    name: str
    status: int
    code: str | int | None
    message: str
    cause: str
    evidence: Evidence


class LimitView(TypedDict):
    """``amount`` requests in ``seconds``."""

    name: str
    amount: int
    seconds: float
    window: str
    evidence: Evidence


class ServiceDetails(ServiceSummary):
    operation_list: list[OperationView]
    error_list: list[ErrorView]
    limit_list: list[LimitView]


@operations.get("/_mock/services")
def list_services(ctx: Context) -> StepsAndWaits[ServiceList]:
    """List the services. It loads those that were not in use yet."""
    loaded = {name: ctx.sandbox.loaded(name) for name in ctx.sandbox.service_names}
    for name in loaded:
        yield from ctx.sandbox.load(name)
    rows = [_summary(ctx.sandbox.service(name), loaded[name]) for name in loaded]
    return {"services": rows, "total": len(rows)}


@operations.get("/_mock/services/{name}", errors=[errors.SERVICE_NOT_FOUND])
def show_service(ctx: Context, name: str) -> ServiceDetails:
    """Show a service with its operations, errors and rate limits: the names that faults, stubs and limits take."""
    loaded = ctx.sandbox.loaded(name)
    service = find_service(ctx.sandbox, name)
    return {
        **_summary(service, loaded),
        "operation_list": [_operation(service, operation) for operation in service.operations.values()],
        "error_list": [_error(error) for error in service.all_errors],
        "limit_list": [_limit(limit) for limit in declared_limits(service).values()],
    }


@operations.get("/_mock/services/{name}/openapi", errors=[errors.SERVICE_NOT_FOUND])
def show_openapi(ctx: Context, name: str) -> StepsAndWaits[dict[str, Any]]:
    """Show a service's OpenAPI 3.1 document, with this sandbox as its server."""
    service = find_service(ctx.sandbox, name)
    return (yield from _document(service, f"{ctx.request.base_url}/{service.name}"))


@operations.get("/_mock/openapi")
def show_own_openapi(ctx: Context) -> StepsAndWaits[dict[str, Any]]:
    """Show the control API's own OpenAPI 3.1 document."""
    yield from ctx.service.contents.load_all_aside()
    return (yield from _document(ctx.service, ctx.request.base_url))


def _document(service: Service, url: str) -> StepsAndWaits[dict[str, Any]]:
    """Return the document of a service that is loaded, made beside the event loop."""

    def made() -> dict[str, Any]:
        from sparkbox.core.docs import openapi

        return openapi.document(service, server_url=url)

    document: dict[str, Any] = yield Aside(made)
    return document


def _summary(service: Service, loaded: bool) -> ServiceSummary:
    evidence = Counter(operation.evidence for operation in service.operations.values() if not operation.own)
    return {
        "name": service.name,
        "title": service.title,
        "docs": service.info.docs,
        "hosts": list(service.info.hosts),
        "base_path": f"/{service.name}",
        "credentials": dict(service.info.credentials),
        "operations": evidence.total(),
        "errors": len(service.all_errors),
        "loaded": loaded,
        "evidence": dict(evidence),
    }


def _operation(service: Service, operation: Operation) -> OperationView:
    return {
        "id": operation.id,
        "group": operation.group,
        "method": operation.method,
        "path": operation.path,
        "summary": operation.summary,
        "own": operation.own,
        "evidence": operation.evidence,
        "errors": [error.name for error in operation.errors],
        "limits": [limit.name for limit in service.limits_of(operation)],
        "docs": operation.docs,
    }


def _error(error: Error) -> ErrorView:
    return {
        "name": error.name,
        "status": error.status,
        "code": error.code,
        "message": error.message,
        "cause": error.cause,
        "evidence": error.evidence,
    }


def _limit(limit: Limit) -> LimitView:
    return {
        "name": limit.name,
        "amount": limit.amount,
        "seconds": limit.seconds,
        "window": limit.window,
        "evidence": limit.evidence,
    }
