"""The share pages' HTML. Clients' texts are escaped, and a content security policy forbids foreign content.

The only script is on playing pages; it reports how much was watched. Without scripts, visitors can report it by hand.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import NamedTuple

from sparkbox.core.request.http import Headers, Response

from ..campaigns.models import Button
from ..videos import clips

PROGRESS = (25, 50, 75, 100)


class View(NamedTuple):
    """The contents of a page. ``path`` is the share page's path, ``player`` that of the page on which the video plays.

    ``caption`` is shown over the video.
    """

    path: str
    player: str
    campaign: str
    title: str
    message: str
    name: str
    caption: str
    company: str
    creator: str
    buttons: tuple[Button, ...]
    calendar: str
    liked: bool
    watched: int
    playing: bool
    embedded: bool


def page(view: View) -> Response:
    """Return a share page, or its embedded version."""
    body = _video(view) if view.embedded else _whole(view)
    if view.playing:
        body += f"<script>{_PLAYER}</script>"
    icon = f'<link rel="icon" href="{escape(view.path)}/thumbnail.gif">'
    headers = _headers(framed=view.embedded, playing=view.playing)
    return _document(200, view.title or view.campaign, icon, body, headers, framed=view.embedded)


def not_found() -> Response:
    """Return the page for an unknown link."""
    words = "<h1>No video here</h1><p>The link is wrong, or its video is not made yet.</p>"
    body = f'<main class="card empty">{words}</main>'
    return _document(404, "No video here", "", body, _headers(framed=False, playing=False))


def gif(data: bytes) -> Response:
    """Return a clip or a thumbnail; any site or mail may show it."""
    headers: Headers = [
        (b"content-type", b"image/gif"),
        (b"cache-control", b"no-cache"),
        (b"x-content-type-options", b"nosniff"),
    ]
    return Response(200, data, headers)


def redirect(location: str, status: int = 303) -> Response:
    """Redirect to another page; ``location`` is ASCII."""
    headers: Headers = [
        (b"location", location.encode("ascii")),
        (b"cache-control", b"no-store"),
        (b"referrer-policy", b"same-origin"),
    ]
    return Response(status, b"", headers)


def _document(status: int, title: str, head: str, body: str, headers: Headers, *, framed: bool = False) -> Response:
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>{head}<style>{_STYLE}</style></head>"
        f"<body{' class=framed' if framed else ''}>{body}</body></html>"
    )
    return Response(status, text.encode("utf-8", "replace"), headers)


def _whole(view: View) -> str:
    message = f'<p class="message" dir="auto">{escape(view.message)}</p>' if view.message else ""
    who = _name(view.name or "you") + (f" at {_name(view.company)}" if view.company else "")
    return (
        f'<main class="card"><p class="from">{_name(view.creator)} made a video for <b>{who}</b></p>'
        f'<h1 dir="auto">{escape(view.title or view.campaign)}</h1>{message}{_video(view)}'
        f'<div class="row">{_like(view)}{_buttons(view)}</div>{_progress(view)}</main>'
        '<footer class="note">A page of the sandbox. The video was drawn here; nobody was sent anything.</footer>'
    )


def _video(view: View) -> str:
    words = escape(f"A video for {view.name}" if view.name else "A video")
    size = f'width="{clips.WIDTH}" height="{clips.HEIGHT}"'
    caption = f'<span class="caption" aria-hidden="true">{_name(view.caption)}</span>' if view.caption else ""
    path = escape(view.path)
    if view.playing:
        watching = f'data-tells="{path}/progress" data-lasts="{clips.MILLISECONDS}"'
        clip = f'<img class="video" src="{path}/clip.gif" alt="{words}" {size} {watching}>'
        return f'<div class="screen">{clip}{caption}</div>'
    still = f'<img class="video" src="{path}/thumbnail.gif" alt="{words}: play" {size}>'
    return (
        f'<form method="post" action="{escape(view.player)}/play"><button class="play" title="Play">'
        f'<span class="screen">{still}{caption}</span></button></form>'
    )


def _name(text: str) -> str:
    """Return a name in any script, isolated from the direction of the text around it."""
    return f"<bdi>{escape(text)}</bdi>"


def _like(view: View) -> str:
    if view.liked:
        return '<span class="button liked"><span aria-hidden="true">&#9829;</span> Liked</span>'
    playing = '<input type="hidden" name="playing" value="1">' if view.playing else ""
    return (
        f'<form method="post" action="{escape(view.path)}/like">{playing}'
        '<button class="button"><span aria-hidden="true">&#9825;</span> Like</button></form>'
    )


def _buttons(view: View) -> str:
    links = [
        f'<a class="button cta" rel="noopener noreferrer" href="{escape(view.path)}/cta/{number}">'
        f"{_name(button.label or button.link)}</a>"
        for number, button in enumerate(view.buttons)
    ]
    if view.calendar:
        href = escape(view.calendar)
        links.append(f'<a class="button" rel="noopener noreferrer" href="{href}">Book a time</a>')
    return "".join(links)


def _progress(view: View) -> str:
    """Return the buttons that report by hand how much was watched, for browsers without scripts."""
    if not view.playing:
        return ""
    buttons = "".join(
        f'<button class="{"step done" if view.watched >= part else "step"}" name="percentage" value="{part}">'
        f"{part} %</button>"
        for part in PROGRESS
    )
    return (
        f'<form class="progress" method="post" action="{escape(view.path)}/progress">'
        f"<span>Watched</span>{buttons}</form>"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


_STYLE = Path(__file__).with_name("share_page.css").read_text("utf-8")
_PLAYER = Path(__file__).with_name("player.js").read_text("utf-8")
_STYLE_HASH, _PLAYER_HASH = _hash(_STYLE), _hash(_PLAYER)


def _headers(*, framed: bool, playing: bool) -> Headers:
    scripts = f"script-src {_PLAYER_HASH}; connect-src 'self'; " if playing else ""
    policy = (
        f"default-src 'none'; img-src 'self'; style-src {_STYLE_HASH}; {scripts}form-action 'self'; "
        f"base-uri 'none'; frame-ancestors {'*' if framed else chr(39) + 'none' + chr(39)}"
    )
    return [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        # With no-referrer, browsers would send the page's own forms with `Origin: null`.
        (b"referrer-policy", b"same-origin"),
        (b"cache-control", b"no-store"),
    ]
