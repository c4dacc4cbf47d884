"""The unsubscribe list of the SMTP service: https://sendpulse.com/integrations/api/smtp.

Addresses on it get no mail, and the sender is not told. Quirks: the bodies are bare lists, though clients wrap them in
``emails``; the flags are 0 and 1.
"""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, collected, complete
from sparkbox.core.state.store import Record, replace

from .. import addresses, errors, times
from ..accounts import plans
from ..auth import SENDS
from ..bulk_email import links
from ..requests.decoding import unpack
from ..requests.fields import AnyText, Email, OnDate
from ..requests.paging import AllOrPageQuery
from ..results import RESULT, Result
from . import events, outbox
from .drafts import Draft, Mailbox
from .emails import LOOKUP_ERRORS, Sent, check_lookup
from .models import Unsubscribed

MOST_A_DAY = 5
EMAILS_A_STEP = 1000

operations = Operations("SMTP unsubscribe list", docs="https://sendpulse.com/integrations/api/smtp")


class ResubscribeDay(Record, frozen=True, gc=False):
    """How many resubscriptions were requested on a day, ``YYYY-MM-DD``."""

    most = 10

    date: str
    requested: int

    @property
    def key(self) -> str:
        return self.date


class Emails(Body):
    emails: Any = None


class UnsubscribeQuery(AllOrPageQuery, OnDate):
    """``date``: only those who unsubscribed on that day."""


class SearchQuery(Body):
    email: AnyText = None


class Resubscription(Body):
    email: Email
    sender: Email
    lang: str | None = None


class UnsubscribedEmail(TypedDict):
    email: str
    unsubscribe_by_link: Literal[0, 1]
    unsubscribe_by_user: Literal[0, 1]
    spam_complaint: Literal[0, 1]
    date: str


@operations.post("/smtp/unsubscribe", errors=[errors.UNSUBSCRIBE_EMPTY, errors.EMAIL_SYNTAX, errors.PLAN_DENIED])
def unsubscribe_recipients(ctx: Context, body: Emails | list[Any]) -> Steps[Result]:
    """Unsubscribe a recipient.

    The body is ``[{"email", "comment"}]``, or the same as ``emails``.
    """
    entries = yield from _entries(body)
    plans.check_budget(ctx, ctx.store[Unsubscribed], len(entries))
    for number, (email, comment) in enumerate(entries, 1):
        if number % EMAILS_A_STEP == 0:
            yield
        before = ctx.store[Unsubscribed].get(email) or Unsubscribed(email, ctx.now)
        ctx.store[Unsubscribed].put(replace(before, by_user=True, comment=comment or before.comment))
    return RESULT


@operations.delete("/smtp/unsubscribe", errors=[errors.UNSUBSCRIBE_EMPTY, errors.EMAIL_SYNTAX])
def delete_from_unsubscribed(ctx: Context, body: Emails | list[Any]) -> Steps[Result]:
    """Remove an email from the unsubscribed list.

    The body is ``["a@example.com"]``, or the same as ``emails``.
    """
    entries = yield from _entries(body)
    for number, (email, _) in enumerate(entries, 1):
        if number % EMAILS_A_STEP == 0:
            yield
        events.reach_again(ctx, email)
    return RESULT


@operations.get("/smtp/unsubscribe", errors=LOOKUP_ERRORS)
def list_unsubscribed(ctx: Context, query: UnsubscribeQuery) -> Steps[list[UnsubscribedEmail]]:
    """Get a list of unsubscribed users.

    All of them unless a ``limit`` is given.
    """
    check_lookup(ctx)
    if query.date is None:
        found = query.page_of(ctx.store[Unsubscribed])
    else:
        day = query.date // times.DAY
        found = yield from query.search(ctx.store[Unsubscribed].values(), lambda entry: entry.time // times.DAY == day)
    return (yield from collected(map(_row, found), EMAILS_A_STEP))


@operations.get("/smtp/unsubscribe/search", errors=[errors.SEARCH_EMPTY, errors.SEARCH_INVALID])
def search_unsubscribed(ctx: Context, query: SearchQuery) -> Result:
    """Get information about a contact's subscription status.

    ``result`` says whether the address is on the unsubscribe list.
    """
    if query.email is None:
        raise errors.SEARCH_EMPTY()
    email = addresses.read(query.email)
    if email is None:
        raise errors.SEARCH_INVALID()
    return {"result": ctx.store[Unsubscribed].get(email) is not None}


@operations.post(
    "/smtp/resubscribe",
    tags=(SENDS,),
    errors=[
        errors.NOT_UNSUBSCRIBED,
        errors.NO_SMTP_USER_TO_RESUBSCRIBE,
        errors.RESUBSCRIBED_ENOUGH,
        errors.SENDING_LIMITED,
        errors.QUOTA_EXCEEDED,
        errors.INVALID_OPERATION,
    ],
)
def resubscribe_recipient(ctx: Context, body: Resubscription) -> Sent:
    """Resubscribe a recipient.

    The recipient gets a mail with a link that subscribes them again. At most five a day.
    """
    if plans.current(ctx).smtp == "none":
        raise errors.NO_SMTP_USER_TO_RESUBSCRIBE()
    entry = ctx.store[Unsubscribed].get(body.email)
    if entry is None:
        raise errors.NOT_UNSUBSCRIBED()
    today = times.date(ctx.now)
    day = ctx.store[ResubscribeDay].get(today) or ResubscribeDay(today, 0)
    if day.requested >= MOST_A_DAY:
        raise errors.RESUBSCRIBED_ENOUGH()
    id = complete(outbox.send(ctx, _invitation(ctx, body), to_unsubscribed=True))
    ctx.store[ResubscribeDay].put(replace(day, requested=day.requested + 1))
    return {"result": True, "id": id}


def _entries(body: Emails | list[Any]) -> Steps[list[tuple[str, str]]]:
    value = unpack(body.emails) if isinstance(body, Emails) else body
    rows = value if isinstance(value, list) else [value] if value else []
    if not rows:
        raise errors.UNSUBSCRIBE_EMPTY()
    return (yield from collected(map(_entry, rows), EMAILS_A_STEP))


def _entry(row: Any) -> tuple[str, str]:
    email = addresses.read(row.get("email") if isinstance(row, dict) else row)
    comment = row.get("comment") if isinstance(row, dict) else None
    if email is None:
        raise errors.EMAIL_SYNTAX()
    return email, comment[:1000] if isinstance(comment, str) else ""


def _invitation(ctx: Context, body: Resubscription) -> Draft:
    link = links.make(ctx, "resubscribe", body.email)
    return Draft(
        sender=Mailbox(body.sender, ""),
        subject="Would you like to get our mail again?",
        to=(Mailbox(body.email, ""),),
        text=f"Follow this link to get our mail again:\n\n{link}\n",
    )


def _row(entry: Unsubscribed) -> UnsubscribedEmail:
    return {
        "email": entry.email,
        "unsubscribe_by_link": 1 if entry.by_link else 0,
        "unsubscribe_by_user": 1 if entry.by_user else 0,
        "spam_complaint": 1 if entry.spam else 0,
        "date": times.stamp(entry.time),
    }
