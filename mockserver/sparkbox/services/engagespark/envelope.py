"""engageSPARK's shapes: the payload as it is, and errors as ``{"error", "errorCode", "context"}``."""

from __future__ import annotations

from typing import Any

from sparkbox.core.declare.envelope import Envelope
from sparkbox.core.declare.errors import ApiError, Error
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.schema import Problem
from sparkbox.core.request.http import Response, json_response
from sparkbox.core.state.context import Context

from . import errors

_TEXT_TYPE = (b"content-type", b"text/plain; charset=utf-8")


class EngageSparkEnvelope(Envelope):
    """See https://openapi.engagespark.com/."""

    unauthorized = errors.UNAUTHORIZED
    not_found = errors.NOT_FOUND
    method_not_allowed = errors.METHOD_NOT_ALLOWED
    # Any media type is taken for JSON, so there is nothing else to say of one.
    unsupported_media_type = errors.MALFORMED
    too_large = errors.TOO_LARGE
    malformed = errors.MALFORMED
    invalid = errors.INVALID
    throttled = errors.THROTTLED
    crashed = errors.CRASHED
    unavailable = errors.UNAVAILABLE
    headers = (("Cache-Control", "max-age=0"), ("Vary", "Origin"))

    def error(self, api_error: ApiError) -> Response:
        error = api_error.error
        if error is errors.CRASHED:
            return Response(error.status, f"{api_error.message}\n".encode(), [_TEXT_TYPE])
        return json_response(error.status, error_fields(api_error))

    def problems(self, problems: list[Problem], operation: Operation) -> ApiError:
        first = problems[0]
        if first.kind in ("json_invalid", "recursion_loop"):
            return errors.MALFORMED()
        if first.kind == "missing":
            return errors.MISSING(name=first.field)
        noun = "parameter" if first.where == "query" else "field"
        reason = first.message.removeprefix("Value error, ")
        return errors.INVALID(problem=f"invalid {noun} '{first.field}': {reason}" if first.field else reason)

    def finish(self, ctx: Context, response: Response) -> None:
        response.headers.append((b"cache-control", b"max-age=0"))
        response.headers.append((b"vary", b"Origin"))

    def error_schema(self) -> dict[str, Any]:
        text = {"type": "string"}
        fields = {"error": text, "errorCode": text, "context": {"type": "object"}}
        return {"type": "object", "properties": fields, "required": ["error"]}

    def common_errors(self) -> tuple[Error, ...]:
        return (*super().common_errors(), errors.MISSING)


def error_fields(api_error: ApiError) -> dict[str, Any]:
    """Return the fields of an error's body."""
    fields: dict[str, Any] = {"error": api_error.message}
    if api_error.error.code is not None:
        fields["errorCode"] = api_error.error.code
    return fields
