"""Simulation of the vendor's web application, in which campaigns are made, stopped and closed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from ..fields import Fields, Long, Short, SureId
from .models import Campaign, State

operations = Operations("Simulations", evidence="assumed")


class CampaignChanges(Fields):
    id: SureId
    name: Short | None = None
    message: Long | None = None
    sender: Annotated[Short | None, Field(alias="from")] = None
    state: State | None = None
    open: bool | None = None


class CampaignFields(TypedDict):
    id: int
    name: str
    message: str
    state: str
    open: bool


@operations.post("/campaign")
def set_campaign(ctx: Context, body: CampaignChanges) -> CampaignFields:
    """Make a campaign, or change one: its text, its sender, whether it is launched or stopped, and open."""
    known = ctx.store[Campaign].get(body.id)
    before = known if known is not None else Campaign(body.id, f"Campaign {body.id}", "Hello {{contact.firstName}}")
    campaign = replace(
        before,
        name=before.name if body.name is None else body.name,
        message=before.message if body.message is None else body.message,
        sender=before.sender if body.sender is None else body.sender,
        state=before.state if body.state is None else body.state,
        open=before.open if body.open is None else body.open,
    )
    ctx.store[Campaign].put(campaign)
    return {
        "id": campaign.id,
        "name": campaign.name,
        "message": campaign.message,
        "state": campaign.state,
        "open": campaign.open,
    }
