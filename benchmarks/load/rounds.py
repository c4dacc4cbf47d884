"""One round of one server: what the load generator counted, with what happens afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from benchmarks.load import logs
from benchmarks.load.process import Figures
from benchmarks.processes import Server, elapsed

F = TypeVar("F", bound=Figures)


@dataclass(frozen=True)
class Round(Generic[F]):
    """``rate`` is requests or mails a second, ``cpu`` the seconds that the server needed for one."""

    rate: float
    cpu: float
    figures: F


def ours(server: Server, send: Callable[[], F]) -> Round[F]:
    """Measure the sandbox. The round ends when the deliveries of what was sent have happened."""
    return _round(server, send, lambda: logs.settle(server.port))


def theirs(server: Server, send: Callable[[], F]) -> Round[F]:
    """Measure another server."""
    return _round(server, send, lambda: None)


def _round(server: Server, send: Callable[[], F], settle: Callable[[], object]) -> Round[F]:
    before = server.cpu_seconds()
    figures = send()
    took = figures.count / figures.rate + elapsed(settle)
    return Round(figures.count / took, (server.cpu_seconds() - before) / figures.count, figures)
