"""Errors of the older top-ups, from which clients read ``errorMessage``."""

from __future__ import annotations

from typing import Any

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.schema import Problem
from sparkbox.core.request.http import Response, json_response

from ..envelope import EngageSparkEnvelope


class AirtimeEnvelope(EngageSparkEnvelope):
    """An error that the handler raises keeps the shape of a success: see :func:`without_topup`."""

    def error(self, api_error: ApiError) -> Response:
        whole = api_error.values.get("whole")
        return super().error(api_error) if whole is None else json_response(api_error.error.status, whole)

    def problems(self, problems: list[Problem], operation: Operation) -> ApiError:
        return without_topup(super().problems(problems, operation))

    def error_schema(self) -> dict[str, Any]:
        text = {"type": "string"}
        fields = {"error": text, "errorCode": text, "context": {"type": "object"}, "errorMessage": text}
        return {
            "type": "object",
            "properties": fields,
            "anyOf": [{"required": [name]} for name in ("error", "errorMessage")],
        }


def without_topup(api_error: ApiError) -> ApiError:
    """Return the error in the shape of a response about a top-up."""
    whole = {"status": "Error", "errorMessage": api_error.message, "amountSent": 0, "price": 0}
    return api_error.error(**api_error.values, whole=whole)
