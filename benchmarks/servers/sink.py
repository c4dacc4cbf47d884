"""The yardstick for mail: aiosmtpd's own server with its ``Sink``, which reads mail and forgets it.

It accepts logins as the relay does, so that clients send the same to both. It discards every mail.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import warnings

import uvloop
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from sparkbox.server.certificates import Authority, home


def authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
) -> AuthResult:
    """Accept any password."""
    return AuthResult(success=bool(login.password))


async def serve(port: int) -> None:
    """Accept mail, with STARTTLS or without, until the process ends."""
    context = Authority(home(), ("localhost",)).server_context()
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(Sink(), tls_context=context, authenticator=authenticate, auth_required=True, auth_require_tls=False)

    server = await loop.create_server(protocol, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


def main() -> None:
    # It warns of logins without TLS at each connection; to write that down would be unfair to it.
    logging.disable()
    warnings.simplefilter("ignore")
    uvloop.run(serve(int(sys.argv[1])))


if __name__ == "__main__":
    main()
