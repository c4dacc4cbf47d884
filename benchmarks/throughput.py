"""Requests a second, compared with a bare Starlette application that returns the same bytes, in turn.

What happens after a send counts too: a round is over when the deliveries of its messages have happened.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from statistics import median
from typing import NamedTuple

from benchmarks import logs
from benchmarks.load import http
from benchmarks.processes import Server, bare, call, elapsed, sandbox
from benchmarks.requests import CREATE, HEALTH, READ, RICH, SEND, SEND_SMS, TOKEN, HttpRequest, send_email
from benchmarks.rows import Row, ratio


class Round(NamedTuple):
    """One round of one server. Times are in seconds, ``cpu`` is what the server needed for one request."""

    rate: float
    p50: float
    p99: float
    longest: float
    cpu: float


class Pair(NamedTuple):
    """One round of both servers."""

    ours: Round
    bare: Round


def measured(quick: bool) -> Iterator[Row]:
    """Yield the rows of each request, after the logs are full."""
    rounds, seconds = (2, 0.3) if quick else (5, 1.5)
    with sandbox("--no-rate-limits") as server:
        call(server.port, CREATE)
        token = json.loads(call(server.port, TOKEN))["access_token"]
        call(server.port, RICH)
        logs.fill(server.port)
        for name, request, least in (
            ("GET a stored template", READ, 0.8),
            ("health", HEALTH, 1.0),
            ("POST a transmission", SEND, 0.4),
            ("POST SendPulse's /smtp/emails", send_email(token), 0.4),
            ("POST an engageSPARK SMS", SEND_SMS, 0.4),
        ):
            yield from _compared(server, name, request, least, rounds, seconds)


def _compared(
    server: Server, name: str, request: HttpRequest, least: float, rounds: int, seconds: float
) -> Iterator[Row]:
    yardstick = HttpRequest("/things" if request.body else "/thing/1", request.headers, request.body, request.method)
    many: list[Pair] = []
    alone: list[Pair] = []
    with bare(call(server.port, request)) as other:
        _round(server, request, seconds, 1, logs.settle)
        for _ in range(rounds):
            for pairs, connections in ((many, http.CONNECTIONS), (alone, 1)):
                our = _round(server, request, seconds, connections, logs.settle)
                pairs.append(Pair(our, _round(other, yardstick, seconds, connections)))
    yield _rates(name, many, least)
    yield ratio(
        f"{name}: by CPU time",
        [pair.bare.cpu for pair in many],
        [pair.ours.cpu for pair in many],
        least,
        f"{1e6 * median(pair.ours.cpu for pair in many):.0f} µs",
    )
    yield _rates(f"{name}: one connection", alone, None)
    yield _times(f"{name}: one connection, p50", alone, "p50", None)
    yield _times(f"{name}: one connection, p99", alone, "p99", None)
    yield _times(f"{name}: one connection, longest", alone, "longest", 10.0)


def _rates(name: str, pairs: list[Pair], least: float | None) -> Row:
    ours, theirs = ([pair.ours.rate for pair in pairs], [pair.bare.rate for pair in pairs])
    return ratio(name, ours, theirs, least, f"{median(ours):,.0f} a second, bare {median(theirs):,.0f}")


def _times(name: str, pairs: list[Pair], field: str, most: float | None) -> Row:
    ours, theirs = ([1000 * float(getattr(side, field)) for side in sides] for sides in zip(*pairs, strict=True))
    return Row(name, tuple(ours), "ms", most=most, note=f"bare {median(theirs):.2f}")


def _round(
    server: Server,
    request: HttpRequest,
    seconds: float,
    connections: int,
    settle: Callable[[int], object] = lambda port: None,
) -> Round:
    before = server.cpu_seconds()
    figures = http.send(server.port, request, seconds=seconds, connections=connections)
    took = figures.requests / figures.rate + elapsed(lambda: settle(server.port))
    cpu = (server.cpu_seconds() - before) / figures.requests
    return Round(figures.requests / took, figures.p50, figures.p99, figures.longest, cpu)
