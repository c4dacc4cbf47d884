"""Reads SendPulse's answers."""

from __future__ import annotations

import base64
from typing import Any

import httpx


def result(response: httpx.Response) -> Any:
    """The JSON of an answer that has to be a success."""
    assert response.status_code == 200, response.text
    return response.json()


def api_error(response: httpx.Response) -> tuple[int, int, str]:
    """Status, code and message of an answer that has to be a refusal in the usual shape."""
    assert response.status_code >= 400, response.text
    fields = response.json()
    assert set(fields) == {"message", "error_code"}
    return response.status_code, fields["error_code"], fields["message"]


def encode(text: str) -> str:
    """Base64, as the API wants some texts."""
    return base64.b64encode(text.encode()).decode()


DONE = {"result": True}
BOOK_NOT_FOUND = (404, 213, "Book not found")
"""What any operation answers that names an unknown mailing list."""
EMAIL_SYNTAX = (422, 906, "Email address syntax error")
EMAIL_MISSING = (422, 1101, "Email address not specified")
NO_DATA = (422, 8, "No data")
