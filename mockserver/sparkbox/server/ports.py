"""The ports of a sandbox.

They are opened before anything heavy is imported. So a taken port is reported at once, and early clients wait instead
of being refused.
"""

from __future__ import annotations

import errno
import socket
import sys
from dataclasses import dataclass

from sparkbox import UserError

WAITING = 2048
"""Connections that may wait to be accepted, per port."""


class PortError(UserError):
    """The sandbox cannot listen on a requested port."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports to listen on; 0 picks a free one. Those in ``fixed`` are not replaced when they are taken."""

    http: int = 8025
    tls: int = 8443
    proxy: int = 8026
    smtp: int = 2525
    smtps: int = 4650
    fixed: frozenset[str] = frozenset({"http"})


SETTINGS = {
    "http": "port", "tls": "tls_port", "proxy": "proxy_port", "smtp": "smtp_port", "smtps": "smtps_port",
}  # fmt: skip
"""The setting of each port; the command line spells them ``--tls-port``."""

FREE = Ports(0, 0, 0, 0, 0)
"""Any free ports."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of a sandbox. ``smtps`` speaks TLS from the start.

    ``moved`` has one line for each default port that was taken and replaced by a free one.
    """

    host: str
    http: int
    tls: int
    proxy: int
    smtp: int
    smtps: int
    moved: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"http://{_in_url(self.host)}:{self.http}"

    @property
    def tls_url(self) -> str:
        return f"https://{_in_url(self.host)}:{self.tls}"

    @property
    def proxy_url(self) -> str:
        return f"http://{_in_url(self.host)}:{self.proxy}"

    @property
    def smtp_address(self) -> str:
        return f"{_in_url(self.host)}:{self.smtp}"

    @property
    def smtps_address(self) -> str:
        return f"{_in_url(self.host)}:{self.smtps}"


class Listening:
    """Open ports, where connections can already wait. ``sockets`` has the names of :class:`Ports`."""

    def __init__(self, host: str, sockets: dict[str, socket.socket], moved: tuple[str, ...] = ()) -> None:
        self.sockets = sockets
        numbers = {name: sock.getsockname()[1] for name, sock in sockets.items()}
        self.addresses = Addresses(_reachable(host), **numbers, moved=moved)

    def close(self) -> None:
        for sock in self.sockets.values():
            sock.close()


def listen(host: str, ports: Ports) -> Listening:
    """Open all ports. Raise :class:`PortError`, with none left open, if one cannot be opened."""
    sockets: dict[str, socket.socket] = {}
    moved: list[str] = []
    try:
        for name in SETTINGS:
            sockets[name] = _open(host, name, ports, moved)
    except BaseException:
        for sock in sockets.values():
            sock.close()
        raise
    return Listening(host, sockets, tuple(moved))


def _open(host: str, name: str, ports: Ports, moved: list[str]) -> socket.socket:
    port: int = getattr(ports, name)
    try:
        return _socket(host, port)
    except (UnicodeError, TypeError):  # TypeError: a name that cannot be encoded
        raise PortError(f"cannot listen on {host[:100]!r}: it is not a host name") from None
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise PortError(f"cannot listen on {host[:100]!r}, port {port}: {error.strerror}") from None
    flag = "--" + SETTINGS[name].replace("_", "-")
    if name in ports.fixed:
        raise PortError(f"port {port} on {host} is taken; choose another with {flag}, or {flag} 0 for a free one")
    sock = _socket(host, 0)
    moved.append(f"port {port} is taken, so {name} listens on {sock.getsockname()[1]} (choose with {flag})")
    return sock


def _socket(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there the option lets two programs listen on one port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(WAITING)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock


def _reachable(host: str) -> str:
    """Return the address for clients on this machine; that of all interfaces cannot be called."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
