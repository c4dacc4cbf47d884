"""Persisted prospect lists (version 2): change a campaign and store prospects, with or without their videos.

With ``processAndAuthorizeCharge`` the videos are requested at once; without it, ``POST …/bulk`` requests them later.
That the list is added to the existing prospects, as in a bulk request, is assumed.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.request.http import to_json
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps
from sparkbox.core.state.store import replace

from .. import errors
from ..auth import PAID
from ..campaigns.models import Button, Campaign, CampaignFields, campaign_fields, find_campaign
from ..errors import DOCS
from ..fields import Json, LongText, Name, Text, WebUrl
from ..workspaces.workspaces import enter
from .prospects import Adding, Rows, enrol_rows, read_rows

operations = Operations("Dynamics Campaign", docs=DOCS)


class NewButton(Body):
    """A call to action. ``link`` must be a URL."""

    position: Annotated[int, Field(ge=0, le=1000)] = 0
    label: Annotated[str, Field(max_length=255)] = ""
    link: Annotated[WebUrl, Field(min_length=1)]


class NewCalendar(Body):
    provider: Text = ""
    link: WebUrl = ""


class CampaignChanges(Adding):
    """Fields that are left out do not change; ``buttons`` are replaced as a whole."""

    name: Name | None = None
    title: Text | None = None
    message: LongText | None = None
    videoUrl: WebUrl | None = None
    buttons: Annotated[list[NewButton], Field(max_length=20)] | None = None
    calendar: NewCalendar | None = None
    voiceCloning: Json | None = None
    fields: Json | None = None
    prospectList: Rows | None = None


@operations.patch("/v2/workspaces/{workspaceId}/dynamics/{dynamicsId}", errors=[errors.SUSPENDED], tags=(PAID,))
def modify_dynamics_v2(
    ctx: Context, workspace_id: str, dynamics_id: str, body: CampaignChanges
) -> Steps[CampaignFields]:
    """Persist a prospect list, and change the campaign's share page and video."""
    enter(ctx, workspace_id)
    rows = yield from read_rows(ctx, find_campaign(ctx, dynamics_id), body.prospectList or [])
    campaign = _changed(find_campaign(ctx, dynamics_id), body, ctx.now)
    ctx.store[Campaign].put(campaign)
    if body.prospectList is None:
        return {**campaign_fields(ctx, campaign), "prospectList": []}
    process = body.processAndAuthorizeCharge
    return (yield from enrol_rows(ctx, campaign, rows, body.prospectDepurationConfig, process=process))


def _changed(campaign: Campaign, body: CampaignChanges, now: float) -> Campaign:
    given: dict[str, Any] = {
        "name": body.name,
        "title": body.title,
        "message": body.message,
        "video_url": body.videoUrl,
        "buttons": None if body.buttons is None else tuple(map(_button, body.buttons)),
        "calendar_provider": None if body.calendar is None else body.calendar.provider,
        "calendar_link": None if body.calendar is None else body.calendar.link,
        "voice_cloning": None if body.voiceCloning is None else to_json(body.voiceCloning),
        "fields": None if body.fields is None else to_json(body.fields),
    }
    changes = {name: value for name, value in given.items() if value is not None}
    return replace(campaign, **changes, updated=now)


def _button(given: NewButton) -> Button:
    return Button(given.position, given.label, given.link)
