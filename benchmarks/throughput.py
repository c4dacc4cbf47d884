"""Requests a second, compared with a bare Starlette application that returns the same bytes, in turn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from statistics import median
from typing import NamedTuple

from benchmarks.load import http, logs, rounds
from benchmarks.load.http import HttpFigures
from benchmarks.load.rounds import Round
from benchmarks.processes import Server, bare, call, sandbox
from benchmarks.requests import CREATE, HEALTH, READ, RICH, SEND, SEND_SMS, TOKEN, HttpRequest, send_email
from benchmarks.rows import Row, ratio

CROWD = 500


class Pair(NamedTuple):
    """One round of both servers."""

    ours: Round[HttpFigures]
    bare: Round[HttpFigures]


def measured(quick: bool) -> Iterator[Row]:
    """Yield the rows of each request, after the logs are full."""
    count, seconds = (2, 0.3) if quick else (5, 1.2)
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
            yield from _compared(server, name, request, least, count, seconds)
        yield _crowded(server, count, seconds)


def _compared(
    server: Server, name: str, request: HttpRequest, least: float, count: int, seconds: float
) -> Iterator[Row]:
    many: list[Pair] = []
    alone: list[Pair] = []
    with bare(call(server.port, request)) as other:
        _pair(server, other, request, seconds, http.CONNECTIONS)
        for _ in range(count):
            for pairs, connections in ((many, http.CONNECTIONS), (alone, 1)):
                pairs.append(_pair(server, other, request, seconds, connections))
    ours, theirs = [pair.ours.rate for pair in many], [pair.bare.rate for pair in many]
    yield ratio(name, ours, theirs, least, f"{median(ours):,.0f} a second, bare {median(theirs):,.0f}")
    yield ratio(
        f"{name}: by CPU time",
        [pair.bare.cpu for pair in many],
        [pair.ours.cpu for pair in many],
        least,
        f"{1e6 * median(pair.ours.cpu for pair in many):.0f} µs",
    )
    yield ratio(
        f"{name}: one connection",
        [pair.ours.figures.rate for pair in alone],
        [pair.bare.figures.rate for pair in alone],
    )
    yield _times(f"{name}: one connection, p50", alone, "p50", None)
    yield _times(f"{name}: one connection, p99", alone, "p99", None)
    yield _times(f"{name}: one connection, longest", alone, "longest", 10.0)


def _crowded(server: Server, count: int, seconds: float) -> Row:
    with bare(call(server.port, SEND)) as other:
        pairs = [_pair(server, other, SEND, seconds, CROWD) for _ in range(count)]
    ours, theirs = [pair.ours.rate for pair in pairs], [pair.bare.rate for pair in pairs]
    return ratio(f"POST a transmission: {CROWD} connections", ours, theirs, 0.4, f"{median(ours):,.0f} a second")


def _pair(server: Server, other: Server, request: HttpRequest, seconds: float, connections: int) -> Pair:
    """Send to the sandbox, then to the bare application."""
    yardstick = HttpRequest("/things" if request.body else "/thing/1", request.headers, request.body, request.method)
    send = partial(http.send, seconds=seconds, connections=connections)
    ours = rounds.ours(server, partial(send, server.port, request))
    return Pair(ours, rounds.theirs(other, partial(send, other.port, yardstick)))


def _times(name: str, pairs: list[Pair], field: str, most: float | None) -> Row:
    ours, theirs = (
        [1000 * float(getattr(side.figures, field)) for side in sides] for sides in zip(*pairs, strict=True)
    )
    return Row(name, tuple(ours), "ms", most=most, note=f"bare {median(theirs):.2f}")
