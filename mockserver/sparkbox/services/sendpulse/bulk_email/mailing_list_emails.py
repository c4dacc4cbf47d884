"""The e-mails of a mailing list: adding, listing, searching, unsubscribing, deleting.

https://sendpulse.com/integrations/api/bulk-email#mailing-lists. Adding an e-mail again updates its variables; one that
has unsubscribed stays unsubscribed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.paging import ROWS_A_STEP
from sparkbox.core.declare.schema import Body
from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, collected
from sparkbox.core.state.store import replace

from .. import addresses, errors
from ..requests.fields import (
    AnyText,
    AnyTexts,
    InvalidFlag,
    Listed,
    complain,
    invalid,
    one_of,
)
from ..requests.paging import AllOrPageQuery, PageQuery
from ..results import RESULT, Result
from ..times import is_date
from . import adding, contacts, mailing_lists
from .adding import EMAILS_A_STEP, NewEmails
from .models import (
    STATUSES,
    UNSUBSCRIBED,
    Contact,
    Value,
    Variable,
)

MOST_CHANGED = 100
ALL = AllOrPageQuery()

operations = Operations(
    "Mailing lists",
    docs="https://sendpulse.com/integrations/api/bulk-email#mailing-lists",
    errors=[errors.LIST_NOT_FOUND],
)


def read_emails(value: list[Any]) -> list[str]:
    """Read addresses; what is no address stays as it is, and is found in no list."""
    if not all(isinstance(item, str) for item in value):
        raise invalid(name="emails")
    return [addresses.read(item) or item for item in value]


class EmailsToDelete(Body):
    emails: Annotated[AnyTexts, Listed] = None


class EmailsToUnsubscribe(Body):
    emails: Annotated[list[Any], complain(), AfterValidator(read_emails), Listed]


class EmailsQuery(PageQuery):
    order: Annotated[str, one_of("asc", "desc")] = "asc"
    active: InvalidFlag | None = None
    not_active: InvalidFlag | None = None


class TotalQuery(Body):
    active: InvalidFlag | None = None


class PhoneChange(Body):
    email: AnyText = None
    phone: AnyText = None


class Total(TypedDict):
    total: int


class EmailStatus(TypedDict):
    email: str
    status: int
    status_explain: str


class EmailRow(EmailStatus):
    phone: int | None
    variables: dict[str, Value]


@operations.get("/addressbooks/{id}/emails")
def list_emails(ctx: Context, id: int, query: EmailsQuery) -> Steps[list[EmailRow]]:
    """Get a list of emails from a mailing list.

    In the order in which they were added.
    """
    mailing_lists.find(ctx, id)
    newest, wanted = query.order == "desc", bool(query.active)
    if wanted == bool(query.not_active) or (wanted and contacts.all_sendable(ctx, id)):
        found = query.page_of(ctx.store[Contact, id], newest=newest)
    else:
        listed = tuple(ctx.store[Contact, id].values())
        found = yield from query.search(
            reversed(listed) if newest else listed, lambda contact: contacts.is_sendable(ctx, contact) == wanted
        )
    return [_row(ctx, contact) for contact in found]


@operations.get("/addressbooks/{id}/emails/total")
def count_emails(ctx: Context, id: int, query: TotalQuery) -> Total:
    """Get the total number of contacts.

    With ``active``, of those that campaigns go to.
    """
    mailing_lists.find(ctx, id)
    if query.active:
        return {"total": contacts.count_sendable(ctx, id)}
    return {"total": len(ctx.store[Contact, id])}


@operations.post("/addressbooks/{id}/emails", errors=[errors.OPT_IN_SENDER_NOT_FOUND, errors.PLAN_DENIED])
def add_emails(ctx: Context, id: int, body: NewEmails) -> Steps[Result]:
    """Add emails to a mailing list.

    With ``confirmation`` each of them gets a mail with a link first (double opt-in).
    """
    entries = yield from adding.read_entries(body.emails)
    added, names = yield from adding.survey(ctx, id, entries)
    mailing_list = mailing_lists.find(ctx, id)
    sender = adding.opt_in_sender(ctx, body)
    adding.check_plan(ctx, id, body, added)
    if not contacts.fits(ctx, id, names):
        raise errors.ARGUMENT_INVALID(name="emails.*.variables", complaint="is invalid")
    for number, entry in enumerate(entries, 1):
        if number % EMAILS_A_STEP == 0:
            yield
            mailing_list = mailing_lists.find(ctx, id)  # it may have been deleted meanwhile
        adding.add(ctx, mailing_list, entry, body, sender)
    return RESULT


@operations.delete("/addressbooks/{id}/emails", errors=[errors.NO_EMAILS_TO_DELETE, errors.TOO_MANY_TO_DELETE])
def delete_emails(ctx: Context, id: int, body: EmailsToDelete) -> Result:
    """Delete emails from a mailing list.

    At most 100 at once.
    """
    mailing_lists.find(ctx, id)
    listed = contacts.texts_of(body.emails)
    if len(listed) > MOST_CHANGED:
        raise errors.TOO_MANY_TO_DELETE()
    dropped = [contacts.drop(ctx, id, email) for email in listed]
    found = [contact for contact in dropped if contact is not None]
    if not found:
        raise errors.NO_EMAILS_TO_DELETE()
    for contact in found:
        contacts.emit(ctx, "delete", id, contact.email)
    return RESULT


@operations.post("/addressbooks/{id}/emails/unsubscribe", errors=[errors.NO_ACTIVE_EMAILS])
def unsubscribe_emails(ctx: Context, id: int, body: EmailsToUnsubscribe) -> Result:
    """Unsubscribe contacts from a mailing list.

    At most 100 at once.
    """
    mailing_lists.find(ctx, id)
    if not body.emails:
        raise errors.ARGUMENT_MISSING(name="emails")
    if len(body.emails) > MOST_CHANGED:
        raise errors.ARGUMENT_INVALID(name="emails", complaint=f"may not have more than {MOST_CHANGED} items")
    listed = map(ctx.store[Contact, id].get, dict.fromkeys(body.emails))
    active = [contact for contact in listed if contact is not None and contacts.is_sendable(ctx, contact)]
    if not active:
        raise errors.NO_ACTIVE_EMAILS()
    for contact in active:
        contacts.keep(ctx, id, replace(contact, status=UNSUBSCRIBED))
        contacts.emit_unsubscribe(ctx, id, contact.email)
    return RESULT


@operations.get(
    "/addressbooks/{id}/variables/{variableName}/{searchValue}",
    errors=[errors.VARIABLE_NOT_FOUND, errors.VARIABLE_NAME_INVALID, errors.VARIABLE_VALUE_INVALID],
)
def find_emails_by_variable(ctx: Context, id: int, variable_name: str, search_value: str) -> Steps[list[EmailStatus]]:
    """Get contacts by variable.

    ``Phone`` is a variable, too.
    """
    mailing_lists.find(ctx, id)
    if len(variable_name) > contacts.LONGEST_NAME:
        raise errors.VARIABLE_NAME_INVALID()
    variable = ctx.store[Variable, id].get(variable_name)
    if variable is None:
        raise errors.VARIABLE_NOT_FOUND()
    if variable.type == "date" and not is_date(search_value):
        raise errors.VARIABLE_VALUE_INVALID()
    has = _by_phone(search_value) if variable_name == contacts.PHONE else _by_value(variable_name, search_value)
    found = yield from ALL.search(ctx.store[Contact, id].values(), has)
    return (yield from collected((_status(ctx, contact) for contact in found), ROWS_A_STEP))


@operations.put("/addressbooks/{id}/phone", errors=[errors.PHONE_INVALID, errors.PHONE_EMAIL_INVALID])
def change_phone(ctx: Context, id: int, body: PhoneChange) -> Result:
    """Change a phone number for a contact."""
    mailing_lists.find(ctx, id)
    email = addresses.read(body.email)
    contact = None if email is None else ctx.store[Contact, id].get(email)
    if contact is None:
        raise errors.PHONE_EMAIL_INVALID()
    phone = addresses.read_phone(body.phone)
    if phone is None:
        raise errors.PHONE_INVALID()
    contacts.learn(ctx, id, {}, phone)
    contacts.keep(ctx, id, replace(contact, phone=phone))
    return RESULT


def _by_phone(wanted: str) -> Callable[[Contact], bool]:
    phone = addresses.read_phone(wanted)
    return lambda contact: phone is not None and contact.phone == phone


def _by_value(name: str, wanted: str) -> Callable[[Contact], bool]:
    try:
        number: float | None = float(wanted)
    except ValueError:
        number = None
    # As it is written in JSON: most contacts need not be decoded.
    part = dumps(name) + b":" + (dumps(wanted) if number is None else b"")

    def has(contact: Contact) -> bool:
        if part not in contact.variables:
            return False
        value = orjson.loads(contact.variables).get(name)
        return bool(value == wanted if isinstance(value, str) else value == number and number is not None)

    return has


def _status(ctx: Context, contact: Contact) -> EmailStatus:
    status = contacts.status_of(ctx, contact)
    return {"email": contact.email, "status": status, "status_explain": STATUSES[status]}


def _row(ctx: Context, contact: Contact) -> EmailRow:
    phone = int(contact.phone) if contact.phone else None
    return {**_status(ctx, contact), "phone": phone, "variables": orjson.loads(contact.variables)}
