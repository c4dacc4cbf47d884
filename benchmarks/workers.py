"""Several workers, compared with one.

They share the cores with the load generator, so two of them cannot be twice as fast on two cores.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from statistics import median

from benchmarks.load import http, rounds
from benchmarks.load.http import HttpFigures
from benchmarks.load.rounds import Round
from benchmarks.processes import Server, call, sandbox
from benchmarks.requests import CREATE, READ, SEND, HttpRequest
from benchmarks.rows import Row, ratio

WORKERS = 2
ACCOUNTS = 16


def measured(quick: bool) -> Iterator[Row]:
    """Yield the rates of two workers as ratios to those of one. The requests are from several accounts."""
    count, seconds = (2, 0.3) if quick else (5, 1.5)
    with (
        sandbox("--no-rate-limits", pinned=False) as one,
        sandbox("--no-rate-limits", "--workers", str(WORKERS), pinned=False) as several,
    ):
        for server in (one, several):
            for request in _by_accounts(CREATE):
                call(server.port, request)
            _round(server, SEND, seconds)
        for name, request in (("GET a stored template", READ), ("POST a transmission", SEND)):
            singles, shared = [], []
            for _ in range(count):
                singles.append(_round(one, request, seconds))
                shared.append(_round(several, request, seconds))
            rate = median(each.rate for each in shared)
            yield ratio(
                f"{WORKERS} workers: {name}, of one worker",
                [each.rate for each in shared],
                [each.rate for each in singles],
                1.4,
                f"{rate:,.0f} a second",
            )
            yield ratio(
                f"{WORKERS} workers: {name}, of one worker, by CPU time",
                [each.cpu for each in singles],
                [each.cpu for each in shared],
                0.8,
            )


def _round(server: Server, request: HttpRequest, seconds: float) -> Round[HttpFigures]:
    return rounds.ours(server, partial(http.send, server.port, *_by_accounts(request), seconds=seconds))


def _by_accounts(request: HttpRequest) -> list[HttpRequest]:
    """Return the request of each account."""
    return [
        HttpRequest(request.path, {**request.headers, "authorization": f"mock-{number}"}, request.body, request.method)
        for number in range(ACCOUNTS)
    ]
