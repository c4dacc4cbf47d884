"""Authorization: https://sparked.com/integration#authentication, with the details of RFC 6749 and 7636 (S256).

The partner sends the creator to ``/oauth/authorize`` and gets a code back. The path and all details are inferred.
The sandbox has no log-in: its consent page lets one choose the creator.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.request.http import Response
from sparkbox.core.state.context import Context

from .. import errors, requests
from ..creators.lookup import all_creators, find_creator
from ..oauth import clients, grants, scopes
from . import consent_page, consents
from .consents import AuthorizationRequest

operations = Operations("OAuth", docs=errors.DOCS, evidence="assumed", public=True, limits=())

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")

Given = Annotated[str | list[str] | None, WithJsonSchema({"type": "string"})]
"""A parameter; a list if it is repeated."""
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


@operations.get(
    "/oauth/authorize",
    media_types=((200, "text/html"), (302, "")),
    errors=[
        errors.UNKNOWN_CLIENT_PAGE,
        errors.REDIRECT_PAGE,
        errors.AUTHORIZE_INVALID_REQUEST,
        errors.AUTHORIZE_UNAUTHORIZED_CLIENT,
        errors.UNSUPPORTED_RESPONSE_TYPE,
        errors.AUTHORIZE_INVALID_SCOPE,
        errors.FORM_PAGE,
    ],
)
def authorize(ctx: Context, query: AuthorizationQuery) -> Response:
    """Show the consent page.

    A wrong client or redirect URI shows an error page; any other error redirects back to the partner.
    """
    _check_client(ctx, query.client_id)
    uri = query.redirect_uri
    if not isinstance(uri, str) or not clients.takes_redirect(ctx, uri):
        raise errors.REDIRECT_PAGE()
    request = _read(
        ctx, query, AuthorizationRequest(uri, (), query.state if isinstance(query.state, str) else None, "")
    )
    signed = consents.sign(ctx, request)
    return consent_page.render(str(query.client_id), clients.name_of(ctx), request, signed, all_creators(ctx))


@operations.post(
    "/oauth/authorize",
    media_types=((302, ""),),
    content_types=(requests.FORM,),
    errors=[
        errors.UNKNOWN_CLIENT_PAGE,
        errors.EXPIRED_PAGE,
        errors.FORM_PAGE,
        errors.FOREIGN_PAGE,
        errors.ACCESS_DENIED,
        errors.AUTHORIZE_UNAUTHORIZED_CLIENT,
    ],
)
def decide(ctx: Context, body: Decision, query: AuthorizationQuery) -> Response:
    """Approve or deny, as the consent page's form does.

    It redirects to the partner with a code or an error. A form on another website is refused.
    """
    _check_origin(ctx)
    _check_client(ctx, query.client_id)
    request = consents.verify(ctx, body.request)
    if request is None:
        raise errors.EXPIRED_PAGE()
    if ctx.account.suspended:
        raise consents.redirected(request, errors.AUTHORIZE_UNAUTHORIZED_CLIENT())
    granted = tuple(scope for scope in request.scopes if scope in body.scope)
    if body.decision == "deny" or not granted:
        raise consents.redirected(request, errors.ACCESS_DENIED())
    creator = find_creator(ctx, body.creator)
    if creator is None:
        raise errors.FORM_PAGE()
    authorization = consents.approve(ctx, creator.id, granted)
    code = grants.create_code(ctx, authorization, request.redirect_uri, request.challenge)
    location = consents.location(request, code=code.id)
    return Response(303, b"", [(b"location", location.encode("ascii")), (b"cache-control", b"no-store")])


def _check_client(ctx: Context, client_id: Any) -> None:
    if ctx.account is ctx.sandbox.anonymous or not isinstance(client_id, str) or not clients.is_id(ctx, client_id):
        raise errors.UNKNOWN_CLIENT_PAGE()


def _read(ctx: Context, query: AuthorizationQuery, request: AuthorizationRequest) -> AuthorizationRequest:
    """Return the request with its scopes and challenge; an error in them redirects to the partner."""
    repeated = [name for name, value in query if isinstance(value, list)]
    if repeated:
        problem = f"The parameter {repeated[0]} must be given once."
        raise consents.redirected(request, errors.AUTHORIZE_INVALID_REQUEST(problem=problem))
    if ctx.account.suspended:
        raise consents.redirected(request, errors.AUTHORIZE_UNAUTHORIZED_CLIENT())
    if query.response_type != "code":
        row = errors.UNSUPPORTED_RESPONSE_TYPE
        missing = errors.AUTHORIZE_INVALID_REQUEST(problem="The parameter response_type is required.")
        raise consents.redirected(request, row() if query.response_type else missing)
    challenge, method = query.code_challenge, query.code_challenge_method
    if (challenge or method) and not (
        method == "S256" and isinstance(challenge, str) and _CHALLENGE.fullmatch(challenge)
    ):
        problem = "The code challenge must be one of the method S256, with 43 characters."
        raise consents.redirected(request, errors.AUTHORIZE_INVALID_REQUEST(problem=problem))
    wanted = scopes.parse(query.scope if isinstance(query.scope, str) else "")
    unknown = [name for name in wanted if name not in scopes.BY_NAME]
    if unknown or not wanted:
        problem = f"There is no scope {unknown[0][:100]}." if unknown else "The parameter scope is required."
        raise consents.redirected(request, errors.AUTHORIZE_INVALID_SCOPE(problem=problem))
    return request._replace(scopes=wanted, challenge=challenge if isinstance(challenge, str) else "")


def _check_origin(ctx: Context) -> None:
    """Refuse a form that a browser sends from any page but the consent page."""
    origin, host = ctx.request.header(b"origin"), ctx.request.header(b"host") or ""
    if origin is not None and origin.partition("://")[2].lower() != host.lower():
        raise errors.FOREIGN_PAGE()
    if (ctx.request.header(b"sec-fetch-site") or "same-origin") not in ("same-origin", "none"):
        raise errors.FOREIGN_PAGE()
