"""A request's body and query as its operation declares them, and a handler's result as it does."""

from __future__ import annotations

from typing import Any

from ..declare.operation import Operation, Reply
from ..declare.schema import check
from ..declare.service import Service
from ..state.steps import Steps
from .http import Request, Response, to_json
from .large_json import AT_ONCE, decoded, packed


def validate(service: Service, request: Request, operation: Operation) -> tuple[Any, Any]:
    """Return the body and the query, checked. Raises an API error, or :class:`~..declare.schema.Invalid`."""
    body = None
    if operation.body is not None:
        _check_media_type(service, request, operation)
        found = service.decode_body(request)
        if operation.body_required or found not in (b"", None):
            body = check(operation.body, found, "body")
    return body, None if operation.query is None else _query(service, request, operation)


def validate_large(service: Service, request: Request, operation: Operation) -> Steps[tuple[Any, Any]]:
    """:func:`validate` in steps."""
    body = None
    if operation.body is not None:
        _check_media_type(service, request, operation)
        if service.decode_large is not None:
            found = yield from service.decode_large(request)
        else:
            found = service.decode_body(request)
            if found.__class__ is bytes:
                found = yield from decoded(found, operation.body)
        pausing = len(request.body) >= AT_ONCE
        if pausing:
            yield
        body = check(operation.body, found, "body")
        if pausing:
            yield
    return body, None if operation.query is None else _query(service, request, operation)


def written(operation: Operation, result: Any, *, strict: bool) -> Steps[Any]:
    """Return what a handler in steps has made, its long lists written as JSON; checked first if ``strict``."""
    if isinstance(result, (Reply, Response)):
        return result
    if strict:
        check_declared(operation, operation.status, result)
    return (yield from packed(result))


def check_declared(operation: Operation, status: int, result: Any) -> None:
    """Raise for a response that the operation does not declare; for our own tests."""
    if status not in (operation.status, *operation.also):
        raise TypeError(f"{operation.id} answered with {status}, which it does not declare")
    if operation.response is not None:
        operation.response.validate_json(to_json(result), strict=True)


def _query(service: Service, request: Request, operation: Operation) -> Any:
    query = None
    if not request.query and not service.query_in_body:
        query = operation.empty_query
    if query is None and operation.query is not None:
        query = check(operation.query, service.decode_query(request), "query")
    return query


def _check_media_type(service: Service, request: Request, operation: Operation) -> None:
    taken = service.content_types if operation.content_types is None else operation.content_types
    if taken and request.body and request.content_type not in taken:
        raise service.envelope_of(operation).unsupported_media_type(content_type=request.content_type)
