"""What the control API brings about in an account: the sending limits of the vendor's plans, and further API keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from mockserver.core.context import Context
from mockserver.core.operation import Operations
from mockserver.core.schema import Body

from . import keys
from .keys import Grant
from .sending_limits import SendingLimits

Amount = Annotated[int, Field(ge=0, le=10**12)]

operations = Operations("Simulations", evidence="assumed")


class NewLimits(Body):
    """Messages; null, or left out: no limit."""

    hourly: Amount | None = None
    daily: Amount | None = None
    monthly: Amount | None = None


class LimitFields(TypedDict):
    hourly: int | None
    daily: int | None
    monthly: int | None


@operations.post("/sending-limits")
def set_sending_limits(ctx: Context, body: NewLimits) -> LimitFields:
    """Set how many messages the account may send in an hour, a day and a month; a transmission beyond is a 420."""
    ctx.store[SendingLimits].put(SendingLimits("limits", body.hourly, body.daily, body.monthly))
    return {"hourly": body.hourly, "daily": body.daily, "monthly": body.monthly}


class NewKey(Body):
    """``smtp/inject`` is the grant “Send via SMTP”."""

    grants: Annotated[list[Grant], Field(min_length=1, max_length=100)]


class KeyFields(TypedDict):
    key: str
    grants: list[Grant]


@operations.post("/keys")
def make_key(ctx: Context, body: NewKey) -> KeyFields:
    """Make a further API key with these grants; what it has none for is a 403, and 535 where it is sending by SMTP."""
    key = keys.make(ctx, body.grants)
    return {"key": key.id, "grants": list(key.grants)}
