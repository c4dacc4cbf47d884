"""Sendspark's errors: flat ``{"statusCode", "code", "error", "message"}``, where 404 and 503 have no ``code``.

The vendor's texts say little (every bad request is an "Invalid request payload input"), so a refusal tells its reason
in the header ``x-mock-reason``, which the real service does not send.
"""

from __future__ import annotations

from sparkbox.core.declare.errors import ApiError, Error, ErrorTable

DOCS = "https://help.sendspark.com/en/articles/9051823-api-automatically-create-dynamic-videos-via-api-integration"

ERRORS = ErrorTable("sendspark", docs=DOCS)
_row = ERRORS.row

UNAUTHORIZED = _row(
    "unauthorized", 401, "Unauthorized", evidence="assumed",
    cause="`x-api-key` or `x-api-secret` is missing, or does not begin with `mock-`, or is not the ready key's secret.",
)  # fmt: skip
INVALID = _row(
    "invalid_payload", 400, "Invalid request payload input", code="S400-AHVE",
    cause="A body or a query that is not what the operation takes; the header `x-mock-reason` says where.",
)  # fmt: skip
NOT_AUTHORIZED = _row(
    "charge_not_authorized", 403, "Invalid request payload input", code="S403-UPLD",
    cause="Videos asked for without `processAndAuthorizeCharge: true`.",
)  # fmt: skip
PROVIDER = _row(
    "provider_error", 403, "{reason}", code="S403-UPLD",
    cause="A minute bundle that the payment provider would not change: one that is cancelled, or is not a custom one.",
)  # fmt: skip
SUSPENDED = _row(
    "suspended", 403, "Workspace suspended", code="S403-UPLD", evidence="assumed",
    cause="The account's `suspended` switch under `/_mock/accounts`; whatever costs minutes or money is refused.",
)  # fmt: skip
NOT_FOUND = _row(
    "not_found", 404, "Resource not found or invalid access",
    cause="A path, a workspace, a campaign, a prospect, a webhook or a bundle that does not exist or is not yours.",
)  # fmt: skip
METHOD_NOT_ALLOWED = _row(
    "method_not_allowed", 405, "Method Not Allowed", evidence="assumed", cause="A method that the path does not take."
)
TOO_LARGE = _row(
    "too_large", 413, "Payload content length greater than maximum allowed", evidence="assumed",
    cause="A body of more than 32 MiB.",
)  # fmt: skip
UNSUPPORTED_MEDIA_TYPE = _row(
    "unsupported_media_type", 415, "Unsupported Media Type", evidence="assumed",
    cause="A body that is announced as something else than JSON.",
)  # fmt: skip
RATE_LIMITED = _row(
    "rate_limited", 429, "Rate limit exceeded", evidence="assumed",
    cause="More than 30 requests a minute to an operation, or more than one to `…/prospects/bulk`.",
)  # fmt: skip
CRASHED = _row(
    "internal_error", 500, "An internal server error occurred", evidence="assumed",
    cause="A fault, or a mistake of the sandbox.",
)  # fmt: skip
UNAVAILABLE = _row("unavailable", 503, "Service Unavailable", cause="A fault, or more than the sandbox keeps.")


def because(error: Error, reason: str) -> ApiError:
    """The refusal to raise, with a reason that only its header tells."""
    api_error = error()
    told = reason[:500].encode("ascii", "replace").translate(_NO_CONTROLS)
    api_error.headers.append((b"x-mock-reason", told))
    return api_error


_NO_CONTROLS = bytes(byte if 32 <= byte < 127 else 63 for byte in range(256))
