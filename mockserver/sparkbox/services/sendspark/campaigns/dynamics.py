"""Dynamics campaigns: create, list, read and configure them.

A new campaign is ``pending``; that it is ``active`` from the first requested video on is assumed. So are the syntax of
the list's ``filters`` (see :mod:`.listing`) and the fields that a ``projectionType`` leaves out.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, collected
from sparkbox.core.state.store import replace

from .. import errors
from ..auth import PAID
from ..errors import DOCS
from ..fields import Flag, Name
from ..prospects.enrolment import ROWS_A_STEP
from ..prospects.models import item_builder, prospects_of
from ..videos.languages import SETTINGS, DynamicsSettings
from ..workspaces.workspaces import enter
from . import listing
from .listing import CampaignPage, CampaignQuery
from .models import Campaign, CampaignByStepsFields, CampaignFields, campaign_fields, common_fields, find_campaign

operations = Operations("Dynamics Campaign", docs=DOCS)


class NewCampaign(Body):
    name: Name


class NewCampaignBySteps(Body):
    name: Name
    voiceCloning: Flag = False
    languageCode: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    videoUrl: Annotated[str, Field(max_length=2048)] = ""
    version: Annotated[int, Field(ge=1, le=1000)] = 2
    multivariable: Flag = False


class SettingsChanges(Body):
    useFallbackData: Flag | None = None


@operations.get("/v1/workspaces/{workspaceId}/dynamics")
def get_dynamics_list(ctx: Context, workspace_id: str, query: CampaignQuery) -> Steps[CampaignPage]:
    """Get the list of dynamics campaigns by workspace, newest first."""
    enter(ctx, workspace_id)
    return (yield from listing.page(ctx, query))


@operations.post("/v1/workspaces/{workspaceId}/dynamics", errors=[errors.SUSPENDED], tags=(PAID,))
def create_dynamics(ctx: Context, workspace_id: str, body: NewCampaign) -> CampaignFields:
    """Create a dynamics campaign."""
    enter(ctx, workspace_id)
    campaign = Campaign(id=ctx.ids.hex(24), name=body.name, created=ctx.now, updated=ctx.now)
    ctx.store[Campaign].put(campaign)
    return campaign_fields(ctx, campaign)


@operations.post("/v2/workspaces/{workspaceId}/dynamics", errors=[errors.SUSPENDED], tags=(PAID,))
def create_dynamics_by_steps(ctx: Context, workspace_id: str, body: NewCampaignBySteps) -> CampaignByStepsFields:
    """Create a dynamics campaign for the DV by steps UI.

    The response has ``id`` instead of ``_id``.
    """
    enter(ctx, workspace_id)
    campaign = Campaign(
        id=ctx.ids.hex(24),
        name=body.name,
        created=ctx.now,
        updated=ctx.now,
        version=body.version,
        language_code=body.languageCode,
        video_url=body.videoUrl,
        multivariable=body.multivariable,
        voice_cloning=b"true" if body.voiceCloning else b"false",
    )
    ctx.store[Campaign].put(campaign)
    return {**common_fields(ctx, campaign), "id": campaign.id}


@operations.get("/v1/workspaces/{workspaceId}/dynamics/settings")
def get_dynamics_settings(ctx: Context, workspace_id: str) -> DynamicsSettings:
    """Get dynamics settings.

    They are the languages, each with the spoken placeholders for a prospect's data.
    """
    enter(ctx, workspace_id)
    return SETTINGS


@operations.get("/v1/workspaces/{workspaceId}/dynamics/{dynamicId}")
def get_workspace_dynamics(ctx: Context, workspace_id: str, dynamic_id: str) -> Steps[CampaignFields]:
    """Get a workspace's dynamics campaign, with its prospects."""
    enter(ctx, workspace_id)
    campaign = find_campaign(ctx, dynamic_id)
    prospects = yield from collected(map(item_builder(ctx), prospects_of(ctx, campaign.id)), ROWS_A_STEP)
    return {**campaign_fields(ctx, campaign), "prospectList": prospects}


@operations.patch("/v1/workspaces/{workspaceId}/dynamics/{dynamicId}/settings")
def modify_dynamic_settings(ctx: Context, workspace_id: str, dynamic_id: str, body: SettingsChanges) -> CampaignFields:
    """Update settings in a dynamics campaign.

    ``useFallbackData`` says whether fallback data replace missing data of prospects.
    """
    enter(ctx, workspace_id)
    campaign = find_campaign(ctx, dynamic_id)
    if body.useFallbackData is not None:
        campaign = replace(campaign, use_fallback_data=body.useFallbackData, updated=ctx.now)
        ctx.store[Campaign].put(campaign)
    return campaign_fields(ctx, campaign)
