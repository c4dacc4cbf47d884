"""The blacklist: addresses that get no mail from this account.

https://sendpulse.com/integrations/api/bulk-email#blacklist. Quirk: ``emails`` is a comma-separated text in base64.
"""

from __future__ import annotations

from typing import Any

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.request.large_json import AT_ONCE
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, collected

from .. import addresses, errors
from ..accounts import plans
from ..requests.decoding import Undecodable, decode_base64
from ..requests.fields import AnyText
from ..requests.paging import AllOrPageQuery
from ..requests.php import MAX_FIELDS
from ..results import RESULT, Result
from . import contacts
from .models import Blocked

operations = Operations("Blacklist", docs="https://sendpulse.com/integrations/api/bulk-email#blacklist")

EMAILS_A_STEP = 1000


class BlacklistChange(Body):
    emails: AnyText = None
    comment: AnyText = None


@operations.get("/blacklist")
def list_blacklist(ctx: Context, query: AllOrPageQuery) -> list[str]:
    """Get blacklist.

    All of it unless a ``limit`` is given.
    """
    return [blocked.email for blocked in query.page_of(ctx.store[Blocked])]


@operations.post("/blacklist", errors=[errors.EMAIL_MISSING, errors.EMAIL_SYNTAX, errors.NO_DATA, errors.PLAN_DENIED])
def add_to_blacklist(ctx: Context, body: BlacklistChange) -> Steps[Result]:
    """Add to blacklist.

    The addresses are blocked in every mailing list.
    """
    comment = body.comment[:1000] if isinstance(body.comment, str) else ""
    emails = yield from _emails(body.emails)
    plans.check_budget(ctx, ctx.store[Blocked], len(emails))
    for number, email in enumerate(emails, 1):
        contacts.block(ctx, Blocked(email, comment, ctx.now))
        if number % EMAILS_A_STEP == 0:
            yield
    return RESULT


@operations.delete("/blacklist", errors=[errors.EMAIL_MISSING, errors.EMAIL_SYNTAX, errors.NO_DATA])
def delete_from_blacklist(ctx: Context, body: BlacklistChange) -> Steps[Result]:
    """Remove from blacklist.

    The addresses get back the status that they had before.
    """
    emails = yield from _emails(body.emails)
    for number, email in enumerate(emails, 1):
        contacts.unblock(ctx, email)
        if number % EMAILS_A_STEP == 0:
            yield
    return RESULT


def _emails(value: Any) -> Steps[list[str]]:
    if value is None or value == "":
        raise errors.EMAIL_MISSING()
    try:
        text = decode_base64(value).decode() if isinstance(value, str) else None
    except (Undecodable, UnicodeDecodeError):
        text = None
    if text is None:
        raise errors.ARGUMENT_INVALID(name="emails", complaint="is invalid")
    if len(text) > AT_ONCE:
        yield
    parts = [part for part in text.split(",") if part.strip()]
    if not parts:
        raise errors.NO_DATA()
    if len(parts) > MAX_FIELDS:
        raise errors.ARGUMENT_INVALID(name="emails", complaint=f"may not have more than {MAX_FIELDS} items")
    emails = yield from collected(map(addresses.read, parts), EMAILS_A_STEP)
    if None in emails:
        raise errors.EMAIL_SYNTAX()
    return [email for email in emails if email is not None]
