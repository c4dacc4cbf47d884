"""Campaigns: subscribe a contact, now or after a delay, and cancel the subscription.

https://openapi.engagespark.com/#tag/Campaigns. Quirks: a cancelled subscription is reported as an error; where there is
nothing to cancel, ``runId`` is 0.
"""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.request.json import dumps
from sparkbox.core.state.context import Context

from .. import errors
from ..auth import Organization
from ..contacts import address_book, contacts
from ..contacts.contacts import ContactFields
from ..contacts.models import Contact
from ..fields import Fields, Id, Short, requires
from ..phones import ContactRecipient
from . import delays, runs
from .delays import Delay
from .models import Campaign
from .zones import zone

MOST_ARGS = 100_000
"""Bytes."""

operations = Operations("Campaigns", docs="https://openapi.engagespark.com/#tag/Campaigns", errors=[errors.NOT_FOUND])


class NewSubscription(ContactRecipient):
    allow_resubscribe: bool = True
    time_zone: Short = ""
    args: Annotated[dict[str, Any], Field(default_factory=dict)]
    contact: ContactFields | None = None
    delay: Delay | None = None


class Cancellation(Fields):
    model_config = requires("contactId")

    contact_id: Id = None


class Subscribed(TypedDict):
    runId: int
    contactId: int


class Cancelled(TypedDict):
    """``runId`` is 0 where there was nothing to cancel."""

    runId: int


@operations.post(
    "/v1/organizations/{orgId}/engagements/{campaignId}/subscribe",
    errors=[
        *address_book.NAMING_ERRORS,
        *runs.CAMPAIGN_ERRORS,
        errors.ALREADY_SUBSCRIBED,
        errors.NO_RESUBSCRIBING,
        errors.INVALID_DELAY,
    ],
)
def subscribe(ctx: Context, org_id: Organization, campaign_id: str, body: NewSubscription) -> Subscribed:
    """Subscribe a contact to a campaign, after setting the fields of the contact that are given.

    The campaign must be launched, not stopped, and open; the contact must have no active subscription, and with
    ``allowResubscribe: false`` must not have had any.
    """
    campaign = runs.campaign_of(ctx, campaign_id)
    contact = address_book.named(ctx, body)
    _check_subscribable(ctx, campaign, contact, body.allow_resubscribe)
    starts = delays.start(body.delay, ctx.now)
    if body.time_zone and zone(body.time_zone) is None:
        raise errors.INVALID(problem="invalid field 'timeZone': unknown time zone")
    args = _packed(body.args)
    if body.contact is not None:
        contact = contacts.changed(ctx, contact, body.contact, add_groups=True)
    address_book.use(ctx, contact)
    relative = body.delay.relative if body.delay is not None else ""
    run = runs.start(ctx, campaign, contact, starts, time_zone=body.time_zone, args=args, relative=relative)
    return {"runId": run.id, "contactId": contact.id}


@operations.post("/v1/organizations/{orgId}/engagements/{campaignId}/unsubscribe", errors=[errors.UNKNOWN_CONTACT])
def unsubscribe(ctx: Context, org_id: Organization, campaign_id: str, body: Cancellation) -> Cancelled:
    """Cancel a contact's active subscription, if there is one."""
    if not (campaign_id.isascii() and campaign_id.isdigit() and len(campaign_id) < 19):
        raise errors.NOT_FOUND()
    if body.contact_id is None:
        raise errors.MISSING(name="contactId")
    if address_book.get(ctx, body.contact_id) is None:
        raise errors.UNKNOWN_CONTACT()
    run = runs.active(ctx, int(campaign_id), body.contact_id)
    if run is None:
        return {"runId": 0}
    runs.abort(ctx, run)
    return {"runId": run.id}


def _check_subscribable(ctx: Context, campaign: Campaign, contact: Contact, allow_resubscribe: bool) -> None:
    if runs.active(ctx, campaign.id, contact.id) is not None:
        raise errors.ALREADY_SUBSCRIBED()
    if not allow_resubscribe and runs.of_contact(ctx, campaign.id, contact.id):
        raise errors.NO_RESUBSCRIBING()


def _packed(args: dict[str, Any]) -> bytes:
    try:
        packed = dumps(args)
    except orjson.JSONEncodeError:
        raise errors.INVALID(problem="invalid field 'args': a number in it is too large") from None
    if len(packed) > MOST_ARGS:
        raise errors.INVALID(problem=f"invalid field 'args': at most {MOST_ARGS} bytes are taken")
    return packed
