"""Campaigns: https://sendpulse.com/integrations/api/bulk-email#campaigns."""

from __future__ import annotations

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context

from .. import errors
from ..requests.paging import PageQuery
from . import mailing_lists

operations = Operations("Campaigns", docs="https://sendpulse.com/integrations/api/bulk-email#campaigns")


class CampaignOfList(TypedDict):
    task_id: int
    task_name: str
    task_status: int


@operations.get("/addressbooks/{id}/campaigns", errors=[errors.LIST_NOT_FOUND])
def list_campaigns_of_list(ctx: Context, id: int, query: PageQuery) -> list[CampaignOfList]:
    """Get campaigns by mailing list.

    There are none yet: campaigns are not implemented.
    """
    mailing_lists.find(ctx, id)
    return []
