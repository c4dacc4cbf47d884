"""The partner's integration: its name, its secret, and where its creators are sent back to.

An account is one integration. What a new one has registered are one address, and all loopback ones, as a program on the
creator's own machine needs them (RFC 8252, section 7.3); the simulation ``client`` registers others in their place.
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
    """The integration as it is registered."""
    return ctx.store[Client].get("client") or Client()


def name_of(ctx: Context) -> str:
    """What creators know the integration by; without a registered name one made of the client id."""
    registered = current(ctx).name
    if registered or ctx.account.credential == CLIENT_ID:
        return registered or "Acme Partner App"
    words = re.sub(r"[^0-9A-Za-z]+", " ", ctx.account.credential).split()
    return " ".join(word.capitalize() for word in words)[:60] or "Unnamed app"


def is_id(ctx: Context, client_id: str) -> bool:
    """Whether a client id is this account's."""
    return ctx.sandbox.accounts.root(client_id) == ctx.account.credential


def knows_secret(ctx: Context, client_id: str, secret: str) -> bool:
    """Whether a client id is this account's, and the secret belongs to it."""
    return is_id(ctx, client_id) and ctx.sandbox.credentials(ctx.service.name).take_secret(client_id, secret)


def takes_redirect(ctx: Context, uri: str) -> bool:
    """Whether creators may be sent back to this address: it is registered, to the letter, or as a loopback one."""
    client = current(ctx)
    return uri in client.redirect_uris or (client.loopback and _is_loopback(uri))


def is_uri(text: str) -> bool:
    """Whether a text could be registered: an absolute URI without a fragment (RFC 6749, section 3.1.2)."""
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
