"""Many transmissions with full logs: pauses and memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.load import http, logs
from benchmarks.load.http import HttpFigures
from benchmarks.load.probe import probe
from benchmarks.processes import bare, sandbox
from benchmarks.requests import HEALTH, SEND, HttpRequest
from benchmarks.rows import Row

PARTS = 5


class Part(NamedTuple):
    """Some of the transmissions, and the longest pause that a probe saw in the meantime, in seconds."""

    figures: HttpFigures
    pause: float


def measured(quick: bool) -> Iterator[Row]:
    """Yield the rows of 200,000 transmissions, sent in five parts."""
    count = 2_000 if quick else 200_000
    with sandbox() as server:
        logs.fill(server.port)
        parts = [_part(server.port, SEND, count // PARTS, HEALTH) for _ in range(PARTS)]
        memory = server.resident_mib()
    with bare(b"{}") as server:
        request = HttpRequest("/things", SEND.headers, SEND.body, "POST")
        other = _part(server.port, request, count // PARTS, HttpRequest("/thing/1", {}))
    name = f"{count:,} transmissions"
    ratios = tuple(part.figures.p99 / part.figures.p50 for part in parts)
    note = f"bare {other.figures.p99 / other.figures.p50:.2f}"
    yield Row(f"{name}: p99 / p50", ratios, most=10.0, note=note)
    pauses, note = tuple(1000 * part.pause for part in parts), f"bare {1000 * other.pause:.2f}"
    yield Row(f"{name}: longest pause of a probe", pauses, "ms", most=10.0, note=note)
    yield Row(f"{name}: memory after them", (memory,), "MiB", most=200.0)


def _part(port: int, request: HttpRequest, count: int, asked: HttpRequest) -> Part:
    with probe(port, asked) as longest:
        figures = http.send(port, request, requests=count)
    return Part(figures, longest[0])


def million(quick: bool) -> Iterator[Row]:
    """Yield the memory over a million transmissions, which must not grow in the second half."""
    count, half = (10_000 if quick else 1_000_000), 5
    with sandbox() as server:
        logs.fill(server.port)
        memory = []
        for _ in range(2 * half):
            http.send(server.port, SEND, requests=count // (2 * half))
            memory.append(server.resident_mib())
    name = f"{count:,} transmissions"
    yield Row(f"{name}: memory in the second half", tuple(memory[half - 1 :]), "MiB", most=200.0)
    yield Row(f"{name}: its growth in the second half", (memory[-1] - memory[half - 1],), "MiB", most=5.0)
