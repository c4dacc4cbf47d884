"""Who may steer the sandbox: every program that reaches it, and of web pages only its own.

The control API asks for no credential, and a sandbox listens on the loopback interface; but any page that a developer
opens in a browser can send requests there. Browsers say in ``Origin`` which page a request that changes something
comes from, so one from another host than the request's own ``Host`` is refused. Reads without an ``Origin`` are let
through: a foreign page cannot see what they answer, and they change nothing.

No list of host names is kept, on purpose: in Docker and CI the sandbox is ``mockserver:8025`` or whatever else the
network calls it. A page whose own name is made to lead here (DNS rebinding) is therefore not told apart from one of
the sandbox's; what is kept here are test data.
"""

from __future__ import annotations

from mockserver.core.account import Account, Accounts
from mockserver.core.http import Request

from . import errors
from .envelope import quoted


def identify(request: Request, accounts: Accounts) -> Account | None:
    """Refuses what a foreign page sends. A control call belongs to no account; the ones it is about it names itself."""
    origin = request.header(b"origin")
    if origin is not None:
        host = request.header(b"host") or ""
        if origin.partition("://")[2].lower() != host.lower() or not host:
            raise errors.FOREIGN_ORIGIN(origin=quoted(origin), host=quoted(host))
    return None
