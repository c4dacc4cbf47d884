"""Reads SparkPost's answers."""

from __future__ import annotations

from typing import Any

import httpx


def results(answer: httpx.Response) -> Any:
    """The ``results`` of an answer that has to be a success."""
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def refusal(answer: httpx.Response) -> tuple[int, dict[str, Any]]:
    """The status and the one error of an answer that has to be a refusal."""
    assert answer.status_code >= 400, answer.text
    (row,) = answer.json()["errors"]
    return answer.status_code, row


def error(message: str, code: str | int = "", description: str = "") -> dict[str, str | int]:
    """An entry of ``errors`` as it should be; what it does not have is left out."""
    fields = {"message": message, "code": code, "description": description}
    return {name: value for name, value in fields.items() if value}


INVALID = "invalid data format/type"
MISSING = "required field is missing"
EXCLUSIVE = "invalid combination of fields"
