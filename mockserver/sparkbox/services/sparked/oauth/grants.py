"""Authorizations, and their codes and tokens (RFC 6749, RFC 7636).

A consent makes an authorization. Its code is exchanged for a pair of tokens, a refresh token for the next pair; both
are used once. A code or refresh token that is used twice may be stolen: it ends the authorization with all its tokens
(RFC 6749, section 4.1.2; RFC 9700, section 4.14).
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import NamedTuple

from sparkbox.core.state import signing
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Store, replace

from .. import errors
from ..aliases import account_alias
from ..creators.models import CREATOR
from ..times import HOUR, MINUTE
from . import scopes
from .models import AccessToken, Authorization, Code, RefreshToken

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""RFC 7636, section 4.1."""

READY = "auth_mock"
"""The authorization of a new account, so that ``cr_mock`` is connected; it has no code and no tokens."""

CODE_SECONDS = 10 * MINUTE
TOKEN_SECONDS = HOUR


class Tokens(NamedTuple):
    """A new pair of tokens."""

    access: AccessToken
    refresh: RefreshToken


def seed_account(account: Account, store: Store) -> None:
    """Put the consent of ``cr_mock`` into a new account."""
    store[Authorization, CREATOR].put(Authorization(READY, CREATOR, scopes.NAMES, account.clock.now()))


def authorize(ctx: Context, creator_id: str, granted: tuple[str, ...]) -> Authorization:
    """Store a consent; the first one replaces that of a new account."""
    ctx.store[Authorization, creator_id].delete(READY)
    authorization = Authorization(f"auth_{ctx.ids.text(16)}", creator_id, granted, ctx.now)
    ctx.store[Authorization, creator_id].put(authorization)
    return authorization


def create_code(ctx: Context, authorization: Authorization, redirect_uri: str, challenge: str = "") -> Code:
    """Create a code for a consent, valid for ten minutes."""
    code = Code(
        _secret(ctx, "ac"), authorization.creator_id, authorization.id, redirect_uri, challenge, ctx.now + CODE_SECONDS
    )
    ctx.store[Code].put(code)
    return code


def exchange_code(ctx: Context, id: str, redirect_uri: str, verifier: str | None) -> Tokens:
    """Exchange a code for tokens, or refuse it; a code that was used before ends its authorization."""
    code = ctx.store[Code].get(id)
    if code is None:
        raise errors.INVALID_GRANT(problem="The code is unknown.")
    if code.used:
        revoke(ctx, code.creator_id, code.authorization_id)
        raise errors.INVALID_GRANT(problem="The code was used before; the tokens that it bought are revoked.")
    authorization = _live(ctx, code.creator_id, code.authorization_id)
    if ctx.now >= code.expires_at:
        raise errors.INVALID_GRANT(problem="The code has expired.")
    if redirect_uri != code.redirect_uri:
        raise errors.INVALID_GRANT(problem="The redirect URI is not the one that the code was issued for.")
    _check_verifier(code.challenge, verifier)
    ctx.store[Code].put(replace(code, used=True))
    return issue(ctx, authorization, authorization.scopes)


def refresh(ctx: Context, id: str, wanted: str | None) -> Tokens:
    """Return the next pair of tokens. ``wanted`` may reduce the scopes of the access token only."""
    token = ctx.store[RefreshToken].get(id)
    if token is None:
        raise errors.INVALID_GRANT(problem="The refresh token is unknown.")
    if token.used:
        revoke(ctx, token.creator_id, token.authorization_id)
        raise errors.INVALID_GRANT(problem="The refresh token was used before; the authorization has ended.")
    authorization = _live(ctx, token.creator_id, token.authorization_id)
    granted = authorization.scopes if wanted is None else scopes.parse(wanted)
    beyond = [name for name in granted if name not in authorization.scopes]
    if beyond or not granted:
        raise errors.INVALID_SCOPE(scope=scopes.join(beyond))
    ctx.store[RefreshToken].put(replace(token, used=True))
    return issue(ctx, authorization, granted)


