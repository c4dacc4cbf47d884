"""However the bytes of a client are cut, the replies are the same; and they wait for a client that does not read."""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox import create_app
from sparkbox.server.certificates import Authority, home
from sparkbox.server.smtp import listener as listener_module
from sparkbox.server.smtp.gateway import Gateway
from sparkbox.server.smtp.lines import LONGEST_LINE
from sparkbox.server.smtp.listener import Listener
from sparkbox.server.smtp.session import MOST_AT_ONCE, MOST_WAITING, Session

TOKEN = base64.b64encode(b"\0SMTP_Injection\0mock-splitting")
ENVELOPE = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
HEAD = b"From: a@b.example\r\n\r\n"
PIECES = st.sampled_from(
    [
        *(
            ENVELOPE + mail
            for mail in (b".\r\n", HEAD + b"..\r\n.\r\n", b"a\r\n.\r.\r\n.\r\n", b"x" * 999 + b"\r\n.\r\n")
        ),
        *(ENVELOPE + mail for mail in (b"a\n.\nb\r\n.\r\n", b"a\r\n.\nRSET\r\n.\r\n", b"GET / HTTP/1.1\r\n\r\n.\r\n")),
        b"AUTH LOGIN\r\nU01UUF9JbmplY3Rpb24=\r\nbW9jay1zcGxpdHRpbmc=\r\n",
        b"AUTH PLAIN\r\n*\r\n",
        b"AUTH LOGIN\r\nHEAD / HTTP/1.1\r\n",
        b"AUTH LOGIN\r\n" + b"A" * (LONGEST_LINE + 1) + b"\r\n",
        b"NOOP " + b"x" * LONGEST_LINE + b"\r\n",
        b"EHLO /" + b"x" * 2 * LONGEST_LINE + b" HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01",
        b"NONSENSE\r\n",
        b"EHLO test\r\n",
        b"AUTH PLAIN " + TOKEN + b"\r\n",
        b"RCPT TO:<e@>\r\n",
        b"RSET\n",
        b"\r\n",
        b"QUIT\r\n",
        b"MAIL FROM:",
        b".\r\n",
    ]
)
STREAMS = st.lists(PIECES, max_size=8).map(lambda pieces: b"EHLO test\r\n" + b"".join(pieces) + b"\r\n.\r\nNOOP\r\n")
_ID = re.compile(rb"[0-9A-F]{2}/[0-9A-F]{2}-[0-9]{5}-[0-9A-F]{8}")


