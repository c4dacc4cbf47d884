"""SMS to many.

https://github.com/engagespark/api-docs. What clients send is observed; the shape of the response is our own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps, collected

from .. import errors, phones
from ..accounts import balance
from ..auth import check_organization
from ..contacts import address_book
from ..fields import Fields, Id, Long, Short, SureId, requires
from ..messages import outbox
from ..messages.outbox import Draft
from ..sending import sms
from ..sending.sms import SentSms
from .contacts import CONTACTS_A_STEP, MOST_CONTACTS

operations = Operations("Older API", docs="https://github.com/engagespark/api-docs", evidence="observed")


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


class OlderSentSms(TypedDict):
    data: list[SentSms]


@operations.post(
    "/api/v1/messages/sms",
    errors=[
        *phones.RECIPIENT_ERRORS,
        errors.UNKNOWN_CONTACT,
        *outbox.SENDING_ERRORS,
        errors.NOT_FOUND,
    ],
)
def send_older_sms(ctx: Context, body: OlderSms) -> Steps[OlderSentSms]:
    """Send one text to several numbers or contacts."""
    check_organization(body.organization_id, name="organization_id")
    if not body.message:
        raise errors.MISSING(name="message")
    drafts = yield from collected(_drafts(ctx, body), CONTACTS_A_STEP)
    if not drafts:
        raise errors.NO_RECIPIENT(forms='"mobile_numbers", "contact_ids"')
    checked = yield from collected(((draft, outbox.check(ctx, draft)) for draft in drafts), CONTACTS_A_STEP)
    # Paid for all at once: what others spend meanwhile must not leave it half sent.
    balance.charge(ctx, sum(outbox.cost(draft, parts) for draft, parts in checked))
    sending = (outbox.send(ctx, draft, parts, paid=True) for draft, parts in checked)
    sent = yield from collected(sending, CONTACTS_A_STEP)
    return {"data": list(map(sms.response, sent))}


def _drafts(ctx: Context, body: OlderSms) -> Iterator[Draft]:
    for text in body.mobile_numbers:
        yield Draft(phones.full_number(text).digits, body.message, body.sender_id)
    for id in body.contact_ids:
        contact = address_book.get(ctx, id)
        if contact is None:
            raise errors.UNKNOWN_CONTACT()
        text = address_book.personalise(ctx, body.message, contact)
        yield Draft(contact.number, text, body.sender_id, contact.id)
