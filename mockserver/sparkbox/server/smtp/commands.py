"""Where a connection's commands are read: as long as it is open, and as long as it speaks SMTP.

Web pages and services can be made to post a text of somebody else's to any port. Were the head of such a request
answered with errors and the body obeyed, the text could send mail, so the first line that is no mail client's ends the
connection. Postfix does the same: https://www.postfix.org/postconf.5.html#smtpd_forbidden_commands.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

HTTP = b"221 2.7.0 This is a mail relay, and that is HTTP. Goodbye.\r\n"
TLS = b"221 2.7.0 TLS begins with STARTTLS on this port. Goodbye.\r\n"

_HTTP = re.compile(
    rb"(?:CONNECT|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PRI|PUT|TRACE)(?=[ \t\r\n])|\S++ \S++ HTTP/\d", re.IGNORECASE
)
"""A page may choose the method as well: ``EHLO / HTTP/1.1``."""
_HANDSHAKE = b"\x16"
"""TLS's type of record for a handshake, RFC 8446, section 5.1. No line end need follow."""
_LINE_END = b"\n"


class CommandReader(asyncio.StreamReader):
    """What aiosmtpd reads lines from. ``hang_up`` sends a last reply and closes the connection."""

    in_login = False
    """What comes is no command but a part of a login, and may be called ``POST``."""
    _in_line = False

    def __init__(self, hang_up: Callable[[bytes], None], *, limit: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=limit, loop=loop)
        self._hang_up = hang_up

    async def readuntil(self, separator: bytes = _LINE_END) -> bytes:  # type: ignore[override]
        """Reads a line, or up to the end of a mail."""
        # Of a connection that is being closed, aiosmtpd would still obey what has come already.
        if self._transport.is_closing():  # type: ignore[attr-defined]
            raise ConnectionResetError("the connection is closed")
        if separator != _LINE_END or self.in_login:
            return await super().readuntil(separator)
        await self._look_for_tls()
        begins = not self._in_line
        try:
            line = await super().readuntil()
        except asyncio.LimitOverrunError:
            self._in_line = True
            if begins:
                self._look_for_http(self._buffer)  # type: ignore[attr-defined]
            raise
        self._in_line = False
        if begins:
            self._look_for_http(line)
        return line

    async def _look_for_tls(self) -> None:
        if not self._buffer and not self._eof and self._exception is None:  # type: ignore[attr-defined]
            await self._wait_for_data("readuntil")  # type: ignore[attr-defined]
        if not self._in_line and self._buffer.startswith(_HANDSHAKE):  # type: ignore[attr-defined]
            self._end(TLS)

    def _look_for_http(self, line: bytes | bytearray) -> None:
        if _HTTP.match(line):
            self._end(HTTP)

    def _end(self, reply: bytes) -> None:
        self._hang_up(reply)
        raise ConnectionResetError("the client does not speak SMTP")
