"""The connections to the relays, within limits of number and memory."""

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
    """Makes sessions for a plain port and for one that speaks TLS from the start."""

    def __init__(self, gateway: Gateway, context: ssl.SSLContext) -> None:
        self.gateway = gateway
        self.context = context
        self.budget = gateway.sandbox.bodies
        self.sessions: set[Session] = set()

    def plain(self) -> asyncio.Protocol:
        """Return the protocol of a connection that may use STARTTLS."""
        return self._session(self.context)

    def encrypted(self) -> asyncio.Protocol:
        """Return the protocol of a connection that speaks TLS."""
        return self._session(None)

    async def stop(self) -> None:
        """End all connections at once. A mail that is not complete is lost."""
        ending = [session.abort() for session in tuple(self.sessions)]
        await asyncio.gather(*ending, return_exceptions=True)

    def _session(self, context: ssl.SSLContext | None) -> asyncio.Protocol:
        from .session import Session  # with the first connection

        return Session(self, context)

    def admit(self, session: Session) -> bool:
        """Count a session whose connection is open; ``False`` if there are too many. Then the connection is closed."""
        if len(self.sessions) >= MOST_CONNECTIONS:
            rejection = _Rejection()
            session.transport.set_protocol(rejection)
            rejection.connection_made(session.transport)
            return False
        self.sessions.add(session)
        return True


class _Rejection(asyncio.Protocol):
    """Closes a connection with a reply."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.WriteTransport, transport).write(TOO_MANY)
        transport.close()
