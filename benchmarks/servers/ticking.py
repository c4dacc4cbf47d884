"""A sandbox that notes for how long its event loop is held up: requests on stdin, one line of JSON for each on stdout.

A task ticks all the time. What counts is the CPU time of the process between two ticks, so that a busy machine does not
look like a hold; work beside the event loop counts as long as it keeps the loop from its turn.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from typing import Any

from benchmarks.processes import call
from benchmarks.requests import HttpRequest
from sparkbox.app import create_app
from sparkbox.server.ports import FREE, listen
from sparkbox.server.server import Server, run

TICK = 0.0005


class Ticks:
    """The longest hold since it was last read."""

    def __init__(self) -> None:
        self._longest = 0.0
        self._task = asyncio.create_task(self._tick())

    def longest(self) -> float:
        """Return the longest hold in milliseconds, and begin anew."""
        longest, self._longest = self._longest, 0.0
        return 1000 * longest

    async def _tick(self) -> None:
        last = time.process_time()
        while True:
            await asyncio.sleep(TICK)
            now = time.process_time()
            self._longest, last = max(self._longest, now - last), now


async def respond(requests: list[dict[str, Any]]) -> None:
    """Send the requests, each when the one before has its response, and print the longest hold of each."""
    listening = listen("127.0.0.1", FREE)
    server = Server(create_app(), listening)
    await server.start()
    gc.freeze()
    ticks = Ticks()
    for each in requests:
        await asyncio.sleep(0.02)
        ticks.longest()
        await asyncio.to_thread(call, listening.addresses.http, HttpRequest(**each))
        print(json.dumps(ticks.longest()), flush=True)
    await server.stop()


if __name__ == "__main__":
    run(respond(json.load(sys.stdin)))
