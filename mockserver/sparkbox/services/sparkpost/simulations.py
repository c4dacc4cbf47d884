"""Simulations of what comes from outside the API: plan limits, API keys, suppressions by others."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.mail.addresses import is_address

from . import keys
from .accounts.sending_limits import SendingLimits
from .keys import Grant
from .suppressions.errors import SUPPRESSION_INVALID
from .suppressions.models import COMPLIANCE, Source, is_list_id, suppress

Amount = Annotated[int, Field(ge=0, le=10**12)]

operations = Operations("Simulations", evidence="assumed")


class NewLimits(Body):
    """Numbers of messages; null stands for no limit."""

    hourly: Amount | None = None
    daily: Amount | None = None
    monthly: Amount | None = None


class LimitFields(TypedDict):
    hourly: int | None
    daily: int | None
    monthly: int | None


@operations.post("/sending-limits")
def set_sending_limits(ctx: Context, body: NewLimits) -> LimitFields:
    """Set the account's sending limits for an hour, a day and a month.

    A transmission that would exceed one gets a 420.
    """
    ctx.store[SendingLimits].put(SendingLimits("limits", body.hourly, body.daily, body.monthly))
    return {"hourly": body.hourly, "daily": body.daily, "monthly": body.monthly}


class NewKey(Body):
    """``smtp/inject`` is the grant “Send via SMTP”."""

    grants: Annotated[list[Grant], Field(min_length=1, max_length=100)]


class KeyFields(TypedDict):
    key: str
    grants: list[Grant]


class NewSuppression(Body):
    """``source`` says who suppressed the address; ``list_id`` limits the suppression to one mailing list."""

    recipient: str
    source: Source = COMPLIANCE
    type: Literal["transactional", "non_transactional"] = "transactional"
    description: Annotated[str, Field(max_length=1_000)] = ""
    list_id: str = ""


class SuppressionFields(TypedDict):
    recipient: str
    source: Source
    type: Literal["transactional", "non_transactional"]
    description: str
    list_id: str


@operations.post("/suppression", errors=[SUPPRESSION_INVALID])
def suppress_recipient(ctx: Context, body: NewSuppression) -> SuppressionFields:
    """Suppress an address as a bounce, a complaint or the compliance team does."""
    if not is_address(body.recipient):
        raise SUPPRESSION_INVALID(problem="Recipient must be a valid email address")
    if body.list_id and not is_list_id(body.list_id):
        raise SUPPRESSION_INVALID(problem="List id must be compliant with RFC 2919")
    suppress(ctx, body.recipient, body.type, body.source, body.description, list_id=body.list_id)
    return {
        "recipient": body.recipient.lower(),
        "source": body.source,
        "type": body.type,
        "description": body.description,
        "list_id": body.list_id,
    }


@operations.post("/keys")
def make_key(ctx: Context, body: NewKey) -> KeyFields:
    """Create an API key with these grants.

    It gets a 403 for everything else, and a 535 by SMTP. It opens this account only, until the account is reset or a
    thousand newer keys were created.
    """
    key = keys.make(ctx, body.grants)
    return {"key": key.id, "grants": list(key.grants)}
