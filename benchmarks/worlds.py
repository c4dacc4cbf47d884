"""The cost of a test's own world, on one server for the session."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import httpx

from benchmarks.processes import elapsed
from benchmarks.requests import send_to
from benchmarks.rows import Row
from sparkbox import Sparkbox

PLUGIN = "sparkbox.testing.pytest_plugin"
IMPORT = f"import pytest, time; t = time.perf_counter(); import {PLUGIN}; print(time.perf_counter() - t)"


def measured(quick: bool) -> Iterator[Row]:
    """Yield the rows of the pytest plugin, the fixture and a reset."""
    rounds = 2 if quick else 5
    imports = [subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, check=True) for _ in range(rounds)]
    yield _row("importing the pytest plugin", [float(each.stdout) for each in imports], 30.0)
    with Sparkbox() as server, httpx.Client(base_url=server.url) as client:
        server.world().drop()
        yield _row("a fresh world", _repeated(lambda: server.world().messages, rounds), 1.0)
        yield _row("set-up and tear-down of the fixture", _repeated(lambda: server.world().drop(), rounds), 1.0)
        bulk, world, resets = send_to(1000), server.world("mock-bench"), []
        for _ in range(rounds):
            for _ in range(10):
                headers = {**bulk.headers, "authorization": "mock-bench"}
                client.post(bulk.path, headers=headers, content=bulk.body).raise_for_status()
            resets.append(elapsed(world.reset))
        yield _row("reset of a world with 10,000 messages", resets, 5.0)


def _repeated(function: Callable[[], object], rounds: int, times: int = 40) -> list[float]:
    """Return the seconds of a call, in each round the mean of many."""
    return [elapsed(lambda: [function() for _ in range(times)]) / times for _ in range(rounds)]


def _row(name: str, seconds: list[float], most: float) -> Row:
    return Row(name, tuple(1000 * each for each in seconds), "ms", most=most)
