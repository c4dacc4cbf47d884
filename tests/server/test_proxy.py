"""The CONNECT proxy: it leads the vendors' hosts to one target, loses nothing on the way, and leads nowhere else."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.server.proxy import ConnectProxy, Rejected

HOSTS = ("api.sparkpost.com", "*.api.e.sparkpost.com", "api.sendpulse.com")
MEGABYTES = bytes(range(256)) * 4 * 1024 * 5

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()


class Running:
    """A proxy in front of a small server, and what both have to do with each other."""

    def __init__(self, proxy: ConnectProxy, port: int) -> None:
        self.proxy = proxy
        self.port = port
        self.reached = 0

    async def connect(self) -> Connection:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def tunnel(self, host: str = "api.sparkpost.com") -> Connection:
        reader, writer = await self.connect()
        writer.write(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 200 Connection established\r\n\r\n"
        return reader, writer

    async def ask(self, request: bytes) -> str:
        """Send a request and return all that the proxy sends until it closes."""
        reader, writer = await self.connect()
        writer.write(request)
        response = await reader.read()
        await close(writer)
        return response.decode()


@asynccontextmanager
async def running(handler: Handler = echo, **options: Any) -> AsyncIterator[Running]:
    """Start both; nothing of what happens meanwhile may end up with the loop's handler of last resort."""
    unhandled: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context))

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        it.reached += 1
        await handler(reader, writer)

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    proxy = ConnectProxy(HOSTS, server.sockets[0].getsockname(), **options)
    it = Running(proxy, await proxy.start())
    try:
        async with asyncio.timeout(30):
            yield it
    finally:
        await proxy.stop()
        server.close()
        await server.wait_closed()
        gc.collect()
    assert not unhandled


async def close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)


def connect(address: str, *fields: str) -> bytes:
    return "\r\n".join([f"CONNECT {address} HTTP/1.1", *fields, "", ""]).encode("latin-1")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "host",
    [
        "api.sparkpost.com",
        "API.SparkPost.com",
        "api.sparkpost.com.",
        "acme.api.e.sparkpost.com",
        "Acme.API.e.sparkpost.com.",
        "api.sendpulse.com",
    ],
)
async def test_vendors_host_leads_to_the_target(host: str) -> None:
    async with running() as it:
        reader, writer = await it.tunnel(host)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        assert it.reached == 1
        await close(writer)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "address",
    [
        "example.com:443",
        "sparkpost.com:443",
        "xapi.sparkpost.com:443",
        "api.sparkpost.com.example.com:443",
        "api.sparkpost.com..:443",
        "api.e.sparkpost.com:443",
        ".api.e.sparkpost.com:443",
        "a.b.api.e.sparkpost.com:443",
        "api.sparkpost.com:80",
        "api.sparkpost.com:99999",
        "localhost:443",
        "127.0.0.1:443",
        "[::1]:443",
    ],
)
async def test_other_hosts_and_ports_are_rejected_by_name(address: str) -> None:
    async with running() as it:
        head, _, body = (await it.ask(connect(address))).partition("\r\n\r\n")
        assert head.startswith("HTTP/1.1 403 Forbidden\r\n")
        assert body == (
            f"sparkbox: CONNECT to {address} is refused: this proxy leads only to port 443 of "
            "*.api.e.sparkpost.com, api.sendpulse.com, api.sparkpost.com.\n"
        )
        assert it.reached == 0


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("GET http://api.sparkpost.com/api/v1/account HTTP/1.1", "GET to api.sparkpost.com is not forwarded"),
        ("POST http://example.com:8080/ HTTP/1.0", "POST to example.com is not forwarded"),
        ("GET / HTTP/1.1", "GET is not forwarded"),
        ("OPTIONS * HTTP/1.1", "OPTIONS is not forwarded"),
        ("connect api.sparkpost.com:443 HTTP/1.1", "connect is not forwarded"),
    ],
)
async def test_plain_http_is_not_forwarded(line: str, said: str) -> None:
    async with running() as it:
        head, _, body = (await it.ask(f"{line}\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc".encode())).partition(
            "\r\n\r\n"
        )
        assert head.startswith("HTTP/1.1 405 Method Not Allowed\r\n")
        assert "\r\nAllow: CONNECT" in head
        assert body.startswith(f"sparkbox: {said}: ")
        assert body.count("\n") == 1
        assert it.reached == 0


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS, sent to the proxy itself
        b"\r\n\r\n",
        b"\x00",
        b"hello\r\n\r\n",
        b"CONNECT api.sparkpost.com:443\r\n\r\n",
        b"CONNECT  api.sparkpost.com:443 HTTP/1.1\r\n\r\n",
        b"CONNECT api.sparkpost.com:443 HTTP/2.0\r\n\r\n",
        b"CONNECT api.sparkpost.com HTTP/1.1\r\n\r\n",
        b"CONNECT *.api.e.sparkpost.com:443 HTTP/1.1\r\n\r\n",
        b"CONNECT :443 HTTP/1.1\r\n\r\n",
        b"CONNECT api.sparkpost.com:https HTTP/1.1\r\n\r\n",
        b"CONNECT api.sparkpost.com:-443 HTTP/1.1\r\n\r\n",
        b"CONNECT https://api.sparkpost.com:443 HTTP/1.1\r\n\r\n",
        b"CONNECT user@api.sparkpost.com:443 HTTP/1.1\r\n\r\n",
        "CONNECT äpi.sparkpost.com:443 HTTP/1.1\r\n\r\n".encode(),
        b"CONNECT api.sparkpost.com:443 HTTP/1.1\r\nno field\r\n\r\n",
        b"CONNECT api.sparkpost.com:443 HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        b"CONNECT api.sparkpost.com:443 HTTP/1.1\r\nX: \x00\r\n\r\n",
        b"CONNECT api.sparkpost.com:443 HTTP/1.1\rX: a\r\n\r\n",
    ],
)
async def test_malformed_request_is_rejected(request_: bytes) -> None:
    async with running() as it:
        response = await it.ask(request_)
        assert response.startswith("HTTP/1.1 400 Bad Request\r\n")
        assert response.isascii()
        assert it.reached == 0


