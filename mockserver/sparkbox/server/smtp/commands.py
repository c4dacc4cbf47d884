"""The reader of a connection's commands, which ends connections that do not speak SMTP.

An attacker can make web pages post a text to any port. If its head got errors and its body were obeyed, that text could
send mail. So the first line that no mail client sends ends the connection. Postfix does the same:
https://www.postfix.org/postconf.5.html#smtpd_forbidden_commands.
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
"""The method is also the page's to choose: ``EHLO / HTTP/1.1``."""
_HANDSHAKE = b"\x16"
"""The record type of a TLS handshake (RFC 8446, section 5.1). It may have no line end."""
_LINE_END = b"\n"


class CommandReader(asyncio.StreamReader):
    """The reader that aiosmtpd uses. ``hang_up`` sends a last reply and closes the connection."""

    in_login = False
    """The next line is part of a login and no command. It may be ``POST``."""
    _in_line = False

    def __init__(self, hang_up: Callable[[bytes], None], *, limit: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=limit, loop=loop)
        self._hang_up = hang_up

    async def readuntil(self, separator: bytes = _LINE_END) -> bytes:  # type: ignore[override]
        """Read a line, or up to the end of a mail."""
        # aiosmtpd would still obey commands that arrived before the connection was closed.
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
