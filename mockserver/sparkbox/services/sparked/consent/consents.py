"""Authorization requests on their way through the browser, signed so that the form cannot change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.state.context import Context

from .. import errors
from ..oauth import grants
from ..oauth.models import Authorization
from ..times import MINUTE
from ..webhooks import events

if TYPE_CHECKING:
    from joserfc.jwk import OctKey

OPEN_SECONDS = 10 * MINUTE
MOST_TOKEN = 16_384


class AuthorizationRequest(NamedTuple):
    """A partner's authorization request. ``state`` is ``None`` if there is none; ``challenge`` is S256."""

    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str


def sign(ctx: Context, request: AuthorizationRequest) -> str:
    """Return the request as a signed text, valid for ten minutes."""
    from joserfc import jwt

    claims: dict[str, Any] = {
        "aud": ctx.account.credential,
        "exp": int(ctx.now) + OPEN_SECONDS,
        "redirect_uri": request.redirect_uri,
        "scopes": list(request.scopes),
        "challenge": request.challenge,
        **({} if request.state is None else {"state": request.state}),
    }
    return jwt.encode({"alg": "HS256"}, claims, _key(ctx))


def verify(ctx: Context, text: str) -> AuthorizationRequest | None:
    """Return the request of a signed text; ``None`` if it is too old, another client's or tampered with."""
    from joserfc import jwt
    from joserfc.errors import JoseError

    if len(text) > MOST_TOKEN or not text.isascii():
        return None
    try:
        claims = jwt.decode(text, _key(ctx), algorithms=["HS256"]).claims
    except (JoseError, ValueError):
        return None
    if claims["aud"] != ctx.account.credential or ctx.now >= claims["exp"]:
        return None
    return AuthorizationRequest(
        claims["redirect_uri"], tuple(claims["scopes"]), claims.get("state"), claims["challenge"]
    )


def approve(ctx: Context, creator_id: str, granted: tuple[str, ...]) -> Authorization:
    """Store a creator's consent and emit ``creator.connected``."""
    authorization = grants.authorize(ctx, creator_id, granted)
    events.emit(ctx, "creator.connected", creator_id, {"scopes": list(granted), "authorization_id": authorization.id})
    return authorization


def location(request: AuthorizationRequest, **parameters: str) -> str:
    """Return the redirect URI with parameters and the request's state."""
    if request.state is not None:
        parameters["state"] = request.state
    uri = request.redirect_uri
    joint = "" if uri.endswith(("?", "&")) else "&" if "?" in uri else "?"
    return f"{uri}{joint}{urlencode(parameters)}"


def redirected(request: AuthorizationRequest, api_error: ApiError) -> ApiError:
    """Return the API error with the redirect that takes it to the partner."""
    url = location(request, error=str(api_error.error.code), error_description=errors.plain(api_error.message))
    api_error.headers.append((b"location", url.encode("ascii")))
    return api_error


def _key(ctx: Context) -> OctKey:
    from joserfc.jwk import OctKey

    return OctKey.import_key(ctx.account.key)
