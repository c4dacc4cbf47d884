"""Sendspark's errors: flat ``{"statusCode", "code", "error", "message"}``; 404 and 503 have no ``code``.

The vendor's messages say little (every bad request is an "Invalid request payload input"), so the sandbox gives the
reason in the header ``x-mock-reason``, which the real service does not send.
"""

from __future__ import annotations

from typing import Any

from sparkbox.core.declare.errors import ApiError, Error, ErrorTable

DOCS = "https://help.sendspark.com/en/articles/9051823-api-automatically-create-dynamic-videos-via-api-integration"

ERRORS = ErrorTable("sendspark", docs=DOCS)


def _row(name: str, status: int, message: str, cause: str, **more: Any) -> Error:
    """Declare an error; ``cause`` says how a request brings it about."""
    return ERRORS.row(name, status, message, cause=cause, **more)


def _assumed(name: str, status: int, message: str, cause: str, **more: Any) -> Error:
    return _row(name, status, message, cause, evidence="assumed", **more)


UNAUTHORIZED = _assumed(
    "unauthorized", 401, "Unauthorized", "`x-api-key` or `x-api-secret` is missing, wrong or without `mock-` in front."
)
INVALID = _row(
    "invalid_payload",
    400,
    "Invalid request payload input",
    "A body or query that the operation does not take; the header `x-mock-reason` says why.",
    code="S400-AHVE",
)
NOT_AUTHORIZED = _row(
    "charge_not_authorized",
    403,
    "Invalid request payload input",
    "Requesting videos without `processAndAuthorizeCharge: true`.",
    code="S403-UPLD",
)
PROVIDER = _row(
    "provider_error", 403, "{reason}", "Changing a minute bundle that is cancelled or not custom.", code="S403-UPLD"
)
SUSPENDED = _assumed(
    "suspended",
    403,
    "Workspace suspended",
    "Requesting what costs minutes or money while `suspended` is set under `/_mock/accounts`.",
    code="S403-UPLD",
)
NOT_FOUND = _row(
    "not_found", 404, "Resource not found or invalid access", "A path or an id that does not exist or is not yours."
)
METHOD_NOT_ALLOWED = _assumed("method_not_allowed", 405, "Method Not Allowed", "A method that the path does not take.")
TOO_LARGE = _assumed(
    "too_large", 413, "Payload content length greater than maximum allowed", "A body of more than 32 MiB."
)
UNSUPPORTED_MEDIA_TYPE = _assumed(
    "unsupported_media_type", 415, "Unsupported Media Type", "A body with a content type other than JSON."
)
RATE_LIMITED = _assumed(
    "rate_limited", 429, "Rate limit exceeded", "More than 30 requests a minute to an operation; `…/prospects/bulk`: 1."
)
CRASHED = _assumed("internal_error", 500, "An internal server error occurred", "A fault, or a mistake of the sandbox.")
UNAVAILABLE = _row("unavailable", 503, "Service Unavailable", "A fault, or more data than the sandbox keeps.")


def because(error: Error, reason: str) -> ApiError:
    """Return the API error to raise, with a reason in its header."""
    api_error = error()
    value = reason[:500].encode("ascii", "replace").translate(_NO_CONTROLS)
    api_error.headers.append((b"x-mock-reason", value))
    return api_error


_NO_CONTROLS = bytes(byte if 32 <= byte < 127 else 63 for byte in range(256))
