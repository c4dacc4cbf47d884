"""The older API, still called by clients: subscriptions by the batch, SMS to many, custom fields, top-ups, the balance.

https://github.com/engagespark/api-docs. Most of it is on start.engagespark.com, a Django application: data stand in
``{"data": […]}``, times carry the Philippines' offset, and what refuses a token says ``{"detail": …}``. A contact
that is subscribed already stays so, and is answered like the others.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import UTC
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, RootModel, model_validator
from typing_extensions import TypedDict

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.clock import moment
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, collected, in_order

from . import errors, phones
from .accounts import balance
from .accounts.money import cents
from .auth import ORGANIZATION, Organization, check_organization
from .campaigns import runs
from .carriers import carrier_of
from .contacts import address_book as book
from .contacts import contacts, customfields
from .contacts.address_book import Contact
from .contacts.contacts import ContactFields
from .contacts.customfields import CustomField
from .envelope import STATUS, without_topup
from .fields import Fields, Id, Long, Short, SureId, Url, requires
from .messages import outbox, sms
from .messages.outbox import Draft
from .messages.sms import SentSms
from .phones import Number, Recipient
from .topups import topup
from .topups.topup import Amount, MaybeAmount, OlderResponse

MOST_CONTACTS = 1000
"""In one call."""
CONTACTS_A_STEP = 50
FIELDS_A_STEP = 1000

ZONE = "Asia/Manila"

UNAUTHORIZED = (errors.NO_CREDENTIALS, errors.INVALID_TOKEN)
"""What stands in for the usual refusal of a token."""

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


class OlderSms(Fields):
    model_config = requires("organization_id", "message")

    organization_id: Annotated[Id, Field(alias="organization_id")] = None
    recipient_type: Annotated[Short, Field(alias="recipient_type")] = ""
    mobile_numbers: Annotated[
        list[Short], Field(alias="mobile_numbers", max_length=MOST_CONTACTS, default_factory=list)
    ]
    contact_ids: Annotated[list[SureId], Field(alias="contact_ids", max_length=MOST_CONTACTS, default_factory=list)]
    message: Long = ""
    sender_id: Annotated[Short, Field(alias="sender_id")] = ""


class OlderTopUp(Fields):
    """All values come as text; ``phoneNumber`` is international."""

    model_config = requires("organizationId", "maxAmount", "phoneNumber")

    organization_id: Id = None
    max_amount: Amount
    desired_amount: MaybeAmount = None
    phone_number: Short = ""
    client_ref: Short = ""
    results_url: Url = ""


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


class OlderSentSms(TypedDict):
    data: list[SentSms]


class OlderBalance(TypedDict):
    """In dollars, as text."""

    balance: str


@operations.post(
    "/api/v1/engagements/{campaignId}/contacts/",
    status=201,
    errors=[*book.NAMING_ERRORS, *runs.CAMPAIGN_ERRORS, errors.NOT_FOUND, *UNAUTHORIZED],
    evidence="documented",
)
def subscribe_contacts(
    ctx: Context, campaign_id: str, body: OlderContacts, query: ExistingQuery
) -> Steps[OlderContactList]:
    """Subscribe contacts to a campaign at once, known ones by id or new ones by number.

    Each number makes a new contact unless ``try_using_existing=newest``: then one that is found is subscribed as it is.
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
        known = book.get(ctx, contact.id)
        if known is None and (fields is None or fields.id is not None):
            shown.append(_view(contact))  # it was deleted meanwhile, and stays so
            continue
        contact = known or contact
        if fields is not None:
            contact = contacts.changed(ctx, contact, fields)
        book.use(ctx, contact)
        if runs.active(ctx, campaign.id, contact.id) is None:
            runs.start(ctx, campaign, contact, ctx.now)
        shown.append(_view(contact))
    return {"data": shown}


@operations.get("/api/v1/customfields", errors=UNAUTHORIZED, evidence="documented")
def list_custom_fields(ctx: Context) -> Steps[CustomFieldList]:
    """List the organization's custom fields with their ids."""
    fields = yield from in_order(list(ctx.store[CustomField].values()), lambda field: field.id)
    return {"data": (yield from collected(map(_custom_field, fields), FIELDS_A_STEP))}


