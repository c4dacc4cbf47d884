"""Contacts: people with a number, names, groups and custom fields.

https://openapi.engagespark.com/#tag/Contacts. Quirks: ids of groups come as numbers or text; custom fields may be
set by id and by name, where names win; several contacts may share a number. Groups have no operations of their own, so
any id of one is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, chosen, collected
from sparkbox.core.state.store import replace

from .. import errors, paging, phones
from ..auth import Organization
from ..campaigns import runs
from ..campaigns.runs import SubscriptionStatus
from ..carriers import carrier_of
from ..fields import Fields, Id, Long, Short, SureId
from ..paging import Count
from ..phones import Recipient
from ..times import micro_stamp
from . import address_book, conditions, customfields
from .models import Contact

operations = Operations("Contacts", docs="https://openapi.engagespark.com/#tag/Contacts", errors=[errors.NOT_FOUND])

Values = Annotated[dict[str, str | None], Field(default_factory=dict, max_length=customfields.MOST_FIELDS)]
Groups = Annotated[list[SureId], Field(max_length=1000)]


class ContactFields(Fields):
    """The fields of a contact, beside its number; what is not given stays as it is."""

    first_name: Short | None = None
    last_name: Short | None = None
    language: Short | None = None
    groups: Groups | None = None
    custom_fields: Values
    custom_fields_by_name: Values
    no_autodelete: bool | None = None


class NewContact(ContactFields, Recipient):
    """A contact with its number."""


class ContactChanges(ContactFields, Recipient):
    """The number may be changed too."""


class ContactQuery(Fields):
    page: Annotated[int, Field(ge=1, le=10**9)] = 1
    size: Count = 0
    search: Short = ""
    phonenumber: Short = ""
    region: Short = ""
    groupid: Id = None
    noautodelete: bool | None = None
    whatsappready: bool | None = None
    conditions: Long = ""
    subscriptionstatus: Id = None
    subscriptionfilter: Literal["is", "isnot", "was"] | None = None


class StatusQuery(Fields):
    subscriptionstatus: Id = None


class ContactView(TypedDict):
    """A contact; with ``subscriptionstatus``, ``subscription`` is that to the campaign."""

    id: int
    fullPhoneNumber: str
    firstName: str
    lastName: str
    language: str
    groups: list[int]
    customFields: dict[str, str]
    carrier: str
    createdAt: str
    updatedAt: str
    lastUseAt: str
    noAutodelete: bool
    withBsuid: bool
    invalid: bool
    subscription: NotRequired[SubscriptionStatus]


class ContactList(TypedDict):
    """``total`` counts those that match, ``orgTotal`` all."""

    total: int
    orgTotal: int
    contacts: list[ContactView]


class Deleted(TypedDict):
    """An empty object."""


@operations.get("/v1/organizations/{orgId}/contacts/", errors=[errors.INVALID_NUMBER])
def list_contacts(ctx: Context, org_id: Organization, query: ContactQuery) -> Steps[ContactList]:
    """List contacts, the oldest first.

    ``subscriptionfilter`` is about the campaign in ``subscriptionstatus``: who is in it, is not, or no longer is.
    """
    if query.subscriptionfilter is not None and query.subscriptionstatus is None:
        raise errors.INVALID(problem="parameter 'subscriptionfilter' needs 'subscriptionstatus'")
    shown, total = yield from _page(ctx, query)
    views = (view(ctx, contact, query.subscriptionstatus) for contact in shown)
    contacts = yield from collected(views, paging.SHOWN_A_STEP)
    return {
        "total": total,
        "orgTotal": len(ctx.store[Contact]),
        "contacts": contacts,
    }


@operations.post("/v1/organizations/{orgId}/contacts/", errors=phones.RECIPIENT_ERRORS)
def create_contact(ctx: Context, org_id: Organization, body: NewContact) -> ContactView:
    """Create a contact.

    Another one may have the number.
    """
    number = phones.number_of(ctx, body)
    contact = changed(ctx, address_book.draft(ctx, number.digits if number is not None else ""), body)
    address_book.put(ctx, contact)
    return view(ctx, contact)


@operations.get("/v1/organizations/{orgId}/contacts/{contactId}/", errors=[errors.CONTACT_NOT_FOUND])
def get_contact(ctx: Context, org_id: Organization, contact_id: str, query: StatusQuery) -> ContactView:
    """Get a contact, with its groups and custom fields."""
    return view(ctx, _known(ctx, contact_id), query.subscriptionstatus)


@operations.put(
    "/v1/organizations/{orgId}/contacts/{contactId}/", errors=[errors.CONTACT_NOT_FOUND, *phones.RECIPIENT_ERRORS]
)
def update_contact(ctx: Context, org_id: Organization, contact_id: str, body: ContactChanges) -> ContactView:
    """Update a contact.

    Only what is set changes; an empty custom field is deleted.
    """
    contact = _known(ctx, contact_id)
    if body.full_phone_number or body.phone_number:
        number = phones.number_of(ctx, body)
        contact = replace(contact, number=number.digits if number is not None else contact.number)
    contact = changed(ctx, contact, body)
    address_book.put(ctx, contact)
    return view(ctx, contact)


@operations.delete("/v1/organizations/{orgId}/contacts/{contactId}/", errors=[errors.CONTACT_NOT_FOUND])
def delete_contact(ctx: Context, org_id: Organization, contact_id: str) -> Deleted:
    """Delete a contact.

    What was sent to it stays in the lists.
    """
    address_book.delete(ctx, _known(ctx, contact_id))
    return {}


def changed(ctx: Context, contact: Contact, fields: ContactFields, *, add_groups: bool = False) -> Contact:
    """Return a contact with these fields set, not stored yet; with ``add_groups`` it stays in its groups."""
    groups = contact.groups if fields.groups is None else tuple(dict.fromkeys(fields.groups))
    if add_groups:
        groups = tuple(dict.fromkeys((*contact.groups, *groups)))
    return replace(
        contact,
        first_name=contact.first_name if fields.first_name is None else fields.first_name,
        last_name=contact.last_name if fields.last_name is None else fields.last_name,
        language=contact.language if fields.language is None else fields.language,
        groups=groups,
        fields=customfields.merged(ctx, contact.fields, fields.custom_fields, fields.custom_fields_by_name),
        no_autodelete=contact.no_autodelete if fields.no_autodelete is None else fields.no_autodelete,
        updated=ctx.now,
    )


def view(ctx: Context, contact: Contact, campaign: int | None = None) -> ContactView:
    """Return the contact as the API shows it, with its subscription to a campaign if one is given."""
    number = phones.read(contact.number)
    shown: ContactView = {
        "id": contact.id,
        "fullPhoneNumber": contact.number,
        "firstName": contact.first_name,
        "lastName": contact.last_name,
        "language": contact.language,
        "groups": list(contact.groups),
        "customFields": {str(id): value for id, value in contact.fields},
        "carrier": carrier_of(contact.number),
        "createdAt": micro_stamp(contact.created),
        "updatedAt": micro_stamp(contact.updated),
        "lastUseAt": micro_stamp(contact.used),
        "noAutodelete": contact.no_autodelete,
        "withBsuid": contact.with_bsuid,
        "invalid": number is None or not number.valid,
    }
    if campaign is not None:
        shown["subscription"] = runs.status(ctx, campaign, contact.id)
    return shown


def _known(ctx: Context, id: str) -> Contact:
    contact = address_book.get(ctx, id)
    if contact is None:
        raise errors.CONTACT_NOT_FOUND()
    return contact


def _page(ctx: Context, query: ContactQuery) -> Steps[tuple[list[Contact], int]]:
    """Return a page of the contacts that a query wants, and how many it wants in all."""
    if query.model_fields_set <= {"page", "size", "subscriptionstatus"}:
        everybody, size = ctx.store[Contact], paging.size_of(query.size)
        return everybody.page((query.page - 1) * size, size), len(everybody)
    found = yield from _found(ctx, query)
    return paging.classic(found, query.page, query.size), len(found)


def _found(ctx: Context, query: ContactQuery) -> Steps[list[Contact]]:
    wanted = conditions.read(query.conditions)

    def is_wanted(contact: Contact) -> bool:
        if query.search and not address_book.contains(query.search, address_book.names(contact)):
            return False
        if query.groupid is not None and query.groupid not in contact.groups:
            return False
        if query.noautodelete not in (None, contact.no_autodelete):
            return False
        if query.whatsappready not in (None, contact.with_bsuid):
            return False
        return all(condition.holds(contact) for condition in wanted) and _is_subscribed(ctx, contact, query)

    # Conditions are looked at one by one, and a contact may have a thousand subscriptions.
    a_step = paging.SHOWN_A_STEP if query.subscriptionfilter else paging.LOOKED_AT_A_STEP // (1 + len(wanted))
    return (yield from chosen(_candidates(ctx, query), is_wanted, size=max(1, a_step)))


def _candidates(ctx: Context, query: ContactQuery) -> Iterator[Contact]:
    if not query.phonenumber:
        return ctx.store[Contact].values()
    number = phones.read(query.phonenumber, query.region)
    if number is None:
        raise errors.INVALID_NUMBER()
    return address_book.every(ctx, number.digits)


def _is_subscribed(ctx: Context, contact: Contact, query: ContactQuery) -> bool:
    if query.subscriptionfilter is None or query.subscriptionstatus is None:
        return True
    status = runs.status(ctx, query.subscriptionstatus, contact.id)
    active = status["inProgressCount"] > 0
    if query.subscriptionfilter == "was":
        return status["totalCount"] > 0 and not active
    return active == (query.subscriptionfilter == "is")
