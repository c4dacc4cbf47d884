"""Responses to requests that fail: an API error, an invalid request, a full sandbox, or a bug of ours."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from ..declare.envelope import Envelope
from ..declare.errors import ApiError
from ..declare.schema import Invalid
from ..state.budget import StoreFull
from ..state.jobs import TooManyJobs
from ..state.steps import Interrupted
from .exchange import Exchange
from .http import Response
from .large_json import TooManyElements

log = logging.getLogger("sparkbox")


def failure(exchange: Exchange, raised: Exception) -> Response:
    """Return the response to a request that raised an exception."""
    request, envelope = exchange.request, exchange.envelope
    try:
        match raised:
            case ApiError():
                return error_response(_declared(exchange, raised, envelope), envelope)
            case Invalid():
                operation = exchange.operation
                found = envelope.malformed() if operation is None else envelope.problems(raised.problems, operation)
                return error_response(_declared(exchange, found, envelope), envelope)
            case TooManyElements():
                return error_response(_declared(exchange, envelope.too_large(), envelope), envelope)
            case StoreFull() | TooManyJobs() | Interrupted():
                log.error("%s %s: %s", request.method, request.path, raised)
                return error_response(envelope.unavailable(), envelope)
    except Exception as failed:
        raised = failed
    log.error("%s %s failed; this is a bug of the sandbox", request.method, request.path, exc_info=raised)
    return error_response(envelope.crashed(), envelope)


def error_response(api_error: ApiError, envelope: Envelope) -> Response:
    """Return an API error as it goes out."""
    response = envelope.error(api_error)
    response.error = api_error.error.name
    response.headers.extend(api_error.headers)
    return response


def not_allowed(exchange: Exchange, allowed: Iterable[str]) -> ApiError:
    """Return the error for a known path that does not take the method."""
    request, envelope = exchange.request, exchange.envelope
    api_error = envelope.no_method(request.method, request.path)
    if api_error.error is envelope.method_not_allowed:
        api_error.headers.append((b"allow", ", ".join(sorted(allowed)).encode()))
    return api_error


def _declared(exchange: Exchange, api_error: ApiError, envelope: Envelope) -> ApiError:
    """Return the error. In our own tests, one that the operation does not declare becomes an internal error."""
    operation = exchange.operation
    if not exchange.sandbox.settings.validate_responses or operation is None or exchange.fault is not None:
        return api_error
    if api_error.error in exchange.service.errors_of(operation):
        return api_error
    log.error("%s answered with %r, which it does not declare", operation.id, api_error.error.name)
    return envelope.crashed()
