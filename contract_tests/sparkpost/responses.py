"""Reads SparkPost's answers."""

from __future__ import annotations

from typing import Any

import httpx


def results(response: httpx.Response) -> Any:
    """The ``results`` of an answer that has to be a success."""
    assert response.status_code == 200, response.text
    return response.json()["results"]


def api_error(response: httpx.Response) -> tuple[int, dict[str, Any]]:
    """The status and the one error of an answer that has to be a refusal."""
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
