"""HTML pages for people. A content security policy forbids scripts and foreign content."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from sparkbox.core.request.http import Response

STYLE = Path(__file__).with_name("pages.css").read_text("utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

SPARK = (
    '<svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><rect width="48" height="48" rx="14" fill="#6b2fd6"/>'
    '<path d="M27 7 12 28h9l-2 13 16-22h-10z" fill="#ffd9a8"/></svg>'
)
ARROWS = '<span class="dots" aria-hidden="true">···</span>'


def response(title: str, body: str, *, status: int = 200, sends_to: str = "", wide: bool = False) -> Response:
    """Return a page. ``body`` is HTML; ``sends_to`` is a URL to which a form may be redirected."""
    main = '<main class="wide">' if wide else "<main>"
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)}</title>\n<link rel="icon" href="../media/avatars/sparked.svg">\n'
        f"<style>{STYLE}</style>\n</head>\n"
        f"<body>\n{main}\n{body}\n</main>\n"
        '<p class="foot small soft">A page of the sandbox. Nobody here is real.</p>\n</body>\n</html>\n'
    )
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {_form_action(sends_to)}"
    )
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", policy.encode()),
        (b"cache-control", b"no-store"),
        (b"referrer-policy", b"same-origin"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
    ]
    return Response(status, page.encode("utf-8", "replace"), headers)


def error_page(status: int, code: str, message: str) -> Response:
    """Return a page that shows an error."""
    if status == 404:
        title, note = "Not found", "Ask whoever gave you the link for a new one."
    else:
        title, note = "This did not work", "Nothing was shared. If an app sent you here, tell its developers:"
    body = (
        f'{SPARK}\n<h1>{title}</h1>\n<p role="alert">{escape(message)}</p>\n'
        f'<p class="small soft">{note} <code>{escape(code)}</code></p>'
    )
    return response(title, body, status=status)


def initials(name: str) -> str:
    """Return one or two letters of a name."""
    words = re.findall(r"[^\W_]+", name)
    return "".join(word[0].upper() for word in (words[:1] + words[1:][-1:])) or "?"


def hue(text: str) -> int:
    """Return the hue of a text, in degrees; it is always the same."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:2], "big") % 360


def _form_action(uri: str) -> str:
    """Return the policy for forms: browsers apply it to the redirect after a form as well."""
    if not uri:
        return "'none'"
    parts = urlsplit(uri)
    # A source expression cannot hold an IPv6 host, so its scheme has to do.
    if not parts.netloc or not re.fullmatch(r"[0-9A-Za-z.:_-]+", parts.netloc):
        return f"'self' {parts.scheme}:"
    return f"'self' {parts.scheme}://{parts.netloc}"
