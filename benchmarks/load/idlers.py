"""Clients that hold silent connections to a mail relay, and one that sends a byte a second."""

from __future__ import annotations

import base64
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.load.smtp import Mailing


@contextmanager
def idlers(mailing: Mailing, count: int) -> Iterator[None]:
    """Within it, ``count`` connections are idle after their login, and one client sends a mail byte by byte."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count + 200)), hard))
    stop = threading.Event()
    with ExitStack() as stack:
        connections = [stack.enter_context(_logged_in(mailing)) for _ in range(count + 1)]
        dribbler = threading.Thread(target=_dribble, args=(connections.pop(), mailing.mail.encode(), stop))
        dribbler.start()
        try:
            yield
        finally:
            stop.set()
            dribbler.join()


def _dribble(connection: socket.socket, mail: bytes, stop: threading.Event) -> None:
    for line in (b"MAIL FROM:<team@mail.acme.example>", b"RCPT TO:<wilma@flintstone.example>", b"DATA"):
        _say(connection, line)
    for byte in mail:
        connection.send(bytes([byte]))
        if stop.wait(1.0):
            return


def _logged_in(mailing: Mailing) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", mailing.port), timeout=30)
    connection.recv(4096)
    _say(connection, b"EHLO bench")
    _say(connection, b"AUTH PLAIN " + base64.b64encode(f"\0{mailing.user}\0{mailing.password}".encode()))
    return connection


def _say(connection: socket.socket, line: bytes) -> None:
    connection.sendall(line + b"\r\n")
    if connection.recv(4096)[:1] not in (b"2", b"3"):
        raise RuntimeError(f"{line!r} was refused")
