"""The URLs of share pages: on this sandbox, or on the vendor's host for clients that use the vendor's host.

A page's token is the start of its prospect's id and a signature of the account. Nobody else can make it, and it tells
the pages of an account from those of its forks.
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urlsplit

from sparkbox.core.state import signing
from sparkbox.core.state.account import Account

PAGES = ("/share/", "/embed/")
KEY_LENGTH = 11
TOKEN_LENGTH = 16

_VENDOR = "sendspark.com"
_SITE = re.compile(r"https?://(?:[A-Za-z0-9._-]{1,255}|\[[0-9a-fA-F:.]{2,45}\])(?::[0-9]{1,5})?(?:/[a-z]+)?")
_ELSEWHERE = "http://127.0.0.1:8025/sendspark"


def site(base_url: str) -> str:
    """Return the base URL of share pages for a client that uses ``base_url``."""
    if not _SITE.fullmatch(base_url):
        return _ELSEWHERE
    host = urlsplit(base_url).hostname or ""
    return f"https://{_VENDOR}" if host == _VENDOR or host.endswith(f".{_VENDOR}") else base_url


def api(base_url: str) -> str:
    """Return the base URL of links to the API; empty for relative links if ``base_url`` is not usable."""
    return base_url if _SITE.fullmatch(base_url) else ""


def prefix(base_url: str) -> str:
    """Return the path in front of the pages, ``/sendspark`` or nothing."""
    return urlsplit(base_url).path if _SITE.fullmatch(base_url) else ""


def token(account: Account, key: str) -> str:
    """Return the 16 characters that identify a prospect's page."""
    return signing.marked(account, "share", key, TOKEN_LENGTH - KEY_LENGTH)


def key_of(token: str) -> str:
    return token[:KEY_LENGTH]


def token_in(path: str) -> str:
    """Return the token in a page's path; empty if there is none."""
    parts = path.split("/", 3)
    return parts[2] if len(parts) > 2 and len(parts[2]) == TOKEN_LENGTH else ""


def share(site: str, token: str) -> str:
    return f"{site}/share/{token}"


def embed(site: str, token: str) -> str:
    return f"{site}/embed/{token}"


def thumbnail(site: str, token: str) -> str:
    return f"{site}/share/{token}/thumbnail.gif"


def clip(site: str, token: str) -> str:
    return f"{site}/share/{token}/clip.gif"


def email_embed_html(site: str, token: str, name: str) -> str:
    """Return HTML for a mail: the thumbnail with a link to the page."""
    words = escape(f"Watch the video for {name}" if name else "Watch the video")
    return (
        f'<a href="{escape(share(site, token))}" target="_blank" rel="noopener noreferrer">'
        f'<img src="{escape(thumbnail(site, token))}" alt="{words}" width="480" height="270" '
        'style="display:block;border:0;border-radius:8px;max-width:100%;height:auto"></a>'
    )
