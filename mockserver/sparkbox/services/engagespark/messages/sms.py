"""SMS that were sent and received: https://openapi.engagespark.com/#tag/SMS.

Quirk: what requests call ``clientRef`` is ``client_ref`` here.
"""

from __future__ import annotations

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, collected

from .. import errors
from ..auth import Organization
from ..paging import SHOWN_A_STEP, PageFields
from . import history, outbox, shown_sms
from .history import HistoryQuery
from .models import Sms
from .shown_sms import SmsFields

operations = Operations("SMS", docs="https://openapi.engagespark.com/#tag/SMS", errors=[errors.NOT_FOUND])


class SmsList(PageFields):
    messages: list[SmsFields]


@operations.get("/v1/organizations/{orgId}/messages/")
def list_sms(ctx: Context, org_id: Organization, query: HistoryQuery) -> Steps[SmsList]:
    """List SMS of both directions, the newest first.

    ``failed`` is about those that the telco did not take; receipts do not count.
    """
    rows, pages = yield from history.page(ctx, ctx.store[Sms].page(newest=True), query)
    return {"messages": (yield from collected(map(shown_sms.view, rows), SHOWN_A_STEP)), **pages}


@operations.get("/v1/organizations/{orgId}/messages/{messageId}/")
def get_sms(ctx: Context, org_id: Organization, message_id: str) -> SmsFields:
    """Get one SMS with its delivery status."""
    sms = outbox.find(ctx, message_id)
    if sms is None:
        raise errors.NOT_FOUND()
    return shown_sms.view(sms)
