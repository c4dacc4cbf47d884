"""Reading Sparked's answers."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import httpx

Refused = tuple[int, str]


def data(answer: httpx.Response, status: int = 200) -> Any:
    """The JSON of an answer that must have this status."""
    assert answer.status_code == status, answer.text
    return answer.json()


def refusal(answer: httpx.Response) -> Refused:
    """Status and code of a refusal, which must have the API's envelope."""
    fields = answer.json()["error"]
    assert answer.status_code >= 400, answer.text
    assert isinstance(fields["message"], str)
    return answer.status_code, fields["code"]


def fields_of(answer: httpx.Response) -> list[str]:
    """The fields that a refusal complains of."""
    return [detail["field"] for detail in answer.json()["error"]["details"]]


def oauth_refusal(answer: httpx.Response) -> Refused:
    """Status and error of a refusal in OAuth (RFC 6749, section 5.2)."""
    assert answer.headers["content-type"].startswith("application/json")
    assert "no-store" in answer.headers["cache-control"]
    return answer.status_code, answer.json()["error"]


def challenge(answer: httpx.Response) -> dict[str, str]:
    """The parameters of a ``WWW-Authenticate: Bearer`` (RFC 6750, section 3)."""
    scheme, _, rest = answer.headers["www-authenticate"].partition(" ")
    assert scheme == "Bearer"
    return dict(re.findall(r'(\w+)="([^"]*)"', rest))


def time_of(text: str) -> datetime:
    """A time as ISO 8601 has it, in UTC."""
    when = datetime.fromisoformat(text)
    assert when.utcoffset() is not None
    return when
