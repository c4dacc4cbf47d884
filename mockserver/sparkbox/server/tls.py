"""A port that speaks TLS from the start."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

MOST_HANDSHAKES = 2000
HANDSHAKE_SECONDS = 10.0

log = logging.getLogger("sparkbox")


class TlsListener:
    """Accepts connections over TLS.

    asyncio's own listener does not know a connection before its handshake is done. A silent client would outlive the
    sandbox.
    """

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, protocol: Callable[[], asyncio.Protocol]) -> None:
        self._sock = sock
        self._context = context
        self._protocol = protocol
        self._handshakes: dict[asyncio.Task[None], None] = {}
        self._accepting = asyncio.create_task(self._accept())

    async def stop(self) -> None:
        """Close the port and every connection whose handshake is not done."""
        # In this order: a handshake that has begun closes its connection when it is cancelled.
        await cancel(self._accepting)
        await cancel(*self._handshakes)
        self._sock.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self._sock)
            except OSError as error:  # for example, no file descriptor is left
                log.warning("cannot accept a connection over TLS: %s", error)
                await asyncio.sleep(1.0)
                continue
            if len(self._handshakes) >= MOST_HANDSHAKES:
                # The oldest is most likely silent.
                oldest = next(iter(self._handshakes))
                del self._handshakes[oldest]
                oldest.cancel()
            task = loop.create_task(self._shake_hands(connection))
            self._handshakes[task] = None
            task.add_done_callback(lambda done: self._handshakes.pop(done, None))

    async def _shake_hands(self, connection: socket.socket) -> None:
        with suppress(OSError):  # the client left, does not trust the certificate, or does not speak TLS
            await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol, connection, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_SECONDS
            )


async def cancel(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks and wait for their end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
