"""What is behind a mail's pixels, links and List-Unsubscribe header: the answers alone."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from sparkbox.core.request.http import Response

GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
"""One transparent pixel."""

UNSUBSCRIBE_HEADERS = frozenset({"list-unsubscribe", "list-unsubscribe-post"})
"""Their names, in lower case."""

_IN_URL = "!#$%&'()*+,/:;=?@[]~"
_UNCACHED = (b"cache-control", b"no-cache, max-age=0")


def pixel() -> Response:
    """The image that tells of an open."""
    return Response(200, GIF, [(b"content-type", b"image/gif"), _UNCACHED])


def redirect(url: str) -> Response:
    """On to where a link leads."""
    return Response(302, b"", [(b"location", quote(url, safe=_IN_URL).encode()), _UNCACHED])


def asking(recipient: str) -> Response:
    """The page of a List-Unsubscribe header; it only asks, so that programs that look at links unsubscribe nobody."""
    button = '<form method="post"><button name="List-Unsubscribe" value="One-Click">Unsubscribe</button></form>'
    return _page(f"<p>{escape(recipient)} will get no more of this mail.</p>{button}")


def unsubscribed(recipient: str) -> Response:
    """The page after that."""
    return _page(f"<p>{escape(recipient)} is unsubscribed.</p>")


def unsubscribe_headers(*targets: str) -> tuple[tuple[str, str], ...]:
    """``List-Unsubscribe`` (RFC 2369), and that one click does it (RFC 8058)."""
    return (
        ("List-Unsubscribe", ", ".join(f"<{target}>" for target in targets)),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )


def image(url: str) -> str:
    """A pixel as it stands in HTML."""
    return f'<img border="0" width="1" height="1" alt="" src="{escape(url)}">'


def _page(text: str) -> Response:
    html = f'<!doctype html><html lang="en"><title>Unsubscribe</title><body>{text}</body></html>'
    return Response(200, html.encode(), [(b"content-type", b"text/html; charset=utf-8"), _UNCACHED])
