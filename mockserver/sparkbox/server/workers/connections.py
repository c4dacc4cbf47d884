"""Kept connections move to the worker of their account.

Handing over a request costs about as much as a small response. So a plain connection that sends a second request is
passed to the worker of that request's account, once, together with what was read. Some connections stay where they are:
those over TLS, and those whose head comes in pieces. There each request is handed over as before.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sparkbox.core.request.asgi import request_of
from sparkbox.core.request.http import Headers, Scope
from sparkbox.server.http import HttpProtocol

from .application import WorkerApplication

LARGEST = 256 * 1024
"""Bytes that may come with a connection; systems have their own, smaller limits."""


class Connections:
    """Passes connections to other workers, and adopts theirs.

    ``inbox`` is where they arrive, ``outboxes`` lead to those of the other workers.
    """

    def __init__(self, app: WorkerApplication, inbox: socket.socket, outboxes: dict[int, socket.socket]) -> None:
        self.here = app.here.worker
        self._app = app
        self._inbox = inbox
        self._outboxes = outboxes
        self._adopting: set[asyncio.Task[None]] = set()
        for sock in (inbox, *outboxes.values()):
            sock.setblocking(False)

    def open(self, connect: Callable[[], HttpProtocol]) -> None:
        """Adopt connections from now on; ``connect`` makes the protocol of one."""
        asyncio.get_running_loop().add_reader(self._inbox, self._receive, connect)

    def close(self) -> None:
        """Adopt no more."""
        asyncio.get_running_loop().remove_reader(self._inbox)
        for task in self._adopting:
            task.cancel()

    def worker_of(self, data: bytes) -> int | None:
        """Return the worker of the request at the beginning of ``data``; ``None`` if that does not tell."""
        scope = _head(data)
        place = None if scope is None else self._app.place(scope["path"], scope["headers"])
        if scope is None or place is None or place[0] not in self._app.sandbox.service_names:
            return None
        if not self._app.is_loaded(place[0]):
            return None
        return self._app.placement.of_request(self._app.dispatcher(place[0]).service, request_of(scope, place[1]))

    def send(self, worker: int, connection: socket.socket, data: bytes) -> None:
        """Pass a connection on; ``OSError`` if there is no room for it."""
        socket.send_fds(self._outboxes[worker], [data], [connection.fileno()])

    def _receive(self, connect: Callable[[], HttpProtocol]) -> None:
        while True:
            try:
                data, descriptors, _, _ = socket.recv_fds(self._inbox, LARGEST, 1)
            except BlockingIOError:
                return
            for descriptor in descriptors:
                task = asyncio.get_running_loop().create_task(self._adopt(connect, descriptor, data))
                self._adopting.add(task)
                task.add_done_callback(self._adopting.discard)

    async def _adopt(self, connect: Callable[[], HttpProtocol], descriptor: int, data: bytes) -> None:
        def adopted() -> HttpProtocol:
            protocol = connect()
            if isinstance(protocol, WorkerProtocol):
                protocol.settled, protocol.early = True, data
            return protocol

        connection = socket.socket(fileno=descriptor)
        connection.setblocking(False)
        with suppress(OSError):  # the client has left
            await asyncio.get_running_loop().connect_accepted_socket(adopted, connection)


class WorkerProtocol(HttpProtocol):
    """HTTP on one connection, which may move to another worker with its second request."""

    settled = False
    """Whether the connection stays: it was looked at, or it has moved already."""
    early = b""
    """What another worker had read before the connection moved here."""

    def __init__(self, connections: Connections, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._connections = connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.early:
            # Now, because the rest of the request is read from here on.
            self.data_received(self.early)
            self.early = b""

    def data_received(self, data: bytes) -> None:
        if not self.settled and self._between_requests and self._moved(data):
            return
        super().data_received(data)

    @property
    def _between_requests(self) -> bool:
        return (
            self.cycle is not None
            and self.cycle.response_complete
            and not self.in_head
            and not self.transport.is_closing()
            and not self.transport.get_write_buffer_size()
        )

    def _moved(self, data: bytes) -> bool:
        """Pass the connection to the worker of its next request, unless that is this one."""
        self.settled = True
        if self.transport.get_extra_info("sslcontext") is not None or len(data) > LARGEST:
            return False
        worker = self._connections.worker_of(data)
        if worker is None or worker == self._connections.here:
            return False
        try:
            self._connections.send(worker, self.transport.get_extra_info("socket"), data)
        except BlockingIOError:  # many at once: try again with the next request
            self.settled = False
            return False
        except OSError:
            return False
        self.transport.abort()
        return True


def _head(data: bytes) -> Scope | None:
    """Return the head of a request as ASGI's scope, as far as it is needed to find the worker."""
    head, end, _ = data.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    words = line.split(b" ")
    if not end or len(words) != 3 or not words[1].startswith(b"/"):
        return None
    headers: Headers = []
    for field in fields:
        name, _, value = field.partition(b":")
        headers.append((name.lower(), value.strip()))
    path, _, query = words[1].partition(b"?")
    return {
        "method": words[0].decode("latin-1"),
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "headers": headers,
    }