@operations.post(
    "/api/v1/messages/sms",
    errors=[
        *phones.RECIPIENT_ERRORS,
        errors.UNKNOWN_CONTACT,
        *outbox.SENDING_ERRORS,
        errors.NOT_FOUND,
        *UNAUTHORIZED,
    ],
)
def send_older_sms(ctx: Context, body: OlderSms) -> Steps[OlderSentSms]:
    """Send one text to several numbers or contacts. What clients send is observed; the answer's shape is our own."""
    check_organization(body.organization_id, name="organization_id")
    if not body.message:
        raise errors.MISSING(name="message")
    drafts = yield from collected(_drafts(ctx, body), CONTACTS_A_STEP)
    if not drafts:
        raise errors.NO_RECIPIENT(forms='"mobile_numbers", "contact_ids"')
    costs = yield from collected((_checked_cost(ctx, draft) for draft in drafts), CONTACTS_A_STEP)
    # Paid for all at once: what others spend meanwhile must not leave it half sent.
    balance.charge(ctx, sum(costs))
    sent = yield from collected((outbox.send(ctx, draft, paid=True) for draft in drafts), CONTACTS_A_STEP)
    return {"data": list(map(sms.response, sent))}


@operations.post(
    "/v1/airtime-topup/",
    errors=[*topup.PLAN_ERRORS, errors.INVALID_PUSH_URL, errors.NOT_FOUND],
    tags=(STATUS,),
)
def send_older_topup(ctx: Context, body: OlderTopUp) -> OlderResponse:
    """Send a top-up. What came of it is posted to ``resultsUrl`` as well."""
    try:
        check_organization(body.organization_id, name="organizationId")
        outbox.check_push_url(ctx, "resultsUrl", body.results_url)
        number = _number(ctx, body.phone_number)
        contact = book.with_number(ctx, number) if number is not None else book.draft(ctx, "")
        plan = topup.make_plan(ctx, contact, body.max_amount, body.desired_amount)
    except ApiError as api_error:
        raise without_topup(api_error) from None
    begun = topup.begin(ctx, plan, client_ref=body.client_ref, results_url=body.results_url)
    return topup.older_response(begun)


@operations.get("/api/v1/organizations/{orgId}/available-balance", errors=[errors.NOT_FOUND, *UNAUTHORIZED])
def get_available_balance(ctx: Context, org_id: Organization) -> OlderBalance:
    """Get the balance of the organization, in dollars."""
    return {"balance": cents(balance.wallet(ctx).micro)}


def _custom_field(field: CustomField) -> CustomFieldView:
    return {"organizationId": ORGANIZATION, "fieldType": "text", "id": field.id, "name": field.name}


def _contacts(ctx: Context, given: list[OlderContact], *, reuse: bool) -> Iterator[tuple[Contact, OlderContact | None]]:
    """Whom each entry means and what it sets, or a refusal, before anything is changed.

    Of a contact that is used again nothing is set: https://github.com/engagespark/api-docs calls it the current catch.
    """
    made: dict[str, Contact] = {}
    for fields in given:
        check_organization(fields.organization_id or ORGANIZATION)
        customfields.check(fields.custom_fields, fields.custom_fields_by_name)
        if fields.id is not None:
            known = book.get(ctx, fields.id)
            if known is None:
                raise errors.UNKNOWN_CONTACT()
            yield known, fields
            continue
        number = phones.number_of(ctx, fields)
        digits = number.digits if number is not None else ""
        again = (book.newest(ctx, digits) or made.get(digits)) if reuse else None
        if again is not None:
            yield again, None
        else:
            made[digits] = book.draft(ctx, digits)
            yield made[digits], fields


def _drafts(ctx: Context, body: OlderSms) -> Iterator[Draft]:
    for text in body.mobile_numbers:
        number = _number(ctx, text)
        if number is not None:
            yield Draft(number.digits, body.message, body.sender_id)
    for id in body.contact_ids:
        contact = book.get(ctx, id)
        if contact is None:
            raise errors.UNKNOWN_CONTACT()
        text = book.personalise(ctx, body.message, contact)
        yield Draft(contact.number, text, body.sender_id, contact.id)


def _checked_cost(ctx: Context, draft: Draft) -> int:
    outbox.check(ctx, draft)
    return outbox.cost(draft)


def _number(ctx: Context, text: str) -> Number | None:
    return phones.number_of(ctx, Recipient.model_validate({"fullPhoneNumber": text}))


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
    """``2015-12-23T17:13:41+08:00``."""
    return moment(seconds).replace(tzinfo=UTC).astimezone(ZoneInfo(ZONE)).isoformat(timespec="seconds")
