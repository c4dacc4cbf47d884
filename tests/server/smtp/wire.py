"""A client that sends given bytes and reads the replies."""

from __future__ import annotations

import base64
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from sparkbox.core.logs.messages import Message
from sparkbox.testing.world import MailPlace, Place

PATIENCE = 30.0
"""Seconds; for what never comes."""

NEWS, WILMA, FRED = "news@shop.example", "wilma@flintstone.example", "fred@flintstone.example"


_OURS = re.compile(
    rb"\AList-Unsubscribe: <mailto:unsubscribe@unsub\.sparkpostmail\.com\?[^\r\n]*>\r\n"
    rb"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
)


def as_sent(message: Message) -> bytes:
    """A captured mail without the headers that SparkPost puts at the top of one that is not transactional."""
    ours = _OURS.match(message.source)
    assert ours is not None, message.source[:200]
    return message.source[ours.end() :]


class Wire:
    """One connection. Replies are joined lines without their ends."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None = None) -> None:
        sock = socket.create_connection((host, port), timeout=PATIENCE)
        self.sock = sock if context is None else context.wrap_socket(sock, server_hostname="localhost")
        self._rest = b""

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def line(self) -> str:
        """One line that the server sent; empty once it has closed the connection."""
        while b"\n" not in self._rest:
            try:
                got = self.sock.recv(65536)
            except ConnectionResetError:
                got = b""
            if not got:
                return ""
            self._rest += got
        line, _, self._rest = self._rest.partition(b"\r\n")
        return line.decode()

    def reply(self) -> str:
        """A whole reply; empty once the connection is closed."""
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        return "\n".join(lines)

    def say(self, *lines: str | bytes) -> str:
        """Send lines and return the reply to the last one."""
        reply = ""
        for line in lines:
            self.send((line if isinstance(line, bytes) else line.encode()) + b"\r\n")
            reply = self.reply()
        return reply

    def greet(self) -> str:
        """The reply to ``EHLO``."""
        self.reply()
        return self.say("EHLO test")

    def login(self, user: str, password: str) -> str:
        token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        return self.say(f"AUTH PLAIN {token}")

    def begin(self, sender: str = NEWS, *recipients: str) -> str:
        """Up to where the mail is expected; the reply to ``DATA``."""
        for recipient in (self.say(f"MAIL FROM:<{sender}>"), *map(self._recipient, recipients or (WILMA,))):
            assert recipient.startswith("250"), recipient
        return self.say("DATA")

    def mail(self, data: bytes, sender: str = NEWS, *recipients: str) -> str:
        """Hand a mail over, its dots stuffed; the reply to its end."""
        assert self.begin(sender, *recipients).startswith("354")
        stuffed = (b"\r\n" + data).replace(b"\r\n.", b"\r\n..")[2:]
        self.send(stuffed + (b"" if stuffed.endswith(b"\r\n") or not stuffed else b"\r\n") + b".\r\n")
        return self.reply()

    def _recipient(self, address: str) -> str:
        return self.say(f"RCPT TO:<{address}>")

    def close(self) -> None:
        self.sock.close()


@contextmanager
def wire(place: Place | MailPlace, context: ssl.SSLContext | None = None) -> Iterator[Wire]:
    """A connection that has said ``EHLO``."""
    at = place.smtp if isinstance(place, Place) else place
    connection = Wire(at.host, at.port if context is None else at.tls_port, context)
    try:
        connection.greet()
        yield connection
    finally:
        connection.close()


@contextmanager
def logged_in(place: Place) -> Iterator[Wire]:
    """A connection with the world's login."""
    with wire(place) as connection:
        assert connection.login(place.smtp.user, place.smtp.password).startswith("235")
        yield connection


def trusting(ca: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca)
