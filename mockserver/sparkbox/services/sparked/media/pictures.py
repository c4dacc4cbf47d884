"""Pictures of demo creators and their assets, drawn from the name in the URL."""

from __future__ import annotations

from html import escape

from sparkbox.core.declare.operation import Operations
from sparkbox.core.request.http import Response
from sparkbox.core.state.context import Context

from .. import pages
from ..errors import DOCS

operations = Operations("Pictures", own=True, docs=DOCS, evidence="assumed", public=True, limits=())

MOST_NAME = 120

_HEADERS = [
    (b"content-type", b"image/svg+xml; charset=utf-8"),
    (b"cache-control", b"public, max-age=86400"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
    (b"x-content-type-options", b"nosniff"),
]


@operations.get("/media/avatars/{name}", media_types=((200, "image/svg+xml"),))
def show_avatar(ctx: Context, name: str) -> Response:
    """Show a creator's picture: a person on a coloured background, as SVG."""
    word = name[:MOST_NAME].removesuffix(".svg")
    hue = pages.hue(word)
    return _picture(
        256,
        256,
        f'<defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="hsl({hue} 62% 52%)"/>'
        f'<stop offset="1" stop-color="hsl({(hue + 50) % 360} 66% 34%)"/></linearGradient></defs>'
        '<rect width="256" height="256" fill="url(#g)"/>'
        '<circle cx="128" cy="104" r="46" fill="#fff" opacity=".92"/>'
        '<path d="M36 256c6-62 44-88 92-88s86 26 92 88z" fill="#fff" opacity=".92"/>',
    )


@operations.get("/media/assets/{name}", media_types=((200, "image/svg+xml"),))
def show_asset(ctx: Context, name: str) -> Response:
    """Show an asset's picture, with its title, as SVG."""
    words = name[:MOST_NAME].removesuffix(".svg").replace("-", " ")
    hue = pages.hue(words)
    return _picture(
        640,
        360,
        f'<rect width="640" height="360" fill="hsl({hue} 45% 88%)"/>'
        f'<path d="M0 270 150 150l110 90 90-70 290 190v0H0z" fill="hsl({hue} 40% 62%)"/>'
        f'<circle cx="520" cy="90" r="46" fill="hsl({(hue + 60) % 360} 80% 72%)"/>'
        f'<text x="32" y="330" font-family="system-ui,sans-serif" font-size="26" fill="hsl({hue} 45% 16%)">'
        f"{escape(words[:44])}</text>",
    )


def _picture(width: int, height: int, drawing: str) -> Response:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    return Response(200, f"{head}{drawing}</svg>\n".encode("utf-8", "replace"), list(_HEADERS))
