"""The evidence of tests, and what they prove.

Each test carries one marker, ``documented``, ``observed`` or ``assumed``. The marker may name what the test proves:
operations by id, ``"create_template"``, and API errors by operation and error, ``"create_template:template_exists"``
(``"*:not_found"`` where no operation is reached).
Against the sandbox such a claim is held against the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest

from contract_tests.parts import service_of
from sparkbox import Sparkbox
from sparkbox.core.declare.errors import Error, Evidence
from sparkbox.core.declare.service import Service
from sparkbox.core.logs.journal import Entry
from sparkbox.services import SERVICES, load

EVIDENCE: tuple[Evidence, ...] = ("documented", "observed", "assumed")
"""The strongest first."""


@dataclass(frozen=True)
class Claim:
    """That a test proves an operation's success, or one of its errors."""

    service: str
    operation: str
    error: str
    """Empty for success."""
    evidence: str

    def __str__(self) -> str:
        return f"{self.operation}:{self.error}" if self.error else self.operation


def marks_of(item: pytest.Item) -> list[str]:
    """Return the markers of evidence that a test has; there has to be one."""
    return [name for name in EVIDENCE if item.get_closest_marker(name) is not None]


def claims_of(item: pytest.Item) -> list[Claim]:
    """Return what a test says it proves; only tests in a service's folder can."""
    service = service_of(item.path, item.config.rootpath, {info.name for info in SERVICES})
    if not service:
        return []
    return [
        Claim(service, *_split(subject), evidence=mark.name)
        for name in EVIDENCE
        for mark in item.iter_markers(name)
        for subject in mark.args
    ]


def mistakes(claims: Iterable[Claim]) -> Iterator[str]:
    """Yield what is wrong with claims: unknown operations and errors, and evidence stronger than declared."""
    for claim in claims:
        service = load(claim.service)
        operation = service.operations.get(claim.operation)
        if operation is None and claim.operation != "*":
            yield f"{claim.service} has no operation {claim.operation!r}"
            continue
        row = service.errors.get(claim.error)
        rows = service.errors if operation is None else service.errors_of(operation)
        proven = operation if row is None and not claim.error else row
        if proven is None or (row is not None and row not in rows):
            yield f"{claim.operation} has no error {claim.error!r}"
        elif EVIDENCE.index(claim.evidence) < EVIDENCE.index(proven.evidence):
            yield f"{claim} is {proven.evidence}, not {claim.evidence}"


def wrong_with(item: pytest.Item) -> Iterator[str]:
    """Yield what is wrong with the markers of a test."""
    if len(marks_of(item)) != 1:
        yield f"{item.nodeid}: exactly one of {', '.join(EVIDENCE)} has to mark a test"
    for line in mistakes(claims_of(item)):
        yield f"{item.nodeid}: {line}"


def uncovered(service: Service, claims: Iterable[Claim]) -> list[str]:
    """Return what no test claims to prove: operations, and the documented or observed errors of each.

    Of the errors that any operation may return, one claim is enough: ``*:unauthorized``.
    """
    proven = {str(claim) for claim in claims}
    anywhere = {claim.error for claim in claims}
    envelopes = dict.fromkeys((service.envelope, *(part.envelope for _, part in service.parts if part.envelope)))
    common = dict.fromkeys(error for each in envelopes for error in (*each.common_errors(), *each.path_errors()))
    limits = {limit.error for operation in service.operations.values() for limit in service.limits_of(operation)}
    missing = [name for name in service.operations if name not in proven]
    for operation in service.operations.values():
        for error in service.errors_of(operation):
            own = error not in common and error.name not in limits
            if own and error.evidence != "assumed" and f"{operation.id}:{error.name}" not in proven:
                missing.append(f"{operation.id}:{error.name}")
    lacking = [error.name for error in common if error.evidence != "assumed" and error.name not in anywhere]
    return missing + [f"*:{name}" for name in lacking]


def happened(server: Sparkbox, claim: Claim, since: int) -> bool:
    """Return whether what a test claims is in the sandbox's journal, from the entry ``since`` on."""

    def search() -> bool:
        row = server.sandbox.service(claim.service).errors.get(claim.error) if claim.error else None
        for entry in server.sandbox.logs.requests.newest():
            if entry.number < since:
                return False
            reached = entry.operation or "*"
            if (entry.service, reached) == (claim.service, claim.operation) and _shows(entry, row):
                return True
        return False

    return server.call(search)


def _shows(entry: Entry, row: Error | None) -> bool:
    if row is None:
        return entry.status < 400
    # Some errors stand beside the results of what was done all the same.
    beside = row.status < 400 and row.message.encode() in entry.response
    return entry.error == row.name or beside


def _split(subject: str) -> tuple[str, str]:
    operation, _, error = subject.partition(":")
    return operation, error
