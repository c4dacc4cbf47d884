"""SendPulse's shapes: the handler's payload as it is, with status 200; errors as ``{"message", "error_code"}``."""

from __future__ import annotations

from typing import Any

from sparkbox.core.declare.envelope import Envelope
from sparkbox.core.declare.errors import ApiError, Error
from sparkbox.core.declare.limits import Standing
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.schema import Problem
from sparkbox.core.request.http import Response, json_response

from . import errors
from .requests.fields import BADLY_FORMED

_MUST_BE = {
    "string_type": "must be string",
    "list_type": "must be array",
    "dict_type": "must be array",
    "bool_type": "must be boolean",
    "bool_parsing": "must be boolean",
}
_INTEGER_KINDS = ("int_type", "int_parsing", "int_from_float", "int_parsing_size")


class SendPulseEnvelope(Envelope):
    """See https://sendpulse.com/integrations/api."""

    unauthorized = errors.UNAUTHORIZED
    not_found = errors.NOT_FOUND
    method_not_allowed = errors.METHOD_NOT_ALLOWED
    # Any media type is taken, so what cannot be read is badly formed data.
    unsupported_media_type = errors.BADLY_FORMED
    too_large = errors.TOO_LARGE
    malformed = errors.BADLY_FORMED
    invalid = errors.ARGUMENT_INVALID
    throttled = errors.TOO_MANY_REQUESTS
    crashed = errors.CRASHED
    unavailable = errors.UNAVAILABLE

    def error(self, api_error: ApiError) -> Response:
        body = {**api_error.error.extra, "message": api_error.message}
        if api_error.error.code is not None:
            body["error_code"] = api_error.error.code
        return json_response(api_error.error.status, body)

    def code_of(self, status: int) -> int:
        """Return the status, which is the code of all errors that belong to no operation."""
        return status

    def problems(self, problems: list[Problem], operation: Operation) -> ApiError:
        first = problems[0]
        if first.where == "path":
            return errors.LIST_NOT_FOUND() if errors.LIST_NOT_FOUND in operation.errors else errors.NOT_FOUND()
        if first.kind == BADLY_FORMED:
            return errors.BADLY_FORMED()
        if not first.path:
            # SMTP's own code for it: https://github.com/sendpulse/sendpulse-rest-api-node.js/issues/38
            return errors.DATA_MALFORMED() if errors.DATA_MALFORMED in operation.errors else errors.BADLY_FORMED()
        name = str((first.context or {}).get("name") or _name(first))
        if first.value is None or first.kind == "missing":
            return errors.ARGUMENT_MISSING(name=name)
        return errors.ARGUMENT_INVALID(name=name, complaint=_complaint(first))

    def limited(self, standing: Standing, now: float) -> ApiError:
        # No rate-limit headers are documented, and none are sent.
        error = errors.ERRORS.get(standing.limit.error)
        return errors.TOO_MANY_REQUESTS() if error is None else error()

    def error_schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["message"],
            "properties": {
                "message": {"type": "string"},
                "error_code": {"type": "integer"},
                "error": {"type": "string"},
                "error_description": {"type": "string"},
            },
        }

    def common_errors(self) -> tuple[Error, ...]:
        return (*super().common_errors(), errors.ARGUMENT_MISSING, errors.TOO_MANY_PER_SECOND)


def _name(problem: Problem) -> str:
    return ".".join("*" if isinstance(part, int) else part for part in problem.path)


def _complaint(problem: Problem) -> str:
    context = problem.context or {}
    if problem.kind == "argument":
        return problem.message
    if problem.kind in _INTEGER_KINDS:
        return "must be integer"
    if problem.kind == "greater_than_equal":
        return f"must be at least {context['ge']}"
    if problem.kind == "less_than_equal":
        return f"may not be greater than {context['le']}"
    if problem.kind == "too_long":
        return f"may not have more than {context['max_length']} items"
    return _MUST_BE.get(problem.kind, "is invalid")
