"""Authorization: https://sparked.com/integration#authentication, filled in by RFC 6749, 7636 (S256), 7009 and 9700.

The partner sends the creator to ``/oauth/authorize``, gets a code back and exchanges it for tokens. The paths and all
details are inferred. What the sandbox adds: nobody logs in, so the consent page asks for which creator one decides.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations, Reply
from sparkbox.core.declare.schema import Body
from sparkbox.core.request.http import Response
from sparkbox.core.state.context import Context

from .. import errors, requests
from ..auth import CLIENT
from ..creators.lookup import all_creators, find_creator
from . import clients, consent_page, consents, grants, scopes
from .consents import Request

operations = Operations("OAuth", docs=errors.DOCS, evidence="assumed", public=True, limits=())

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_NO_STORE = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))

Given = Annotated[str | list[str] | None, WithJsonSchema({"type": "string"})]
"""A parameter; a list where it was given more than once."""
Ticked = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]


class AuthorizationQuery(Body):
    """See RFC 6749, section 4.1.1, and RFC 7636, section 4.3."""

    response_type: Given = None
    client_id: Given = None
    redirect_uri: Given = None
    scope: Given = None
    state: Given = None
    code_challenge: Given = None
    code_challenge_method: Given = None


class Decision(Body):
    """The form of the consent page."""

    request: str
    decision: Literal["approve", "deny"]
    creator: str = ""
    scope: Ticked = ()


class TokenRequest(Body):
    """See RFC 6749, sections 4.1.3 and 6. The client may name itself with Basic instead."""

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
    """``expires_in`` is in seconds. ``creator_id``, whom the token is for, is an addition to RFC 6749."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str
    scope: str
    creator_id: str


class Revoked(TypedDict):
    """Nothing: RFC 7009 wants only the status."""


@operations.get(
    "/oauth/authorize",
    media_types=((200, "text/html"), (302, "")),
    errors=[
        errors.UNKNOWN_CLIENT_PAGE, errors.REDIRECT_PAGE, errors.AUTHORIZE_INVALID_REQUEST,
        errors.AUTHORIZE_UNAUTHORIZED_CLIENT, errors.UNSUPPORTED_RESPONSE_TYPE, errors.AUTHORIZE_INVALID_SCOPE,
        errors.FORM_PAGE,
    ],
)  # fmt: skip
def authorize(ctx: Context, query: AuthorizationQuery) -> Response:
    """Show the consent page.

    A wrong client or redirect URI is told to the person here; everything else goes back to the partner.
    """
    _check_client(ctx, query.client_id)
    uri = query.redirect_uri
    if not isinstance(uri, str) or not clients.takes_redirect(ctx, uri):
        raise errors.REDIRECT_PAGE()
    request = _read(ctx, query, Request(uri, (), query.state if isinstance(query.state, str) else None, ""))
    signed = consents.sign(ctx, request)
    return consent_page.render(str(query.client_id), clients.name_of(ctx), request, signed, all_creators(ctx))


@operations.post(
    "/oauth/authorize",
    media_types=((302, ""),),
    content_types=(requests.FORM,),
    errors=[
        errors.UNKNOWN_CLIENT_PAGE, errors.EXPIRED_PAGE, errors.FORM_PAGE, errors.FOREIGN_PAGE, errors.ACCESS_DENIED,
        errors.AUTHORIZE_UNAUTHORIZED_CLIENT,
    ],
)  # fmt: skip
def decide(ctx: Context, body: Decision, query: AuthorizationQuery) -> Response:
    """Approve or deny, as the form of the consent page does.

    The browser goes back to the partner, with a code or with an error. A form of another website does not count.
    """
    _check_origin(ctx)
    _check_client(ctx, query.client_id)
    request = consents.unsign(ctx, body.request)
    if request is None:
        raise errors.EXPIRED_PAGE()
    if ctx.account.suspended:
        raise consents.refused(request, errors.AUTHORIZE_UNAUTHORIZED_CLIENT())
    granted = tuple(scope for scope in request.scopes if scope in body.scope)
    if body.decision == "deny" or not granted:
        raise consents.refused(request, errors.ACCESS_DENIED())
    creator = find_creator(ctx, body.creator)
    if creator is None:
        raise errors.FORM_PAGE()
    authorization = consents.approve(ctx, creator.id, granted)
    code = grants.create_code(ctx, authorization, request.redirect_uri, request.challenge)
    location = consents.location(request, code=code.id)
    return Response(303, b"", [(b"location", location.encode("ascii")), (b"cache-control", b"no-store")])