def issue(ctx: Context, authorization: Authorization, granted: tuple[str, ...]) -> Tokens:
    """Issue a pair of tokens for an authorization."""
    owner, id = authorization.creator_id, authorization.id
    access = AccessToken(_secret(ctx, "at"), owner, id, granted, ctx.now + TOKEN_SECONDS)
    following = RefreshToken(_secret(ctx, "rt"), owner, id)
    ctx.store[AccessToken].put(access)
    ctx.store[RefreshToken].put(following)
    ctx.sandbox.accounts.alias(account_alias(access.id), ctx.account, ctx.service.name)
    return Tokens(access, following)


def looks_like_token(text: str) -> bool:
    """Return whether a bearer looks like an access token."""
    return text.startswith("spk_at_")


def access(ctx: Context, id: str) -> AccessToken:
    """Return a valid access token, or refuse it."""
    token = ctx.store[AccessToken].get(id)
    if token is None or token.revoked or not is_live(ctx, token.creator_id, token.authorization_id):
        raise errors.TOKEN_INVALID()
    if ctx.now >= token.expires_at:
        raise errors.TOKEN_EXPIRED()
    return token


def revoke_token(ctx: Context, id: str) -> None:
    """Revoke a token (RFC 7009). A refresh token ends its authorization; an unknown token is no error."""
    following = ctx.store[RefreshToken].get(id)
    if following is not None:
        revoke(ctx, following.creator_id, following.authorization_id)
    token = ctx.store[AccessToken].get(id)
    if token is not None:
        ctx.store[AccessToken].put(replace(token, revoked=True))


def revoke(ctx: Context, creator_id: str, id: str) -> None:
    """Revoke an authorization with its codes and tokens."""
    authorization = ctx.store[Authorization, creator_id].get(id)
    if authorization is not None:
        ctx.store[Authorization, creator_id].put(replace(authorization, revoked=True))


def revoke_all(ctx: Context, creator_id: str) -> int:
    """Revoke all authorizations of a creator. Return how many there were."""
    live = [found for found in ctx.store[Authorization, creator_id].values() if not found.revoked]
    for authorization in live:
        revoke(ctx, creator_id, authorization.id)
    return len(live)


def is_connected(ctx: Context, creator_id: str) -> bool:
    """Return whether a creator has an authorization that is not revoked."""
    return any(not found.revoked for found in ctx.store[Authorization, creator_id].values())


def is_live(ctx: Context, creator_id: str, id: str) -> bool:
    """Return whether an authorization exists and is not revoked."""
    authorization = ctx.store[Authorization, creator_id].get(id)
    return authorization is not None and not authorization.revoked


def _live(ctx: Context, creator_id: str, id: str) -> Authorization:
    authorization = ctx.store[Authorization, creator_id].get(id)
    if authorization is None or authorization.revoked:
        raise errors.INVALID_GRANT(problem="The creator's authorization has ended.")
    return authorization


def _check_verifier(challenge: str, verifier: str | None) -> None:
    if not challenge:
        # RFC 9700, section 4.8.2: otherwise an attacker could remove PKCE.
        if verifier is not None:
            raise errors.INVALID_GRANT(problem="There is a code verifier, but there was no code challenge.")
        return
    if verifier is None:
        raise errors.INVALID_GRANT(problem="The code verifier is missing.")
    if not _VERIFIER.fullmatch(verifier):
        problem = (
            "The code verifier must have 43 to 128 characters: letters, digits, hyphens, dots, underscores, tildes."
        )
        raise errors.INVALID_GRANT(problem=problem)
    digest = hashlib.sha256(verifier.encode()).digest()
    if not signing.same(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge):
        raise errors.INVALID_GRANT(problem="The code verifier does not belong to the code challenge.")


def _secret(ctx: Context, kind: str) -> str:
    return signing.drawn(ctx.account, lambda ids: f"spk_{kind}_{ids.text(40)}")
