"""Authentication: ``Authorization: Bearer`` with an access token, which sees the creator who granted it.

An account is a client id; in OAuth the client id opens it. For a first try, a client id is a bearer token too: it
stands for a token with all scopes for ``cr_mock``. Only the sandbox offers this, in both profiles.
Webhooks belong to the integration, not to a creator: any of its tokens manages them, or its id and secret with Basic.
"""

from __future__ import annotations

from typing import NamedTuple

from sparkbox.core.declare.credentials import Credentials
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.security import Credential
from sparkbox.core.request.http import Request
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context

from . import errors, requests
from .aliases import account_alias
from .creators.models import CREATOR
from .oauth import clients, grants, scopes

TOKEN = Credential("token", "bearer", description="An access token of a creator's consent.")
CONSENT = Credential(
    "consent",
    "oauth2",
    token_path="/oauth/token",
    authorize_path="/oauth/authorize",
    scopes=tuple((scope.name, scope.title) for scope in scopes.SCOPES),
)
CLIENT = Credential("client", "basic", description="The integration's id and secret.")

INTEGRATION = "integration"
"""The tag of operations that belong to the integration, not to a creator."""


class Access(NamedTuple):
    """The access that a request has."""

    creator_id: str
    scopes: tuple[str, ...]


def identify(request: Request, credentials: Credentials) -> Account | None:
    """Return the account of the request's token, expired or not; in OAuth, the account of its client id."""
    if requests.in_oauth(request):
        client_id = _client_id(request)
        return credentials.open(client_id) if client_id else None
    bearer = request.bearer_token()
    if bearer is None:
        client = requests.client_of(request)
        return credentials.open(client[0]) if client else None
    if not grants.looks_like_token(bearer):
        account = credentials.open(bearer)
    else:
        account = credentials.made(account_alias(bearer))
    if account is None and request.path.startswith("/api/"):
        raise errors.TOKEN_INVALID()
    return account


def authorize(ctx: Context, operation: Operation) -> None:
    """Refuse a token that is not valid or lacks the operation's scope."""
    if ctx.account.suspended:
        raise errors.SUSPENDED()
    if INTEGRATION in operation.tags and ctx.request.bearer_token() is None:
        client = requests.client_of(ctx.request)
        if client is None or not clients.knows_secret(ctx, *client):
            raise errors.CLIENT_REFUSED()
        return
    granted = access(ctx)
    ctx.note = f"for {granted.creator_id} with {scopes.join(granted.scopes)}"
    missing = [tag for tag in operation.tags if tag in scopes.BY_NAME and tag not in granted.scopes]
    if missing:
        raise errors.INSUFFICIENT_SCOPE(scope=missing[0])


def access(ctx: Context) -> Access:
    """Return what the request's token gives access to; refuse an unknown, expired or revoked one."""
    bearer = ctx.request.bearer_token()
    if bearer is None:
        raise errors.UNAUTHORIZED()
    if clients.is_id(ctx, bearer):
        return Access(CREATOR, scopes.NAMES)
    token = grants.access(ctx, bearer)
    return Access(token.creator_id, token.scopes)


def _client_id(request: Request) -> str | None:
    """Return the client id of an OAuth request: from Basic, its form or its query."""
    client = requests.client_of(request)
    if client is not None:
        return client[0]
    if request.method == "POST" and request.content_type == requests.FORM:
        named = requests.decode_body(request).get("client_id")
        if named is not None:
            return named if isinstance(named, str) else None
    named = requests.decode_query(request).get("client_id")
    return named if isinstance(named, str) else None
