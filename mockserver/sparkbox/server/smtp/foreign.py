"""Recognize clients that do not speak SMTP, to end their connections.

An attacker can make web pages post a text to any port. If its head got errors and its body were obeyed, that text could
send mail. So the first line that no mail client sends ends the connection. Postfix does the same:
https://www.postfix.org/postconf.5.html#smtpd_forbidden_commands.
"""

from __future__ import annotations

import re

HTTP = b"221 2.7.0 This is a mail relay, and that is HTTP. Goodbye.\r\n"
TLS = b"221 2.7.0 TLS begins with STARTTLS on this port. Goodbye.\r\n"

HANDSHAKE = b"\x16"
"""The record type of a TLS handshake (RFC 8446, section 5.1). It may have no line end."""

_HTTP = re.compile(
    rb"(?:CONNECT|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PRI|PUT|TRACE)(?=[ \t\r]|\Z)|\S++ \S++ HTTP/\d", re.IGNORECASE
)
"""The method is also the page's to choose: ``EHLO / HTTP/1.1``."""


def goodbye(line: bytes) -> bytes | None:
    """Return the reply to a line, without its line feed, that is no command but another protocol's first."""
    if line.startswith(HANDSHAKE):
        return TLS
    return HTTP if _HTTP.match(line) is not None else None
