"""Read SendPulse's responses."""

from __future__ import annotations

import base64
from typing import Any

import httpx


def result(response: httpx.Response) -> Any:
    """Return the JSON of a response that must be a success."""
    assert response.status_code == 200, response.text
    return response.json()


def api_error(response: httpx.Response) -> tuple[int, int, str]:
    """Return status, code and message of a response that must be an error in the usual shape."""
    assert response.status_code >= 400, response.text
    fields = response.json()
    assert set(fields) == {"message", "error_code"}
    return response.status_code, fields["error_code"], fields["message"]


def encode(text: str) -> str:
    """Return a text in base64, as the API wants some."""
    return base64.b64encode(text.encode()).decode()


DONE = {"result": True}
BOOK_NOT_FOUND = (404, 213, "Book not found")
"""The error of any operation for an unknown mailing list."""
EMAIL_SYNTAX = (422, 906, "Email address syntax error")
EMAIL_MISSING = (422, 1101, "Email address not specified")
NO_DATA = (422, 8, "No data")
