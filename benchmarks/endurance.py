"""Many transmissions with full logs: pauses and memory."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import logs
from benchmarks.load import http
from benchmarks.load.probe import probe
from benchmarks.processes import sandbox
from benchmarks.requests import SEND
from benchmarks.rows import Row

PARTS = 5


def measured(quick: bool) -> Iterator[Row]:
    """Yield the rows of 200,000 transmissions, sent in five parts."""
    count = 2_000 if quick else 200_000
    with sandbox() as server:
        logs.fill(server.port)
        figures, pauses = [], []
        for _ in range(PARTS):
            with probe(server.port) as longest:
                figures.append(http.send(server.port, SEND, requests=count // PARTS))
            pauses += longest
        name = f"{count:,} transmissions"
        yield Row(f"{name}: p99 / p50", tuple(each.p99 / each.p50 for each in figures), most=10.0)
        yield Row(f"{name}: longest, of 32", tuple(1000 * each.longest for each in figures), "ms")
        yield Row(f"{name}: longest pause of a probe", tuple(1000 * each for each in pauses), "ms", most=10.0)
        yield Row(f"{name}: memory after them", (server.resident_mib(),), "MiB", most=200.0)


def million(quick: bool) -> Iterator[Row]:
    """Yield the memory over a million transmissions, which must not grow in the second half."""
    count, parts = (10_000 if quick else 1_000_000), 10
    with sandbox() as server:
        logs.fill(server.port)
        memory = []
        for _ in range(parts):
            http.send(server.port, SEND, requests=count // parts)
            memory.append(server.resident_mib())
        yield Row(f"{count:,} transmissions: memory after them", (memory[-1],), "MiB", most=200.0)
        yield Row(
            f"{count:,} transmissions: growth in the second half",
            (memory[-1] - memory[parts // 2 - 1],),
            "MiB",
            most=5.0,
        )
