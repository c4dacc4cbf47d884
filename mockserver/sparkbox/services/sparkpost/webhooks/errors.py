"""The errors of webhooks. The code of a target's failure is a number: https://developers.sparkpost.com/api/webhooks/."""

from __future__ import annotations

from ..errors import assumed, observed, row

TARGET_FAILED = observed(
    "target_failed",
    400,
    400,
    "POST to webhook target URL failed with {problem}",
    "A webhook whose target does not respond with 200; `response` is what it responded.",
)
TOKENS_FAILED = row(
    "tokens_failed",
    400,
    400,
    "POST to webhook tokens URL failed",
    "A webhook with OAuth 2.0 whose `auth_request_details.url` gives no access token.",
)
TOO_MANY_WEBHOOKS = assumed(
    "too_many_webhooks",
    400,
    "1502",
    "Server resources unavailable",
    "More than 100 webhooks.",
    description="An account may have at most 100 webhooks",
)
RESERVED_HEADER = row(
    "reserved_header",
    422,
    "10000",
    "Header is reserved and cannot be used",
    "A custom header that the vendor sets itself, or whose name is invalid.",
)
CUSTOM_HEADERS_TOO_LARGE = row(
    "custom_headers_too_large",
    413,
    "10001",
    "Total size of custom headers is too large",
    "Custom headers of more than 3,000 bytes.",
)
TOO_MANY_CUSTOM_HEADERS = row(
    "too_many_custom_headers",
    422,
    "10002",
    "You may only have up to 5 custom headers",
    "More than five custom headers.",
)
