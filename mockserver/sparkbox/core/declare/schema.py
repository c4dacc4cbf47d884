"""Validation: Pydantic's findings in plain terms, which an envelope turns into the vendor's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ..request.json import loads

MOST_FINDINGS = 1000


class Body(BaseModel):
    """The base of request bodies and queries: unknown fields are ignored, names are the vendor's."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True, defer_build=True)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a request.

    ``kind`` is Pydantic's type of error (``missing``, ``string_type``, ``json_invalid``, …), ``path`` leads to the
    field (``("recipients", 0, "address")``; empty: the whole).
    """

    where: Literal["body", "query", "path"]
    path: tuple[str | int, ...]
    kind: str
    message: str
    value: Any = None
    context: Mapping[str, Any] | None = None

    @property
    def field(self) -> str:
        """The path with dots, ``recipients.0.address``."""
        return ".".join(map(str, self.path))


class Invalid(Exception):
    """A request that does not fit its operation; the envelope words the response."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def problems_of(error: ValidationError, where: Literal["body", "query", "path"]) -> list[Problem]:
    """Return Pydantic's findings, at most 100 of them; of a request with more than :data:`MOST_FINDINGS` only that."""
    if error.error_count() > MOST_FINDINGS:
        # To list a million of them takes a gigabyte.
        return [Problem(where, (), "too_many_errors", f"{error.error_count()} things are wrong")]
    return [
        Problem(where, found["loc"], found["type"], found["msg"], found.get("input"), found.get("ctx"))
        for found in error.errors(include_url=False)[:100]
    ]


def check(adapter: TypeAdapter[Any], value: Any, where: Literal["body", "query", "path"]) -> Any:
    """Return ``value`` (JSON as bytes, or something decoded) as the adapter's type; raises :class:`Invalid`."""
    try:
        if isinstance(value, bytes):
            if b"NaN" in value or b"Infinity" in value:
                _check_numbers(value)
            return adapter.validate_json(value)
        return adapter.validate_python(value)
    except ValidationError as error:
        raise Invalid(problems_of(error, where)) from None


def _check_numbers(body: bytes) -> None:
    """Refuse what Pydantic's parser takes ``NaN`` and ``Infinity`` for numbers, which JSON does not have."""
    try:
        loads(body)
    except ValueError as error:
        raise Invalid([Problem("body", (), "json_invalid", f"Invalid JSON: {error}")]) from None


def unreadable(message: str) -> Invalid:
    """Return the error for a service's decoder: the body is not what its content type says."""
    return Invalid([Problem("body", (), "json_invalid", message)])
