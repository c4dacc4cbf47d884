"""Tokens: https://sparked.com/integration#authentication, with the details of RFC 6749, 7636, 7009 and 9700.

The partner exchanges the code of a consent for tokens. The paths and all details are inferred.
"""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations, Reply
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context

from .. import errors, requests
from ..auth import CLIENT
from ..oauth import clients, grants, scopes

operations = Operations("OAuth", docs=errors.DOCS, evidence="assumed", public=True, limits=())

_NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))


class TokenRequest(Body):
    """See RFC 6749, sections 4.1.3 and 6. The client may use Basic instead."""

    grant_type: str
    code: str | None = None
    redirect_uri: str | None = None
    code_verifier: str | None = None
    refresh_token: str | None = None
    scope: str | None = None
    client_id: str | None = None
    client_secret: str | None = None


class RevocationRequest(Body):
    """See RFC 7009, section 2.1."""

    token: str
    token_type_hint: str | None = None
    client_id: str | None = None
    client_secret: str | None = None


class Token(TypedDict):
    """``expires_in`` is in seconds. ``creator_id``, the creator of the token, is an addition to RFC 6749."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str
    scope: str
    creator_id: str


class Revoked(TypedDict):
    """An empty object: RFC 7009 requires only the status."""


@operations.post(
    "/oauth/token",
    security=((CLIENT,), ()),
    content_types=(requests.FORM,),
    errors=[
        errors.OAUTH_INVALID_REQUEST,
        errors.INVALID_CLIENT,
        errors.INVALID_GRANT,
        errors.UNAUTHORIZED_CLIENT,
        errors.UNSUPPORTED_GRANT_TYPE,
        errors.INVALID_SCOPE,
    ],
)
def create_token(ctx: Context, body: TokenRequest) -> Token | Reply:
    """Exchange a code or a refresh token for tokens.

    The client authenticates with Basic or in the form. An access token is valid for an hour on the account's clock; a
    code for ten minutes, and once. Refreshing uses up a refresh token and returns the next one.
    """
    _authenticate(ctx, body.client_id, body.client_secret)
    match body.grant_type:
        case "authorization_code":
            code = _needed(body.code, "code")
            tokens = grants.exchange_code(ctx, code, _needed(body.redirect_uri, "redirect_uri"), body.code_verifier)
        case "refresh_token":
            tokens = grants.refresh(ctx, _needed(body.refresh_token, "refresh_token"), body.scope)
        case _:
            raise errors.UNSUPPORTED_GRANT_TYPE()
    return Reply(token_fields(tokens), headers=_NO_STORE)


@operations.post(
    "/oauth/revoke",
    security=((CLIENT,), ()),
    content_types=(requests.FORM,),
    errors=[errors.OAUTH_INVALID_REQUEST, errors.INVALID_CLIENT, errors.UNAUTHORIZED_CLIENT],
)
def revoke_token(ctx: Context, body: RevocationRequest) -> Revoked:
    """Revoke a token. A refresh token ends the whole authorization; an unknown token is no error."""
    _authenticate(ctx, body.client_id, body.client_secret)
    grants.revoke_token(ctx, body.token)
    return {}


def token_fields(tokens: grants.Tokens) -> Token:
    """Return a pair of tokens as the partner gets it."""
    return {
        "access_token": tokens.access.id,
        "token_type": "Bearer",
        "expires_in": grants.TOKEN_SECONDS,
        "refresh_token": tokens.refresh.id,
        "scope": scopes.join(tokens.access.scopes),
        "creator_id": tokens.access.creator_id,
    }


def _authenticate(ctx: Context, client_id: str | None, secret: str | None) -> None:
    """Authenticate the client, with Basic or in the form but not both (RFC 6749, section 2.3)."""
    header = requests.client_of(ctx.request)
    if header is not None and (secret is not None or client_id not in (None, header[0])):
        raise errors.OAUTH_INVALID_REQUEST(problem="The client names itself twice: with Basic and in the form.")
    id, secret = header if header is not None else (client_id or "", secret or "")
    if ctx.account is ctx.sandbox.anonymous or not clients.knows_secret(ctx, id, secret):
        raise errors.INVALID_CLIENT()
    if ctx.account.suspended:
        raise errors.UNAUTHORIZED_CLIENT()


def _needed(value: str | None, name: str) -> str:
    if value is None:
        raise errors.OAUTH_INVALID_REQUEST(problem=f"The parameter {name} is required.")
    return value
