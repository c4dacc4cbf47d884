"""What the control API brings about in an account: here, the sending limits of the vendor's plans."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from mockserver.core.context import Context
from mockserver.core.operation import Operations
from mockserver.core.schema import Body

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
