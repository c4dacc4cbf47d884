"""A webhook's target on the loopback interface: a bare server that keeps what it gets and behaves as it is told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

Behaviour = Callable[["Target", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Hit:
    """One request that arrived."""

    line: str
    headers: dict[str, str]
    body: bytes


def response(status: int, body: bytes = b"", *headers: str) -> Behaviour:
    """Answer as a proper server does."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers, "", ""]
    return raw("\r\n".join(lines).encode() + body)


def raw(data: bytes) -> Behaviour:
    """Write these bytes and closes the connection."""

    async def behave(target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return behave


async def hang(target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer nothing until the target's gate is opened, then 200."""
    await target.gate.wait()
    await response(200)(target, reader, writer)


async def reset(target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Cut the connection."""
    writer.transport.abort()


async def linger(target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer 200 and keeps the connection until the other side closes it; then ``target.left`` is set."""
    await response(200)(target, reader, writer)
    await reader.read()
    target.left.set()


def endless(head: bytes, chunk: bytes) -> Behaviour:
    """Write ``chunk`` again and again until the other side closes the connection; then ``target.left`` is set."""

    async def behave(target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        with suppress(ConnectionError):
            while not writer.transport.is_closing():
                writer.write(chunk)
                await writer.drain()
                await asyncio.sleep(0.001)
        target.left.set()

    return behave


class Target:
    """Takes one behaviour of ``script`` after the other, then always the last."""

    def __init__(self, *script: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.script = list(script or [response(200)])
        self.tls = tls
        self.hits: list[Hit] = []
        self.gate = asyncio.Event()
        self.left = asyncio.Event()
        self.under_way = 0
        self.most_under_way = 0
        self._arrived = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Target:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self.tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}/hook"

    @property
    def bodies(self) -> list[bytes]:
        return [hit.body for hit in self.hits]

    async def arrived(self, count: int) -> None:
        """Wait until so many requests have arrived."""
        async with asyncio.timeout(10), self._arrived:
            await self._arrived.wait_for(lambda: len(self.hits) >= count)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *rest = head.rstrip("\r\n").split("\r\n")
        headers = dict(_pairs(rest))
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        behave = self.script[min(len(self.hits), len(self.script) - 1)]
        self.hits.append(Hit(line, headers, body))
        async with self._arrived:
            self._arrived.notify_all()
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await behave(self, reader, writer)
        finally:
            self.under_way -= 1


def _pairs(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        name, _, value = line.partition(":")
        yield name.lower(), value.strip()
