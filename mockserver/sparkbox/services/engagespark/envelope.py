"""engageSPARK's shapes: what the handler gives as it is, errors as ``{"error", "errorCode", "context"}``.

Answers of the operations that send an SMS are announced as ``application/jsonl``, indented, and end in a line feed, as
https://github.com/bloom-solutions/engagespark_client-ruby has recorded them.
"""

from __future__ import annotations

from typing import Any

import orjson

from sparkbox.core.declare.envelope import Envelope
from sparkbox.core.declare.errors import ApiError, Error
from sparkbox.core.declare.limits import Standing
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.schema import Problem
from sparkbox.core.request.http import Response, json_response
from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context

from . import errors

INDENTED = "indented"
"""The tag of operations whose answers are indented JSON of their own media type."""

STATUS = "status"
"""The tag of operations that refuse as :func:`without_topup` does."""

_INDENTED_TYPE = (b"content-type", b"application/jsonl; charset=utf-8")
_OLDER_UNAUTHORIZED = (errors.NO_CREDENTIALS, errors.INVALID_TOKEN)
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

    def success(self, ctx: Context, operation: Operation, payload: Any, status: int) -> Response:
        return _indented(status, payload) if INDENTED in operation.tags else json_response(status, payload)

    def error(self, api_error: ApiError) -> Response:
        error = api_error.error
        if error is errors.CRASHED:
            return Response(error.status, f"{api_error.message}\n".encode(), [_TEXT_TYPE])
        whole = api_error.values.get("whole")
        if whole is not None:
            return json_response(error.status, whole)
        if error in _OLDER_UNAUTHORIZED:
            return json_response(error.status, {"detail": api_error.message})
        body: dict[str, Any] = {"error": api_error.message}
        if error.code is not None:
            body["errorCode"] = error.code
        fields = api_error.values.get("fields")
        return json_response(error.status, body) if fields is None else _indented(error.status, body | fields)

    def problems(self, problems: list[Problem], operation: Operation) -> ApiError:
        api_error = self._problem(problems[0])
        return without_topup(api_error) if STATUS in operation.tags else api_error

    def _problem(self, first: Problem) -> ApiError:
        if first.kind in ("json_invalid", "recursion_loop"):
            return errors.MALFORMED()
        if first.kind == "missing":
            return errors.MISSING(name=first.field)
        noun = "parameter" if first.where == "query" else "field"
        reason = first.message.removeprefix("Value error, ")
        return errors.INVALID(problem=f"invalid {noun} '{first.field}': {reason}" if first.field else reason)

    def limited(self, standing: Standing, now: float) -> ApiError:
        return errors.THROTTLED()

    def finish(self, ctx: Context, response: Response) -> None:
        if response.error == errors.UNAUTHORIZED.name and ctx.request.path.startswith("/api/"):
            # The older API has words of its own for it.
            error = errors.INVALID_TOKEN if ctx.request.header(b"authorization") else errors.NO_CREDENTIALS
            response.body, response.error = self.error(error()).body, error.name
        response.headers.append((b"cache-control", b"max-age=0"))
        response.headers.append((b"vary", b"Origin"))

    def media_type(self, operation: Operation) -> str:
        return "application/jsonl" if INDENTED in operation.tags else "application/json"

    def error_responses(self, error: Error, operation: Operation) -> tuple[Response, ...]:
        plain = self.error(error())
        if INDENTED in operation.tags and error.status == 400 and error in operation.errors:
            return plain, self.error(in_shape(error(), {}))
        if error is self.unauthorized and operation.path.startswith("/api/"):
            return plain, *(self.error(row()) for row in _OLDER_UNAUTHORIZED)
        return (plain,)

    def error_schema(self) -> dict[str, Any]:
        """``error``, or what the older API says: ``detail``, and for a top-up ``errorMessage``."""
        text = {"type": "string"}
        fields = {"error": text, "errorCode": text, "context": {"type": "object"}, "detail": text, "errorMessage": text}
        named = ("error", "detail", "errorMessage")
        return {"type": "object", "properties": fields, "anyOf": [{"required": [name]} for name in named]}

    def common_errors(self) -> tuple[Error, ...]:
        return (*super().common_errors(), errors.MISSING)


def in_shape(api_error: ApiError, fields: dict[str, Any]) -> ApiError:
    """The refusal with ``fields`` after its error, in the shape of an answer about an SMS."""
    return api_error.error(**api_error.values, fields=fields)


def without_topup(api_error: ApiError) -> ApiError:
    """The refusal as the older API answers about a top-up, from which its clients read ``errorMessage``."""
    whole = {"status": "Error", "errorMessage": api_error.message, "amountSent": 0, "price": 0}
    return api_error.error(**api_error.values, whole=whole)


def _indented(status: int, payload: Any) -> Response:
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return Response(status, dumps(payload, option=options), [_INDENTED_TYPE])
