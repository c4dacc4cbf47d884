"""A load generator: keep-alive connections that send the same request again and again, on one core of their own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

CONNECTIONS = 32


@dataclass(frozen=True)
class Shot:
    """One request to be repeated."""

    path: str
    headers: dict[str, str]
    body: str = ""
    method: str = "GET"

    def bytes(self, port: int) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1", f"host: 127.0.0.1:{port}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            lines.append(f"content-length: {len(self.body.encode())}")
        return ("\r\n".join(lines) + "\r\n\r\n" + self.body).encode()


class Connection(asyncio.Protocol):
    """Sends a request, waits for the whole response, records the time, and repeats while requests are left."""

    def __init__(self, request: bytes, budget: list[int], times: list[float], done: asyncio.Future[None]) -> None:
        self.request = request
        self.budget = budget
        self.times = times
        self.done = done
        self.buffer = b""
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.fire()

    def fire(self) -> None:
        if self.budget[0] <= 0:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.budget[0] -= 1
        self.began = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        low = head.lower()
        start = low.index(b"content-length:") + 15
        length = int(low[start : low.find(b"\r\n", start) if low.find(b"\r\n", start) > 0 else None])
        if len(rest) < length:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.fail(RuntimeError(self.buffer[:400].decode("latin-1")))
            return
        self.times.append(time.perf_counter() - self.began)
        self.buffer = b""
        self.fire()

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)
        self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or RuntimeError("the server closed the connection"))


async def run(port: int, shot: Shot, requests: int, connections: int = CONNECTIONS) -> dict[str, float]:
    """Send ``requests`` requests; return requests a second and the latency's quantiles in seconds."""
    loop = asyncio.get_running_loop()
    budget, times, waiting = [requests], list[float](), list[asyncio.Future[None]]()
    began = time.perf_counter()
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(partial(Connection, shot.bytes(port), budget, times, done), "127.0.0.1", port)
        waiting.append(done)
    await asyncio.gather(*waiting)
    took = time.perf_counter() - began
    times.sort()
    return {
        "rate": len(times) / took,
        "p50": times[len(times) // 2],
        "p99": times[len(times) * 99 // 100],
        "max": times[-1],
    }


def main() -> None:
    """``python -m benchmarks.load``: a job as JSON on standard input, its figures as JSON on standard output."""
    import uvloop

    if len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    job = json.load(sys.stdin)
    print(json.dumps(uvloop.run(run(job["port"], Shot(**job["shot"]), job["requests"]))))


if __name__ == "__main__":
    main()
