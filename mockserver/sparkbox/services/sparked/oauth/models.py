"""The partner's integration, and what creators have granted it."""

from __future__ import annotations

from sparkbox.core.state.store import Record

REDIRECT_URI = "https://example.com/callback"


class Client(Record, frozen=True, gc=False):
    """The integration; an account has one. ``loopback`` allows any loopback redirect URI."""

    name: str = ""
    redirect_uris: tuple[str, ...] = (REDIRECT_URI,)
    loopback: bool = True

    @property
    def key(self) -> str:
        return "client"


class Authorization(Record, frozen=True, gc=False):
    """A creator's consent; stored by creator."""

    most = 10_000

    id: str
    creator_id: str
    scopes: tuple[str, ...]
    time: float
    revoked: bool = False


class Code(Record, frozen=True, gc=False):
    """An authorization code. ``challenge`` is the S256 challenge; empty without PKCE."""

    most = 10_000

    id: str
    creator_id: str
    authorization_id: str
    redirect_uri: str
    challenge: str
    expires_at: float
    used: bool = False


class AccessToken(Record, frozen=True, gc=False):
    most = 10_000

    id: str
    creator_id: str
    authorization_id: str
    scopes: tuple[str, ...]
    expires_at: float
    revoked: bool = False


class RefreshToken(Record, frozen=True, gc=False):
    """A refresh token. It does not expire, but is used once."""

    most = 10_000

    id: str
    creator_id: str
    authorization_id: str
    used: bool = False
