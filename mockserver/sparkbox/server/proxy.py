"""The CONNECT proxy: clients that have a vendor's host built in reach the sandbox's HTTPS port through it.

It accepts ``CONNECT host:443`` for the vendors' hosts and rejects everything else. It connects only to its one target,
so it is no way out of the machine. An open tunnel copies bytes without looking at them.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus

from .ports import WAITING

CHUNK = 65_536
LINGER_SECONDS = 1.0
CLOSING_SECONDS = 5.0

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_REQUEST_LINE = re.compile(rf"({_TOKEN}) ([!-~]+) HTTP/1\.[01]")
_FIELD = re.compile(rf"{_TOKEN}:[^\0]*")
_AUTHORITY = re.compile(r"([0-9A-Za-z._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})")
_URL_HOST = re.compile(r"[a-z]+://([0-9A-Za-z._-]{1,255})(?=[:/?#]|$)", re.IGNORECASE)


class Rejected(Exception):
    """A request that gets an error status and one line of text instead of a tunnel."""

    def __init__(self, status: HTTPStatus, line: str) -> None:
        super().__init__(line)
        self.status = status
        self.line = line


class ConnectProxy:
    """Tunnels from the vendors' ``hosts`` (names, or ``*.name`` for one more label) to ``target``.

    A request has to be complete within ``header_seconds`` and ``header_limit`` bytes. A tunnel without traffic is
    closed after ``idle_seconds``, sooner once the target has closed. Connections beyond ``most_connections`` get a 503.
    """

    def __init__(
        self,
        hosts: Sequence[str],
        target: tuple[str, int],
        *,
        most_connections: int = 256,
        header_limit: int = 8192,
        header_seconds: float = 10.0,
        idle_seconds: float = 300.0,
    ) -> None:
        self._hosts = frozenset(_normal(host) for host in hosts)
        self._target = target
        self._most_connections = most_connections
        self._header_limit = header_limit
        self._header_seconds = header_seconds
        self._idle_seconds = idle_seconds
        self._only = f"this proxy leads only to port 443 of {', '.join(sorted(self._hosts))}"
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._serving = False

    async def start(self, host: str = "127.0.0.1", port: int = 0, *, sock: socket.socket | None = None) -> int:
        """Listen on ``sock``, or on ``host`` and ``port`` (0: a free one), and return the port.

        Raise ``OSError`` if the port is taken, and ``RuntimeError`` if the proxy is listening already.
        """
        if self._serving:
            raise RuntimeError("the proxy is listening already")
        self._serving = True
        try:
            if sock is None:
                self._server = await asyncio.start_server(self._accept, host, port, backlog=WAITING)
            else:
                self._server = await asyncio.start_server(self._accept, sock=sock, backlog=WAITING)
        except BaseException:
            self._serving = False
            raise
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close the listener and every tunnel. Do nothing if the proxy is not running."""
        self._serving = False
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        connections = list(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A 503 takes a task as well, so beyond twice the number a connection is dropped without one.
        if not self._serving or len(self._connections) >= 2 * self._most_connections:
            writer.transport.abort()
            return
        full = len(self._connections) >= self._most_connections
        connection = asyncio.get_running_loop().create_task(self._serve(reader, writer, full))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, full: bool) -> None:
        try:
            with suppress(OSError):  # the client went away
                try:
                    if full:
                        limit = f"{self._most_connections} connections are open, as many as this proxy takes"
                        raise Rejected(HTTPStatus.SERVICE_UNAVAILABLE, f"{limit}; close one and try again.")
                    early = await self._read_request(reader)
                    if early is not None:
                        await self._tunnel(reader, writer, early)
                except Rejected as rejected:
                    await _reject(reader, writer, rejected)
        finally:
            writer.transport.abort()

    async def _read_request(self, reader: asyncio.StreamReader) -> bytes | None:
        """Read and check the request. Return the bytes after it, or ``None`` if the client closed without one."""
        data = b""
        try:
            async with asyncio.timeout(self._header_seconds):
                while not (end := _HEAD_END.search(data)):
                    if len(data) > self._header_limit:
                        line = f"the request is longer than {self._header_limit} bytes."
                        raise Rejected(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, line)
                    chunk = await reader.read(self._header_limit + 1 - len(data))
                    if not chunk and not data:
                        return None
                    data += chunk
                    if not chunk or not data[:1].isalpha():
                        raise Rejected(HTTPStatus.BAD_REQUEST, f"this is not an HTTP request; {self._only}.")
        except TimeoutError:
            line = f"the request did not arrive within {self._header_seconds:g} seconds."
            raise Rejected(HTTPStatus.REQUEST_TIMEOUT, line) from None
        self._check(data[: end.start()].decode("latin-1"))
        return data[end.end() :]

    def _check(self, head: str) -> None:
        """Accept a CONNECT to a vendor's host; raise :class:`Rejected` for everything else."""
        request_line, *fields = re.split(r"\r?\n", head)
        request = _REQUEST_LINE.fullmatch(request_line)
        if request is None or not all(_FIELD.fullmatch(field) for field in fields):
            raise Rejected(HTTPStatus.BAD_REQUEST, f"this is not a well-formed HTTP/1.1 request; {self._only}.")
        method, address = request.groups()
        if method != "CONNECT":
            named = _URL_HOST.match(address)
            what = f"{method[:20]} to {named[1]}" if named else method[:20]
            line = f"{what} is not forwarded: {self._only}, with CONNECT; plain http goes to the sandbox's own address."
            raise Rejected(HTTPStatus.METHOD_NOT_ALLOWED, line)
        authority = _AUTHORITY.fullmatch(address)
        if authority is None:
            raise Rejected(HTTPStatus.BAD_REQUEST, f"CONNECT needs host:port; {self._only}.")
        host, port = authority.groups()
        if int(port) != 443 or not self._knows(_normal(host)):
            raise Rejected(HTTPStatus.FORBIDDEN, f"CONNECT to {host}:{port} is refused: {self._only}.")

    def _knows(self, host: str) -> bool:
        label, _, parent = host.partition(".")
        return host in self._hosts or (label != "" and f"*.{parent}" in self._hosts)

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, early: bytes) -> None:
        try:
            async with asyncio.timeout(self._header_seconds):
                far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            raise Rejected(HTTPStatus.BAD_GATEWAY, "the sandbox's HTTPS port does not answer.") from None
        try:
            _send(writer, b"HTTP/1.1 200 Connection established\r\n\r\n")
            _send(far_writer, early)
            async with asyncio.timeout(self._idle_seconds) as idle:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._copy(reader, far_writer, idle))
                    await self._copy(far_reader, writer, idle)
                    # A client that keeps its connection for later would hold a tunnel that leads nowhere.
                    _allow(idle, min(CLOSING_SECONDS, self._idle_seconds))
                for done in (far_writer, writer):
                    done.close()
                    await done.wait_closed()
        except* OSError:  # one end broke off, or the tunnel was idle: close the other end
            writer.transport.abort()
        finally:
            far_writer.transport.abort()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, idle: asyncio.Timeout) -> None:
        """Copy until the end of input and pass that on; wait while the other side cannot keep up."""
        while chunk := await reader.read(CHUNK):
            _send(writer, chunk)
            await writer.drain()
            _allow(idle, self._idle_seconds)
        _send_end(writer)


async def _reject(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rejected: Rejected) -> None:
    body = f"sparkbox: {rejected.line}\n".encode()
    head = [
        f"HTTP/1.1 {rejected.status.value} {rejected.status.phrase}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        *(["Allow: CONNECT"] if rejected.status is HTTPStatus.METHOD_NOT_ALLOWED else []),
        "Connection: close",
    ]
    _send(writer, "\r\n".join([*head, "", ""]).encode("ascii") + body)
    _send_end(writer)
    # Closing while the client still sends would reset the connection before the client has read the response.
    async with asyncio.timeout(LINGER_SECONDS):
        while await reader.read(CHUNK):
            continue


def _allow(idle: asyncio.Timeout, seconds: float) -> None:
    if not idle.expired():
        idle.reschedule(asyncio.get_running_loop().time() + seconds)


def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    # Writing to a closed transport is a RuntimeError in uvloop, and unnoticed until drain() in asyncio.
    if writer.is_closing():
        raise ConnectionAbortedError("the connection is closed")
    writer.write(data)


def _send_end(writer: asyncio.StreamWriter) -> None:
    if not writer.is_closing():
        writer.write_eof()


def _normal(host: str) -> str:
    return host.lower().removesuffix(".")
