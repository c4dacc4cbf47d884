"""Field types that several pages share, and the checks of e-mail addresses and URLs."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from sparkbox.core.request.http import to_json
from sparkbox.mail.addresses import is_address

MOST_URL = 2048
LONGEST_EMAIL = 254
MOST_JSON = 16 * 1024

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Text = Annotated[str, StringConstraints(max_length=1000)]
LongText = Annotated[str, StringConstraints(max_length=10_000)]

_HOST = re.compile(r"(?:[\w-]{1,63}\.)*[\w-]{1,63}\.?|\[[0-9a-fA-F:.]+\]")
_PLAIN_URL = re.compile(r"https?://(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}(?:/[A-Za-z0-9/._~-]*)?")
"""URLs that need no further check; most backgrounds are like this."""
_SPACES = re.compile(r"[\x00-\x20\x7f\\]")


def normal_url(text: str) -> str | None:
    """Return a URL as a browser writes it, ``https://example.com/``; ``None`` if it is not one."""
    text = text.strip()
    if len(text) <= MOST_URL and _PLAIN_URL.fullmatch(text):
        return text if text.count("/") > 2 else text + "/"
    if len(text) > MOST_URL or _SPACES.search(text):
        return None
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    if not _HOST.fullmatch(f"[{host}]" if ":" in host else host):
        return None
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port is None or port == {"http": 80, "https": 443}[parts.scheme] else f"{shown}:{port}"
    return parts._replace(netloc=netloc, path=parts.path or "/").geturl()


def is_email(text: str) -> bool:
    # Joi's rule: the domain has at least two labels, the last one of two characters or more.
    _, dot, top = text.rpartition(".")
    return len(text) <= LONGEST_EMAIL and dot != "" and len(top) > 1 and "@" not in top and is_address(text)


def domain_of(email: str) -> str:
    return email.rpartition("@")[2].lower()


def _web_url(text: str) -> str:
    # An empty text counts as absent, as with `backgroundUrl`.
    text = text.strip()
    if text and normal_url(text) is None:
        raise ValueError("not a web address")
    return text


def _small(value: dict[str, Any]) -> dict[str, Any]:
    if len(to_json(value)) > MOST_JSON:
        raise ValueError(f"more than {MOST_JSON} bytes")
    return value


def _flag(value: Any) -> Any:
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.lower())
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


Flag = Annotated[bool, BeforeValidator(_flag)]
"""A boolean, or one as text; numbers are refused.

The specification's ``x-format`` and ``x-constraint`` come from hapi and Joi, which reads booleans like this.
"""
WebUrl = Annotated[str, StringConstraints(max_length=MOST_URL), AfterValidator(_web_url)]
"""A URI in the specification; kept as given."""
Json = Annotated[dict[str, Any], AfterValidator(_small)]
"""Any JSON object of up to 16 KiB."""
