"""Share pages: where a prospect watches the video, and the events of a visit.

Share links open these pages of the sandbox; they are not operations of the vendor's API. Opening a page emits
``video_viewed``, playing ``video_played``, watching to the end or leaving earlier ``video_watched``, the heart
``video_liked`` (once), and a call to action ``video_cta_clicked`` before it redirects to the campaign's own link. A
HEAD request, as link checkers send it, is not a visit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.request.http import Response
from sparkbox.core.state.context import Context

from ..errors import DOCS
from ..videos import clips
from ..workspaces.workspaces import current
from . import links, page_html, visits
from .page_html import View
from .visits import Visit

PAGE = ((200, "text/html"), (404, "text/html"))
BACK = ((303, ""), (404, "text/html"))
ON = ((302, ""), (404, "text/html"))
IMAGE = ((200, "image/gif"), (404, "text/html"))

operations = Operations(
    "Share pages", own=True, docs=DOCS, evidence="assumed", public=True, limits=(), content_types=()
)


class ShareQuery(Body):
    """``again``: back from the like button, which does not count as a view."""

    again: bool = False


class Like(Body):
    """``playing``: return to the playing page."""

    playing: bool = False


class Progress(Body):
    percentage: Annotated[int, Field(ge=0, le=100)]


@operations.get("/share/{shareId}", media_types=PAGE)
def open_share_page(ctx: Context, share_id: str, query: ShareQuery) -> Response:
    """Open a share page; emits ``video_viewed``."""
    visit = visits.find(ctx, share_id)
    if visit is None:
        return page_html.not_found()
    if not query.again:
        visit.viewed()
    return page_html.page(_view(visit))


@operations.get("/share/{shareId}/watch", media_types=PAGE)
def open_playing_page(ctx: Context, share_id: str) -> Response:
    """Show a share page whose video plays."""
    visit = visits.find(ctx, share_id)
    return page_html.not_found() if visit is None else page_html.page(_view(visit, playing=True))


@operations.post("/share/{shareId}/play", status=303, media_types=BACK)
def play_video(ctx: Context, share_id: str) -> Response:
    """Play a video; emits ``video_played``."""
    return _play(ctx, share_id, "share")


@operations.post("/share/{shareId}/progress", status=303, media_types=BACK)
def tell_progress(ctx: Context, share_id: str, body: Progress) -> Response:
    """Report how much was watched, in per cent; emits ``video_watched``."""
    visit = visits.find(ctx, share_id)
    if visit is None:
        return page_html.not_found()
    visit.watched(body.percentage)
    return page_html.redirect(f"{_path(ctx, 'share', share_id)}/watch")


@operations.post("/share/{shareId}/like", status=303, media_types=BACK, body_required=False)
def like_video(ctx: Context, share_id: str, body: Like | None = None) -> Response:
    """Like a video; emits ``video_liked`` the first time."""
    visit = visits.find(ctx, share_id)
    if visit is None:
        return page_html.not_found()
    visit.liked()
    back = "/watch" if body is not None and body.playing else "?again=1"
    return page_html.redirect(f"{_path(ctx, 'share', share_id)}{back}")


@operations.get("/share/{shareId}/cta/{number}", status=302, media_types=ON)
def click_cta(ctx: Context, share_id: str, number: int) -> Response:
    """Follow a call to action, counted from 0; emits ``video_cta_clicked``.

    It redirects to the campaign's link.
    """
    visit = visits.find(ctx, share_id)
    if visit is None or number >= len(visit.buttons):
        return page_html.not_found()
    return page_html.redirect(visit.clicked(visit.buttons[number]), 302)


@operations.get("/share/{shareId}/thumbnail.gif", media_types=IMAGE)
def show_thumbnail(ctx: Context, share_id: str) -> Response:
    """Show a video's thumbnail."""
    return _image(ctx, share_id, clips.thumbnail)


@operations.get("/share/{shareId}/clip.gif", media_types=IMAGE)
def show_clip(ctx: Context, share_id: str) -> Response:
    """Show a video."""
    return _image(ctx, share_id, clips.clip)


@operations.get("/embed/{shareId}", media_types=PAGE)
def open_embedded_page(ctx: Context, share_id: str) -> Response:
    """Open the embedded page; emits ``video_viewed``."""
    visit = visits.find(ctx, share_id)
    if visit is None:
        return page_html.not_found()
    visit.viewed()
    return page_html.page(_view(visit, embedded=True))


@operations.get("/embed/{shareId}/watch", media_types=PAGE)
def open_embedded_playing_page(ctx: Context, share_id: str) -> Response:
    """Show the embedded page while its video plays."""
    visit = visits.find(ctx, share_id)
    return page_html.not_found() if visit is None else page_html.page(_view(visit, playing=True, embedded=True))


@operations.post("/embed/{shareId}/play", status=303, media_types=BACK)
def play_embedded_video(ctx: Context, share_id: str) -> Response:
    """Play an embedded video; emits ``video_played``."""
    return _play(ctx, share_id, "embed")


def _play(ctx: Context, share_id: str, kind: str) -> Response:
    visit = visits.find(ctx, share_id)
    if visit is None:
        return page_html.not_found()
    visit.played()
    return page_html.redirect(f"{_path(ctx, kind, share_id)}/watch")


def _image(ctx: Context, share_id: str, draw: Callable[[str, str], bytes]) -> Response:
    visit = visits.find(ctx, share_id)
    if visit is None:
        return page_html.not_found()
    return page_html.gif(draw(visit.prospect.name, visit.prospect.company))


def _path(ctx: Context, kind: str, share_id: str) -> str:
    return f"{links.prefix(ctx.request.base_url)}/{kind}/{share_id}"


def _view(visit: Visit, *, playing: bool = False, embedded: bool = False) -> View:
    campaign, prospect, engagement = visit.campaign, visit.prospect, visit.engagement
    return View(
        path=_path(visit.ctx, "share", visit.token),
        player=_path(visit.ctx, "embed" if embedded else "share", visit.token),
        campaign=campaign.name,
        title=campaign.title,
        message=campaign.message,
        name=prospect.name,
        caption=clips.caption_for(prospect.name),
        company=prospect.company,
        creator=current(visit.ctx).creator_name,
        buttons=tuple(visit.buttons),
        calendar=campaign.calendar_link,
        liked=engagement.liked,
        watched=engagement.watched,
        playing=playing,
        embedded=embedded,
    )
