"""The connection between two workers: calls and replies, in both directions at the same time."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import cast

import msgspec

from .calls import Call, Reply

Serve = Callable[[Call], Reply | Awaitable[Reply]]

_HEAD = struct.Struct("!IIB")
"""The size of what follows, the number of the call, and whether this is the reply to it."""

log = logging.getLogger("sparkbox")


class LinkLost(ConnectionError):
    """The other worker has ended."""


class Link(asyncio.Protocol):
    """One end of the connection. ``serve`` handles the calls from the other end."""

    def __init__(self, serve: Serve, lost: Callable[[], None]) -> None:
        self._serve = serve
        self._lost = lost
        self._buffer = bytearray()
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._last = 0
        self._encode = msgspec.msgpack.Encoder().encode
        self._call = msgspec.msgpack.Decoder(Call)
        self._reply = msgspec.msgpack.Decoder(Reply)
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def connect(cls, sock: socket.socket, serve: Serve, lost: Callable[[], None]) -> Link:
        """Return the end of a connection whose socket is open."""
        _, link = await asyncio.get_running_loop().create_connection(lambda: cls(serve, lost), sock=sock)
        return link

    async def call(self, call: Call) -> Reply:
        """Send a call to the other worker, and return its reply."""
        if self._transport.is_closing():
            raise LinkLost
        self._last = number = (self._last + 1) % 2**32
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[number] = reply
        self._send(number, self._encode(call), is_reply=False)
        try:
            return await reply
        finally:
            self._waiting.pop(number, None)

    def close(self) -> None:
        """Close the connection."""
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        begin = 0
        while len(buffer) - begin >= _HEAD.size:
            size, number, is_reply = _HEAD.unpack_from(buffer, begin)
            end = begin + _HEAD.size + size
            if len(buffer) < end:
                break
            frame = bytes(memoryview(buffer)[begin + _HEAD.size : end])
            begin = end
            if is_reply:
                self._take_reply(number, frame)
            else:
                self._take_call(number, frame)
        del buffer[:begin]

    def connection_lost(self, error: Exception | None) -> None:
        for reply in self._waiting.values():
            if not reply.done():
                reply.set_exception(LinkLost())
        for task in self._tasks:
            task.cancel()
        self._lost()

    def _take_reply(self, number: int, frame: bytes) -> None:
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_result(self._reply.decode(frame))

    def _take_call(self, number: int, frame: bytes) -> None:
        try:
            reply = self._serve(self._call.decode(frame))
        except Exception:
            reply = _failure()
        if isinstance(reply, Reply):
            self._send(number, self._encode(reply), is_reply=True)
        else:
            task = asyncio.get_running_loop().create_task(self._reply_later(number, reply))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _reply_later(self, number: int, coming: Awaitable[Reply]) -> None:
        try:
            reply = await coming
        except Exception:
            reply = _failure()
        if not self._transport.is_closing():
            self._send(number, self._encode(reply), is_reply=True)

    def _send(self, number: int, frame: bytes, *, is_reply: bool) -> None:
        self._transport.write(_HEAD.pack(len(frame), number, is_reply) + frame)


def _failure() -> Reply:
    log.exception("a call from another worker failed; this is a bug in the sandbox")
    return Reply(500)
