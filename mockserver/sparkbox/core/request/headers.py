"""Headers that a test gives a response: what can be sent, and how they join those of the service."""

from __future__ import annotations

import re
from collections.abc import Mapping

Headers = list[tuple[bytes, bytes]]

MOST_HEADERS = 50
MOST_HEADER_BYTES = 16 * 1024
"""Names and values together; clients give up on much more."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HOP_BY_HOP = frozenset(
    (
        "connection",
        "content-length",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
"""Headers about the connection (RFC 9110, section 7.6.1) and not about the response."""


def check_headers(headers: Mapping[str, str]) -> None:
    """Raise ``ValueError`` for headers that cannot be sent, or that belong to the connection."""
    if len(headers) > MOST_HEADERS:
        raise ValueError(f"{len(headers)} headers are too many, {MOST_HEADERS} may be given")
    if sum(len(name) + len(value) for name, value in headers.items()) > MOST_HEADER_BYTES:
        raise ValueError(f"the headers have more than {MOST_HEADER_BYTES} bytes")
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or not value.isprintable() or not _is_latin(value):
            raise ValueError(f"{name[:100]!r} with {value[:100]!r} is no header that can be sent")
        if name.lower() in _HOP_BY_HOP:
            raise ValueError(f"the header {name} is the connection's own business")


def encoded(headers: Mapping[str, str]) -> Headers:
    """Return the headers as they go out."""
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


def replace_headers(headers: Headers, given: Headers) -> None:
    """Put ``given`` in the place of the headers of the same names, in ``headers`` itself."""
    names = {name for name, _ in given}
    headers[:] = [*(pair for pair in headers if pair[0] not in names), *given]


def _is_latin(text: str) -> bool:
    return all(ord(character) < 256 for character in text)
