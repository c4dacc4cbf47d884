"""Other protocols at the SMTP port: HTTP, with an SMTP dialogue as its body, or TLS."""

from __future__ import annotations

import base64
import ssl

import pytest

from sparkbox import World
from tests.server.smtp.wire import NEWS, WILMA, Wire, logged_in, wire

GOODBYE = "221 2.7.0 This is a mail relay, and that is HTTP. Goodbye."
MAIL = b"Subject: Hello\r\n\r\nGET / HTTP/1.1\r\n\x16\x03\x01\r\nHello\r\n"
METHODS = ("GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "PATCH", "DELETE", "TRACE", "PRI", "post")


def dialogue(sparkbox: World) -> bytes:
    """Return all that a mail client says, in one piece."""
    token = base64.b64encode(f"\0SMTP_Injection\0{sparkbox.credential}".encode()).decode()
    lines = ("EHLO test", f"AUTH PLAIN {token}", f"MAIL FROM:<{NEWS}>", f"RCPT TO:<{WILMA}>", "DATA", "Subject: x", "")
    return "\r\n".join([*lines, "Hello", ".", "QUIT", ""]).encode()


def rest(connection: Wire) -> list[str]:
    """Return the lines that come until the server closes."""
    return [*iter(connection.line, "")]


def connected(sparkbox: World) -> Wire:
    connection = Wire(sparkbox.sparkpost.smtp.host, sparkbox.sparkpost.smtp.port)
    assert connection.reply().startswith("220 ")
    return connection


def test_smtp_dialogue_alone_sends_a_mail(sparkbox: World) -> None:
    connection = connected(sparkbox)
    connection.send(dialogue(sparkbox))
    assert any(line.startswith("250 2.0.0 OK") for line in rest(connection))
    assert len(sparkbox.messages) == 1
    connection.close()


@pytest.mark.parametrize(
    "line",
    [
        *(f"{method} / HTTP/1.1" for method in METHODS),
        pytest.param("GET", id="a bare word"),
        pytest.param("POST /" + "a" * 2_000 + " HTTP/1.1", id="longer than a command"),
        pytest.param("POST /" + "a" * 40_000 + " HTTP/1.1", id="longer than what is held"),
        pytest.param("EHLO / HTTP/1.1", id="a method of its own"),
    ],
)
def test_http_request_with_an_smtp_dialogue_as_body_sends_nothing(sparkbox: World, line: str) -> None:
    connection = connected(sparkbox)
    body = dialogue(sparkbox)
    connection.send(f"{line}\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    assert rest(connection) in ([GOODBYE], [])  # unread bytes may reset the connection
    assert list(sparkbox.messages) == []
    connection.close()


@pytest.mark.parametrize("method", METHODS)
def test_http_request_within_an_smtp_session_ends_it(sparkbox: World, method: str) -> None:
    with wire(sparkbox.sparkpost) as connection:
        connection.send(f"NOOP\r\n{method} /\r\n".encode() + dialogue(sparkbox))
        assert rest(connection) == ["250 2.0.0 OK", GOODBYE]
    assert list(sparkbox.messages) == []


def test_http_request_within_a_mail_or_login_is_text(sparkbox: World) -> None:
    with logged_in(sparkbox.sparkpost) as connection:
        assert connection.mail(MAIL).startswith("250 ")
    (message,) = sparkbox.messages
    assert message.source.endswith(MAIL)
    with wire(sparkbox.sparkpost) as connection:
        assert connection.say("AUTH LOGIN", "POST").startswith("334 ")
        assert connection.say("HEAD").startswith("535 ")
        assert connection.say("NOOP") == "250 2.0.0 OK"


def test_tls_handshake_without_starttls_ends_the_session(sparkbox: World) -> None:
    hello = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), hello, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    for first in (b"", b"EHLO test\r\n"):
        connection = connected(sparkbox)
        connection.send(first + hello.read())
        assert rest(connection)[-1] == "221 2.7.0 TLS begins with STARTTLS on this port. Goodbye."
        connection.close()
        hello.write(b"\x16\x03")


def test_smtp_commands_after_the_end_are_ignored(sparkbox: World) -> None:
    """Too many unknown commands end a connection too, whatever follows them."""
    with wire(sparkbox.sparkpost) as connection:
        connection.send(b"NONSENSE\r\n" * 5 + dialogue(sparkbox))
        assert rest(connection)[-1] == "502 5.5.1 Too many unrecognized commands, goodbye."
        assert list(sparkbox.messages) == []
