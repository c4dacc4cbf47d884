"""The events of videos, as the vendor's webhooks send them: flat JSON.

The field names are those that clients received and those of the vendor's list:
https://help.sendspark.com/en/articles/10619230-webhooks-properties-included-in-sendspark-webhooks. ``campaignId`` is
the same as ``dynamicCampaignId``. When ``video_request_received`` and ``video_generated_error`` occur, and their
fields, are assumed.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from sparkbox.core.request.http import to_json
from sparkbox.core.state.context import Context

from ..campaigns.models import Campaign
from ..prospects.models import Prospect, more_of
from ..share_pages import links
from ..videos.models import Render
from ..workspaces.workspaces import current

EventType = Literal[
    "video_watched",
    "video_played",
    "video_cta_clicked",
    "video_viewed",
    "video_liked",
    "video_request_received",
    "video_generated_dv",
    "video_mp4_ready",
    "video_generated_error",
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)

WITHOUT_VIDEO = ("video_request_received", "video_generated_error")
"""Events that occur before there are links."""


def emit(ctx: Context, type: EventType, campaign: Campaign, prospect: Prospect, render: Render, **more: Any) -> None:
    """Emit an event; :func:`.webhooks.follow` posts it to the webhooks."""
    ctx.emit(type, to_json(payload(ctx, type, campaign, prospect, render) | more), message=prospect.message)


def payload(ctx: Context, type: EventType, campaign: Campaign, prospect: Prospect, render: Render) -> dict[str, Any]:
    """Return the body of a webhook request."""
    workspace = current(ctx)
    token = links.token(ctx.account, prospect.key)
    made = type not in WITHOUT_VIDEO
    site = render.site
    fields = {
        "eventType": type,
        "campaignId": campaign.id,
        "campaignName": campaign.name,
        "dynamicCampaignId": campaign.id,
        "dynamicCampaignName": campaign.name,
        "prospectId": prospect.id,
        "contactEmail": prospect.email,
        "contactInfo": {
            "contactEmail": prospect.email,
            "contactFirstName": first_name(prospect),
            "company": prospect.company,
            "jobTitle": prospect.job_title,
            "backgroundUrl": prospect.background or workspace.default_background,
        },
        "creatorId": workspace.creator,
        "creatorName": workspace.creator_name,
        "videoLink": links.share(site, token) if made else None,
        "embedLink": links.embed(site, token) if made else None,
        "thumbnailUrl": links.thumbnail(site, token) if made else None,
        "workspaceId": workspace.id,
        "workspaceName": workspace.name,
    }
    if type == "video_mp4_ready":
        clip = links.clip(site, token)
        fields |= {
            "emailEmbedHTML": links.email_embed_html(site, token, prospect.name),
            "emailDownloadLink": clip,
            "downloadVideoLinkLow": clip,
            "downloadVideoLinkMedium": clip,
            "downloadVideoLinkHigh": clip,
        }
    elif type == "video_generated_error":
        fields["errorMessage"] = "The video could not be generated"
    return fields


def metadata(campaign: Campaign, prospect: Prospect, render: Render, token: str) -> bytes:
    """Return the metadata of a captured video's message."""
    fields = {
        "campaignId": campaign.id,
        "campaignName": campaign.name,
        "prospectId": prospect.id,
        "shareUrl": links.share(render.site, token),
        "embedUrl": links.embed(render.site, token),
        "thumbnailUrl": links.thumbnail(render.site, token),
    }
    return to_json(fields)


def first_name(prospect: Prospect) -> str:
    return prospect.name.partition(" ")[0]


def creator_name(ctx: Context) -> str:
    return current(ctx).creator_name


def own_webhook(prospect: Prospect, type: str) -> str:
    """Return the URL of the prospect's own webhook for an event; empty if there is none."""
    if not prospect.more:
        return ""
    fields = more_of(prospect)
    events = fields.get("webhookEvents")
    return str(fields.get("webhookUrl", "")) if not events or type in events else ""
