"""Custom headers of a webhook's requests.

https://developers.sparkpost.com/api/relay-webhooks/#header-custom-http-headers-properties: at most five, 3,000 bytes
together, and none that the vendor sets itself. The page on event webhooks names no limits; the same apply here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkbox.core.logs.deliveries import Headers, check_target
from sparkbox.core.request.json import dumps

from .. import errors
from .errors import CUSTOM_HEADERS_TOO_LARGE, RESERVED_HEADER, TOO_MANY_CUSTOM_HEADERS

MOST_HEADERS = 5
MOST_BYTES = 3000

ERRORS = (RESERVED_HEADER, CUSTOM_HEADERS_TOO_LARGE, TOO_MANY_CUSTOM_HEADERS)

_RESERVED = frozenset({
    "accept", "accept-encoding", "authorization", "connection", "content-encoding", "content-length", "content-type",
    "cookie", "date", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "via",
    "x-messagesystems-batch-id", "x-messagesystems-webhook-token",
})  # fmt: skip


def checked(given: Mapping[str, Any] | None) -> Headers:
    """Check custom headers; return them with numbers as text."""
    if not given:
        return ()
    if len(given) > MOST_HEADERS:
        raise TOO_MANY_CUSTOM_HEADERS(param="custom_headers")
    headers = tuple((name, _text(name, value)) for name, value in given.items())
    if len(dumps(dict(headers))) > MOST_BYTES:
        raise CUSTOM_HEADERS_TOO_LARGE(param="custom_headers")
    for name, value in headers:
        try:
            check_target("http://any.example", [(name, value)])
        except ValueError:
            raise RESERVED_HEADER(param="custom_headers", value=name) from None
        if name.lower() in _RESERVED:
            raise RESERVED_HEADER(param="custom_headers", value=name)
    return headers


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise errors.INVALID(description=f"field 'custom_headers.{name}' must be a string or a number")
