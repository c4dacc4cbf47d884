"""The connections of the relays: how many there may be, how much they may hold, and their end."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, cast

from .gateway import Gateway

if TYPE_CHECKING:
    from .session import Session

MOST_CONNECTIONS = 2000

TOO_MANY = b"421 4.3.2 Too many connections\r\n"


class Listener:
    """Makes sessions for the connections of a plain port and of one that speaks TLS at once."""

    def __init__(self, gateway: Gateway, context: ssl.SSLContext) -> None:
        self.gateway = gateway
        self.context = context
        self.budget = gateway.sandbox.bodies
        self.sessions: set[Session] = set()
        self._first: dict[bool, Session] = {}
        """Never connected; those for connections are made after these."""

    def plain(self) -> asyncio.Protocol:
        """A connection that may ask for TLS with STARTTLS."""
        return self._session(encrypted=False)

    def encrypted(self) -> asyncio.Protocol:
        """A connection that speaks TLS already."""
        return self._session(encrypted=True)

    async def stop(self) -> None:
        """Ends all connections at once; a mail that has not come whole is lost."""
        ending = [session.abort() for session in tuple(self.sessions)]
        await asyncio.gather(*ending, return_exceptions=True)

    def _session(self, *, encrypted: bool) -> asyncio.Protocol:
        if len(self.sessions) >= MOST_CONNECTIONS:
            return _ApiError()
        first = self._first.get(encrypted)
        if first is None:
            from .session import Session

            first = self._first[encrypted] = Session(self, None if encrypted else self.context)
        return first.another()


class _ApiError(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.WriteTransport, transport).write(TOO_MANY)
        transport.close()
