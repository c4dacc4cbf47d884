"""HTTP clients that are silent, slow or many: each stage has its deadline, and unfinished bodies share a budget."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from sparkbox import Settings, create_app
from sparkbox.core.testing.faults import Fault
from sparkbox.server.deadlines import UNREAD_STEP
from sparkbox.server.http import HttpProtocol
from sparkbox.server.ports import FREE, listen
from sparkbox.server.server import Server

pytestmark = pytest.mark.asyncio

KEY = b"Authorization: mock-a\r\n"
LIST = b"GET /sparkpost/api/v1/templates HTTP/1.1\r\nHost: x\r\n" + KEY + b"\r\n"
ROOM = 100_000
OPENED: list[asyncio.StreamWriter] = []
"""The clients' connections, which the fixture closes."""
BEGUN = b"POST /sparkpost/api/v1/templates HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "


@pytest_asyncio.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Server]:
    monkeypatch.setenv("SPARKBOX_HOME", str(tmp_path))
    server = Server(create_app(Settings(rate_limits=False, most_body_bytes=ROOM)), listen("127.0.0.1", FREE))
    await server.start()
    yield server
    while OPENED:
        OPENED.pop().close()
    await server.stop()


async def until(holds: Callable[[], bool]) -> None:
    """Let the server work until something holds, of which there is no event."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0)


def accepted(server: Server, writer: asyncio.StreamWriter) -> list[HttpProtocol]:
    """Return the server's side of a connection, once there is one."""
    port = writer.get_extra_info("sockname")[1]
    connections = [one for one in server._state.connections if isinstance(one, HttpProtocol)]
    return [one for one in connections if one.client is not None and one.client[1] == port]


class Client:
    """A connection, and the server's side of it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Server) -> None:
        self.reader, self.writer, self.server = reader, writer, server
        [self.there] = accepted(server, writer)

    async def send(self, data: bytes) -> None:
        """Send, and wait until the server has read it."""
        self.writer.write(data)
        await self.writer.drain()
        for _ in range(20):
            await asyncio.sleep(0)

    async def status(self) -> int:
        return int((await self.reader.readuntil(b"\r\n\r\n")).split()[1])

    async def rest(self) -> bytes:
        try:
            return await self.reader.read()
        except ConnectionResetError:
            return b""


async def connect(server: Server) -> Client:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.addresses.http)
    OPENED.append(writer)
    await until(lambda: bool(accepted(server, writer)))
    return Client(reader, writer, server)


def pass_time(server: Server, seconds: float) -> None:
    """Let the server check its connections now, and again after so many seconds."""
    now = asyncio.get_running_loop().time()
    server.check_deadlines(now)
    server.check_deadlines(now + seconds)


@pytest.mark.parametrize(
    ("sent", "seconds", "farewell"),
    [
        pytest.param(b"", 20, b"", id="silent"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n", 20, b"HTTP/1.1 408 ", id="half a head"),
        pytest.param(BEGUN + b"100\r\n\r\n{", 60, b"HTTP/1.1 408 ", id="half a body"),
        pytest.param(
            LIST[:-2] + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", 60, b"HTTP/1.1 408 ", id="half chunks"
        ),
    ],
)
async def test_silent_client_is_disconnected_at_the_deadline(
    server: Server, sent: bytes, seconds: float, farewell: bytes
) -> None:
    client = await connect(server)
    await client.send(sent)
    await until(lambda: not (sent and client.there.cycle is None and not client.there.in_head))
    pass_time(server, seconds - 1)
    assert not client.there.transport.is_closing()
    pass_time(server, seconds)
    assert (await client.rest())[:13] == farewell
    assert server._state.connections == set()


async def test_partial_head_on_a_kept_connection_has_the_same_deadline(server: Server) -> None:
    client = await connect(server)
    await client.send(LIST)
    assert await client.status() == 200
    await client.send(LIST[:30])
    await until(lambda: bool(client.there.in_head))
    pass_time(server, 20)
    assert b"HTTP/1.1 408 " in await client.rest()


async def test_waiting_and_idle_clients_have_other_deadlines(server: Server) -> None:
    idle, working = await connect(server), await connect(server)
    await idle.send(LIST)
    assert await idle.status() == 200
    server.app.sandbox.faults.add(Fault("sparkpost", latency=3600))
    await working.send(LIST)
    await until(lambda: working.there.cycle is not None)
    pass_time(server, 74)
    assert {idle.there, working.there} == server._state.connections
    pass_time(server, 3000)
    await idle.rest()
    assert {working.there} == server._state.connections
    working.writer.transport.abort()


async def test_unfinished_bodies_share_a_budget(server: Server) -> None:
    """The budget gets back the bytes of a refused body, and of an abandoned one."""
    api, clients = server.app.sandbox.bodies, [await connect(server) for _ in range(3)]
    for client in clients[:2]:
        await client.send(BEGUN + b"50000\r\n" + KEY + b"\r\n" + b"x" * 49_000)
    await until(lambda: not (api.used < 98_000))
    await clients[2].send(BEGUN + b"50000\r\n" + KEY + b"\r\n" + b"x" * 49_000)
    await clients[2].send(b"x" * 1000)
    head = await clients[2].reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b'"errors"' in await clients[2].rest()
    assert 98_000 <= api.used <= ROOM
    clients[1].writer.transport.abort()
    await clients[0].send(b"x" * 1000)
    assert await clients[0].status() == 422
    await until(lambda: not (api.used))


async def test_complete_body_is_not_counted_in_the_budget(server: Server) -> None:
    server.app.sandbox.bodies.most = 0
    client = await connect(server)
    await client.send(BEGUN + b"2\r\n" + KEY + b"\r\n{}")
    assert await client.status() == 422
    client.writer.transport.abort()


async def test_client_that_does_not_read_is_disconnected_at_the_deadline(server: Server) -> None:
    """A client that reads a part in time gets as long again for the next."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.addresses.http, limit=4096)
    OPENED.append(writer)
    assert server._ticks is not None
    server._ticks.cancel()  # the checks below are the only ones
    await until(lambda: bool(accepted(server, writer)))
    client = Client(reader, writer, server)
    for end, option in ((writer, socket.SO_RCVBUF), (client.there.transport, socket.SO_SNDBUF)):
        end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, option, 4096)
    writer.write(b"GET /_mock/services/sparkpost/openapi HTTP/1.1\r\nHost: x\r\n\r\n")
    waiting = client.there.transport.get_write_buffer_size
    await until(lambda: waiting() > 3 * UNREAD_STEP)
    before, now = waiting(), asyncio.get_running_loop().time()
    server.check_deadlines(now)
    server.check_deadlines(now + 59)
    assert not client.there.transport.is_closing()
    await reader.readexactly(2 * UNREAD_STEP)
    await until(lambda: waiting() < before - UNREAD_STEP)
    server.check_deadlines(now + 60)
    server.check_deadlines(now + 119)
    assert not client.there.transport.is_closing()
    server.check_deadlines(now + 120)
    assert client.there.transport.is_closing()
    await client.rest()
    await until(lambda: server._state.connections == set())
