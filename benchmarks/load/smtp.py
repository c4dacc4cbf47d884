"""A load generator for mail: connections that send the same mail again and again.

Each command waits for its reply, as ``smtplib`` and most clients do it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.load import process
from benchmarks.load.process import Figures
from benchmarks.machine import pin_to_last_core

Script = Iterator[tuple[bytes, bytes]]
"""Commands, each with the code of the reply that is expected."""


@dataclass(frozen=True)
class Mailing:
    """How mail is sent. ``kept``: a connection takes many mails, else each has its own. No user, no login."""

    port: int
    user: str
    password: str
    mail: str
    connections: int = 32
    kept: bool = True
    tls: bool = False

    def opening(self) -> Script:
        yield b"EHLO bench\r\n", b"250"
        if self.tls:
            yield STARTTLS
            yield b"EHLO bench\r\n", b"250"
        if self.user:
            login = base64.b64encode(f"\0{self.user}\0{self.password}".encode())
            yield b"AUTH PLAIN " + login + b"\r\n", b"235"

    def sending(self) -> Script:
        yield b"MAIL FROM:<team@mail.acme.example>\r\n", b"250"
        yield b"RCPT TO:<wilma@flintstone.example>\r\n", b"250"
        yield b"DATA\r\n", b"354"
        yield self.mail.encode() + b".\r\n", b"250"


STARTTLS = (b"STARTTLS\r\n", b"220")
QUIT = (b"QUIT\r\n", b"221")


def send(mailing: Mailing, seconds: float) -> Figures:
    """Send mail for so long, from a process of its own."""
    return Figures(**process.run("benchmarks.load.smtp", {"mailing": asdict(mailing), "seconds": seconds}))


class Client(asyncio.Protocol):
    """One connection: it sends the next command as soon as the reply to the last one is complete."""

    def __init__(self, script: Script, context: ssl.SSLContext | None) -> None:
        self._script = script
        self._context = context
        self._command, self._code = b"", b"220"
        self._buffer = b""
        self._transport: Any = None
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self._loop.create_future()

    def itself(self) -> Client:
        return self

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        last = self._buffer[self._buffer.rfind(b"\n", 0, -1) + 1 :]
        if not last.endswith(b"\n") or last[3:4] == b"-":
            return
        if not last.startswith(self._code):
            self._end(RuntimeError(f"{self._command[:40]!r} got {last!r}"))
            return
        self._buffer = b""
        if (self._command, self._code) == STARTTLS:
            self._upgrade = self._loop.create_task(self._start_tls())
        else:
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or RuntimeError("the server closed the connection"))

    def _next(self) -> None:
        command, self._code = next(self._script, (b"", b""))
        self._command = command
        if command:
            self._transport.write(command)
        else:
            self._end(None)
            self._transport.close()

    async def _start_tls(self) -> None:
        assert self._context is not None
        self._transport = await self._loop.start_tls(self._transport, self, self._context)
        self._next()

    def _end(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


async def run(mailing: Mailing, seconds: float) -> Figures:
    """Send mail on all connections for ``seconds``."""
    began, cpu = time.perf_counter(), time.process_time()
    end = began + seconds
    context = _context() if mailing.tls else None
    counts = await asyncio.gather(*[_send(mailing, context, end) for _ in range(mailing.connections)])
    took = time.perf_counter() - began
    return Figures(sum(counts), sum(counts) / took, (time.process_time() - cpu) / took)


async def _send(mailing: Mailing, context: ssl.SSLContext | None, end: float) -> int:
    """Send until ``end``; return how many mails were sent."""
    count = 0

    def script() -> Script:
        nonlocal count
        yield from mailing.opening()
        while True:
            yield from mailing.sending()
            count += 1
            if not mailing.kept or time.perf_counter() > end:
                break
        yield QUIT

    while count == 0 or time.perf_counter() < end:
        client = Client(script(), context)
        await asyncio.get_running_loop().create_connection(client.itself, "127.0.0.1", mailing.port)
        await client.done
    return count


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def main() -> None:
    """Read a job from standard input and write its figures to standard output."""
    import uvloop

    pin_to_last_core()
    job = json.load(sys.stdin)
    print(json.dumps(asdict(uvloop.run(run(Mailing(**job["mailing"]), job["seconds"])))))


if __name__ == "__main__":
    main()