@pytest.mark.asyncio
async def test_incomplete_request_is_rejected() -> None:
    async with running() as it:
        reader, writer = await it.connect()
        writer.write(b"CONNECT api.sparkp")
        writer.write_eof()
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        await close(writer)


@pytest.mark.asyncio
async def test_client_that_leaves_without_a_request_is_no_error() -> None:
    async with running() as it:
        reader, writer = await it.connect()
        writer.write_eof()
        assert await reader.read() == b""
        await close(writer)


LABELS = st.sampled_from(["api", "API", "e", "sparkpost", "sendpulse", "com", "x-1", "", "*", "_", "é", " ", "443"])
MEANT = re.compile(r"(api\.(sparkpost|sendpulse)\.com|[0-9a-z_-]+\.api\.e\.sparkpost\.com)\.?:0{0,2}443", re.IGNORECASE)
ADDRESSES = st.one_of(
    st.tuples(
        st.one_of(
            st.lists(LABELS, max_size=6).map(".".join),
            st.sampled_from(["api.sparkpost.com", "api.sendpulse.com", "x.api.e.sparkpost.com", "api.e.sparkpost.com"]),
        ),
        st.sampled_from([".", "", ".."]),
        st.sampled_from([":443", ":0443", ":00443", ":80", ":", "", ":443:443", ":4430"]),
    ).map("".join),
    st.binary(max_size=300).map(lambda noise: noise.decode("latin-1")),
)


def api_error(address: str) -> Rejected | None:
    try:
        ConnectProxy(HOSTS, ("127.0.0.1", 9))._check(f"CONNECT {address} HTTP/1.1")
    except Rejected as refused:
        return refused
    return None


@given(ADDRESSES)
@settings(max_examples=500, deadline=None)
def test_only_the_vendors_hosts_are_accepted(address: str) -> None:
    assert (api_error(address) is None) is bool(MEANT.fullmatch(address))


@given(ADDRESSES)
@settings(max_examples=200, deadline=None)
def test_rejection_is_one_line_of_ascii(address: str) -> None:
    if refused := api_error(address):
        assert refused.status in (400, 403)
        assert refused.line.isascii()
        assert refused.line.isprintable()


