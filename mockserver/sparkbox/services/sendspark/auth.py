"""Authentication: every request has ``x-api-key``, a workspace's key, and ``x-api-secret``, the secret of a member.

The key opens the account. The ready key has its own secret; any other ``mock-`` key goes with any ``mock-`` secret.
"""

from __future__ import annotations

from sparkbox.core.declare.credentials import Credentials
from sparkbox.core.declare.operation import Operation
from sparkbox.core.request.http import Request
from sparkbox.core.state import signing
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context

from . import errors
from .prospects.models import Prospect
from .share_pages import links

PAID = "paid"
"""The tag of operations that a suspended account may not use."""


def identify(request: Request, credentials: Credentials) -> Account | None:
    """Return the account of the request's key; for a share page, the account of its prospect."""
    if request.path.startswith(links.PAGES):
        return _owner(links.token_in(request.path), credentials)
    key, secret = request.header(b"x-api-key"), request.header(b"x-api-secret")
    return credentials.open(key) if key and secret and credentials.take_secret(key, secret) else None


def authorize(ctx: Context, operation: Operation) -> None:
    """Refuse what a suspended account would pay for."""
    if ctx.account.suspended and PAID in operation.tags:
        raise errors.SUSPENDED()


def _owner(token: str, credentials: Credentials) -> Account | None:
    key = links.key_of(token)
    for account in credentials.accounts:
        store = account.stores.get("sendspark")
        if store is None or store[Prospect].get(key) is None:
            continue
        # Forks of an account have the same prospects; only the token tells them apart.
        if signing.same(links.token(account, key), token):
            return credentials.accounts.open(account.credential)
    return None