@operations.post(
    "/oauth/token",
    security=((CLIENT,), ()),
    content_types=(requests.FORM,),
    errors=[
        errors.OAUTH_INVALID_REQUEST, errors.INVALID_CLIENT, errors.INVALID_GRANT, errors.UNAUTHORIZED_CLIENT,
        errors.UNSUPPORTED_GRANT_TYPE, errors.INVALID_SCOPE,
    ],
)  # fmt: skip
def create_token(ctx: Context, body: TokenRequest) -> Token | Reply:
    """Exchange a code or a refresh token for tokens.

    The client proves itself with Basic or in the form. An access token is good for an hour on the account's clock, a
    code for ten minutes and once; a refresh token is used up by refreshing, and each answer has the next one.
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
    """Revoke a token. A refresh token takes the whole authorization along; a token that is unknown is no error."""
    _authenticate(ctx, body.client_id, body.client_secret)
    grants.revoke_token(ctx, body.token)
    return {}


def token_fields(tokens: grants.Tokens) -> Token:
    """A pair of tokens as the partner gets it."""
    return {
        "access_token": tokens.access.id,
        "token_type": "Bearer",
        "expires_in": grants.TOKEN_SECONDS,
        "refresh_token": tokens.refresh.id,
        "scope": scopes.join(tokens.access.scopes),
        "creator_id": tokens.access.creator_id,
    }


def _check_client(ctx: Context, client_id: Any) -> None:
    if ctx.account is ctx.sandbox.anonymous or not isinstance(client_id, str) or not clients.is_id(ctx, client_id):
        raise errors.UNKNOWN_CLIENT_PAGE()


def _read(ctx: Context, query: AuthorizationQuery, request: Request) -> Request:
    """The request with its scopes and challenge; what is wrong with them goes back to the partner."""
    repeated = [name for name, value in query if isinstance(value, list)]
    if repeated:
        problem = f"The parameter {repeated[0]} must be given once."
        raise consents.refused(request, errors.AUTHORIZE_INVALID_REQUEST(problem=problem))
    if ctx.account.suspended:
        raise consents.refused(request, errors.AUTHORIZE_UNAUTHORIZED_CLIENT())
    if query.response_type != "code":
        row = errors.UNSUPPORTED_RESPONSE_TYPE
        missing = errors.AUTHORIZE_INVALID_REQUEST(problem="The parameter response_type is required.")
        raise consents.refused(request, row() if query.response_type else missing)
    challenge, method = query.code_challenge, query.code_challenge_method
    if (challenge or method) and not (
        method == "S256" and isinstance(challenge, str) and _CHALLENGE.fullmatch(challenge)
    ):
        problem = "The code challenge must be one of the method S256, with 43 characters."
        raise consents.refused(request, errors.AUTHORIZE_INVALID_REQUEST(problem=problem))
    wanted = scopes.parse(query.scope if isinstance(query.scope, str) else "")
    unknown = [name for name in wanted if name not in scopes.BY_NAME]
    if unknown or not wanted:
        problem = f"There is no scope {unknown[0][:100]}." if unknown else "The parameter scope is required."
        raise consents.refused(request, errors.AUTHORIZE_INVALID_SCOPE(problem=problem))
    return request._replace(scopes=wanted, challenge=challenge if isinstance(challenge, str) else "")


def _check_origin(ctx: Context) -> None:
    """A browser says which page a form comes from; only our own page's decisions are a creator's."""
    origin, host = ctx.request.header(b"origin"), ctx.request.header(b"host") or ""
    if origin is not None and origin.partition("://")[2].lower() != host.lower():
        raise errors.FOREIGN_PAGE()
    if (ctx.request.header(b"sec-fetch-site") or "same-origin") not in ("same-origin", "none"):
        raise errors.FOREIGN_PAGE()


def _authenticate(ctx: Context, client_id: str | None, secret: str | None) -> None:
    """The client, with Basic or in the form, never both (RFC 6749, section 2.3)."""
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
