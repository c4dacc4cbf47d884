"""Dynamics campaigns: one video, and the prospects for whom it is personalized."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

import msgspec
import orjson
from typing_extensions import TypedDict

from sparkbox.core.state.clock import iso
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record

from .. import errors
from ..prospects.models import Address, ProspectItem
from ..workspaces.workspaces import current

Status = Literal["pending", "active"]


class Button(msgspec.Struct, frozen=True, gc=False):
    """A call to action on the share pages."""

    position: int
    label: str
    link: str


class Campaign(Record, frozen=True, gc=False, kw_only=True):
    """A dynamic campaign. ``voice_cloning`` and ``fields`` are JSON."""

    id: str
    name: str
    created: float
    updated: float
    status: Status = "pending"
    title: str = ""
    message: str = ""
    buttons: tuple[Button, ...] = ()
    calendar_provider: str = ""
    calendar_link: str = ""
    version: int = 1
    language_code: str = "en"
    video_url: str = ""
    multivariable: bool = False
    voice_cloning: bytes = b"false"
    fields: bytes = b"{}"
    use_fallback_data: bool = False


class ButtonFields(TypedDict):
    position: int
    label: str
    link: str


class Calendar(TypedDict):
    provider: str
    link: str


class SharePage(TypedDict):
    title: str
    message: str
    buttons: list[ButtonFields]
    calendar: NotRequired[Calendar]
    layout: Literal["layout-default", "layout-title-above"]
    transcriptionsViewEnabled: bool


class VideoProperties(TypedDict):
    sharePage: SharePage


class Metadata(TypedDict):
    version: int


class CommonFields(TypedDict):
    """The fields of a campaign in every response."""

    name: str
    videoProperties: VideoProperties
    metadata: Metadata
    combinedVideo: bool
    dynamicBackground: bool
    status: Status
    creator: str
    folder: str
    workspace: str
    videosAssets: list[str]
    createdAt: str
    updatedAt: str
    deletedAt: str | None
    languageCode: str
    multivariable: bool
    voiceCloning: bool | dict[str, Any]
    videoUrl: str
    fields: dict[str, Any]
    useFallbackData: bool
    prospectCount: int


class DepurationCounts(TypedDict):
    """How many rows of a request had which outcome."""

    created: int
    updated: int
    depurated: int
    invalid: int


class CampaignFields(CommonFields):
    """A campaign; with ``prospectList`` and ``depuration`` where prospects are requested or added."""

    _id: str
    prospectList: NotRequired[list[ProspectItem]]
    depuration: NotRequired[DepurationCounts]


class CampaignByStepsFields(CommonFields):
    """A campaign in version 2: with ``id`` instead of ``_id``."""

    id: str


def find_campaign(ctx: Context, id: str) -> Campaign:
    """Return a campaign by its id, or raise the vendor's 404."""
    campaign = ctx.store[Campaign].get(id)
    if campaign is None:
        raise errors.NOT_FOUND()
    return campaign


def common_fields(ctx: Context, campaign: Campaign) -> CommonFields:
    """Return a campaign's fields without its id."""
    workspace = current(ctx)
    return {
        "name": campaign.name,
        "videoProperties": {"sharePage": _share_page(campaign)},
        "metadata": {"version": campaign.version},
        "combinedVideo": False,
        "dynamicBackground": False,
        "status": campaign.status,
        "creator": workspace.creator,
        "folder": workspace.folder,
        "workspace": workspace.id,
        "videosAssets": [],
        "createdAt": iso(campaign.created),
        "updatedAt": iso(campaign.updated),
        "deletedAt": None,
        "languageCode": campaign.language_code,
        "multivariable": campaign.multivariable,
        "voiceCloning": orjson.loads(campaign.voice_cloning),
        "videoUrl": campaign.video_url,
        "fields": orjson.loads(campaign.fields),
        "useFallbackData": campaign.use_fallback_data,
        "prospectCount": len(ctx.store[Address, campaign.id]),
    }


def campaign_fields(ctx: Context, campaign: Campaign) -> CampaignFields:
    """Return a campaign's fields without its prospects."""
    fields: CampaignFields = {**common_fields(ctx, campaign), "_id": campaign.id}  # type: ignore[typeddict-item]
    return fields


def _share_page(campaign: Campaign) -> SharePage:
    page: SharePage = {
        "title": campaign.title,
        "message": campaign.message,
        "buttons": [
            {"position": button.position, "label": button.label, "link": button.link} for button in campaign.buttons
        ],
        "layout": "layout-default",
        "transcriptionsViewEnabled": False,
    }
    if campaign.calendar_link:
        page["calendar"] = {"provider": campaign.calendar_provider, "link": campaign.calendar_link}
    return page
