"""The exchanges of ``AUTH`` (RFC 4954): PLAIN (RFC 4616) and LOGIN.

Each is a generator. It yields its challenges, is sent the client's responses, and returns user name and password.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Generator

from sparkbox.core.declare.relay import Rejected

Exchange = Generator[bytes, bytes, tuple[str, str]]

ABORTED = "501 5.7.0 Auth aborted"
NOT_BASE64 = "501 5.5.2 Can't decode base64"
NOT_SPLIT = "501 5.5.2 Can't split auth value"


def plain(initial: str | None) -> Exchange:
    """Ask for user name and password together, unless they came with the command."""
    data = _initial(initial) if initial is not None else _response((yield _challenge("")))
    try:
        _, user, password = data.split(b"\0")
    except ValueError:
        raise Rejected(NOT_SPLIT) from None
    return _text(user), _text(password)


def login(initial: str | None) -> Exchange:
    """Ask for user name and password one after the other; the user name may have come with the command."""
    user = _initial(initial) if initial is not None else _response((yield _challenge("Username:")))
    password = _response((yield _challenge("Password:")))
    return _text(user), _text(password)


MECHANISMS: dict[str, Callable[[str | None], Exchange]] = {"LOGIN": login, "PLAIN": plain}


def _challenge(text: str) -> bytes:
    return b"334 %b\r\n" % b64encode(text.encode())


def _response(line: bytes) -> bytes:
    blob = line.strip()
    if blob == b"*":
        raise Rejected(ABORTED)
    return _decoded(blob)


def _initial(text: str) -> bytes:
    return _decoded(text.encode("utf-8", "replace"))


def _decoded(blob: bytes) -> bytes:
    try:
        return b64decode(blob, validate=True)
    except binascii.Error:
        raise Rejected(NOT_BASE64) from None


def _text(data: bytes) -> str:
    """Return a user name or password, in which ``NUL`` may not be (RFC 4616, section 2)."""
    return data.replace(b"\0", b"\xff").decode("utf-8", "replace")
