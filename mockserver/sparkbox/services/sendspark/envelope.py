"""Sendspark's envelope: plain results; errors as ``{"statusCode", "code", "error", "message"}``."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil
from typing import Any

from sparkbox.core.declare.envelope import Envelope
from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.limits import Standing
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.schema import Problem
from sparkbox.core.request.http import Response, json_response

from . import errors

_PHRASES = {413: "Request Entity Too Large"}
"""Reason phrases that differ between Python versions."""


class SendsparkEnvelope(Envelope):
    """The schemas ``BadRequest``, ``Forbidden``, ``ResourceNotFoundOrInvalidAccess`` and ``ServiceUnavailable``."""

    unauthorized = errors.UNAUTHORIZED
    not_found = errors.NOT_FOUND
    method_not_allowed = errors.METHOD_NOT_ALLOWED
    unsupported_media_type = errors.UNSUPPORTED_MEDIA_TYPE
    too_large = errors.TOO_LARGE
    malformed = errors.INVALID
    invalid = errors.INVALID
    throttled = errors.RATE_LIMITED
    crashed = errors.CRASHED
    unavailable = errors.UNAVAILABLE

    def error(self, api_error: ApiError) -> Response:
        row = api_error.error
        body: dict[str, Any] = {"statusCode": row.status}
        if row.code is not None and row.status not in (404, 503):
            body["code"] = row.code
        return json_response(row.status, {**body, "error": _phrase(row.status), "message": api_error.message})

    def problems(self, problems: list[Problem], operation: Operation) -> ApiError:
        first = problems[0]
        if first.where == "path":
            return errors.NOT_FOUND()
        reason = f"{first.field}: {first.message}" if first.path else first.message
        return errors.because(errors.INVALID, f"{first.where} {reason}")

    def limited(self, standing: Standing, now: float) -> ApiError:
        api_error = errors.RATE_LIMITED()
        api_error.headers.append((b"retry-after", b"%d" % max(1, ceil(standing.resets_at - now))))
        return api_error

    def error_schema(self) -> dict[str, Any]:
        fields: dict[str, Any] = {name: {"type": "string"} for name in ("code", "error", "message")}
        return {
            "type": "object",
            "required": ["statusCode", "error", "message"],
            "properties": {"statusCode": {"type": "integer"}, **fields},
        }


def _phrase(status: int) -> str:
    try:
        return _PHRASES.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return "Error"
