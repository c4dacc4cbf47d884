"""Reads SendPulse's answers."""

from __future__ import annotations

import base64
from typing import Any

import httpx


def result(answer: httpx.Response) -> Any:
    """The JSON of an answer that has to be a success."""
    assert answer.status_code == 200, answer.text
    return answer.json()


def refusal(answer: httpx.Response) -> tuple[int, int, str]:
    """Status, code and message of an answer that has to be a refusal in the usual shape."""
    assert answer.status_code >= 400, answer.text
    fields = answer.json()
    assert set(fields) == {"message", "error_code"}
    return answer.status_code, fields["error_code"], fields["message"]


def encode(text: str) -> str:
    """Base64, as the API wants some texts."""
    return base64.b64encode(text.encode()).decode()


DONE = {"result": True}
BOOK_NOT_FOUND = (404, 213, "Book not found")
"""What any operation answers that names an unknown mailing list."""
EMAIL_SYNTAX = (422, 906, "Email address syntax error")
EMAIL_MISSING = (422, 1101, "Email address not specified")
NO_DATA = (422, 8, "No data")
