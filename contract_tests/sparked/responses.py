"""Reading Sparked's answers."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import httpx

Refused = tuple[int, str]


def data(response: httpx.Response, status: int = 200) -> Any:
    """The JSON of an answer that must have this status."""
    assert response.status_code == status, response.text
    return response.json()


def api_error(response: httpx.Response) -> Refused:
    """Status and code of a refusal, which must have the API's envelope."""
    fields = response.json()["error"]
    assert response.status_code >= 400, response.text
    assert isinstance(fields["message"], str)
    return response.status_code, fields["code"]


def fields_of(response: httpx.Response) -> list[str]:
    """The fields that a refusal complains of."""
    return [detail["field"] for detail in response.json()["error"]["details"]]


def oauth_error(response: httpx.Response) -> Refused:
    """Status and error of a refusal in OAuth (RFC 6749, section 5.2)."""
    assert response.headers["content-type"].startswith("application/json")
    assert "no-store" in response.headers["cache-control"]
    return response.status_code, response.json()["error"]


def challenge(response: httpx.Response) -> dict[str, str]:
    """The parameters of a ``WWW-Authenticate: Bearer`` (RFC 6750, section 3)."""
    scheme, _, rest = response.headers["www-authenticate"].partition(" ")
    assert scheme == "Bearer"
    return dict(re.findall(r'(\w+)="([^"]*)"', rest))


def time_of(text: str) -> datetime:
    """A time as ISO 8601 has it, in UTC."""
    when = datetime.fromisoformat(text)
    assert when.utcoffset() is not None
    return when
