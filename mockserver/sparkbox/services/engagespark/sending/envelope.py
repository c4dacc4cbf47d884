"""Responses about sending an SMS: indented JSON with a media type of its own that ends in a line feed.

https://github.com/bloom-solutions/engagespark_client-ruby has recordings of them.
"""

from __future__ import annotations

from typing import Any

import orjson

from sparkbox.core.declare.errors import ApiError, Error
from sparkbox.core.declare.operation import Operation
from sparkbox.core.request.http import Response
from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context

from ..envelope import EngageSparkEnvelope, error_fields

_TYPE = (b"content-type", b"application/jsonl; charset=utf-8")


class SendingEnvelope(EngageSparkEnvelope):
    """An error that a handler raises keeps the shape of a success: see :func:`in_shape`."""

    def success(self, ctx: Context, operation: Operation, payload: Any, status: int) -> Response:
        return _indented(status, payload)

    def error(self, api_error: ApiError) -> Response:
        fields = api_error.values.get("fields")
        if fields is None:
            return super().error(api_error)
        return _indented(api_error.error.status, error_fields(api_error) | fields)

    def media_type(self, operation: Operation) -> str:
        return "application/jsonl"

    def error_responses(self, error: Error, operation: Operation) -> tuple[Response, ...]:
        plain = super().error_responses(error, operation)
        if error.status != 400 or error not in operation.errors:
            return plain
        return *plain, self.error(in_shape(error(), {}))


def in_shape(api_error: ApiError, fields: dict[str, Any]) -> ApiError:
    """Return the error with ``fields`` after its own, in the shape of a response about an SMS."""
    return api_error.error(**api_error.values, fields=fields)


def _indented(status: int, payload: Any) -> Response:
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return Response(status, dumps(payload, option=options), [_TYPE])
