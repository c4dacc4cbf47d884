"""The share pages' HTML: no scripts, nothing from elsewhere; whatever a client gave is escaped."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import NamedTuple

from mockserver.core.http import Answer, Headers

from . import clips
from .campaigns import Button

PROGRESS = (25, 50, 75, 100)


class View(NamedTuple):
    """What a page shows. ``path`` is the share page's, ``player`` that of the page at which the video is played."""

    path: str
    player: str
    campaign: str
    title: str
    message: str
    name: str
    company: str
    creator: str
    buttons: tuple[Button, ...]
    calendar: str
    liked: bool
    watched: int
    playing: bool
    embedded: bool


def page(view: View) -> Answer:
    """A share page, or what of it is embedded elsewhere."""
    body = _video(view) if view.embedded else _whole(view)
    return html(200, view.title or view.campaign, body, framed=view.embedded)


def not_found() -> Answer:
    """The page for a link that leads nowhere."""
    words = "<h1>No video here</h1><p>The link is wrong, or its video is not made yet.</p>"
    return html(404, "No video here", f'<main class="card empty">{words}</main>')


def html(status: int, title: str, body: str, *, framed: bool = False) -> Answer:
    """A document with headers that let it load its own images and nothing else."""
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body{' class=framed' if framed else ''}>{body}</body></html>"
    )
    return Answer(status, text.encode("utf-8", "replace"), _headers(framed))


def gif(data: bytes) -> Answer:
    """A clip or a thumbnail; mails show it from anywhere."""
    headers: Headers = [
        (b"content-type", b"image/gif"),
        (b"cache-control", b"no-cache"),
        (b"x-content-type-options", b"nosniff"),
    ]
    return Answer(200, data, headers)


def redirect(location: str, status: int = 303) -> Answer:
    """To another page; ``location`` is ASCII."""
    headers: Headers = [
        (b"location", location.encode("ascii")),
        (b"cache-control", b"no-store"),
        (b"referrer-policy", b"no-referrer"),
    ]
    return Answer(status, b"", headers)


def _whole(view: View) -> str:
    message = f'<p class="message">{escape(view.message)}</p>' if view.message else ""
    who = escape(view.name or "you") + (f" at {escape(view.company)}" if view.company else "")
    return (
        f'<main class="card"><p class="from">{escape(view.creator)} made a video for <b>{who}</b></p>'
        f"<h1>{escape(view.title or view.campaign)}</h1>{message}{_video(view)}"
        f'<div class="row">{_like(view)}{_buttons(view)}</div>{_progress(view)}</main>'
        '<footer class="note">A page of the sandbox. The video was drawn here; nobody was sent anything.</footer>'
    )


def _video(view: View) -> str:
    words = escape(f"A video for {view.name}" if view.name else "A video")
    size = f'width="{clips.WIDTH}" height="{clips.HEIGHT}"'
    if view.playing:
        return f'<img class="video" src="{escape(view.path)}/clip.gif" alt="{words}" {size}>'
    return (
        f'<form method="post" action="{escape(view.player)}/play"><button class="play" title="Play">'
        f'<img class="video" src="{escape(view.path)}/thumbnail.gif" alt="{words}: play" {size}></button></form>'
    )


def _like(view: View) -> str:
    if view.liked:
        return '<span class="button liked">&#9829; Liked</span>'
    playing = '<input type="hidden" name="playing" value="1">' if view.playing else ""
    return (
        f'<form method="post" action="{escape(view.path)}/like">{playing}'
        '<button class="button">&#9825; Like</button></form>'
    )


def _buttons(view: View) -> str:
    links = [
        f'<a class="button cta" rel="noopener noreferrer" href="{escape(view.path)}/cta/{number}">'
        f"{escape(button.label or button.link)}</a>"
        for number, button in enumerate(view.buttons)
    ]
    if view.calendar:
        href = escape(view.calendar)
        links.append(f'<a class="button" rel="noopener noreferrer" href="{href}">Book a time</a>')
    return "".join(links)


def _progress(view: View) -> str:
    """How much was watched, said by hand: a page without scripts cannot tell."""
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


_STYLE = (
    "*{box-sizing:border-box}"
    "body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;justify-content:center;"
    "gap:16px;padding:24px;background:linear-gradient(160deg,#efeafd,#fdeef0);color:#26204c;"
    "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
    ".card{width:100%;max-width:640px;background:#fff;border-radius:20px;padding:32px;"
    "box-shadow:0 12px 40px rgba(38,32,76,.14)}"
    ".empty{text-align:center}.empty p{margin:0}"
    "h1{margin:0 0 8px;font-size:28px;line-height:1.2;overflow-wrap:anywhere}"
    ".from{margin:0 0 4px;color:#6d67a0;font-size:14px;overflow-wrap:anywhere}"
    ".message{margin:0 0 8px;white-space:pre-line;overflow-wrap:anywhere}"
    ".video{display:block;width:100%;height:auto;border-radius:14px}"
    "form{margin:0}.card>form,.card>.video{margin-top:20px}"
    ".play{display:block;width:100%;padding:0;border:0;background:none;cursor:pointer;border-radius:14px;"
    "transition:transform .15s}.play:hover{transform:scale(1.01)}"
    ".row{display:flex;flex-wrap:wrap;gap:10px;margin-top:20px}"
    ".button{display:inline-block;padding:10px 18px;border:1px solid #d9d3f5;border-radius:999px;background:#fff;"
    "color:#26204c;font:inherit;font-weight:600;text-decoration:none;cursor:pointer;overflow-wrap:anywhere}"
    ".button:hover{border-color:#5b4bbf}.cta{background:#5b4bbf;border-color:#5b4bbf;color:#fff}"
    ".liked{color:#e0475b;border-color:#f6c9cf;background:#fff5f6;cursor:default}"
    ".framed{padding:0;background:none}.framed .video{border-radius:0}"
    ".progress{display:flex;flex-wrap:wrap;align-items:center;gap:8px;color:#6d67a0;font-size:14px}"
    ".step{padding:4px 12px;border:1px solid #d9d3f5;border-radius:999px;background:#fff;color:inherit;font:inherit;"
    "white-space:nowrap;cursor:pointer}.step.done{background:#efeafd;border-color:#b9aef0;color:#26204c}"
    ".note{color:#8d88b5;font-size:13px;text-align:center}"
)
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()


def _headers(framed: bool) -> Headers:
    policy = (
        f"default-src 'none'; img-src 'self'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors {'*' if framed else chr(39) + 'none' + chr(39)}"
    )
    return [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"no-store"),
    ]
