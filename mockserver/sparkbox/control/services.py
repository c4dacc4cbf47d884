"""Services: which vendors' APIs are here, how to reach them, and what they consist of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from typing_extensions import TypedDict

from sparkbox.core.declare.errors import ApiError, Error, Evidence
from sparkbox.core.declare.limits import Limit
from sparkbox.core.declare.operation import Operation, Operations
from sparkbox.core.declare.service import Service
from sparkbox.core.declare.targets import Target, named
from sparkbox.core.state.steps import Steps, StepsAndWaits

from . import errors
from .context import Context
from .envelope import quoted

operations = Operations("Services", public=True)


class ServiceSummary(TypedDict):
    """``credentials`` are ready to use; ``loaded`` says whether it was in use before this call.

    ``evidence`` counts the operations by how we know of them.
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
    """``errors`` are the names of its own; the service's common ones may come as well."""

    id: str
    group: str
    method: str
    path: str
    summary: str
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
        if not ctx.sandbox.loaded(name):
            yield ctx.sandbox.loading(name)
    rows = [_summary(ctx.sandbox.service(name), loaded[name]) for name in loaded]
    return {"services": rows, "total": len(rows)}


@operations.get("/_mock/services/{name}", errors=[errors.SERVICE_NOT_FOUND])
def show_service(ctx: Context, name: str) -> ServiceDetails:
    """Show a service with its operations, errors and rate limits: the names that faults, stubs and limits take."""
    loaded = ctx.sandbox.loaded(name)
    service = find_service(ctx, name)
    return {
        **_summary(service, loaded),
        "operation_list": [_operation(service, operation) for operation in service.operations.values()],
        "error_list": [_error(error) for error in service.errors],
        "limit_list": [_limit(limit) for limit in declared_limits(service).values()],
    }


@operations.get("/_mock/services/{name}/openapi", errors=[errors.SERVICE_NOT_FOUND])
def show_openapi(ctx: Context, name: str) -> Steps[dict[str, Any]]:
    """Show a service's OpenAPI 3.1 document, with this sandbox as its server."""
    service = find_service(ctx, name)
    from sparkbox.core.docs.openapi import document_in_steps

    return (yield from document_in_steps(service, server_url=f"{ctx.request.base_url}/{service.name}"))


@operations.get("/_mock/openapi")
def show_own_openapi(ctx: Context) -> Steps[dict[str, Any]]:
    """Show the control API's own OpenAPI 3.1 document."""
    from sparkbox.core.docs.openapi import document_in_steps

    return (yield from document_in_steps(ctx.service, server_url=ctx.request.base_url))


def find_service(ctx: Context, name: str) -> Service:
    """The service of that name, loaded if need be."""
    names = ctx.sandbox.service_names
    if name not in names:
        raise errors.SERVICE_NOT_FOUND(name=quoted(name), names=", ".join(names))
    return ctx.sandbox.service(name)


def check_operation(service: Service, operation: str, targets: Iterable[Target]) -> None:
    """Refuses a name that none of a service's ``targets`` has: what is set for it would be without effect."""
    known = list(targets)
    if not any(named(operation, target) for target in known):
        raise unknown_name("operation", operation, service, sorted(target.id for target in known))


def unknown_name(field: str, value: str, service: Service, known: list[str]) -> ApiError:
    """The refusal of a name that the service does not know, with those that look like it."""
    import difflib

    near = difflib.get_close_matches(value[:200], known, n=3, cutoff=0.4) or known[:3]
    message = f"{service.title} has no {field} {quoted(value)}; GET /_mock/services/{service.name} lists them all"
    message += f" (such as {', '.join(near)})" if near else ""
    return errors.INVALID(reason=message, details=[{"where": "body", "field": field, "message": message}])


def declared_limits(service: Service) -> dict[str, Limit]:
    """A service's rate limits by name."""
    limits = [*service.limits]
    for operation in service.operations.values():
        limits += operation.limits or ()
    return {limit.name: limit for limit in limits}


def _summary(service: Service, loaded: bool) -> ServiceSummary:
    evidence = Counter(operation.evidence for operation in service.operations.values())
    return {
        "name": service.name,
        "title": service.title,
        "docs": service.info.docs,
        "hosts": list(service.info.hosts),
        "base_path": f"/{service.name}",
        "credentials": dict(service.info.credentials),
        "operations": len(service.operations),
        "errors": len(service.errors),
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
