"""Who may steer the sandbox: every program that reaches it, and of web pages only its own.

The control API asks for no credential, and a sandbox listens on the loopback interface; but any page that a developer
opens in a browser can send requests there. Two things tell such a page apart:

- Browsers say in ``Origin`` which page a request that changes something comes from. One from another host than the
  request's own ``Host`` is refused. Reads without an ``Origin`` are let through: a foreign page cannot see what they
  answer, and they change nothing.
- A page may have its own name lead here (DNS rebinding); then the two are the same. So a browser on this machine has to
  call the sandbox by an address, as ``localhost``, or by a name that nobody can have in the public DNS. Programs may
  call it as they like, and so may browsers elsewhere: in Docker and CI it is whatever the network calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from ipaddress import ip_address

from mockserver.core.account import Account, Accounts
from mockserver.core.http import Request

from . import errors
from .envelope import quoted

PRIVATE_ENDINGS = (
    ".localhost", ".local", ".internal", ".test", ".example", ".invalid", ".lan", ".home.arpa",
)  # fmt: skip
"""Names that the public DNS does not have: RFC 2606, RFC 6761, RFC 6762, RFC 8375, and ICANN's ``.internal``."""

_SENT_BY_BROWSERS = (b"origin", b"sec-fetch-site", b"accept-language")
"""A page can set the last of them, but not have it left out."""


def guard(hosts: Sequence[str]) -> Callable[[Request, Accounts], Account | None]:
    """Refuses what a foreign page sends; ``hosts`` are names that lead here on purpose, ``*.`` for any first label.

    A control call belongs to no account; the ones it is about it names itself.
    """
    return partial(_check, [host.lower() for host in hosts])


def _check(hosts: Sequence[str], request: Request, accounts: Accounts) -> None:
    host = (request.header(b"host") or "").lower()
    origin = request.header(b"origin")
    if origin is not None and (origin.partition("://")[2].lower() != host or not host):
        raise errors.FOREIGN_ORIGIN(origin=quoted(origin), host=quoted(host))
    from_browser = any(request.header(name) is not None for name in _SENT_BY_BROWSERS)
    if from_browser and _is_loopback(request.client) and not _is_private(_name_in(host), hosts):
        raise errors.FOREIGN_HOST(host=quoted(host))


def _name_in(host: str) -> str:
    """A ``Host`` without its port."""
    return host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]


def _is_private(name: str, hosts: Sequence[str]) -> bool:
    """Whether nobody but this network, or a vendor, decides where a name leads to."""
    if "." not in name or _is_address(name) or name.endswith(PRIVATE_ENDINGS):
        return True
    return name in hosts or f"*.{name.partition('.')[2]}" in hosts


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_loopback(client: str) -> bool:
    return _is_address(client) and ip_address(client).is_loopback
