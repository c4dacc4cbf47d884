"""The chatbots' shapes: ``{"success": true, "data": …}``; of errors the gateway's are as everywhere, see ``errors``."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sparkbox.core.declare.envelope import Envelope
from sparkbox.core.declare.errors import ApiError, Error
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.schema import Problem
from sparkbox.core.request.http import Response, json_response
from sparkbox.core.state.context import Context

from ..envelope import SendPulseEnvelope
from ..errors import TOO_MANY_PER_SECOND
from . import errors

_TEXTS = {
    "list_type": "must be an array.",
    "string_type": "must be a string.",
    "int_type": "must be an integer.",
    "int_parsing": "must be an integer.",
    "greater_than_equal": "must be at least {ge}.",
    "less_than_equal": "may not be greater than {le}.",
    "string_too_long": "may not be greater than {max_length} characters.",
    "too_long": "may not have more than {max_length} items.",
}
"""Laravel's, by kind of problem."""


class ChatbotsEnvelope(SendPulseEnvelope):
    """See https://sendpulse.com/integrations/api/chatbot."""

    not_found = errors.NOT_FOUND
    invalid = errors.INVALID

    def success(self, ctx: Context, operation: Operation, payload: Any, status: int) -> Response:
        return json_response(status, {"success": True, "data": payload})

    def wrap_schema(self, schema: dict[str, Any], operation: Operation) -> dict[str, Any]:
        fields = {"success": {"const": True}, "data": schema}
        return {"type": "object", "required": ["success", "data"], "properties": fields}

    def error(self, api_error: ApiError) -> Response:
        if "errors" not in api_error.error.extra:
            return super().error(api_error)
        found = api_error.values.get("errors", api_error.error.extra["errors"])
        return json_response(api_error.error.status, {"message": api_error.message, "errors": found})

    def problems(self, problems: list[Problem], operation: Operation) -> ApiError:
        if not problems[0].path:
            return self.malformed()
        found: dict[str, list[str]] = defaultdict(list)
        for problem in problems:
            found[problem.field].append(f"The {problem.field.replace('_', ' ')} {_text(problem)}")
        return errors.INVALID(errors=found)

    def error_schema(self) -> dict[str, Any]:
        texts = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
        schema = super().error_schema()
        return {**schema, "properties": {**schema["properties"], "errors": texts}}

    def common_errors(self) -> tuple[Error, ...]:
        return (*Envelope.common_errors(self), TOO_MANY_PER_SECOND)


def _text(problem: Problem) -> str:
    # Laravel reads an empty text as null, and an empty list as none.
    if problem.kind in ("missing", "too_short", "string_too_short") or problem.value is None:
        return "field is required."
    return _TEXTS.get(problem.kind, "is invalid.").format(**problem.context or {})
