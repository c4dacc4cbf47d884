"""Engagement: the responses behind a mail's links, pixels and List-Unsubscribe headers, see :mod:`.tracking`."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from sparkbox.core.request.http import Response

GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
"""One transparent pixel."""

_IN_URL = "!#$%&'()*+,/:;=?@[]~"
_UNCACHED = (b"cache-control", b"no-cache, max-age=0")


def pixel() -> Response:
    """Return the image by which an open is noticed."""
    return Response(200, GIF, [(b"content-type", b"image/gif"), _UNCACHED])


def redirect(url: str) -> Response:
    """Redirect to where a link leads."""
    return Response(302, b"", [(b"location", quote(url, safe=_IN_URL).encode()), _UNCACHED])


def asking(recipient: str) -> Response:
    """Return the page behind a List-Unsubscribe header.

    It only asks, so that programs that open every link in a mail do not unsubscribe its reader.
    """
    button = '<form method="post"><button name="List-Unsubscribe" value="One-Click">Unsubscribe</button></form>'
    return _page(f"<p>{escape(recipient)} will get no more of this mail.</p>{button}")


def unsubscribed(recipient: str) -> Response:
    """Return the page that confirms an unsubscription."""
    return _page(f"<p>{escape(recipient)} is unsubscribed.</p>")


def _page(text: str) -> Response:
    html = f'<!doctype html><html lang="en"><title>Unsubscribe</title><body>{text}</body></html>'
    return Response(200, html.encode(), [(b"content-type", b"text/html; charset=utf-8"), _UNCACHED])