@pytest.mark.asyncio
async def test_request_with_bare_line_feeds_is_accepted() -> None:
    async with running() as it:
        reader, writer = await it.connect()
        writer.write(b"CONNECT api.sparkpost.com:443 HTTP/1.0\nHost: x\n\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        await close(writer)


@pytest.mark.asyncio
async def test_request_may_come_in_pieces() -> None:
    async with running() as it:
        reader, writer = await it.connect()
        for byte in connect("api.sparkpost.com:443"):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        await close(writer)


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [2_000, 5_000_000])
async def test_overlong_request_is_rejected(size: int) -> None:
    async with running(header_limit=1_000) as it:
        response = await it.ask(connect("api.sparkpost.com:443", "X: " + "x" * size))
        assert response.startswith("HTTP/1.1 431 Request Header Fields Too Large\r\n")
        assert response.endswith("\r\n\r\nsparkbox: the request is longer than 1000 bytes.\n")


@pytest.mark.asyncio
async def test_request_up_to_the_limit_is_accepted() -> None:
    async with running(header_limit=1_000) as it:
        request = connect("api.sparkpost.com:443", "X: ")
        reader, writer = await it.connect()
        writer.write(request.replace(b"X: ", b"X: " + b"x" * (1_000 - len(request))))
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        await close(writer)


@pytest.mark.asyncio
@pytest.mark.parametrize("sent", [b"", b"CONNECT api.sparkpost.com:443 HTTP/1.1\r\n"])
async def test_request_without_end_times_out(sent: bytes) -> None:
    async with running(header_seconds=0.05) as it:
        response = await it.ask(sent)
        assert response.startswith("HTTP/1.1 408 Request Timeout\r\n")
        assert response.endswith("sparkbox: the request did not arrive within 0.05 seconds.\n")


@pytest.mark.asyncio
async def test_dribbled_request_times_out() -> None:
    async with running(header_seconds=0.2) as it:
        reader, writer = await it.connect()
        response = asyncio.ensure_future(reader.read())
        while not response.done():
            writer.write(b"C")
            await asyncio.sleep(0.02)
        assert response.result().startswith(b"HTTP/1.1 408 ")
        await close(writer)


@pytest.mark.asyncio
async def test_connection_beyond_the_limit_gets_503() -> None:
    async with running(most_connections=2) as it:
        kept = [await it.tunnel(), await it.tunnel()]
        response = await it.ask(connect("api.sparkpost.com:443"))
        assert response.startswith("HTTP/1.1 503 Service Unavailable\r\n")
        assert response.endswith("2 connections are open, as many as this proxy takes; close one and try again.\n")
        assert it.reached == 2
        for _, writer in kept:
            await close(writer)


@pytest.mark.asyncio
async def test_closed_tunnel_makes_room() -> None:
    async with running(most_connections=1) as it:
        for _ in range(5):
            reader, writer = await it.tunnel()
            writer.write_eof()
            assert await reader.read() == b""  # the target closed too, so the tunnel is gone
            await close(writer)
            await until(lambda: not it.proxy._connections)
        assert it.reached == 5


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - what is waited for has no event to set
            await asyncio.sleep(0.001)


@pytest.mark.asyncio
async def test_connections_beyond_twice_the_limit_are_dropped() -> None:
    async with running(most_connections=2) as it:
        kept = [await it.connect() for _ in range(20)]
        dropped = 0
        for reader, writer in kept[4:]:
            try:
                dropped += await reader.read() == b""
            except ConnectionError:
                dropped += 1
            await close(writer)
        assert dropped == 16
        assert len(it.proxy._connections) <= 4
        for _, writer in kept[:4]:
            await close(writer)


@pytest.mark.asyncio
async def test_bytes_sent_with_the_request_are_not_lost() -> None:
    async with running() as it:
        early = MEGABYTES[:100_000]
        reader, writer = await it.connect()
        writer.write(connect("api.sparkpost.com:443") + early)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        assert await reader.readexactly(len(early)) == early
        await close(writer)


