"""The targets of faults, stubs and searches of the journal: an operation, or mail handed over by SMTP."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Target(Protocol):
    """An operation, or mail handed over by SMTP."""

    @property
    def id(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...


class _Submissions(NamedTuple):
    id: str
    method: str
    path: str


SMTP = _Submissions("smtp", "SMTP", "")
"""All mail handed over by SMTP, as the journal and the faults name it."""


def named(operation: str, target: Target | None) -> bool:
    """Return whether an operation's id, or its method and path, mean this target."""
    return target is not None and operation in (target.id, f"{target.method} {target.path}")
