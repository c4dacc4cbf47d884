"""Count the responses that arrive on a connection, with as little work as possible."""

from __future__ import annotations


class Responses:
    """The responses of one connection, each of them to one request.

    A response is usually as long as the one before, and arrives in one piece. Only others are parsed.
    """

    def __init__(self) -> None:
        self.closing = False
        """Whether the server closes the connection after the response."""
        self._length = 0
        self._buffer = b""

    def complete(self, data: bytes) -> bool:
        """Return whether ``data`` completes a response. Raise ``RuntimeError`` if it is an error."""
        if len(data) == self._length and not self._buffer and data[9:10] == b"2":
            return True
        self._buffer += data
        length = _length(self._buffer)
        if length is None or len(self._buffer) < length:
            return False
        if self._buffer[9:10] != b"2" or len(self._buffer) > length:
            raise RuntimeError(self._buffer[:400].decode("latin-1"))
        self.closing = b"\r\nconnection: close" in self._buffer[:length].lower()
        self._length = length
        self._buffer = b""
        return True


def _length(data: bytes) -> int | None:
    """Return the length of the response that ``data`` begins with, or ``None`` while it is not known."""
    head, found, rest = data.partition(b"\r\n\r\n")
    if not found:
        return None
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(head) + 4 + int(line[15:])
        if line.startswith(b"transfer-encoding:"):
            return len(data) if rest.endswith(b"0\r\n\r\n") else None
    raise RuntimeError(f"the response has no length: {head.decode('latin-1')}")