@pytest.mark.asyncio
async def test_either_side_may_finish_first_and_five_megabytes_go_each_way() -> None:
    received: list[str] = []

    async def swallow_then_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(hashlib.sha256(await reader.read()).hexdigest())
        writer.write(MEGABYTES)
        await writer.drain()
        writer.close()

    async with running(swallow_then_answer) as it:
        reader, writer = await it.tunnel()
        writer.write(MEGABYTES)
        writer.write_eof()
        assert await reader.read() == MEGABYTES
        assert received == [hashlib.sha256(MEGABYTES).hexdigest()]
        await close(writer)


@pytest.mark.asyncio
async def test_targets_end_is_passed_on_while_the_client_goes_on_sending() -> None:
    received = asyncio.get_running_loop().create_future()

    async def answer_then_listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye")
        writer.write_eof()
        received.set_result(await reader.read())
        writer.close()

    async with running(answer_then_listen) as it:
        reader, writer = await it.tunnel()
        assert await reader.read() == b"bye"
        writer.write(MEGABYTES)
        writer.write_eof()
        assert await received == MEGABYTES
        await close(writer)


@pytest.mark.asyncio
async def test_client_that_does_not_read_stops_the_target() -> None:
    sent = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        try:
            while True:
                writer.write(MEGABYTES[:65_536])
                await writer.drain()
                sent += 65_536
        except ConnectionError:
            writer.close()

    async with running(pour) as it:
        with socket.create_connection(("127.0.0.1", it.port)) as client:
            client.setblocking(False)
            await asyncio.get_running_loop().sock_sendall(client, connect("api.sparkpost.com:443"))
            before = -1
            while before != sent:
                before = sent
                await asyncio.sleep(0.2)
        assert 0 < sent < 32 * 1024 * 1024
        assert it.reached == 1


@pytest.mark.asyncio
async def test_idle_tunnel_is_closed() -> None:
    ended = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_to_the_end(reader)
        writer.close()
        ended.set()

    async with running(listen, idle_seconds=0.05) as it:
        reader, writer = await it.tunnel()
        assert await read_to_the_end(reader) == b""
        await ended.wait()
        await close(writer)


