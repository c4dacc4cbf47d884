"""For handlers: cancel deliveries that wait, and post one again."""

from __future__ import annotations

from ..logs.deliveries import Delivery
from ..state.context import Context
from ..state.store import replace


def cancel(ctx: Context, subscription: str) -> int:
    """Cancel what is pending for a webhook that was deleted or switched off. Return the number of deliveries."""
    log = ctx.account.deliveries
    pending = [
        delivery
        for delivery in log.oldest()
        if delivery.status == "pending"
        and delivery.subscription == subscription
        and delivery.service == ctx.service.name
    ]
    for delivery in pending:
        log.replace(delivery.number, replace(delivery, status="cancelled", next_at=None))
    return len(pending)


def replay(ctx: Context, number: int) -> Delivery | None:
    """Post a delivery's body once more, as a new delivery; ``None`` if the log does not hold it."""
    delivery = ctx.account.deliveries.get(number)
    if delivery is None:
        return None
    return ctx.post(
        delivery.url,
        delivery.body,
        retries=delivery.retries,
        headers=delivery.headers,
        subscription=delivery.subscription,
        event=delivery.event,
        prepare=delivery.prepare,
        on_done=delivery.on_done,
    )
