"""A load generator for mail: connections that send the same mail again and again, on one core of their own.

Each command waits for its reply, as ``smtplib`` and most clients do it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

CONNECTIONS = 32


@dataclass(frozen=True)
class Hand:
    """How mail is sent. ``kept``: a connection takes many mails, else each has its own."""

    port: int
    user: str
    password: str
    mail: str
    kept: bool
    tls: bool


async def run(hand: Hand, mails: int, connections: int = CONNECTIONS) -> dict[str, float]:
    """Send ``mails`` mails; return mails a second."""
    left = iter(range(mails))
    context = _context() if hand.tls else None
    began = time.perf_counter()
    await asyncio.gather(*[_client(hand, left, context) for _ in range(connections)])
    return {"rate": mails / (time.perf_counter() - began)}


async def _client(hand: Hand, left: Iterator[int], context: ssl.SSLContext | None) -> None:
    connection: _Connection | None = None
    for _ in left:
        if connection is None:
            connection = await _opened(hand, context)
        await connection.send(hand.mail)
        if not hand.kept:
            await connection.quit()
            connection = None
    if connection is not None:
        await connection.quit()


async def _opened(hand: Hand, context: ssl.SSLContext | None) -> _Connection:
    reader, writer = await asyncio.open_connection("127.0.0.1", hand.port)
    connection = _Connection(reader, writer)
    await connection.reply(b"220")
    await connection.say(b"EHLO bench", b"250")
    if context is not None:
        await connection.say(b"STARTTLS", b"220")
        await writer.start_tls(context)
        await connection.say(b"EHLO bench", b"250")
    login = base64.b64encode(f"\0{hand.user}\0{hand.password}".encode())
    await connection.say(b"AUTH PLAIN " + login, b"235")
    return connection


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, mail: str) -> None:
        await self.say(b"MAIL FROM:<team@mail.acme.example>", b"250")
        await self.say(b"RCPT TO:<wilma@flintstone.example>", b"250")
        await self.say(b"DATA", b"354")
        await self.say(mail.encode() + b".", b"250")

    async def quit(self) -> None:
        await self.say(b"QUIT", b"221")
        self._writer.close()

    async def say(self, line: bytes, code: bytes) -> None:
        self._writer.write(line + b"\r\n")
        await self.reply(code)

    async def reply(self, code: bytes) -> None:
        while True:
            line = await self._reader.readuntil(b"\n")
            if not line.startswith(code):
                raise RuntimeError(f"{code.decode()} was wanted, and {line!r} came")
            if line[3:4] != b"-":
                return


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def main() -> None:
    """``python -m benchmarks.mail``: a job as JSON on standard input, its figures as JSON on standard output."""
    import uvloop

    if len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    job = json.load(sys.stdin)
    print(json.dumps(uvloop.run(run(Hand(**job["hand"]), job["mails"]))))


if __name__ == "__main__":
    main()
