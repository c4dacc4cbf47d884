"""A request for consent on its way through the browser: signed, so that the form gives back what was asked for."""

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


class Request(NamedTuple):
    """What a partner asks of a creator. ``state`` is ``None`` where none was given; ``challenge`` is an S256 one."""

    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str


def sign(ctx: Context, request: Request) -> str:
    """The request as text that nobody else can make, good for ten minutes."""
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


def unsign(ctx: Context, text: str) -> Request | None:
    """The request behind the text; ``None`` if it is too old, another client's or tampered with."""
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
    return Request(claims["redirect_uri"], tuple(claims["scopes"]), claims.get("state"), claims["challenge"])


def approve(ctx: Context, creator_id: str, granted: tuple[str, ...]) -> Authorization:
    """Notes a creator's consent, and tells the partner of it."""
    authorization = grants.authorize(ctx, creator_id, granted)
    events.emit(ctx, "creator.connected", creator_id, {"scopes": list(granted), "authorization_id": authorization.id})
    return authorization


def location(request: Request, **parameters: str) -> str:
    """Where the browser is sent: the redirect URI with these parameters, and the state as it came."""
    if request.state is not None:
        parameters["state"] = request.state
    uri = request.redirect_uri
    joint = "" if uri.endswith(("?", "&")) else "&" if "?" in uri else "?"
    return f"{uri}{joint}{urlencode(parameters)}"


def refused(request: Request, api_error: ApiError) -> ApiError:
    """The refusal, on its way back to the partner."""
    told = location(request, error=str(api_error.error.code), error_description=errors.plain(api_error.message))
    api_error.headers.append((b"location", told.encode("ascii")))
    return api_error


def _key(ctx: Context) -> OctKey:
    from joserfc.jwk import OctKey

    return OctKey.import_key(ctx.account.key)
