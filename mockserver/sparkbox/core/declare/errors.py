"""The errors that a service answers with: rows of a table, raised by name.

A service declares its table once, in the vendor's own words::

    ERRORS = ErrorTable("post")
    NOT_FOUND = ERRORS.row("not_found", 404, "resource not found", code="1600")

and a handler raises a row: ``raise NOT_FOUND(description="…")``. How a row looks on the wire is the business of the
service's :class:`~sparkbox.core.declare.envelope.Envelope`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Evidence = Literal["documented", "observed", "assumed"]
"""How we know: from the vendor's documents, from recordings and clients' sources, or by our own inference."""

_NAME = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True, eq=False)
class Error:
    """An error of a service.

    ``message`` and ``description`` may hold ``{names}``, filled in by the values that the error is raised with. Braces
    around anything else are the vendor's own, and a name without a value stays as it is.
    """

    name: str
    status: int
    message: str
    code: str | int | None = None
    description: str | None = None
    cause: str = ""
    """One sentence for the docs: how a user brings this error about."""
    evidence: Evidence = "documented"
    docs: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of the body, where a vendor's row has some."""

    def __post_init__(self) -> None:
        if not 200 <= self.status <= 599:
            raise ValueError(f"the error {self.name!r} has the status {self.status}")
        if self.evidence not in get_args(Evidence):
            raise ValueError(f"the error {self.name!r} has the evidence {self.evidence!r}")

    @property
    def names(self) -> frozenset[str]:
        """The ``{names}`` that its texts are to be filled with."""
        return frozenset(_NAME.findall(f"{self.message} {self.description or ''}"))

    def __call__(self, **values: Any) -> ApiError:
        """Return the exception to raise. ``description=`` replaces the row's; other values fill its ``{names}``."""
        return ApiError(self, values)


class ApiError(Exception):
    """An :class:`Error` on its way to the client."""

    def __init__(self, error: Error, values: Mapping[str, Any]) -> None:
        super().__init__(error.name)
        self.error = error
        self.values = values
        self.headers: list[tuple[bytes, bytes]] = []

    @property
    def message(self) -> str:
        return self._filled(self.error.message)

    @property
    def description(self) -> str | None:
        given = self.values.get("description")
        if given is not None:
            return str(given)
        return None if self.error.description is None else self._filled(self.error.description)

    def _filled(self, text: str) -> str:
        if not self.values or "{" not in text:
            return text
        return _NAME.sub(lambda found: str(self.values.get(found[1], found[0])), text)


class ErrorTable:
    """All errors of one service, by name; the docs, the OpenAPI and the faults read it."""

    def __init__(self, service: str, docs: str = "", part_of: ErrorTable | None = None) -> None:
        self.service = service
        self.docs = docs
        self.part_of = part_of
        """The service's table, for a section's: a name means one error in all of the service."""
        self._rows: dict[str, Error] = {}

    def row(self, name: str, status: int, message: str, **more: Any) -> Error:
        """Declare an error. A name that is taken fails at import."""
        more.setdefault("docs", self.docs)
        error = Error(name, status, message, **more)
        self._add(error)
        return error

    def _add(self, error: Error) -> None:
        if error.name in self._rows:
            raise ValueError(f"{self.service}: the error {error.name!r} is declared twice")
        if self.part_of is not None:
            self.part_of._add(error)
        self._rows[error.name] = error

    def get(self, name: str) -> Error | None:
        return self._rows.get(name)

    def __iter__(self) -> Iterator[Error]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)