@pytest.mark.asyncio
async def test_tunnel_in_which_one_side_speaks_is_not_idle() -> None:
    async def tick(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(12):
            writer.write(b".")
            await asyncio.sleep(0.1)
        writer.close()

    async with running(tick, idle_seconds=1) as it:
        reader, writer = await it.tunnel()
        assert await reader.read() == b"." * 12
        await close(writer)


@pytest.mark.asyncio
async def test_client_that_keeps_its_end_open_does_not_hold_the_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    monkeypatch.setattr("sparkbox.server.proxy.CLOSING_SECONDS", 0.05)
    async with running(hang_up) as it:
        reader, writer = await it.tunnel()
        assert await read_to_the_end(reader) == b""
        await until(lambda: not it.proxy._connections)
        await close(writer)


async def read_to_the_end(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


@pytest.mark.asyncio
async def test_target_that_breaks_off_ends_the_tunnel() -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    async with running(break_off) as it:
        reader, writer = await it.tunnel()
        writer.write(b"hello")
        assert await read_to_the_end(reader) == b""
        await close(writer)


def reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection as a program does that is killed with data unread: the other end sees an error."""
    at_once = struct.pack("ii", 1, 0)
    writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    writer.transport.abort()


@pytest.mark.asyncio
async def test_client_that_breaks_off_ends_the_tunnel() -> None:
    ended = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_to_the_end(reader)
        writer.close()
        ended.set()

    async with running(listen) as it:
        _, writer = await it.tunnel()
        reset(writer)
        await ended.wait()
        await until(lambda: not it.proxy._connections)


@pytest.mark.asyncio
async def test_client_that_breaks_off_in_its_request_is_no_error() -> None:
    async with running() as it:
        _, writer = await it.connect()
        writer.write(b"CONNECT api.")
        await until(lambda: len(it.proxy._connections) == 1)
        reset(writer)
        await until(lambda: not it.proxy._connections)


@pytest.mark.asyncio
async def test_client_that_does_not_close_after_a_rejection_is_disconnected() -> None:
    async with running() as it:
        _, writer = await it.connect()
        writer.write(connect("example.com:443"))
        await until(lambda: len(it.proxy._connections) == 1)
        await until(lambda: not it.proxy._connections)
        await close(writer)


@pytest.mark.asyncio
async def test_silent_target_is_reported() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # not listening: a connection is refused
        proxy = ConnectProxy(HOSTS, taken.getsockname())
        response = await Running(proxy, await proxy.start()).ask(connect("api.sparkpost.com:443"))
        await proxy.stop()
    assert response.startswith("HTTP/1.1 502 Bad Gateway\r\n")
    assert response.endswith("\r\n\r\nsparkbox: the sandbox's HTTPS port does not answer.\n")


@pytest.mark.asyncio
async def test_stop_closes_every_connection_and_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    async with running() as it:
        half = await it.connect()
        half[1].write(b"CONNECT api.")
        kept = [half, *[await it.tunnel() for _ in range(3)]]
        await it.proxy.stop()
        for reader, writer in kept:
            assert await read_to_the_end(reader) == b""
            await close(writer)
        with pytest.raises(ConnectionRefusedError):
            await it.connect()
    await until(lambda: asyncio.all_tasks() == before)


@pytest.mark.asyncio
async def test_stop_does_not_wait_for_a_client_that_does_not_read() -> None:
    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(MEGABYTES * 4)
        await read_to_the_end(reader)
        writer.close()

    async with running(pour) as it:
        _, writer = await it.tunnel()
        await asyncio.wait_for(it.proxy.stop(), 10)
        await close(writer)


@pytest.mark.asyncio
async def test_proxy_can_be_stopped_twice_and_started_again() -> None:
    async with running() as it:
        await it.proxy.stop()
        await it.proxy.stop()
        it.port = await it.proxy.start()
        reader, writer = await it.tunnel()
        writer.write_eof()
        assert await reader.read() == b""
        await close(writer)


@pytest.mark.asyncio
async def test_proxy_cannot_be_started_twice() -> None:
    async with running() as it:
        with pytest.raises(RuntimeError, match="listening already"):
            await it.proxy.start()


@pytest.mark.asyncio
async def test_taken_port_is_an_oserror_and_can_be_tried_again() -> None:
    async with running() as it:
        other = ConnectProxy(HOSTS, ("127.0.0.1", 9))
        with pytest.raises(OSError, match="in use"):
            await other.start(port=it.port)
        assert await other.start() > 0
        await other.stop()


@pytest.mark.asyncio
async def test_proxy_listens_on_a_given_socket() -> None:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    port = sock.getsockname()[1]
    proxy = ConnectProxy(HOSTS, ("127.0.0.1", 9))
    assert await proxy.start(sock=sock) == port
    assert (await Running(proxy, port).ask(connect("example.com:443"))).startswith("HTTP/1.1 403 ")
    await proxy.stop()


@pytest.mark.parametrize(
    "test",
    [
        test_incomplete_request_is_rejected,
        test_client_that_leaves_without_a_request_is_no_error,
        test_dribbled_request_times_out,
        test_connection_beyond_the_limit_gets_503,
        test_closed_tunnel_makes_room,
        test_connections_beyond_twice_the_limit_are_dropped,
        test_bytes_sent_with_the_request_are_not_lost,
        test_either_side_may_finish_first_and_five_megabytes_go_each_way,
        test_targets_end_is_passed_on_while_the_client_goes_on_sending,
        test_client_that_does_not_read_stops_the_target,
        test_idle_tunnel_is_closed,
        test_target_that_breaks_off_ends_the_tunnel,
        test_client_that_breaks_off_ends_the_tunnel,
        test_client_that_breaks_off_in_its_request_is_no_error,
        test_silent_target_is_reported,
        test_stop_closes_every_connection_and_leaves_no_task,
        test_stop_does_not_wait_for_a_client_that_does_not_read,
        test_proxy_can_be_stopped_twice_and_started_again,
        test_proxy_listens_on_a_given_socket,
    ],
)
def test_proxy_behaves_the_same_on_uvloop(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(test())
