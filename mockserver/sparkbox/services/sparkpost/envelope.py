"""The envelope of SparkPost's responses: ``{"results": …}`` or ``{"errors": [{"message", "description", "code"}]}``."""

from __future__ import annotations

from typing import Any

from sparkbox.core.declare.envelope import Envelope
from sparkbox.core.declare.errors import ApiError, Error
from sparkbox.core.declare.limits import Standing
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.schema import Problem
from sparkbox.core.request.http import Response, json_response
from sparkbox.core.state.context import Context

from . import errors

TOO_MANY_BYTES = "too_many_bytes"
"""The kind of problem that :mod:`.fields` reports for a long text."""

_JSON_TYPES = {
    "dict_type": "json_object",
    "model_type": "json_object",
    "model_attributes_type": "json_object",
    "list_type": "json_array",
    "string_type": "string",
    "literal_error": "string",
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
    headers = (("X-SparkPost-Request-Id", "An id of the request."),)

    def success(self, ctx: Context, operation: Operation, payload: Any, status: int) -> Response:
        if status == 204:
            return Response(204, b"", [])
        # A 200 without a body breaks the vendor's Python client; where the documents show none, it is `{}`.
        return json_response(status, {} if payload is None else {"results": payload})

    def error(self, api_error: ApiError) -> Response:
        body = {"errors": api_error.values.get("rows") or [error_row(api_error)]}
        # A transmission that is rejected late has results as well; errors of metrics have links.
        for name in ("results", "links", "validationErrors"):
            if name in api_error.values:
                body[name] = api_error.values[name]
        return json_response(api_error.error.status, body)

    def problems(self, problems: list[Problem], operation: Operation) -> ApiError:
        first = problems[0]
        if first.kind in ("json_invalid", "recursion_loop"):
            return errors.NOT_UTF8() if "invalid unicode" in first.message else errors.MALFORMED()
        if first.where == "path":
            return errors.NOT_FOUND()
        if first.where == "query":
            return errors.INVALID_PARAMETERS(description=_parameter_problem(first))
        rows = [_problem_row(problem) for problem in problems]
        error = errors.MISSING if rows[0]["code"] == "1400" else errors.INVALID
        return error(rows=rows)

    def limited(self, standing: Standing, now: float) -> ApiError:
        return errors.RATE_LIMITED()

    def finish(self, ctx: Context, response: Response) -> None:
        response.headers.append((b"x-sparkpost-request-id", b"%x" % ctx.ids.getrandbits(64)))

    def wrap_schema(self, schema: dict[str, Any], operation: Operation) -> dict[str, Any]:
        return {"type": "object", "required": ["results"], "properties": {"results": schema}}

    def common_errors(self) -> tuple[Error, ...]:
        return (
            *super().common_errors(),
            errors.FORBIDDEN,
            errors.NOT_UTF8,
            errors.MISSING,
            errors.TOO_LONG,
            errors.INVALID_PARAMETERS,
        )

    def error_schema(self) -> dict[str, Any]:
        row = {
            "type": "object",
            "required": ["message"],
            "properties": {
                **{name: {"type": "string"} for name in ("message", "description")},
                "code": {"type": ["string", "integer"]},
            },
        }
        return {"type": "object", "required": ["errors"], "properties": {"errors": {"type": "array", "items": row}}}


def error_row(api_error: ApiError) -> dict[str, Any]:
    """Return an entry of ``errors``.

    Templates add ``part`` and ``line``, searches ``param``, webhooks ``value`` and ``response``.
    """
    row: dict[str, Any] = {"message": api_error.message}
    if api_error.description is not None:
        row["description"] = api_error.description
    if api_error.error.code is not None:
        row["code"] = api_error.error.code
    for name in ("part", "line", "param", "value", "response"):
        if name in api_error.values:
            row[name] = api_error.values[name]
    return row


def field_name(path: tuple[str | int, ...]) -> str:
    """Return ``("recipients", 0, "address")`` as the vendor writes it: ``recipients[0].address``."""
    name = ""
    for step in path:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name


def wrong_type(field: str, value: Any, wanted: str) -> str:
    """Return the vendor's description of a value of the wrong type; ``wanted`` is ``string``, ``json_object``, …"""
    return f"field '{field}' is of type '{json_type(value)}', but needs to be of type '{wanted}'"


def too_long(field: str, length: int, most: int) -> str:
    """Return the vendor's description of a text with too many bytes."""
    return f"field '{field}' is of length '{length}', but needs to be of max length '{most}'"


def _problem_row(problem: Problem) -> dict[str, Any]:
    field = field_name(problem.path)
    wanted = _JSON_TYPES.get(problem.kind)
    if problem.kind == "missing" or (wanted is not None and problem.value is None and field):
        # Clients send null for missing values: it counts as absent.
        return error_row(errors.MISSING(description=f"field '{field}' is required"))
    if wanted == "json_object" and not field:
        text = "JSON object expected"
    elif problem.kind == "literal_error" and isinstance(problem.value, str):
        # Worded as for a suppression's type.
        text = f"field '{field}' must be one of: {(problem.context or {})['expected'].replace(' or ', ', ')}"
    elif wanted is not None:
        text = wrong_type(field, problem.value, wanted)
    elif problem.kind == "value_error":
        text = problem.message.removeprefix("Value error, ")
    elif problem.kind == TOO_MANY_BYTES and problem.context is not None:
        text = too_long(field, problem.context["length"], problem.context["most"])
        return error_row(errors.TOO_LONG(description=text))
    else:
        text = f"field '{field}' is invalid: {problem.message}"
    return error_row(errors.INVALID(description=text))


def _parameter_problem(problem: Problem) -> str:
    wanted = {"int_parsing": "an integer", "bool_parsing": "a boolean"}.get(problem.kind)
    name = field_name(problem.path)
    return f"param '{name}' must be {wanted}" if wanted else f"param '{name}' is invalid: {problem.message}"


def json_type(value: Any) -> str:
    """Return the vendor's name for the type of a JSON value."""
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
