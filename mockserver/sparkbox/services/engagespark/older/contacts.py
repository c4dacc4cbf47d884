"""Contacts of the older API: subscriptions by the batch, and custom fields.

https://github.com/engagespark/api-docs. Quirk: a contact that is subscribed already stays so, and is shown like the
others.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import UTC
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, RootModel, model_validator
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.clock import moment
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, collected, in_order

from .. import errors, phones
from ..auth import ORGANIZATION, check_organization
from ..campaigns import runs
from ..carriers import carrier_of
from ..contacts import address_book, contacts, customfields
from ..contacts.contacts import ContactFields
from ..contacts.models import Contact, CustomField
from ..fields import Fields, Id, Short
from ..phones import Recipient

MOST_CONTACTS = 1000
"""In one call."""
CONTACTS_A_STEP = 50
FIELDS_A_STEP = 1000

ZONE = "Asia/Manila"

operations = Operations("Older API", docs="https://github.com/engagespark/api-docs", evidence="observed")


class OlderContact(ContactFields, Recipient):
    """A contact by its id, or a new one by its number; fields that are given are set."""

    id: Id = None
    organization_id: Id = None


class OlderContacts(RootModel[Annotated[list[OlderContact], Field(min_length=1, max_length=MOST_CONTACTS)]]):
    """One contact, a list of them, or ``{"contacts": […]}``."""

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        if isinstance(given, dict):
            folded = {str(name).lower(): value for name, value in given.items()}
            return folded.get("contacts", [given])
        return given


class ExistingQuery(Fields):
    """``newest`` uses the newest contact with the number; otherwise each is made anew."""

    reuse: Annotated[Short, Field(alias="try_using_existing")] = ""


class OlderContactView(TypedDict):
    language: str
    fullPhoneNumber: str
    firstName: str
    organizationId: int
    lastName: str
    contactType: str
    id: int
    deleted: str
    carrierId: int
    phoneNumber: str
    groups: list[int]
    createdDate: str
    dialingCode: str
    customFields: dict[str, str]
    email: str


class OlderContactList(TypedDict):
    data: list[OlderContactView]


class CustomFieldView(TypedDict):
    organizationId: int
    fieldType: str
    id: int
    name: str


class CustomFieldList(TypedDict):
    data: list[CustomFieldView]


@operations.post(
    "/api/v1/engagements/{campaignId}/contacts/",
    status=201,
    errors=[*address_book.NAMING_ERRORS, *runs.CAMPAIGN_ERRORS, errors.NOT_FOUND],
    evidence="documented",
)
def subscribe_contacts(
    ctx: Context, campaign_id: str, body: OlderContacts, query: ExistingQuery
) -> Steps[OlderContactList]:
    """Subscribe contacts to a campaign.

    They are known ones by id or new ones by number. Each number makes a new contact unless
    ``try_using_existing=newest``: then one that is found is subscribed as it is.
    """
    runs.campaign_of(ctx, campaign_id)
    given = yield from collected(_contacts(ctx, body.root, reuse=query.reuse == "newest"), CONTACTS_A_STEP)
    campaign = runs.campaign_of(ctx, campaign_id)  # it may have been stopped meanwhile
    shown: list[OlderContactView] = []
    work = 0
    for contact, fields in given:
        work += 1 if fields is None else 1 + len(fields.custom_fields) + len(fields.custom_fields_by_name)
        if len(shown) % CONTACTS_A_STEP == CONTACTS_A_STEP - 1 or work > FIELDS_A_STEP:
            work = 0
            yield
        # The same contact may be in the list twice: then the second entry changes what the first one has made of it.
        known = address_book.get(ctx, contact.id)
        if known is None and (fields is None or fields.id is not None):
            shown.append(_view(contact))  # it was deleted meanwhile, and stays so
            continue
        contact = known or contact
        if fields is not None:
            contact = contacts.changed(ctx, contact, fields)
        address_book.use(ctx, contact)
        if runs.active(ctx, campaign.id, contact.id) is None:
            runs.start(ctx, campaign, contact, ctx.now)
        shown.append(_view(contact))
    return {"data": shown}


@operations.get("/api/v1/customfields", evidence="documented")
def list_custom_fields(ctx: Context) -> Steps[CustomFieldList]:
    """List the custom fields of the organization."""
    fields = yield from in_order(list(ctx.store[CustomField].values()), lambda field: field.id)
    return {"data": (yield from collected(map(_custom_field, fields), FIELDS_A_STEP))}


def _custom_field(field: CustomField) -> CustomFieldView:
    return {"organizationId": ORGANIZATION, "fieldType": "text", "id": field.id, "name": field.name}


def _contacts(ctx: Context, given: list[OlderContact], *, reuse: bool) -> Iterator[tuple[Contact, OlderContact | None]]:
    """Yield the contact that each entry means and what it sets; raise an API error before anything is changed.

    Of a contact that is used again nothing is set: https://github.com/engagespark/api-docs calls it the current catch.
    """
    made: dict[str, Contact] = {}
    for fields in given:
        check_organization(fields.organization_id or ORGANIZATION)
        customfields.check(fields.custom_fields, fields.custom_fields_by_name)
        if fields.id is not None:
            known = address_book.get(ctx, fields.id)
            if known is None:
                raise errors.UNKNOWN_CONTACT()
            yield known, fields
            continue
        number = phones.number_of(ctx, fields)
        digits = number.digits if number is not None else ""
        again = (address_book.newest(ctx, digits) or made.get(digits)) if reuse else None
        if again is not None:
            yield again, None
        else:
            made[digits] = address_book.draft(ctx, digits)
            yield made[digits], fields


def _view(contact: Contact) -> OlderContactView:
    number = phones.read(contact.number)
    return {
        "language": contact.language,
        "fullPhoneNumber": contact.number,
        "firstName": contact.first_name,
        "organizationId": ORGANIZATION,
        "lastName": contact.last_name,
        "contactType": "NORMAL",
        "id": contact.id,
        "deleted": "",
        "carrierId": _carrier_id(carrier_of(contact.number)),
        "phoneNumber": number.national if number is not None else contact.number,
        "groups": list(contact.groups),
        "createdDate": _local(contact.created),
        "dialingCode": number.dialing_code if number is not None else "",
        "customFields": {str(id): value for id, value in contact.fields},
        "email": "",
    }


def _carrier_id(name: str) -> int:
    return zlib.crc32(name.encode()) % 1000 + 1 if name else 0


def _local(seconds: float) -> str:
    """Return a time as ``2015-12-23T17:13:41+08:00``."""
    return moment(seconds).replace(tzinfo=UTC).astimezone(ZoneInfo(ZONE)).isoformat(timespec="seconds")
