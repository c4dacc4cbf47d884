"""The requests of a world, and checks of them: whether, how often and with what a service was called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sparkbox.core.logs.journal import Entry
from sparkbox.core.state.sandbox import Sandbox
from sparkbox.core.testing.patterns import Pattern

from .handle import value_errors

MOST_TOLD = 20
"""Requests that a failed check lists."""


class Requests(list[Entry]):
    """Requests with their responses, oldest first."""

    def __init__(self, entries: Iterable[Entry], sandbox: Sandbox) -> None:
        super().__init__(entries)
        self._sandbox = sandbox

    def matching(
        self,
        service: str | None = None,
        operation: str | None = None,
        *,
        status: int | None = None,
        error: str | None = None,
        **conditions: Any,
    ) -> Requests:
        """Return the requests that match: ``matching("sparkpost", "POST /api/v1/transmissions",
        fields={"/content/subject": "Hi"})``.

        ``status`` and ``error`` (a name in the service's table) are the response's. ``conditions``: ``method``,
        ``path``, ``query``, ``headers``, ``contains`` and ``fields``, as in
        :class:`~sparkbox.core.testing.patterns.Pattern`. ``ValueError`` for a name that the service does not know.
        """
        from sparkbox.control.names import check_operation, find_service

        pattern = Pattern(service, operation, **conditions)
        if service is not None:
            with value_errors():
                declared = find_service(self._sandbox, service)
                check_operation(declared, operation, declared.targets)
        found = (
            entry
            for entry in self
            if status in (None, entry.status)
            and error in (None, entry.error)
            and pattern.matches_entry(self._sandbox.service(entry.service), entry)
        )
        return Requests(found, self._sandbox)

    def verify(
        self, service: str | None = None, operation: str | None = None, *, count: int = 1, **wanted: Any
    ) -> Requests:
        """Return the requests that match, exactly ``count`` of them; an ``AssertionError`` lists what there was
        instead.

        ``wanted`` is what :meth:`matching` takes.
        """
        found = self.matching(service, operation, **wanted)
        if len(found) != count:
            sought = {"service": service, "operation": operation, **wanted}
            sought = {name: value for name, value in sought.items() if value is not None}
            raise AssertionError(f"{len(found)} requests with {sought}, not {count}; {self._described()}")
        return found

    def _described(self) -> str:
        lines = [f"  {one.service}: {one.method} {one.path} was answered {one.status}" for one in self[-MOST_TOLD:]]
        earlier = [f"  … and {len(self) - MOST_TOLD} before them"] if len(self) > MOST_TOLD else []
        return "there were:\n" + "\n".join([*lines, *earlier]) if lines else "there were none"
