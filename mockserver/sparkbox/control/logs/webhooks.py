"""Webhooks: what the services posted to the targets that a user configured, and what came of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Later, Operations
from sparkbox.core.logs import deliveries
from sparkbox.core.logs.deliveries import Delivery, DeliveryDetails, DeliverySummary, Status
from sparkbox.core.outgoing import queue
from sparkbox.core.state.steps import Steps

from .. import errors, selection
from ..context import Context
from ..queries import AccountQuery, Deleted, LogQuery, same, within
from . import logs
from .logs import DELIVERIES

operations = Operations("Webhooks", public=True)


class DeliveryQuery(LogQuery):
    service: str | None = None
    status: Status | None = None
    event: Annotated[str | None, Field(description="What it tells of, in the service's words.")] = None
    subscription: Annotated[str | None, Field(description="The service's id of the webhook.")] = None
    url: Annotated[str | None, Field(description="A part of the target's URL.")] = None


class DrainQuery(AccountQuery):
    timeout: Annotated[float, Field(ge=0, le=300, description="Real seconds to wait at most.")] = 10.0


class DeliveryList(TypedDict):
    webhooks: list[DeliverySummary]
    total: int


class Drained(TypedDict):
    """Whether all attempts have ended."""

    drained: bool


@operations.get("/_mock/webhooks", errors=selection.ERRORS)
def list_deliveries(ctx: Context, query: DeliveryQuery) -> Steps[DeliveryList]:
    """List the deliveries, newest first. Filters are joined by *and*, and ignore case."""
    rows, total = yield from DELIVERIES.page(ctx, query, deliveries.summary, lambda delivery: _matches(delivery, query))
    return {"webhooks": rows, "total": total}


@operations.delete("/_mock/webhooks", errors=selection.ERRORS)
def delete_deliveries(ctx: Context, query: AccountQuery) -> Deleted:
    """Delete all deliveries, or one account's; what was pending is attempted no more."""
    return DELIVERIES.clear(ctx, query.account)


@operations.post("/_mock/webhooks/drain", errors=selection.ERRORS)
def drain_deliveries(ctx: Context, query: DrainQuery) -> Drained | Later:
    """Wait until no attempt is under way, of one account or of all; retries to come are not waited for."""
    worker = ctx.sandbox.worker
    chosen = [None] if query.account is None else selection.existing(ctx, query.account)

    async def drain() -> Drained:
        return {"drained": all([await worker.drain(account, query.timeout) for account in chosen])}

    return Later(drain)


@operations.get("/_mock/webhooks/{id}", errors=logs.ERRORS)
def show_delivery(ctx: Context, id: int, query: AccountQuery) -> DeliveryDetails:
    """Show a delivery with what was posted and every attempt."""
    return deliveries.details(DELIVERIES.find(ctx, id, query.account))


@operations.delete("/_mock/webhooks/{id}", errors=logs.ERRORS)
def delete_delivery(ctx: Context, id: int, query: AccountQuery) -> Deleted:
    """Delete a delivery; if it was pending, it is attempted no more."""
    return DELIVERIES.remove(ctx, id, query.account)


@operations.post("/_mock/webhooks/{id}/replay", status=201, errors=[*logs.ERRORS, errors.NO_REPLAY])
def replay_delivery(ctx: Context, id: int, query: AccountQuery) -> DeliverySummary:
    """Post a delivery's body once more, as a new delivery."""
    delivery = DELIVERIES.find(ctx, id, query.account)
    account = ctx.sandbox.accounts.find(delivery.account)
    if account is None:
        raise errors.NO_REPLAY(id=id)
    again = queue.replay(ctx.sandbox.context(delivery.service, account), id)
    if again is None:
        raise errors.NO_REPLAY(id=id)
    return deliveries.summary(again)


def _matches(delivery: Delivery, query: DeliveryQuery) -> bool:
    return (
        same(query.service, delivery.service)
        and same(query.status, delivery.status)
        and same(query.event, delivery.event)
        and same(query.subscription, delivery.subscription)
        and within(query.url, delivery.url)
    )
