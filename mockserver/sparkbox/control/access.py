"""Who may use the control API: every program that reaches it, and of web pages only the sandbox's own.

The control API asks for no credential. On every path :mod:`sparkbox.core.request.guard` keeps out the pages of the
public internet, and those whose own name leads here. Here no other page may ask for anything either: whatever has an
``Origin`` that is not the request's own ``Host``, be it of this machine. Reads without an ``Origin`` are let through: a
foreign page cannot see their responses, and they change nothing.
"""

from __future__ import annotations

import re

from sparkbox.core.declare.credentials import Credentials
from sparkbox.core.declare.errors import ApiError
from sparkbox.core.request.guard import Foreign
from sparkbox.core.request.http import Request
from sparkbox.core.state.account import Account

from . import errors
from .envelope import quoted

_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}")


def identify(request: Request, credentials: Credentials) -> Account | None:
    """Refuse what another page sends. A control call belongs to no account; those it is about it names itself."""
    host = (request.header(b"host") or "").lower()
    origin = request.header(b"origin")
    if origin is not None and (origin.partition("://")[2].lower() != host or not host):
        raise errors.FOREIGN_ORIGIN(origin=quoted(origin), host=quoted(host))
    return None


def api_error(foreign: Foreign) -> ApiError:
    """Return the error for a request that the guard of all paths has refused."""
    if foreign.origin:
        return errors.FOREIGN_ORIGIN(origin=quoted(foreign.origin), host=quoted(foreign.host))
    return errors.FOREIGN_HOST(host=quoted(foreign.host), name=_shown(foreign.host))


def _shown(host: str) -> str:
    """Return a host name that is safe in a shell."""
    name = host.partition(":")[0]
    return name if _NAME.fullmatch(name) else "name"
