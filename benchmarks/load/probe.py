"""Ask every two milliseconds on a connection of its own, and report the longest time until a response."""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.load.responses import Responses
from benchmarks.machine import pin_to_last_core
from benchmarks.requests import HttpRequest

EVERY = 0.002


@contextmanager
def probe(port: int, request: HttpRequest) -> Iterator[list[float]]:
    """Ask while the block runs; the list has the longest pause in seconds when it is left."""
    longest: list[float] = []
    command = [sys.executable, "-m", "benchmarks.load.probe", str(port), request.path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        try:
            yield longest
        finally:
            output, _ = started.communicate()
    longest.append(json.loads(output))


def main() -> None:
    """Ask until standard input is closed, then write the longest pause to standard output."""
    pin_to_last_core()
    port, longest = int(sys.argv[1]), 0.0
    request, responses = HttpRequest(sys.argv[2], {}).wire(port), Responses()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        while not select.select([sys.stdin], [], [], EVERY)[0]:
            began = time.perf_counter()
            connection.sendall(request)
            while not responses.complete(connection.recv(65536)):
                pass
            longest = max(longest, time.perf_counter() - began)
    print(json.dumps(longest))


if __name__ == "__main__":
    main()
