"""SparkPost's shapes: ``{"results": …}`` and ``{"errors": [{"message", "description", "code"}]}``."""

from __future__ import annotations

from typing import Any

from mockserver.core.context import Context
from mockserver.core.envelope import Envelope
from mockserver.core.errors import Refusal
from mockserver.core.http import Answer, json_answer
from mockserver.core.limits import Standing
from mockserver.core.operation import Operation
from mockserver.core.schema import Problem

from . import errors

_JSON_TYPES = {
    "dict_type": "json_object",
    "model_type": "json_object",
    "model_attributes_type": "json_object",
    "list_type": "json_array",
    "string_type": "string",
    "bool_type": "boolean",
    "bool_parsing": "boolean",
    "int_type": "number",
    "int_parsing": "number",
    "float_type": "number",
}


class SparkPostEnvelope(Envelope):
    """See https://developers.sparkpost.com/api/#header-errors."""

    unauthorized = errors.UNAUTHORIZED
    not_found = errors.NOT_FOUND
    method_not_allowed = errors.METHOD_NOT_ALLOWED
    unsupported_media_type = errors.UNSUPPORTED_MEDIA_TYPE
    too_large = errors.TOO_LARGE
    malformed = errors.MALFORMED
    invalid = errors.INVALID
    throttled = errors.RATE_LIMITED
    crashed = errors.CRASHED
    unavailable = errors.UNAVAILABLE

    def success(self, ctx: Context, operation: Operation, payload: Any, status: int) -> Answer:
        if status == 204:
            return Answer(204, b"", [])
        # A 200 without a body breaks the vendor's Python client: what the docs show bare answers `{}`.
        return json_answer(status, {} if payload is None else {"results": payload})

    def error(self, refusal: Refusal) -> Answer:
        rows = refusal.values.get("rows")
        return json_answer(refusal.error.status, {"errors": rows or [error_row(refusal)]})

    def problems(self, problems: list[Problem], operation: Operation) -> Refusal:
        first = problems[0]
        if first.kind in ("json_invalid", "recursion_loop"):
            return errors.MALFORMED()
        if first.where == "path":
            return errors.NOT_FOUND()
        rows = [_problem_row(problem) for problem in problems]
        error = errors.MISSING if rows[0]["code"] == "1400" else errors.INVALID
        return error(rows=rows)

    def limited(self, standing: Standing, now: float) -> Refusal:
        return errors.RATE_LIMITED()

    def finish(self, ctx: Context, answer: Answer) -> None:
        answer.headers.append((b"x-sparkpost-request-id", b"%x" % ctx.ids.getrandbits(64)))

    def wrap_schema(self, schema: dict[str, Any], operation: Operation) -> dict[str, Any]:
        return {"type": "object", "required": ["results"], "properties": {"results": schema}}

    def error_schema(self) -> dict[str, Any]:
        row = {
            "type": "object",
            "required": ["message"],
            "properties": {name: {"type": "string"} for name in ("message", "description", "code")},
        }
        return {"type": "object", "required": ["errors"], "properties": {"errors": {"type": "array", "items": row}}}


def error_row(refusal: Refusal) -> dict[str, Any]:
    """One entry of ``errors``; ``part`` and ``line`` are there for templates."""
    row: dict[str, Any] = {"message": refusal.message}
    if refusal.description is not None:
        row["description"] = refusal.description
    if refusal.error.code is not None:
        row["code"] = refusal.error.code
    for name in ("part", "line"):
        if name in refusal.values:
            row[name] = refusal.values[name]
    return row


def _problem_row(problem: Problem) -> dict[str, Any]:
    if problem.kind == "missing" or (problem.kind.endswith("_type") and problem.value is None):
        # Clients send null for what they were not given: it counts as absent.
        return error_row(errors.MISSING(description=f"{problem.field} is required"))
    wanted = _JSON_TYPES.get(problem.kind)
    if wanted is not None:
        found = _json_type(problem.value)
        text = f"field '{problem.field}' is of type '{found}', but needs to be of type '{wanted}'"
    elif problem.kind == "value_error":
        text = problem.message.removeprefix("Value error, ")
    elif problem.kind in ("string_too_long", "bytes_too_long"):
        return error_row(errors.TOO_LONG(description=f"field '{problem.field}' is too long"))
    else:
        text = f"field '{problem.field}' is invalid: {problem.message}"
    return error_row(errors.INVALID(description=text))


def _json_type(value: Any) -> str:
    match value:
        case dict():
            return "json_object"
        case list():
            return "json_array"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case None:
            return "null"
        case _:
            return "string"
