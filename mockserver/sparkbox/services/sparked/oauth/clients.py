"""The partner's integration: its name, its secret and its redirect URIs.

An account is one integration. A new one has registered one URI and all loopback URIs, for programs on the creator's own
machine (RFC 8252, section 7.3). The simulation ``client`` replaces them.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from sparkbox.core.state.context import Context
from sparkbox.services import SPARKED

from .models import Client

CLIENT_ID = SPARKED.credentials["client"]
CLIENT_SECRET = SPARKED.credentials["secret"]
REDIRECT_URI = "https://example.com/callback"

MOST_URI = 2048
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def current(ctx: Context) -> Client:
    """Return the account's integration."""
    return ctx.store[Client].get("client") or Client()


def name_of(ctx: Context) -> str:
    """Return the integration's name; without a registered one, a name made from the client id."""
    registered = current(ctx).name
    if registered or ctx.account.credential == CLIENT_ID:
        return registered or "Acme Partner App"
    words = re.sub(r"[^0-9A-Za-z]+", " ", ctx.account.credential).split()
    return " ".join(word.capitalize() for word in words)[:60] or "Unnamed app"


def is_id(ctx: Context, client_id: str) -> bool:
    """Return whether a client id is this account's."""
    return ctx.sandbox.accounts.root(client_id) == ctx.account.credential


def knows_secret(ctx: Context, client_id: str, secret: str) -> bool:
    """Return whether a client id is this account's and has this secret."""
    return is_id(ctx, client_id) and ctx.sandbox.credentials(ctx.service.name).take_secret(client_id, secret)


def takes_redirect(ctx: Context, uri: str) -> bool:
    """Return whether a redirect URI is registered: exactly, or as a loopback URI."""
    client = current(ctx)
    return uri in client.redirect_uris or (client.loopback and _is_loopback(uri))


def is_uri(text: str) -> bool:
    """Return whether a text is an absolute URI without a fragment (RFC 6749, section 3.1.2)."""
    if len(text) > MOST_URI or not _PRINTABLE.fullmatch(text) or "\\" in text:
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return (
        bool(re.fullmatch(r"[a-z][a-z0-9+.-]*", parts.scheme)) and "#" not in text and bool(parts.netloc or parts.path)
    )


def _is_loopback(uri: str) -> bool:
    if not is_uri(uri):
        return False
    parts = urlsplit(uri)
    return parts.scheme in ("http", "https") and parts.hostname in _LOOPBACK and "@" not in parts.netloc
