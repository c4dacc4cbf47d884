"""Reads SparkPost's responses."""

from __future__ import annotations

from typing import Any

import httpx


def results(response: httpx.Response) -> Any:
    """Return the ``results`` of a response that must be a success."""
    assert response.status_code == 200, response.text
    return response.json()["results"]


def api_error(response: httpx.Response) -> tuple[int, dict[str, Any]]:
    """Return the status and the error of a response that must be one API error."""
    assert response.status_code >= 400, response.text
    (row,) = response.json()["errors"]
    return response.status_code, row


def error(message: str, code: str | int = "", description: str = "") -> dict[str, str | int]:
    """An entry of ``errors`` as it should be; what it does not have is left out."""
    fields = {"message": message, "code": code, "description": description}
    return {name: value for name, value in fields.items() if value}


INVALID = "invalid data format/type"
MISSING = "required field is missing"
EXCLUSIVE = "invalid combination of fields"
