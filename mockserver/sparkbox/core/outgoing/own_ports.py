"""The ports that a sandbox listens on itself. No webhook goes there: the sandbox would call itself."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from .resolver import LOCALHOST, is_localhost, read_address

_DEFAULT = {"http": 80, "https": 443}

REASON = "the URL leads to the sandbox itself"


class OwnPorts:
    """Recognises targets that lead back to the sandbox."""

    def __init__(self) -> None:
        self._ports: frozenset[int] = frozenset()

    def add(self, ports: Iterable[int]) -> None:
        """Take ports of this machine for the sandbox's own."""
        self._ports |= frozenset(ports)

    def check(self, url: str) -> None:
        """Raise ``ValueError`` for a URL that is known to lead here without looking a name up."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _DEFAULT.get(parts.scheme, 0)
        if port not in self._ports:
            return
        address = read_address(host)
        if address is None and (is_localhost(host) or host.lower() == socket.gethostname().lower()):
            address = LOCALHOST[0]
        if address is not None and self.holds(address, port):
            raise ValueError(REASON)

    def holds(self, address: str, port: int) -> bool:
        """Return whether this is one of the sandbox's ports, at an address of this machine."""
        return port in self._ports and _is_ours(address)


def _is_ours(address: str) -> bool:
    """Return whether an address is this machine's: only its own can be bound to, such as all of 127.0.0.0/8."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.bind((address, 0))
    except OSError:
        return False
    return True
