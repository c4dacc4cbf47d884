"""A load generator for HTTP: connections that send the same request again and again.

It must be much faster than the servers, so it is plain sockets and one loop over ``epoll``.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from array import array
from dataclasses import asdict, dataclass

from benchmarks.load import process
from benchmarks.load.responses import Responses
from benchmarks.machine import pin_to_last_core
from benchmarks.requests import HttpRequest

CONNECTIONS = 32


@dataclass(frozen=True)
class HttpFigures(process.Figures):
    """Requests, and the times until their responses were complete, in seconds."""

    p50: float
    p99: float
    longest: float


def send(
    port: int, *kinds: HttpRequest, requests: int = 10**9, seconds: float = 3600.0, connections: int = CONNECTIONS
) -> HttpFigures:
    """Send requests that often or for that long, from a process of its own. A connection sends one kind of them."""
    wires = [kind.wire(port).decode() for kind in kinds]
    job = {"port": port, "wires": wires, "requests": requests, "seconds": seconds, "connections": connections}
    return HttpFigures(**process.run("benchmarks.load.http", job))


class Connection:
    """One connection, with one request under way."""

    def __init__(self, port: int, request: bytes) -> None:
        self._port = port
        self._request = request
        self._responses = Responses()
        self._socket: socket.socket | None = None
        self.began = 0.0

    def send(self, poll: select.epoll, connections: dict[int, Connection]) -> None:
        """Send the request, on a new connection if there is none."""
        self.began = time.perf_counter()
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connections[self._socket.fileno()] = self
            poll.register(self._socket, select.EPOLLIN)
        self._socket.sendall(self._request)

    def receive(self) -> bool:
        """Read what has arrived; return whether the response is complete."""
        assert self._socket is not None
        data = self._socket.recv(65536)
        if not data:
            raise RuntimeError("the server closed the connection")
        complete = self._responses.complete(data)
        if complete and self._responses.closing:
            self._socket.close()
            self._socket = None
        return complete


def run(port: int, wires: list[str], requests: int, seconds: float, connections: int) -> HttpFigures:
    """Send until ``requests`` have their responses or ``seconds`` are over."""
    times = array("d")
    opened: dict[int, Connection] = {}
    clock, append = time.perf_counter, times.append
    began, cpu = clock(), time.process_time()
    end = began + seconds
    with select.epoll() as poll:
        for number in range(connections):
            Connection(port, wires[number % len(wires)].encode()).send(poll, opened)
        unsent, waiting = requests - connections, connections
        while waiting:
            for number, _ in poll.poll():
                connection = opened[number]
                if not connection.receive():
                    continue
                now = clock()
                append(now - connection.began)
                if unsent > 0 and now < end:
                    unsent -= 1
                    connection.send(poll, opened)
                else:
                    waiting -= 1
    took = clock() - began
    ordered = sorted(times)
    return HttpFigures(
        count=len(ordered),
        rate=len(ordered) / took,
        p50=ordered[len(ordered) // 2],
        p99=ordered[len(ordered) * 99 // 100],
        longest=ordered[-1],
        share=(time.process_time() - cpu) / took,
    )


def main() -> None:
    """Read a job from standard input and write its figures to standard output."""
    pin_to_last_core()
    job = json.load(sys.stdin)
    print(json.dumps(asdict(run(**job))))


if __name__ == "__main__":
    main()
