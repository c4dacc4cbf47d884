"""Sending and looking up e-mails of the SMTP service: https://sendpulse.com/integrations/api/smtp.

Quirks: ``result: true`` means accepted, not delivered; an e-mail to several recipients has one id and a row for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NotRequired

import orjson
from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps

from .. import addresses, errors, times
from ..accounts import plans
from ..auth import SENDS
from ..requests.decoding import unpack
from ..requests.fields import AnyTexts, EndTime, InvalidText, Time
from ..requests.paging import MOST_OFFSET, SMTP_ROWS, SmtpPageQuery, smtp_limit
from . import drafts, outbox
from .models import Mail, SentEmail

MOST_IDS = 500

LOOKUP_ERRORS = (errors.NO_SMTP_USER, errors.PLAN_LACKS)

operations = Operations("SMTP e-mails", docs="https://sendpulse.com/integrations/api/smtp")


class NewEmail(Body):
    """``email`` is an object, or that object as text."""

    email: Annotated[Any, WithJsonSchema(drafts.SCHEMA)] = None


class EmailIds(Body):
    emails: AnyTexts = None


class EmailsQuery(SmtpPageQuery):
    """``country=off`` leaves out the countries of opens and clicks."""

    limit: Annotated[int, Field(ge=0, le=MOST_OFFSET), smtp_limit(MOST_IDS)] = SMTP_ROWS
    since: Time | None = Field(None, alias="from")
    until: EndTime | None = Field(None, alias="to")
    sender: InvalidText | None = None
    recipient: InvalidText | None = None
    country: InvalidText | None = None


class Sent(TypedDict):
    result: bool
    id: str


class Total(TypedDict):
    total: int


class Trace(TypedDict):
    browser: str
    os: str
    ip: str
    country: NotRequired[str]
    action_date: str


class Click(Trace):
    url: str
    screen_resolution: str


class Tracking(TypedDict):
    click: int
    open: int
    link: list[Click]
    client_info: list[Trace]


class EmailRecord(TypedDict):
    id: str
    sender: str
    total_size: int
    sender_ip: str
    smtp_answer_code: int
    smtp_answer_subcode: str
    smtp_answer_data: str
    used_ip: str
    recipient: str
    subject: str
    send_date: str
    tracking: Tracking


class EmailRow(EmailRecord):
    smtp_answer_code_explain: str


@operations.post("/smtp/emails", tags=(SENDS,), errors=[*drafts.ERRORS, *outbox.SENDING_ERRORS])
def send_email(ctx: Context, body: NewEmail) -> Steps[Sent]:
    """Send an email.

    Each recipient gets it a second later. In the strict profile the sender has to be active.
    """
    draft = yield from drafts.read(body.email)
    outbox.check_sender(ctx, draft.sender.email)
    ctx.note = draft.note or None
    return {"result": True, "id": (yield from outbox.send(ctx, draft))}


@operations.get("/smtp/emails", errors=LOOKUP_ERRORS)
def list_sent_emails(ctx: Context, query: EmailsQuery) -> Steps[list[EmailRow]]:
    """Get a list of emails.

    The newest first; 100 of them unless a ``limit`` up to 500 is given.
    """
    check_lookup(ctx)
    sent_emails = ctx.store[SentEmail]
    if query.model_fields_set <= {"limit", "offset", "country"}:
        found = query.page_of(sent_emails, newest=True)
    else:
        found = yield from query.search(sent_emails.page(newest=True), lambda sent: _matches(sent, query))
    return [_row(sent, countries=query.country != "off") for sent in found]


@operations.get("/smtp/emails/total", errors=LOOKUP_ERRORS)
def count_sent_emails(ctx: Context) -> Total:
    """Get total amount of sent emails."""
    check_lookup(ctx)
    return {"total": len(ctx.store[SentEmail])}


@operations.get("/smtp/emails/{id}", errors=[*LOOKUP_ERRORS, errors.SMTP_EMAIL_NOT_FOUND])
def get_sent_email(ctx: Context, id: str) -> EmailRecord:
    """Get information about a specific email.

    Of an email to several recipients, about the first one.
    """
    check_lookup(ctx)
    sent = next(_of_id(ctx, id), None)
    if sent is None:
        raise errors.SMTP_EMAIL_NOT_FOUND()
    return _record(sent)


@operations.post("/smtp/emails/info", errors=[*LOOKUP_ERRORS, errors.SMTP_EMAILS_INVALID, errors.SMTP_EMAILS_NOT_FOUND])
def get_sent_emails(ctx: Context, body: EmailIds | list[Any]) -> list[EmailRecord]:
    """Get information for a list of emails.

    By id, at most 500.
    """
    check_lookup(ctx)
    ids = unpack(body.emails) if isinstance(body, EmailIds) else body
    if not isinstance(ids, list) or not 0 < len(ids) <= MOST_IDS or not all(isinstance(id, str) for id in ids):
        raise errors.SMTP_EMAILS_INVALID()
    found = [_record(sent) for id in dict.fromkeys(ids) for sent in _of_id(ctx, id)]
    if not found:
        raise errors.SMTP_EMAILS_NOT_FOUND()
    return found


def check_lookup(ctx: Context) -> None:
    """Raise an error if the account's plan has no lookups."""
    plan = plans.current(ctx)
    if plan.smtp == "none":
        raise errors.NO_SMTP_USER()
    if plan.smtp == "expired":
        raise errors.PLAN_LACKS()


def _of_id(ctx: Context, id: str) -> Iterator[SentEmail]:
    mail = ctx.store[Mail].get(id)
    for number in mail.numbers if mail is not None else ():
        sent = ctx.store[SentEmail].get(number)
        if sent is not None:
            yield sent


def _matches(sent: SentEmail, query: EmailsQuery) -> bool:
    if query.since is not None and sent.sent < query.since:
        return False
    if query.until is not None and sent.sent >= query.until:
        return False
    if query.sender is not None and sent.sender != (addresses.read(query.sender) or ""):
        return False
    return query.recipient is None or sent.recipient == (addresses.read(query.recipient) or "")


def _record(sent: SentEmail, *, countries: bool = True) -> EmailRecord:
    return {
        "id": sent.id,
        "sender": sent.sender,
        "total_size": sent.size,
        "sender_ip": sent.ip,
        "smtp_answer_code": sent.code,
        "smtp_answer_subcode": sent.subcode,
        "smtp_answer_data": sent.response,
        "used_ip": outbox.USED_IP,
        "recipient": sent.recipient,
        "subject": sent.subject,
        "send_date": times.stamp(sent.sent),
        "tracking": {
            "click": sent.clicks,
            "open": sent.opens,
            "link": [_trace(packed, countries) for packed in sent.links],
            "client_info": [_trace(packed, countries) for packed in sent.clients],
        },
    }


def _row(sent: SentEmail, *, countries: bool) -> EmailRow:
    explain = "Sent" if sent.code == 0 else "Delivered" if sent.code < 400 else "Not delivered"
    return {**_record(sent, countries=countries), "smtp_answer_code_explain": explain}


def _trace(packed: bytes, countries: bool) -> Any:
    trace = orjson.loads(packed)
    trace["action_date"] = times.stamp(trace["action_date"])
    if not countries:
        del trace["country"]
    return trace
