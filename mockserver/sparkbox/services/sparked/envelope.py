"""How Sparked's responses look: plain results, and ``{"error": {"code", "message", "details", "request_id"}}``.

The token endpoint and the pages have envelopes of their own, in their sections. The shape of errors is inferred.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from typing_extensions import TypedDict

from sparkbox.core.declare.envelope import Envelope
from sparkbox.core.declare.errors import ApiError, Error
from sparkbox.core.declare.limits import Standing
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.schema import Problem
from sparkbox.core.request.http import JSON_TYPE, Headers, Response, json_response, to_json
from sparkbox.core.state.context import Context

from . import errors, limits


class Detail(TypedDict):
    field: str
    issue: str


class ErrorFields(TypedDict):
    """The fields under ``error``, apart from the request id."""

    code: str
    message: str
    details: list[Detail]


class SparkedEnvelope(Envelope):
    """The base of all envelopes. See https://sparked.com/integration."""

    unauthorized = errors.UNAUTHORIZED
    not_found = errors.NOT_FOUND
    method_not_allowed = errors.METHOD_NOT_ALLOWED
    unsupported_media_type = errors.UNSUPPORTED_MEDIA_TYPE
    too_large = errors.TOO_LARGE
    malformed = errors.MALFORMED
    invalid = errors.VALIDATION_FAILED
    throttled = errors.RATE_LIMITED
    crashed = errors.CRASHED
    unavailable = errors.UNAVAILABLE
    headers: tuple[tuple[str, str], ...] = (
        ("X-Request-Id", "The id of the request; an error has it in its body too."),
    )

    def code_of(self, status: int) -> str:
        """Return the name of a status, in the style of the other codes."""
        return next((known.name.lower() for known in HTTPStatus if known == status), "unknown")

    def error(self, api_error: ApiError) -> Response:
        response = json_response(api_error.error.status, {"error": {**error_fields(api_error), "request_id": ""}})
        response.headers.extend(challenge(api_error))
        return response

    def problems(self, problems: list[Problem], operation: Operation) -> ApiError:
        first = problems[0]
        details = details_of(problems)
        if first.where == "query":
            return errors.INVALID_QUERY(count=_count(details, "parameter"), details=details)
        if first.kind in ("json_invalid", "recursion_loop"):
            return errors.MALFORMED()
        return errors.VALIDATION_FAILED(count=_count(details, "field"), details=details)

    def limited(self, standing: Standing, now: float) -> ApiError:
        seconds = max(1, math.ceil(standing.resets_at - now))
        api_error = errors.RATE_LIMITED(seconds=seconds)
        api_error.headers.append((b"retry-after", b"%d" % seconds))
        return api_error

    def finish(self, ctx: Context, response: Response) -> None:
        request_id = f"req_{ctx.ids.hex(20)}"
        response.headers.append((b"x-request-id", request_id.encode()))
        garbage = response.fault is not None and response.fault.garbage
        if response.error is None or garbage or JSON_TYPE not in response.headers:
            return
        fields = response.json()["error"]
        if isinstance(fields, dict):
            response.body = to_json({"error": {**fields, "request_id": request_id}})

    def common_errors(self) -> tuple[Error, ...]:
        tokens = errors.TOKEN_INVALID, errors.TOKEN_EXPIRED, errors.CLIENT_REFUSED, errors.SUSPENDED
        return (*super().common_errors(), errors.INVALID_QUERY, *tokens)

    def error_schema(self) -> dict[str, Any]:
        text = {"type": "string"}
        detail = {"type": "object", "required": ["field", "issue"], "properties": {"field": text, "issue": text}}
        fields = {
            "code": text,
            "message": text,
            "details": {"type": "array", "items": detail},
            "request_id": text,
        }
        error = {"type": "object", "required": list(fields), "properties": fields}
        return {"type": "object", "required": ["error"], "properties": {"error": error}}


class ApiEnvelope(SparkedEnvelope):
    """The envelope of the API. Below ``/api/`` it has the rate limit headers, also where there is no operation."""

    headers = (
        *SparkedEnvelope.headers,
        ("X-RateLimit-Limit", "Requests an hour, if the request has a credential."),
        ("X-RateLimit-Remaining", "Requests left in this hour."),
        ("X-RateLimit-Reset", "When the next hour begins, in Unix seconds."),
    )

    def finish(self, ctx: Context, response: Response) -> None:
        super().finish(ctx, response)
        if ctx.request.path.startswith("/api/") and ctx.account is not ctx.sandbox.anonymous:
            response.headers.extend(limits.headers(ctx, used_up=response.error == errors.RATE_LIMITED.name))


def challenge(api_error: ApiError) -> Headers:
    """Return ``WWW-Authenticate``, which RFC 6749 requires for a refused client and RFC 6750 for a refused token."""
    error = api_error.error
    if error in (errors.INVALID_CLIENT, errors.CLIENT_REFUSED):
        return [(b"www-authenticate", b'Basic realm="Sparked"')]
    if error.status not in (401, 403):
        return []
    value = 'Bearer realm="Sparked"'
    if error is errors.INSUFFICIENT_SCOPE:
        value += f', error="insufficient_scope", error_description="{errors.plain(api_error.message)}"'
        value += f', scope="{api_error.values.get("scope", "")}"'
    elif error in (errors.TOKEN_INVALID, errors.TOKEN_EXPIRED, errors.SUSPENDED):
        value += f', error="invalid_token", error_description="{errors.plain(api_error.message)}"'
    return [(b"www-authenticate", value.encode("latin-1"))]


def error_fields(api_error: ApiError) -> ErrorFields:
    """Return an API error's fields under ``error``."""
    details = list(api_error.values.get("details", ()))
    return {"code": str(api_error.error.code), "message": api_error.message, "details": details}


def details_of(problems: Iterable[Problem]) -> list[Detail]:
    """Return what is wrong with each field."""
    return [{"field": _field(problem), "issue": _issue(problem)} for problem in problems]


def invalid_fields(*details: Detail) -> ApiError:
    """Return the error for fields that are invalid beside others, or at this time."""
    return errors.VALIDATION_FAILED(count=_count(details, "field"), details=list(details))


_WORDS = {
    "missing": "is required",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "string_pattern_mismatch": "must look like {pattern}",
    "string_unicode": "must be text",
}


def _field(problem: Problem) -> str:
    name = ""
    for step in problem.path:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name


def _issue(problem: Problem) -> str:
    if problem.kind == "string_type" and isinstance(problem.value, list):
        return "must be given once"
    words = _WORDS.get(problem.kind)
    context = problem.context or {}
    try:
        return words.format_map(context) if words else problem.message.removeprefix("Value error, ")
    except KeyError:
        return problem.message


def _count(details: Iterable[Detail], noun: str) -> str:
    count = len(list(details))
    return f"1 {noun} that makes no sense" if count == 1 else f"{count} {noun}s that make no sense"
