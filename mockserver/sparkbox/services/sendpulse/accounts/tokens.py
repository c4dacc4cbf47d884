"""Access tokens: RS256 JSON Web Tokens with SendPulse's claims.

The key is made once per process, with the first token; it takes a tenth of a second, so a thread makes it. A token
outlives a reset of its account, but not the sandbox. Tokens that were read are cached.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from sparkbox.core.state.steps import Aside, StepsAndWaits

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey
    from joserfc.jws import JWSRegistry

LIFETIME = 3600
"""Seconds until a token expires."""

MOST_READ = 10_000
_LONGEST = 8192


class Claims(NamedTuple):
    """The client id of a token, and when it expires (Unix seconds)."""

    client_id: str
    expires_at: int


def prepare() -> StepsAndWaits[None]:
    """Make the key, unless there is one, before :func:`issue`."""
    if not _key.cache_info().currsize:
        yield _MAKING_KEY


def issue(client_id: str, *, now: float, jti: str, user_id: int) -> str:
    """Return a new token; ``jti`` is its id, 80 hex digits."""
    from joserfc import jwt

    issued_at = int(now)
    claims: dict[str, Any] = {
        "aud": client_id,
        "jti": jti,
        "iat": issued_at,
        "nbf": issued_at,
        "exp": issued_at + LIFETIME,
        "sub": "",
        "scopes": [],
        "user": {"id": user_id, "group_id": None, "parent_id": None, "area": "rest"},
    }
    return jwt.encode({"typ": "JWT", "alg": "RS256", "jti": jti}, claims, _key(), registry=_registry())


def looks_like_one(text: str) -> bool:
    """Return whether a bearer is a token rather than a static API key."""
    return text.startswith("eyJ") and text.count(".") == 2


def client_of(token: str) -> str | None:
    """Return the client id that a token claims, whether or not it is genuine."""
    body = token.split(".")[1]
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError:
        return None
    client_id = claims.get("aud") if isinstance(claims, dict) else None
    return client_id if isinstance(client_id, str) else None


def read(token: str) -> Claims | None:
    """Return the claims of a token that this process issued, expired or not; ``None`` for any other."""
    if len(token) > _LONGEST or not token.isascii() or not _key.cache_info().currsize:
        return None
    try:
        return _read(token)
    except ValueError:
        return None


@lru_cache(maxsize=MOST_READ)
def _read(token: str) -> Claims:
    """Return the claims of a token; ``ValueError``, which is not remembered, if somebody else wrote it."""
    from joserfc import jwt
    from joserfc.errors import JoseError

    try:
        claims = jwt.decode(token, _key(), registry=_registry()).claims
    except JoseError as error:
        raise ValueError(str(error)) from None
    return Claims(claims["aud"], claims["exp"])


@lru_cache(maxsize=1)
def _key() -> RSAKey:
    from joserfc.jwk import RSAKey

    return RSAKey.generate_key(2048)


_MAKING_KEY = Aside(_key)


@lru_cache(maxsize=1)
def _registry() -> JWSRegistry:
    from joserfc.jws import JWSRegistry
    from joserfc.registry import HeaderParameter

    # The vendor repeats the token's id in its header.
    return JWSRegistry({"jti": HeaderParameter("JWT ID", "str")}, algorithms=["RS256"])
