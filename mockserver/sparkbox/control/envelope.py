"""The control API's shapes: payloads as they are, and ``{"error": {"code", "message", "details"}}``."""

from __future__ import annotations

import typing
from typing import Any

from pydantic import BaseModel

from sparkbox.core.declare.envelope import Envelope
from sparkbox.core.declare.errors import ApiError, Error
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.schema import Problem
from sparkbox.core.request.http import Response, json_response
from sparkbox.core.state.context import Context

from . import errors


class ControlEnvelope(Envelope):
    """``details`` name the field or parameter where there is one."""

    not_found = errors.UNKNOWN_PATH
    method_not_allowed = errors.METHOD_NOT_ALLOWED
    too_large = errors.TOO_LARGE
    malformed = errors.MALFORMED
    invalid = errors.INVALID
    crashed = errors.CRASHED
    unavailable = errors.FULL
    headers = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))
    # Nothing here asks for a credential, any content type is taken, and nothing is limited: else it is our bug.
    unauthorized = unsupported_media_type = throttled = errors.CRASHED

    def error(self, api_error: ApiError) -> Response:
        body = {
            "code": api_error.error.code or api_error.error.name,
            "message": api_error.message,
            "details": api_error.values.get("details", []),
        }
        return json_response(api_error.error.status, {"error": body})

    def problems(self, problems: list[Problem], operation: Operation) -> ApiError:
        first = problems[0]
        if first.kind in ("json_invalid", "recursion_loop"):
            return errors.MALFORMED(reason=first.message)
        if first.where == "path":
            return errors.ID_UNREADABLE(id=quoted(first.value))
        details = [_detail(problem, operation) for problem in problems]
        words = [
            f"{detail['field']}: {detail['message']}" if detail["field"] else detail["message"] for detail in details
        ]
        return errors.INVALID(reason="; ".join(words[:5]), details=details)

    def finish(self, ctx: Context, response: Response) -> None:
        response.headers.append((b"cache-control", b"no-store"))
        response.headers.append((b"x-content-type-options", b"nosniff"))

    def error_schema(self) -> dict[str, Any]:
        text = {"type": "string"}
        detail = {"type": "object", "properties": {"where": text, "field": text, "message": text}}
        fields = {"code": text, "message": text, "details": {"type": "array", "items": detail}}
        row = {"type": "object", "required": list(fields), "properties": fields}
        return {"type": "object", "required": ["error"], "properties": {"error": row}}

    def common_errors(self) -> tuple[Error, ...]:
        return (
            errors.FOREIGN_ORIGIN, errors.FOREIGN_HOST, errors.UNKNOWN_PATH, errors.ID_UNREADABLE,
            errors.METHOD_NOT_ALLOWED, errors.TOO_LARGE, errors.MALFORMED, errors.INVALID, errors.CRASHED, errors.FULL,
        )  # fmt: skip


def quoted(value: object) -> str:
    """Return a value for the text of an error: quoted, and cut short."""
    text = str(value)
    return repr(text if len(text) <= 100 else text[:100] + "…")


def _detail(problem: Problem, operation: Operation) -> dict[str, str]:
    message = problem.message.removeprefix("Value error, ")
    if problem.kind == "extra_forbidden":
        noun = "parameter" if problem.where == "query" else "field"
        known = _known(operation, problem)
        message = f"unknown {noun}; this operation takes {', '.join(known)}" if known else f"unknown {noun}"
    elif problem.kind == "missing":
        message = "is required"
    return {"where": problem.where, "field": problem.field, "message": message}


def _known(operation: Operation, problem: Problem) -> list[str]:
    """Return the valid names, where the unknown one is at the top."""
    model = typing.get_type_hints(operation.handler).get(problem.where)
    if len(problem.path) != 1 or not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    return [field.alias or name for name, field in model.model_fields.items()]
