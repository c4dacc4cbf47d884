"""Read Sparked's responses."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import httpx

Refused = tuple[int, str]


def data(response: httpx.Response, status: int = 200) -> Any:
    """Return the JSON of a response that must have this status."""
    assert response.status_code == status, response.text
    return response.json()


def api_error(response: httpx.Response) -> Refused:
    """Return status and code of an API error, which must have the API's envelope."""
    fields = response.json()["error"]
    assert response.status_code >= 400, response.text
    assert isinstance(fields["message"], str)
    return response.status_code, fields["code"]


def fields_of(response: httpx.Response) -> list[str]:
    """Return the fields that an API error names."""
    return [detail["field"] for detail in response.json()["error"]["details"]]


def oauth_error(response: httpx.Response) -> Refused:
    """Return status and error of an OAuth error (RFC 6749, section 5.2)."""
    assert response.headers["content-type"].startswith("application/json")
    assert "no-store" in response.headers["cache-control"]
    return response.status_code, response.json()["error"]


def challenge(response: httpx.Response) -> dict[str, str]:
    """Return the parameters of ``WWW-Authenticate: Bearer`` (RFC 6750, section 3)."""
    scheme, _, rest = response.headers["www-authenticate"].partition(" ")
    assert scheme == "Bearer"
    return dict(re.findall(r'(\w+)="([^"]*)"', rest))


def time_of(text: str) -> datetime:
    """Parse an ISO 8601 time."""
    when = datetime.fromisoformat(text)
    assert when.utcoffset() is not None
    return when
