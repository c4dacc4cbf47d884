"""What needs a real socket: listeners, limits for requests, faults of connections, and the stop."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import pytest
import uvloop

from sparkbox import Settings, Sparkbox, World, create_app
from sparkbox.core.request.http import Response
from sparkbox.core.testing.faults import Fault
from sparkbox.server import http
from sparkbox.server.http import MOST_HEAD
from sparkbox.server.ports import FREE, Listening, listen
from sparkbox.server.server import Server, run
from sparkbox.testing.world import WorldServer

TEMPLATE = json.dumps({"id": "hello", "content": {"from": "a@acme.example", "subject": "Hi", "text": "x"}}).encode()


class Got(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """A connection that is written to and read from byte by byte."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(10)
        self.sock = sock
        self.file = sock.makefile("rb")

    def send(self, *chunks: bytes) -> Wire:
        for chunk in chunks:
            self.sock.sendall(chunk)
        return self

    def response(self, *, head: bool = False) -> Got:
        """Read the next response; that of ``head`` has no body, whatever its length says."""
        line = self.file.readline()
        assert line.startswith(b"HTTP/1.1 "), line
        headers: dict[str, str] = {}
        while (field := self.file.readline().decode().rstrip()) != "":
            name, _, value = field.partition(": ")
            headers[name] = value
        body = b"" if head else self.file.read(int(headers.get("content-length", 0)))
        return Got(int(line.split()[1]), headers, body)

    def rest(self) -> bytes:
        """Read until the other side closes."""
        return self.file.read()

    @property
    def closed(self) -> bool:
        """Whether the other side has closed, or cut, the connection."""
        try:
            return self.rest() == b""
        except ConnectionResetError:
            return True


@contextmanager
def connected(mock: WorldServer, *, tls: bool = False) -> Iterator[Wire]:
    port = int((mock.tls_url if tls else mock.url).rpartition(":")[2])
    with ExitStack() as stack:
        sock = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        if tls:
            context = ssl.create_default_context(cafile=mock.ca_file)
            sock = stack.enter_context(context.wrap_socket(sock, server_hostname="localhost"))
        wire = Wire(sock)
        stack.enter_context(wire.file)
        yield wire


@pytest.fixture
def wire(sparkbox: World) -> Iterator[Wire]:
    with connected(sparkbox.server) as wire:
        yield wire


@pytest.fixture(params=["http", "https"])
def any_wire(sparkbox: World, request: pytest.FixtureRequest) -> Iterator[Wire]:
    with connected(sparkbox.server, tls=request.param == "https") as wire:
        yield wire


def request_of(
    world: World, method: str = "GET", path: str = "/api/v1/templates", *fields: str, body: bytes | None = None
) -> bytes:
    """A request in this world."""
    lines = [f"{method} /sparkpost{path} HTTP/1.1", "Host: x", f"Authorization: {world.credential}", *fields]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def test_http_and_https_keep_the_connection(sparkbox: World, any_wire: Wire) -> None:
    assert any_wire.send(request_of(sparkbox, "POST", body=TEMPLATE)).response().status == 200
    for _ in range(2):
        assert b'"hello"' in any_wire.send(request_of(sparkbox)).response().body
    assert len(sparkbox.requests) == 3


def test_responses_have_a_date_and_no_server_header(sparkbox: World, wire: Wire) -> None:
    headers = wire.send(request_of(sparkbox)).response().headers
    assert parsedate_to_datetime(headers["date"]).tzinfo is not None
    assert "server" not in headers


def test_pipelined_requests_are_answered_in_order(sparkbox: World, wire: Wire) -> None:
    sparkbox.faults.add("sparkpost", latency=0.05, first=1)
    wire.send(
        request_of(sparkbox, "POST", body=TEMPLATE)
        + request_of(sparkbox)
        + request_of(sparkbox, path="/api/v1/nowhere")
    )
    assert [wire.response().status for _ in range(3)] == [200, 200, 404]


