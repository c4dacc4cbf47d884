"""Bounces of the SMTP service: https://sendpulse.com/integrations/api/smtp."""

from __future__ import annotations

import math

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.paging import ROWS_A_STEP
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, chosen

from .. import times
from ..requests.fields import OnDate
from ..requests.paging import SMTP_ROWS, SmtpPageQuery
from .emails import LOOKUP_ERRORS, Total, check_lookup
from .models import Bounce, SentEmail

operations = Operations("SMTP bounces", docs="https://sendpulse.com/integrations/api/smtp", errors=LOOKUP_ERRORS)


class BouncesQuery(SmtpPageQuery, OnDate):
    """``date``: a day, ``YYYY-MM-DD``; the last 24 hours by default."""


class BouncedEmail(TypedDict):
    email_to: str
    sender: str
    send_date: str
    subject: str
    smtp_answer_code: int
    smtp_answer_subcode: str
    smtp_answer_data: str


class BouncePage(TypedDict):
    total: int
    emails: list[BouncedEmail]
    request_limit: int
    found: int


@operations.get("/smtp/bounces/day")
def list_bounces(ctx: Context, query: BouncesQuery) -> Steps[BouncePage]:
    """Get information about bounces for a 24-hour period.

    At most 100. ``total`` counts all of them, ``found`` those in the response.
    """
    check_lookup(ctx)
    if query.date is None:
        bounced = yield from _bounced(ctx, ctx.now - times.DAY)
    else:
        day = query.date // times.DAY * times.DAY
        bounced = yield from _bounced(ctx, day, day + times.DAY)
    page = query.page(bounced)
    return {
        "total": len(bounced),
        "emails": [_row(sent) for sent in page],
        "request_limit": SMTP_ROWS,
        "found": len(page),
    }


@operations.get("/smtp/bounces/day/total")
def count_bounces(ctx: Context) -> Steps[Total]:
    """Get total number of bounces.

    Of the last 24 hours.
    """
    check_lookup(ctx)
    return {"total": len((yield from _bounced(ctx, ctx.now - times.DAY)))}


def _bounced(ctx: Context, start: float, end: float = math.inf) -> Steps[list[SentEmail]]:
    bounces = ctx.store[Bounce].values()
    found = yield from chosen(bounces, lambda bounce: start <= bounce.time < end, size=ROWS_A_STEP)
    emails = map(ctx.store[SentEmail].get, (bounce.number for bounce in found))
    return [sent for sent in emails if sent is not None]


def _row(sent: SentEmail) -> BouncedEmail:
    return {
        "email_to": sent.recipient,
        "sender": sent.sender,
        "send_date": times.stamp(sent.sent),
        "subject": sent.subject,
        "smtp_answer_code": sent.code,
        "smtp_answer_subcode": sent.subcode,
        "smtp_answer_data": sent.response,
    }
