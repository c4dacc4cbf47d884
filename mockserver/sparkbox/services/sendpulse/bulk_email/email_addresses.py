"""One e-mail address, in one mailing list or across all of them.

https://sendpulse.com/integrations/api/bulk-email#email-address. Quirks: in one list its ``abook_id`` is text; the
statistics of several addresses spell ``adressbooks``, those of one ``addressbooks``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context

from .. import addresses, errors
from ..requests.fields import AnyTexts, Email, Packed
from ..results import RESULT, Result
from ..times import stamp
from . import contacts, mailing_lists
from .contacts import VariableFields
from .models import STATUSES, Blocked, Contact, Engagement, MailingList, Variables

MOST_EMAILS = 1_000
"""Addresses in one request. The vendor has no limit; here each is looked up in every list."""

operations = Operations("Email address", docs="https://sendpulse.com/integrations/api/bulk-email#email-address")


def read_variables(value: Any) -> Variables:
    """Read variables in either form."""
    return contacts.read_variables(value, "variables")


class VariablesUpdate(Body):
    email: Email
    variables: Annotated[Any, Packed, AfterValidator(read_variables)]


class Emails(Body):
    emails: AnyTexts = None


class ListedEmail(TypedDict):
    email: str
    abook_id: str
    phone: str
    status: int
    status_explain: str
    variables: list[VariableFields]


class Membership(TypedDict):
    book_id: int
    status: int
    status_explain: str
    variables: list[VariableFields]


class EmailMembership(Membership):
    email: str


class MembershipDetails(TypedDict):
    list_name: str
    list_id: int
    add_date: str
    source: str


class Counts(TypedDict):
    sent: int
    open: int
    link: int


class BookOfOne(TypedDict):
    id: int
    address_book_name: str


class Statistics(TypedDict):
    statistic: Counts
    blacklist: bool
    addressbooks: list[BookOfOne]


class BookOfMany(TypedDict):
    id: int
    name: str


class StatisticsRow(Counts):
    adressbooks: list[BookOfMany]
    blacklist: bool


@operations.get("/addressbooks/{id}/emails/{email}", errors=[errors.LIST_NOT_FOUND, errors.LISTED_EMAIL_NOT_FOUND])
def get_email(ctx: Context, id: int, email: str) -> ListedEmail:
    """Get info for an email from a mailing list."""
    mailing_lists.find(ctx, id)
    contact = ctx.store[Contact, id].get(addresses.read(email) or "")
    if contact is None:
        raise errors.LISTED_EMAIL_NOT_FOUND()
    status = contacts.status_of(ctx, contact)
    return {
        "email": contact.email,
        "abook_id": str(id),
        "phone": contact.phone,
        "status": status,
        "status_explain": STATUSES[status],
        "variables": contacts.variable_fields(ctx, id, contact),
    }


@operations.post("/addressbooks/{id}/emails/variable", errors=[errors.LIST_NOT_FOUND, errors.CONTACT_NOT_FOUND])
def update_variables(ctx: Context, id: int, body: VariablesUpdate) -> Result:
    """Update variables for a contact in a mailing list.

    Other variables stay as they are.
    """
    mailing_lists.find(ctx, id)
    contact = ctx.store[Contact, id].get(body.email)
    if contact is None:
        raise errors.CONTACT_NOT_FOUND()
    variables = dict(body.variables)
    phone = contacts.take_phone(variables)
    if not contacts.fits(ctx, id, variables):
        raise errors.ARGUMENT_INVALID(name="variables", complaint="is invalid")
    variables = contacts.learn(ctx, id, variables, phone)
    contacts.keep(ctx, id, contacts.update(contact, variables, phone))
    return RESULT


@operations.get("/emails/{email}", errors=[errors.EMAIL_NOT_FOUND])
def get_memberships(ctx: Context, email: str) -> list[EmailMembership]:
    """Get general info for an email.

    One row for each mailing list that it is in.
    """
    return [
        {"email": contact.email, **_membership(ctx, mailing_list, contact)}
        for mailing_list, contact in _known(ctx, email)
    ]


@operations.delete("/emails/{email}", errors=[errors.EMAIL_NOT_FOUND])
def delete_everywhere(ctx: Context, email: str) -> Result:
    """Delete email globally.

    From all mailing lists.
    """
    for mailing_list, contact in _known(ctx, email):
        contacts.drop(ctx, mailing_list.id, contact.email)
        contacts.emit(ctx, "delete", mailing_list.id, contact.email)
    return RESULT


@operations.get("/emails/{email}/details", errors=[errors.EMAIL_NOT_FOUND])
def get_membership_details(ctx: Context, email: str) -> list[MembershipDetails]:
    """Get detailed info for an email.

    When and how it was added to each of its mailing lists.
    """
    return [
        {
            "list_name": mailing_list.name,
            "list_id": mailing_list.id,
            "add_date": stamp(contact.added),
            "source": contact.source,
        }
        for mailing_list, contact in _known(ctx, email)
    ]


@operations.post("/emails", errors=[errors.EMAIL_MISSING, errors.EMAIL_SYNTAX, errors.NO_DATA])
def get_memberships_of_many(ctx: Context, body: Emails | list[Any]) -> dict[str, list[Membership]]:
    """Get info for multiple emails.

    An email that is in no mailing list has an empty list.
    """
    return {
        email: [_membership(ctx, mailing_list, contact) for mailing_list, contact in _memberships(ctx, email)]
        for email in _emails(body)
    }


@operations.get("/emails/{email}/campaigns", errors=[errors.EMAIL_NOT_FOUND])
def get_statistics(ctx: Context, email: str) -> Statistics:
    """Get email stats.

    Of all campaigns together.
    """
    known = _known(ctx, email)
    address = known[0][1].email
    return {
        "statistic": _counts(ctx, address),
        "blacklist": ctx.store[Blocked].get(address) is not None,
        "addressbooks": [{"id": found.id, "address_book_name": found.name} for found, _ in known],
    }


@operations.post("/emails/campaigns", errors=[errors.EMAIL_MISSING, errors.EMAIL_SYNTAX, errors.NO_DATA])
def get_statistics_of_many(ctx: Context, body: Emails | list[Any]) -> dict[str, StatisticsRow]:
    """Get stats for multiple emails.

    Of all campaigns together.
    """
    return {
        email: {
            **_counts(ctx, email),
            "adressbooks": [{"id": found.id, "name": found.name} for found, _ in _memberships(ctx, email)],
            "blacklist": ctx.store[Blocked].get(email) is not None,
        }
        for email in _emails(body)
    }


def _memberships(ctx: Context, email: str) -> Iterator[tuple[MailingList, Contact]]:
    for list_id in contacts.lists_of(ctx, email):
        mailing_list, contact = ctx.store[MailingList].get(list_id), ctx.store[Contact, list_id].get(email)
        if mailing_list is not None and contact is not None:
            yield mailing_list, contact


def _known(ctx: Context, text: str) -> list[tuple[MailingList, Contact]]:
    email = addresses.read(text)
    found = [] if email is None else list(_memberships(ctx, email))
    if not found:
        raise errors.EMAIL_NOT_FOUND()
    return found


def _emails(body: Emails | list[Any]) -> list[str]:
    # The PHP client sends the list itself: https://github.com/sendpulse/sendpulse-rest-api-php
    value = body.emails if isinstance(body, Emails) else body
    if value is None or value == "":
        raise errors.EMAIL_MISSING()
    texts = contacts.texts_of(value)
    if not texts:
        raise errors.NO_DATA()
    if len(texts) > MOST_EMAILS:
        raise errors.ARGUMENT_INVALID(name="emails", complaint=f"may not have more than {MOST_EMAILS} items")
    emails = [addresses.read(text) for text in texts]
    if None in emails:
        raise errors.EMAIL_SYNTAX()
    return [email for email in emails if email is not None]


def _membership(ctx: Context, mailing_list: MailingList, contact: Contact) -> Membership:
    status = contacts.status_of(ctx, contact)
    return {
        "book_id": mailing_list.id,
        "status": status,
        "status_explain": STATUSES[status],
        "variables": contacts.variable_fields(ctx, mailing_list.id, contact),
    }


def _counts(ctx: Context, email: str) -> Counts:
    engagement = ctx.store[Engagement].get(email) or Engagement(email)
    return {"sent": engagement.sent, "open": engagement.opened, "link": engagement.clicked}