def test_many_pipelined_requests_leave_others_their_turn(
    sparkbox: World, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads: list[bytes | None] = []
    head = http._head

    def counted(cycle: Any, response: Response) -> bytes | None:
        heads.append(head(cycle, response))
        return heads[-1]

    monkeypatch.setattr(http, "_head", counted)
    three = [request_of(sparkbox), request_of(sparkbox, path="/api/v1/nowhere"), request_of(sparkbox, path="/")]
    wire.send(b"".join(three * http.MOST_AT_ONCE))
    statuses = [wire.response().status for _ in range(3 * http.MOST_AT_ONCE)]
    assert statuses == [200, 404, 404] * http.MOST_AT_ONCE
    assert http.MOST_AT_ONCE <= len(heads) < 3 * http.MOST_AT_ONCE


def test_head_is_get_without_the_body(sparkbox: World, any_wire: Wire) -> None:
    got = any_wire.send(request_of(sparkbox)).response()
    told = any_wire.send(request_of(sparkbox, "HEAD")).response(head=True)
    assert (told.status, told.headers["content-length"]) == (200, str(len(got.body)))
    # A body would be read as the start of the next response.
    assert any_wire.send(request_of(sparkbox)).response().body == got.body


def test_http_1_0_is_answered_and_closed(sparkbox: World, wire: Wire) -> None:
    got = wire.send(request_of(sparkbox).replace(b"HTTP/1.1", b"HTTP/1.0")).response()
    assert got.status == 200
    assert wire.closed


def test_body_may_come_in_chunks(sparkbox: World, wire: Wire) -> None:
    head = request_of(
        sparkbox, "POST", "/api/v1/templates", "Content-Type: application/json", "Transfer-Encoding: chunked"
    )
    wire.send(head, b"5\r\n" + TEMPLATE[:5] + b"\r\n", b"%x\r\n%b\r\n0\r\n\r\n" % (len(TEMPLATE) - 5, TEMPLATE[5:]))
    assert wire.response().status == 200


def test_expect_100_continue_is_answered(sparkbox: World, wire: Wire) -> None:
    request = request_of(sparkbox, "POST", "/api/v1/templates", "Expect: 100-continue", body=TEMPLATE)
    wire.send(request.removesuffix(TEMPLATE))
    assert wire.response().status == 100
    assert wire.send(TEMPLATE).response().status == 200


def test_body_may_come_in_pieces_at_any_place(sparkbox: World, wire: Wire) -> None:
    whole = request_of(sparkbox, "POST", body=TEMPLATE)
    for place in (20, len(whole) - len(TEMPLATE), len(whole) - 1):
        wire.send(whole[:place])
        sparkbox.reset()
        assert wire.send(whole[place:]).response().status == 200
    assert [template["id"] for template in json.loads(wire.send(request_of(sparkbox)).response().body)["results"]] == [
        "hello"
    ]


def test_request_after_connection_close_is_ignored(sparkbox: World, wire: Wire) -> None:
    wire.send(
        request_of(sparkbox, "GET", "/api/v1/templates", "Connection: close")
        + request_of(sparkbox, "POST", body=TEMPLATE)
    )
    got = wire.response()
    assert (got.status, got.headers["connection"]) == (200, "close")
    assert wire.closed
    assert [request.method for request in sparkbox.requests] == ["GET"]


def test_slow_reader_gets_every_response_in_order(sparkbox: World, wire: Wire) -> None:
    content = {"from": "a@acme.example", "subject": "Hi", "text": "x" * 100_000}
    for name in ("one", "two"):
        template = json.dumps({"id": name, "published": True, "content": content}).encode()
        assert wire.send(request_of(sparkbox, "POST", body=template)).response().status == 200
    names = ["one", "two"] * 100
    wire.send(b"".join(request_of(sparkbox, path=f"/api/v1/templates/{name}") for name in names))
    assert [json.loads(wire.response().body)["results"]["id"] for _ in names] == names


def test_upgrade_to_http_2_is_ignored_and_the_body_read(sparkbox: World, wire: Wire) -> None:
    fields = ("Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAEAAEAAAAIAAAAB", "Upgrade: h2c")
    assert wire.send(request_of(sparkbox, "POST", "/api/v1/templates", *fields, body=TEMPLATE)).response().status == 200
    assert wire.send(request_of(sparkbox)).response().status == 200
    assert sparkbox.requests[0].body == TEMPLATE


def test_upgrade_to_websocket_is_ignored(sparkbox: World, wire: Wire) -> None:
    fields = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: eA==")
    assert wire.send(request_of(sparkbox, "GET", "/api/v1/nowhere", *fields)).response().status == 404


def test_body_with_the_word_upgrade_is_unchanged(sparkbox: World, wire: Wire) -> None:
    body = b'{"name":\r\nUpgrade: h2c\r\n}'
    request = request_of(sparkbox, "POST", body=body)
    wire.send(request.removesuffix(body), body).response()
    wire.send(request).response()
    assert [entry.body for entry in sparkbox.requests] == [body, body]


@pytest.mark.parametrize(
    "request_",
    [
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nno field\r\n\r\n",
        b"CONNECT api.sparkpost.com:443 HTTP/1.1\r\nHost: api.sparkpost.com\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_malformed_request_is_rejected_and_the_connection_closed(wire: Wire, request_: bytes) -> None:
    assert wire.send(request_).response().status == 400
    assert wire.closed


def padded(world: World, size: int) -> bytes:
    """A request whose target and fields have so many bytes, as they are counted."""
    target, *fields = request_of(world, "GET", "/api/v1/templates", "X-Padding: ").split(b"\r\n")
    counted = len(target.split()[1]) + sum(
        len(name) + len(value) for name, _, value in (f.partition(b": ") for f in fields)
    )
    return b"\r\n".join([target, *fields]).replace(b"X-Padding: ", b"X-Padding: " + b"x" * (size - counted))


@pytest.mark.parametrize("chunk", [1_000_000, 16_000])
def test_head_up_to_the_limit_is_accepted(sparkbox: World, wire: Wire, chunk: int) -> None:
    request = padded(sparkbox, MOST_HEAD - 100)
    wire.send(*(request[at : at + chunk] for at in range(0, len(request), chunk)))
    assert wire.response().status == 200


@pytest.mark.parametrize("size", [MOST_HEAD + 1, 2 * MOST_HEAD])
def test_head_beyond_the_limit_is_rejected(sparkbox: World, any_wire: Wire, size: int) -> None:
    assert any_wire.send(padded(sparkbox, size)).response().status == 431
    assert any_wire.closed
    assert sparkbox.requests == []


def test_head_that_does_not_end_is_cut_off(sparkbox: World, wire: Wire) -> None:
    field = b"X-Padding: " + b"x" * 8000 + b"\r\n"
    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        wire.send(b"GET / HTTP/1.1\r\n", *[field] * 1000)


def test_long_body_before_it_does_not_count_as_the_next_head(sparkbox: World, wire: Wire) -> None:
    body = b" " * (4 * MOST_HEAD) + TEMPLATE
    following = request_of(sparkbox)
    wire.send(request_of(sparkbox, "POST", body=body) + following[:20])
    assert wire.response().status == 200
    assert wire.send(following[20:]).response().status == 200


def test_body_that_is_too_large_is_rejected(wire: Wire) -> None:
    size = 2 * 1024 * 1024
    wire.send(b"POST /_mock/faults HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size, b" " * size)
    got = wire.response()
    assert (got.status, json.loads(got.body)["error"]["code"]) == (413, "too_large")
    assert wire.closed


def test_fault_drop_closes_without_a_response(sparkbox: World, any_wire: Wire) -> None:
    sparkbox.faults.add("sparkpost", drop=True)
    assert any_wire.send(request_of(sparkbox)).closed
    assert [entry.fault for entry in sparkbox.requests] == ["dropped connection"]


def test_fault_truncate_ends_before_the_content_length(sparkbox: World, any_wire: Wire) -> None:
    sparkbox.faults.add("sparkpost", truncate=5)
    head, _, body = any_wire.send(request_of(sparkbox)).rest().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"content-length: 14" in head
    assert body == b'{"res'


def test_fault_garbage_is_a_complete_unreadable_response(sparkbox: World, wire: Wire) -> None:
    sparkbox.faults.add("sparkpost", garbage=True, first=1)
    got = wire.send(request_of(sparkbox)).response()
    assert got.status == 200
    with pytest.raises(UnicodeDecodeError):
        json.loads(got.body)
    assert json.loads(wire.send(request_of(sparkbox)).response().body) == {"results": []}


def test_client_that_leaves_in_the_middle_does_not_disturb_the_next(sparkbox: World) -> None:
    sparkbox.faults.add("sparkpost", latency=0.05, first=1)
    for part in (request_of(sparkbox), request_of(sparkbox, "POST", body=TEMPLATE)[:-5], b"GET / HT"):
        with connected(sparkbox.server) as leaving:
            leaving.send(part)
    with connected(sparkbox.server) as wire:
        assert wire.send(request_of(sparkbox)).response().status == 200


def test_pipelined_requests_before_a_malformed_one_log_no_error(
    sparkbox: World, caplog: pytest.LogCaptureFixture
) -> None:
    sparkbox.faults.add("sparkpost", latency=0.05)
    with connected(sparkbox.server) as wire:
        with connected(sparkbox.server) as rejected:
            assert rejected.send(request_of(sparkbox) * 2 + b"BAD\r\n\r\n").rest().startswith(b"HTTP/1.1 400 ")
        assert [wire.send(request_of(sparkbox)).response().status for _ in range(2)] == [200, 200]
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


# Starting and stopping, on either kind of loop.

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}
KEY = b"Authorization: mock-a\r\n"
LIST = b"GET /sparkpost/api/v1/templates HTTP/1.1\r\nHost: x\r\n" + KEY + b"\r\n"


@pytest.fixture(params=sorted(LOOPS))
def runner(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture
) -> Iterator[asyncio.Runner]:
    """An event loop of its own, which must log no warning."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARKBOX_HOME", str(tmp_path_factory.getbasetemp() / "home"))
        with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:
            yield runner
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def opened() -> tuple[Server, Listening]:
    listening = listen("127.0.0.1", FREE)
    return Server(create_app(Settings(rate_limits=False)), listening), listening


async def ask(port: int, request: bytes = LIST, **options: object) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, **options)  # type: ignore[arg-type]
    writer.write(request)
    return reader, writer


async def answered(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    assert length is not None
    await reader.readexactly(int(length[1]))
    return int(head.split()[1])


async def noted(server: Server) -> None:
    """Wait until a request is in the request log; its response may still be under way."""
    while not server.app.sandbox.logs.requests:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)


async def left(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """What still comes until the connection ends."""
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.transport.abort()


def test_connection_from_before_the_start_is_served(runner: asyncio.Runner) -> None:
    async def scene() -> None:
        server, listening = opened()
        reader, writer = await ask(listening.addresses.http)
        await server.start()
        assert await answered(reader) == 200
        await server.stop()
        assert await left(reader, writer) == b""

    runner.run(scene())


def test_many_connections_at_once_wait_until_they_are_accepted(runner: asyncio.Runner) -> None:
    async def scene() -> None:
        server, listening = opened()
        await server.start()
        try:
            for port in (listening.addresses.http, listening.addresses.smtp):
                with ExitStack() as stack:
                    for _ in range(150):  # the event loop accepts none of them in the meantime
                        stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
        finally:
            await server.stop()

    runner.run(scene())


def test_stopping_leaves_no_task_no_socket_and_no_open_connection(runner: asyncio.Runner) -> None:
    async def scene() -> None:
        server, listening = opened()
        await server.start()
        addresses = listening.addresses
        context = ssl.create_default_context(cafile=server.authority.ca_file)
        idle = await ask(addresses.http)
        secure = await ask(addresses.tls, ssl=context, server_hostname="localhost")
        assert [await answered(idle[0]), await answered(secure[0])] == [200, 200]
        silent = await ask(addresses.tls, b"")
        halfway = await ask(addresses.tls, b"\x16\x03\x01")
        tunnel = await ask(addresses.proxy, b"CONNECT api.sparkpost.com:443 HTTP/1.1\r\n\r\n")
        assert b" 200 " in await tunnel[0].readuntil(b"\r\n\r\n")
        await server.stop()
        for connection in (idle, secure, silent, halfway, tunnel):
            assert await left(*connection) == b""
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert all(sock.fileno() == -1 for sock in listening.sockets.values())
        for port in (addresses.http, addresses.tls, addresses.proxy):
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", port)

    runner.run(scene())


def test_response_under_way_is_sent_before_the_stop(runner: asyncio.Runner) -> None:
    async def scene() -> None:
        server, listening = opened()
        await server.start()
        server.app.sandbox.faults.add(Fault("sparkpost", latency=0.05))
        reader, writer = await ask(listening.addresses.http)
        await noted(server)
        await server.stop()
        assert await answered(reader) == 200
        assert await left(reader, writer) == b""

    runner.run(scene())


def test_response_that_takes_too_long_is_cut_off(runner: asyncio.Runner) -> None:
    async def scene() -> None:
        server, listening = opened()
        await server.start()
        server.app.sandbox.faults.add(Fault("sparkpost", latency=3600))
        reader, writer = await ask(listening.addresses.http)
        await noted(server)
        await server.stop()
        assert await left(reader, writer) == b""
        assert asyncio.all_tasks() == {asyncio.current_task()}

    runner.run(scene())


def test_run_returns_the_result_and_closes_its_loop() -> None:
    async def program() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    loop = run(program())
    assert loop.is_closed()
    assert isinstance(loop, uvloop.Loop)


def test_connection_beyond_the_limit_gets_503_while_others_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkbox.server.server.MOST_CONNECTIONS", 3)
    with Sparkbox() as mock, connected(mock) as first, connected(mock) as second:
        mock.sandbox.faults.add(Fault("sparkpost", latency=3600))
        first.send(LIST)
        second.send(LIST)
        while len(mock.sandbox.logs.requests) < 2:
            continue
        with connected(mock) as third:
            assert third.send(LIST).rest().startswith(b"HTTP/1.1 503 ")


def test_connection_beyond_the_limit_replaces_an_idle_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkbox.server.server.MOST_CONNECTIONS", 3)
    with Sparkbox() as mock, connected(mock) as first, connected(mock) as second:
        assert [one.send(LIST).response().status for one in (first, second)] == [200, 200]
        with connected(mock) as third:
            assert third.send(LIST).response().status == 200
            assert len(mock._running.server._state.connections) == 2
