"""How errors of the token endpoint look: as RFC 6749, section 5.2, says."""

from __future__ import annotations

from typing import Any

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.schema import Problem
from sparkbox.core.request.http import Response, json_response

from .. import errors
from ..envelope import SparkedEnvelope, challenge, details_of


class TokenEnvelope(SparkedEnvelope):
    """The envelope of ``/oauth/token`` and ``/oauth/revoke``."""

    def error(self, api_error: ApiError) -> Response:
        status, code = api_error.error.status, api_error.error.code
        if api_error.error in (errors.UNSUPPORTED_MEDIA_TYPE, errors.TOO_LARGE):
            # The RFC has one code for every request that is not a form.
            status, code = 400, "invalid_request"
        fields = {"error": code, "error_description": errors.plain(api_error.message)}
        response = json_response(status, fields, [(b"cache-control", b"no-store"), (b"pragma", b"no-cache")])
        response.headers.extend(challenge(api_error))
        return response

    def problems(self, problems: list[Problem], operation: Operation) -> ApiError:
        if not problems[0].path:
            return errors.OAUTH_INVALID_REQUEST(problem="The request cannot be read.")
        details = details_of(problems[:3])
        problem = " ".join(f"The parameter {detail['field']} {detail['issue']}." for detail in details)
        return errors.OAUTH_INVALID_REQUEST(problem=problem)

    def error_schema(self) -> dict[str, Any]:
        text = {"type": "string"}
        return {
            "type": "object",
            "required": ["error", "error_description"],
            "properties": {"error": text, "error_description": text},
        }
