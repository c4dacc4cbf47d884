"""One connection: the bytes that come and go, and when they are read and sent.

What has arrived is read at once, without a task. A reply that has to be awaited stops the reading until it is sent.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Protocol, cast

from sparkbox.core.request.body_budget import BodyBudget

from . import commands, foreign, transaction
from .dialogue import Dialogue, Last, Replies, Reply, StartTls, line
from .gateway import FAILED, Gateway
from .idle import Idle
from .lines import Lines

MOST_WAITING = 32 * 1024
"""Bytes that may wait to be read before the client has to stop."""
MOST_AT_ONCE = 100
"""Lines and mails that are read before other connections have their turn."""

SILENT = b"421 4.4.2 Idle for too long, closing connection\r\n"

log = logging.getLogger("sparkbox")


class Server(Protocol):
    """What all connections share: a :class:`~sparkbox.server.smtp.listener.Listener`."""

    gateway: Gateway
    budget: BodyBudget
    sessions: set[Session]

    def admit(self, session: Session) -> bool: ...


class Session(asyncio.Protocol):
    """One connection of a :class:`~sparkbox.server.smtp.listener.Listener`. Without ``context`` it has no STARTTLS."""

    transport: asyncio.Transport
    dialogue: Dialogue

    def __init__(self, listener: Server, context: ssl.SSLContext | None) -> None:
        self._listener = listener
        self._context = context
        self._lines = Lines()
        self._under_way: asyncio.Task[None] | asyncio.Handle | None = None
        """A reply that is awaited, or the next turn."""
        self._replies_wait = False
        """Whether the client has to read replies first."""
        self._paused = False
        self._shaking_hands = False
        self._at_end = False
        """Whether the client sends nothing more. It may still read."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet the client."""
        self.transport = cast(asyncio.Transport, transport)
        if not self._listener.admit(self):
            return
        client = str((transport.get_extra_info("peername") or ("",))[0])
        self.dialogue = Dialogue(
            self._listener.gateway,
            self._listener.budget,
            Idle(self._expire),
            client,
            has_starttls=self._context is not None,
        )
        self.transport.write(commands.GREETING)

    def data_received(self, data: bytes) -> None:
        """Read what has arrived, or keep it until it is its turn."""
        self.dialogue.idle.hear()
        self._lines.add(data)
        if self._may_read:
            self._read()
        elif len(self._lines) > MOST_WAITING and not self._paused:
            self._paused = True
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        """Close the connection after the replies to what has arrived. Under TLS there is no such half."""
        self._at_end = True
        if self._may_read:
            self._read()
        return self.transport.get_extra_info("sslcontext") is None

    def pause_writing(self) -> None:
        """Obey no more commands of a client that does not read the replies."""
        self._replies_wait = True

    def resume_writing(self) -> None:
        """Continue."""
        self._replies_wait = False
        if self._may_read:
            self._read()

    def connection_lost(self, error: Exception | None) -> None:
        """Drop what is not complete."""
        self._listener.sessions.discard(self)
        self.dialogue.idle.cancel()
        if self.dialogue.incoming is not None:
            self.dialogue.incoming.close()
            self.dialogue.incoming = None
        self._lines.clear()
        if self._under_way is not None and not self._shaking_hands:
            self._under_way.cancel()

    async def abort(self) -> None:
        """Abort the connection, and wait until its task has ended."""
        self.transport.abort()
        if isinstance(self._under_way, asyncio.Task):
            self._under_way.cancel()
            await asyncio.gather(self._under_way, return_exceptions=True)

    @property
    def _may_read(self) -> bool:
        return not (self._under_way or self._replies_wait or self.transport.is_closing())

    def _read(self) -> None:
        """Read lines and mails, up to one whose reply has to be awaited."""
        for _ in range(MOST_AT_ONCE):
            try:
                replies = self._next()
            except Exception as error:
                replies = _failure(error)
            if replies is None:
                break
            self._send(replies)
            if not self._may_read:
                return
            if not self._lines:
                break
        else:
            self._under_way = asyncio.get_running_loop().call_soon(self._continue)
            return
        if self._at_end:
            self.transport.close()
        elif self._paused:
            self._paused = False
            self.transport.resume_reading()

    def _continue(self) -> None:
        self._under_way = None
        if self._may_read:
            self._read()

    def _next(self) -> Replies | None:
        """Return the replies to what comes next; ``None`` if it has not arrived."""
        dialogue = self.dialogue
        if dialogue.incoming is not None:
            return self._next_of_mail()
        text = self._lines.take()
        if dialogue.exchange is not None:
            return None if text is None else commands.respond(dialogue, dialogue.exchange, text)
        if text is not None:
            return commands.obey(dialogue, text)
        return Last(foreign.TLS) if self._lines.starts_with(foreign.HANDSHAKE) else None

    def _next_of_mail(self) -> Replies | None:
        incoming = self.dialogue.incoming
        if incoming is None or not self._lines:
            return None
        after = incoming.add(self._lines.take_all())
        if incoming.endless:
            return Last(line(incoming.problem))
        if not incoming.ended:
            return None
        self._lines.add(after)
        return transaction.submit(self.dialogue, incoming)

    def _send(self, replies: Replies) -> None:
        """Send a reply, and do what follows it; await it first if it takes time."""
        if isinstance(replies, bytes):
            self.transport.write(replies)
            return
        match replies:
            case Last():
                self._end(replies)
            case StartTls():
                self.transport.write(replies.data)
                self.transport.pause_reading()
                self._under_way = asyncio.get_running_loop().create_task(self._start_tls())
            case _:
                self._under_way = asyncio.get_running_loop().create_task(self._wait_for(replies))

    async def _wait_for(self, coming: Coroutine[Any, Any, Reply]) -> None:
        """Send a reply that takes time. The client waits for it and is not idle."""
        idle = self.dialogue.idle
        idle.busy = True
        try:
            reply: Replies = await coming
        except Exception as error:
            reply = _failure(error)
        finally:
            idle.busy = False
            idle.hear()
        self._under_way = None
        if not self.transport.is_closing():
            self._send(reply)
        if self._may_read:
            self._read()

    async def _start_tls(self) -> None:
        """Shake hands, and begin anew. A handshake that fails ends the connection."""
        self._shaking_hands = True
        # An attacker may have added to what came before the handshake (RFC 3207, section 4.2).
        self._lines.clear()
        encrypted: asyncio.Transport | None = None
        try:
            with suppress(OSError):
                encrypted = await asyncio.get_running_loop().start_tls(
                    self.transport, self, cast(ssl.SSLContext, self._context), server_side=True
                )
        finally:
            self._shaking_hands = False
            self._under_way = None
            if encrypted is None:
                self.transport.abort()
                self.connection_lost(None)
        if encrypted is not None:
            self.transport = encrypted
            self.dialogue.begin()
            self.dialogue.encrypted = True
            if self._may_read:  # a command may have come with the end of the handshake
                self._read()

    def _end(self, last: Last) -> None:
        """Send the last bytes, and close the connection."""
        self._lines.clear()
        if last.at_once:
            self.transport.abort()
        else:
            self.transport.write(last.data)
            self.transport.close()

    def _expire(self) -> None:
        # Send nothing to a client that would take it for a part of the handshake, or that does not read.
        self._end(Last(SILENT, at_once=self._shaking_hands or self.transport.get_write_buffer_size() > 0))


def _failure(error: Exception) -> bytes:
    log.error("an SMTP command failed; this is a bug in the sandbox", exc_info=error)
    return line(FAILED)
