"""Visits to share pages: find the page of a token, count what happens there and emit its events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sparkbox.core.state import signing
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from ..campaigns.models import Button, Campaign
from ..prospects.models import Prospect, is_completed, render_of
from ..videos.models import Render
from ..webhooks import events
from ..webhooks.events import EventType
from . import links
from .models import Engagement


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to a prospect's page."""

    ctx: Context
    token: str
    campaign: Campaign
    prospect: Prospect
    render: Render

    @property
    def engagement(self) -> Engagement:
        key = self.prospect.key
        return self.ctx.store[Engagement].get(key) or Engagement(key)

    @property
    def buttons(self) -> list[Button]:
        """Return the calls to action by position."""
        return sorted(self.campaign.buttons, key=lambda button: button.position)

    def viewed(self) -> None:
        """Count a view, unless the request is HEAD, as link checkers send it."""
        if self.ctx.request.method != "HEAD":
            self._happened("video_viewed", replace(self.engagement, views=self.engagement.views + 1), "viewed")

    def played(self) -> None:
        """Count a play."""
        self._happened("video_played", replace(self.engagement, plays=self.engagement.plays + 1), "played")

    def watched(self, percentage: int) -> None:
        """Note the percentage watched."""
        most = max(percentage, self.engagement.watched)
        engagement = replace(self.engagement, watched=most)
        self._happened("video_watched", engagement, "watched", watchPercentage=percentage)

    def liked(self) -> None:
        """Note a like; a second one changes nothing."""
        if not self.engagement.liked:
            self._happened("video_liked", replace(self.engagement, liked=True), "liked")

    def clicked(self, button: Button) -> str:
        """Count a click, unless the request is HEAD. Return the link in ASCII."""
        if self.ctx.request.method != "HEAD":
            engagement = replace(self.engagement, clicks=self.engagement.clicks + 1)
            self._happened("video_cta_clicked", engagement, "clicked", ctaText=button.label, ctaLink=button.link)
        return quote(button.link, safe=":/?#[]@!$&'()*+,;=%~")

    def _happened(self, type: EventType, engagement: Engagement, status: str, **more: Any) -> None:
        ctx = self.ctx
        ctx.store[Engagement].put(engagement)
        ctx.mark(self.prospect.message, status)
        events.emit(ctx, type, self.campaign, self.prospect, self.render, **more)


def forget(ctx: Context, prospect: Prospect) -> None:
    """Delete the counts of a prospect whose video is rendered again."""
    ctx.store[Engagement].delete(prospect.key)


def find(ctx: Context, token: str) -> Visit | None:
    """Return the visit of a token; ``None`` if there is no page, or its video is not completed."""
    prospect = ctx.store[Prospect].get(links.key_of(token))
    if prospect is None or not signing.same(links.token(ctx.account, prospect.key), token):
        return None
    render, campaign = render_of(ctx, prospect), ctx.store[Campaign].get(prospect.campaign)
    if render is None or campaign is None or not is_completed(prospect, render):
        return None
    return Visit(ctx, token, campaign, prospect, render)
