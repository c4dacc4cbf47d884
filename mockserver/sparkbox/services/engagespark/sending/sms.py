"""Sending an SMS to a contact or to a number: https://openapi.engagespark.com/#tag/SMS.

Quirks: a 400 keeps the shape of a success; ``estimateMicro`` is the price of one part, ``estimate`` that of all.
``from`` is needed "unless you use a default one": every organization has one here, as the real service is seen to take
``null``.
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context

from .. import errors, phones, times
from ..accounts.money import cents
from ..auth import check_organization
from ..contacts import address_book
from ..fields import Fields, Id, Long, Short, Url, requires
from ..messages import outbox
from ..messages.models import DAY, Sms
from ..messages.outbox import Draft
from ..phones import ContactRecipient, Recipient
from .envelope import in_shape

operations = Operations("SMS", docs="https://openapi.engagespark.com/#tag/SMS", errors=[errors.NOT_FOUND])


class NewSms(Fields):
    """The fields of both ways of sending. ``to`` is the older name of ``fullPhoneNumber``."""

    model_config = requires("orgId", "from", "message")

    org_id: Id = None
    sender: Annotated[Short, Field(alias="from")] = ""
    message: Long = ""
    client_dedup: Short = ""
    client_push_url: Annotated[Url, Field(alias="clientPushURL")] = ""
    client_ref: Short = ""
    to: Short = ""


class SmsToContact(NewSms, ContactRecipient):
    """The recipient is a contact or a number; an unknown number becomes a contact."""


class SmsToNumber(NewSms, Recipient):
    """The recipient is a number, and stays one."""


class SentSms(TypedDict):
    """``estimate`` is in dollars, ``estimateMicro`` the price of one part in micro-dollars."""

    error: str
    messageId: str
    estimateParts: int
    estimateMicro: int
    estimate: str
    deliveryDeadline: str
    contactId: int
    to: str
    message: str
    clientDedup: NotRequired[str]
    clientPushURL: NotRequired[str]
    clientRef: NotRequired[str]


SENDING_ERRORS = (*phones.RECIPIENT_ERRORS, *outbox.SENDING_ERRORS, errors.DUPLICATE)


@operations.post("/v1/sms/contact", errors=[*SENDING_ERRORS, errors.UNKNOWN_CONTACT])
def send_sms_to_contact(ctx: Context, body: SmsToContact) -> SentSms:
    """Send an SMS to a contact.

    The text is personalised. Exactly one of ``contactId``, ``fullPhoneNumber``, or ``phoneNumber`` with
    ``phoneNumberCountry`` has to be set. If nobody has the number, a contact is made. A ``clientDedup`` that came
    before is a 409, and nothing is sent.
    """
    try:
        _check(body)
        contact = address_book.named(ctx, body, to=body.to)
        draft = _draft(body, contact.number, address_book.personalise(ctx, body.message, contact), contact.id)
        parts = outbox.check(ctx, draft)
        _refuse_duplicate(ctx, body)
        sms = outbox.send(ctx, draft, parts)
    except ApiError as api_error:
        raise _api_error(ctx, body, api_error) from None
    address_book.use(ctx, contact)
    return response(sms)


@operations.post("/v1/sms/phonenumber", errors=SENDING_ERRORS)
def send_sms_to_number(ctx: Context, body: SmsToNumber) -> SentSms:
    """Send an SMS to a phone number.

    No contact is made or used, so the text is not personalised.
    """
    try:
        _check(body)
        number = phones.number_of(ctx, body, to=body.to)
        draft = _draft(body, number.digits if number is not None else "", body.message)
        parts = outbox.check(ctx, draft)
        _refuse_duplicate(ctx, body)
        return response(outbox.send(ctx, draft, parts))
    except ApiError as api_error:
        raise _api_error(ctx, body, api_error) from None


def _check(body: NewSms) -> None:
    check_organization(body.org_id)
    if not body.message:
        raise errors.MISSING(name="message")


def _draft(body: NewSms, recipient: str, message: str, contact: int = 0) -> Draft:
    return Draft(
        recipient,
        message,
        sender=body.sender,
        contact=contact,
        client_ref=body.client_ref,
        client_dedup=body.client_dedup,
        push_url=body.client_push_url,
    )


def _refuse_duplicate(ctx: Context, body: NewSms) -> None:
    first = outbox.first_with(ctx, body.client_dedup)
    if first is not None:
        fields: dict[str, Any] = {**response(first), "dedupMessageId": first.id}
        del fields["error"]
        raise errors.DUPLICATE(fields=fields)


def response(sms: Sms) -> SentSms:
    """Return the response about an SMS that was just accepted."""
    shown: SentSms = {
        "error": "",
        "messageId": sms.id,
        "estimateParts": sms.parts,
        "estimateMicro": sms.price,
        "estimate": cents(sms.parts * sms.price),
        "deliveryDeadline": times.stamp(sms.deadline),
        "contactId": sms.contact,
        "to": sms.recipient,
        "message": sms.message,
    }
    if sms.client_dedup:
        shown["clientDedup"] = sms.client_dedup
    if sms.push_url:
        shown["clientPushURL"] = sms.push_url
    if sms.client_ref:
        shown["clientRef"] = sms.client_ref
    return shown


def _api_error(ctx: Context, body: NewSms, api_error: ApiError) -> ApiError:
    """Return an error of status 400 in the shape of a success, with an id of its own and the recipient as given.

    https://github.com/bloom-solutions/engagespark_client-ruby has a recording of one.
    """
    if api_error.error.status != 400:
        return api_error
    form = body if isinstance(body, Recipient) else Recipient()
    return in_shape(
        api_error,
        {
            "messageId": outbox.new_id(ctx, ctx.store[Sms].next_id()),
            "estimateParts": 0,
            "estimateMicro": 0,
            "estimate": "",
            "deliveryDeadline": times.stamp(ctx.now + DAY),
            "contactId": 0,
            "to": body.to or form.full_phone_number or form.phone_number,
            "message": body.message,
        },
    )