class Client(asyncio.Transport):
    """The other end of a session; it keeps what is written."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self.received = b""
        self.closed = False
        self.paused = False
        self.aborted = False
        self.ended = asyncio.Event()
        self.unread = 0
        self.session = listener.plain()

    def connect(self) -> Client:
        self.session.connection_made(self)
        return self

    async def send(self, chunks: Sequence[bytes]) -> None:
        """Send chunks until the connection is closed, and wait for the replies."""
        for chunk in chunks:
            if not self.closed:
                self.session.data_received(chunk)
            await turns()

    def leave(self) -> None:
        self.session.connection_lost(None)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.received += data

    def get_write_buffer_size(self) -> int:
        return self.unread

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True
        self.ended.set()

    def abort(self) -> None:
        self.closed = self.aborted = True

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self.session = protocol

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


async def turns(count: int = 5) -> None:
    """Let everything run that waits for its turn."""
    for _ in range(count):
        await asyncio.sleep(0)


@cache
def listener() -> Listener:
    gateway = Gateway(create_app().sandbox, ["sparkpost", "sendpulse"], "http://localhost")
    gateway.identify("", "", "")  # imports the relays
    return Listener(gateway, server_context())


def server_context() -> ssl.SSLContext:
    return Authority(home(), ("localhost",)).server_context()


def replies(*chunks: bytes) -> bytes:
    """All replies to a client that sends these chunks."""

    async def talk() -> bytes:
        client = Client(listener()).connect()
        await client.send(chunks)
        client.leave()
        return _ID.sub(b"ID", client.received)

    return asyncio.run(talk())


@given(STREAMS, st.data())
@settings(max_examples=150, deadline=None)
def test_replies_do_not_depend_on_how_the_bytes_arrive(stream: bytes, data: st.DataObject) -> None:
    anywhere = st.integers(0, len(stream))
    near_the_end_of_a_line = st.sampled_from([found.start() for found in re.finditer(rb"[\r\n.]", stream)])
    cuts = data.draw(st.lists(anywhere | near_the_end_of_a_line, max_size=20).map(sorted))
    chunks = [stream[begin:end] for begin, end in pairwise([0, *cuts, len(stream)])]
    assert replies(*chunks) == replies(stream)


def test_replies_to_single_bytes_are_those_to_the_whole() -> None:
    mail = ENVELOPE + HEAD + b"..\r\n.\r\r\n.\r\n"
    stream = b"EHLO test\r\nAUTH PLAIN " + TOKEN + b"\r\n" + mail + b"FOO\r\n" + mail
    whole = replies(stream)
    assert whole.count(b"\r\n250 2.0.0 OK ID\r\n") == 2
    assert replies(*[bytes([byte]) for byte in stream]) == whole


def test_command_may_come_with_the_end_of_the_handshake() -> None:
    async def talk() -> bytes:
        # asyncio's own loop hands such a command over before it says that the handshake is done.
        server = await asyncio.get_running_loop().create_server(listener().plain, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        await reader.readline()
        writer.write(b"STARTTLS\r\n")
        await reader.readline()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = ssl._create_unverified_context().wrap_bio(incoming, outgoing)
        await encrypted(client.do_handshake, reader, writer, incoming, outgoing)
        client.write(b"NOOP\r\n")
        reply: bytes = await encrypted(client.read, reader, writer, incoming, outgoing)
        server.close()
        writer.transport.abort()
        await turns()
        return reply

    assert asyncio.run(asyncio.wait_for(talk(), 30)) == b"250 2.0.0 OK\r\n"


async def encrypted(
    action: Callable[[], Any],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    incoming: ssl.MemoryBIO,
    outgoing: ssl.MemoryBIO,
) -> Any:
    """Do something that needs bytes from the server; what it sends at its end is sent with the next."""
    while True:
        try:
            return action()
        except ssl.SSLWantReadError:
            writer.write(outgoing.read())
            incoming.write(await reader.read(65536))


def test_client_that_reads_no_replies_has_to_stop() -> None:
    async def talk() -> None:
        client = Client(listener()).connect()
        session = client.session
        greeting = client.received
        session.pause_writing()
        await client.send([b"NOOP\r\n" * 1000] * (MOST_WAITING // 6000 + 1))
        assert (client.received, client.paused) == (greeting, True)
        session.resume_writing()
        await turns(200)
        sent = 1000 * (MOST_WAITING // 6000 + 1)
        assert (client.received, client.paused) == (greeting + b"250 2.0.0 OK\r\n" * sent, False)
        client.leave()

    asyncio.run(talk())


def test_many_commands_in_one_piece_leave_others_their_turn() -> None:
    async def talk() -> None:
        client = Client(listener()).connect()
        client.session.data_received(b"NOOP\r\n" * 3 * MOST_AT_ONCE)
        assert client.received.count(b"250 2.0.0 OK") == MOST_AT_ONCE
        await turns()
        assert client.received.count(b"250 2.0.0 OK") == 3 * MOST_AT_ONCE
        client.leave()

    asyncio.run(talk())


def test_client_that_closes_its_side_early_gets_all_replies() -> None:
    mail = ENVELOPE + HEAD + b"x" * 900 + b"\r\n"
    large = ENVELOPE + HEAD + (b"x" * 900 + b"\r\n") * 100 + b".\r\n"

    async def talk(stream: bytes) -> tuple[bytes, bool]:
        gateway = Gateway(create_app().sandbox, ["sparkpost"], "http://localhost")
        client = Client(Listener(gateway, server_context())).connect()
        client.session.data_received(b"EHLO test\r\nAUTH PLAIN " + TOKEN + b"\r\n" + stream)
        assert client.session.eof_received()
        assert b"235" not in client.received
        await client.ended.wait()  # relays are imported on a thread
        client.leave()
        return _ID.sub(b"ID", client.received).rpartition(b"354")[2], b"535" in client.received

    def last(stream: bytes) -> bytes:
        received, rejected = asyncio.run(talk(stream))
        assert not rejected
        return received.partition(b"\r\n")[2]

    assert last(large * 2 + b"QUIT\r\n") == b"250 2.0.0 OK ID\r\n221 2.0.0 Goodbye\r\n"
    assert last(large) == b"250 2.0.0 OK ID\r\n"
    assert last(large + mail) == b""


def test_client_that_reads_nothing_is_cut_off_when_it_is_idle() -> None:
    async def talk() -> None:
        client = Client(listener()).connect()
        client.unread = 1
        assert isinstance(client.session, Session)
        client.session._expire()
        assert client.aborted
        client.leave()

    asyncio.run(talk())


def test_connections_that_come_at_once_are_limited_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "MOST_CONNECTIONS", 1)

    async def talk() -> None:
        shared = listener()
        clients = [Client(shared) for _ in range(3)]
        received = [client.connect().received[:3] for client in clients]
        assert (received, len(shared.sessions)) == ([b"220", b"421", b"421"], 1)
        for client in clients:
            client.leave()

    asyncio.run(talk())
