"""Errors of the older API: a wrong token gets ``{"detail": …}``, everything else is as elsewhere."""

from __future__ import annotations

from typing import Any

from sparkbox.core.declare.errors import ApiError, Error
from sparkbox.core.declare.operation import Operation
from sparkbox.core.request.http import Response, json_response
from sparkbox.core.state.context import Context

from .. import errors
from ..envelope import EngageSparkEnvelope

_DETAILED = (errors.INVALID_TOKEN, errors.NO_CREDENTIALS)


class OlderEnvelope(EngageSparkEnvelope):
    """See https://www.django-rest-framework.org/api-guide/authentication/#tokenauthentication."""

    unauthorized = errors.INVALID_TOKEN

    def error(self, api_error: ApiError) -> Response:
        if api_error.error in _DETAILED:
            return json_response(api_error.error.status, {"detail": api_error.message})
        return super().error(api_error)

    def finish(self, ctx: Context, response: Response) -> None:
        if response.error == errors.INVALID_TOKEN.name and not ctx.request.header(b"authorization"):
            response.body, response.error = self.error(errors.NO_CREDENTIALS()).body, errors.NO_CREDENTIALS.name
        super().finish(ctx, response)

    def error_responses(self, error: Error, operation: Operation) -> tuple[Response, ...]:
        if error is self.unauthorized:
            return tuple(self.error(row()) for row in _DETAILED)
        return super().error_responses(error, operation)

    def error_schema(self) -> dict[str, Any]:
        text = {"type": "string"}
        fields = {"error": text, "errorCode": text, "context": {"type": "object"}, "detail": text}
        return {
            "type": "object",
            "properties": fields,
            "anyOf": [{"required": [name]} for name in ("error", "detail")],
        }

    def common_errors(self) -> tuple[Error, ...]:
        return (*super().common_errors(), errors.NO_CREDENTIALS)
