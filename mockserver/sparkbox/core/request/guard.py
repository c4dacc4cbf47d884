"""Which host names are the sandbox's, and which web pages may send it requests.

The sandbox needs no real credential, and any page that is open in a browser can send requests to it. Two
checks keep foreign pages out, on every path and whoever the client is: behind a container's port even a browser on this
machine comes from another address.

- A page may have its own name lead here (DNS rebinding). So ``Host`` has to be an address, a vendor's, a name that
  nobody can have in the public DNS, the machine's own, or one that is allowed: anything else is 421.
- Browsers say in ``Origin`` which page a request that changes something comes from. One of the public internet is 403.
  The control API is stricter: see :mod:`sparkbox.control.access`.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from ipaddress import ip_address

from .http import Headers

PRIVATE_ENDINGS = (
    ".localhost", ".local", ".internal", ".test", ".example", ".invalid", ".home.arpa",
    ".lan", ".intranet", ".private", ".corp", ".home", ".localdomain", ".svc",
)  # fmt: skip
"""Names that the public DNS does not have: RFC 2606, RFC 6761, RFC 6762 (with its appendix G), RFC 8375, ICANN's
``.internal``, and those that resolvers and Kubernetes make up.
"""

ANY = "*"
MOST_KNOWN = 1_000
_NAME = re.compile(r"[a-z0-9._-]*")
_PORT = re.compile(r"(?::[0-9]{0,5})?")
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Foreign(Exception):
    """A foreign request; ``origin`` is empty if it is the host that is foreign."""

    def __init__(self, host: str, origin: str = "") -> None:
        super().__init__(host, origin)
        self.host = host
        self.origin = origin


class Guard:
    """Lets requests in by their headers. ``names`` lead here on purpose; ``*.`` stands for any first label."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name.lower().rstrip(".") for name in (*names, socket.gethostname())}
        self._known: set[bytes] = set()
        """Values of ``Host`` that were looked at and are fine."""

    def allow(self, name: str) -> None:
        """Let requests in by one more name."""
        self._names.add(name.lower().rstrip("."))

    def check(self, method: str, headers: Headers) -> None:
        """Raise :class:`Foreign` for a request that a foreign page may have sent."""
        host, origin = b"", None
        for name, value in headers:
            if name == b"host":
                if value not in self._known:
                    self._learn(value)
                host = value
            elif name == b"origin":
                origin = value
        if origin is not None and method not in _READING:
            self._check_origin(origin.decode("latin-1"), host.decode("latin-1"), headers)

    def knows(self, authority: str) -> bool:
        """Return whether a host, with or without a port, cannot be a foreign page's."""
        name = _name_in(authority.strip().lower())
        if name is None:
            return False
        return ANY in self._names or _is_private(name) or self._is_named(name)

    def _learn(self, value: bytes) -> None:
        host = value.decode("latin-1")
        if not self.knows(host):
            raise Foreign(host)
        if len(self._known) < MOST_KNOWN:
            self._known.add(value)

    def _is_named(self, name: str) -> bool:
        return name in self._names or f"*.{name.partition('.')[2]}" in self._names

    def _check_origin(self, origin: str, host: str, headers: Headers) -> None:
        """Refuse foreign pages of the web; an app or an extension has a scheme of its own."""
        if origin == "null":
            # What a page says that hides where it comes from; of our own pages the browser says so beside it.
            if dict(headers).get(b"sec-fetch-site") not in (b"same-origin", b"none"):
                raise Foreign(host, origin)
        elif origin.startswith(("http://", "https://")):
            page = origin.partition("://")[2]
            if page.lower() != host.lower() and (_is_public(page) or not self.knows(page)):
                raise Foreign(host, origin)


def _name_in(authority: str) -> str | None:
    """Return the host without its port and the root's dot; ``None`` if it is none, as ``user@host`` and
    are none: RFC 9110, section 4.2.4, has them taken for an error.
    """
    if authority.startswith("["):
        address, bracket, port = authority[1:].partition("]")
        return address if bracket and _is_address(address) and _PORT.fullmatch(port) else None
    name, colon, port = authority.partition(":")
    name = name.removesuffix(".")
    return name if _NAME.fullmatch(name) and _PORT.fullmatch(colon + port) else None


def _is_private(name: str) -> bool:
    """Return whether a name can only be resolved by this network."""
    _, dot, last = name.rpartition(".")
    if not dot or _is_address(name) or name.endswith(PRIVATE_ENDINGS):
        return True
    # Top-level domains are letters, or xn-- and what it encodes (RFC 3696, section 2).
    return not (last.isalpha() or last.isdigit() or last.startswith("xn--"))


def _is_public(authority: str) -> bool:
    """Return whether a host is an address of the public internet: a page there needs no name."""
    name = _name_in(authority.lower())
    try:
        return name is not None and ip_address(name.partition("%")[0]).is_global
    except ValueError:
        return False


def _is_address(text: str) -> bool:
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True
