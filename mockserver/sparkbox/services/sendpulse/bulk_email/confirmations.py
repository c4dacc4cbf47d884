"""Follow the links in SendPulse's own mails: a double opt-in, a resubscription, a sender domain.

They are no part of the vendor's API, where they lead to its web pages. A test follows them as the recipient would.
"""

from __future__ import annotations

from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps
from sparkbox.core.state.store import replace

from .. import errors
from ..smtp import domains, events
from ..smtp.domains import SenderDomain
from ..smtp.models import Unsubscribed
from . import contacts, links
from .models import ACTIVE, CONFIRMATION_REQUESTED, Contact, MailingList

operations = Operations("Confirmations", docs="https://sendpulse.com/integrations/api", evidence="assumed", own=True)


class Confirmation(TypedDict):
    result: bool
    action: str
    subject: str


@operations.get("/confirmations/{token}", public=True, limits=())
def follow_link(ctx: Context, token: str) -> Steps[Confirmation]:
    """Follow a link from a mail.

    It can be followed several times, as long as what it confirms exists.
    """
    link = links.read(ctx.sandbox, token)
    if link is None:
        raise errors.NOT_FOUND()
    yield from ctx.enter(link.account)
    match link.action:
        case "subscribe":
            _subscribe(ctx, link.subject, link.list_id)
        case "resubscribe":
            _resubscribe(ctx, link.subject)
        case "domain":
            _verify(ctx, link.subject)
    return {"result": True, "action": link.action, "subject": link.subject}


def _subscribe(ctx: Context, email: str, list_id: int) -> None:
    known = ctx.store[MailingList].get(list_id) is not None
    contact = ctx.store[Contact, list_id].get(email) if known else None
    if contact is None:
        raise errors.NOT_FOUND()
    if contact.status == CONFIRMATION_REQUESTED:
        contacts.keep(ctx, list_id, replace(contact, status=ACTIVE))


def _resubscribe(ctx: Context, email: str) -> None:
    if ctx.store[Unsubscribed].get(email) is not None:
        events.emit_resubscribed(ctx, email)


def _verify(ctx: Context, domain: str) -> None:
    found = ctx.store[SenderDomain].get(domain)
    if found is None:
        raise errors.NOT_FOUND()
    domains.activate(ctx, found)
