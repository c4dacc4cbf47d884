"""The six webhook events and their delivery. https://sparked.com/integration

Only their names are documented. Inferred: the payload; the signature (``t=<unix>,v1=<hex>``, HMAC-SHA256 of
``<t>.<body>`` with the webhook's secret, computed for each attempt); the retries.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Literal, get_args

from sparkbox.core.logs.deliveries import Delivery, Headers, NotReady, Retries
from sparkbox.core.logs.events import Event
from sparkbox.core.request.http import to_json
from sparkbox.core.state.context import Context

from ..oauth import grants
from ..times import HOUR, MINUTE, stamp
from .models import Subscription

EventType = Literal[
    "creator.connected", "gameplan.updated", "content.published", "asset.created", "pulse.insight", "mediakit.viewed"
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)

RETRIES = Retries(gaps=(1 * MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 8 * HOUR), timeout=10.0)


def emit(ctx: Context, type: EventType, creator_id: str, data: Mapping[str, Any]) -> None:
    """Emit an event; :func:`follow` posts it to the webhooks."""
    ctx.emit(type, _payload(ctx, type, creator_id, data))


def follow(ctx: Context, event: Event) -> None:
    """Post an event to the webhooks that subscribe to it, while the creator's authorization is valid."""
    subscriptions = [found for found in ctx.store[Subscription].values() if found.active and event.type in found.events]
    if subscriptions and grants.is_connected(ctx, event.json()["creator_id"]):
        for subscription in subscriptions:
            _post(ctx, subscription, event.type, event.data)


def send_test(ctx: Context, subscription: Subscription, type: EventType, creator_id: str) -> dict[str, Any]:
    """Post a test event to one webhook. Return its payload."""
    payload = _payload(ctx, type, creator_id, {"test": True})
    _post(ctx, subscription, type, to_json(payload))
    return payload


def sign(secret: str, time: int, body: bytes) -> str:
    """Return the value of ``X-Sparked-Signature`` at a time in Unix seconds."""
    digest = hmac.new(secret.encode(), b"%d." % time + body, hashlib.sha256).hexdigest()
    return f"t={time},v1={digest}"


def _payload(ctx: Context, type: EventType, creator_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": f"evt_{ctx.ids.text(20)}",
        "type": type,
        "created_at": stamp(ctx.now),
        "creator_id": creator_id,
        "data": dict(data),
    }


def _post(ctx: Context, subscription: Subscription, type: str, body: bytes) -> None:
    ctx.post(subscription.url, body, retries=RETRIES, subscription=subscription.id, event=type, prepare=_prepare)


async def _prepare(ctx: Context, delivery: Delivery) -> Headers:
    subscription = ctx.store[Subscription].get(delivery.subscription)
    if subscription is None:
        raise NotReady(f"the webhook {delivery.subscription} is gone, and its secret with it")
    return (("X-Sparked-Signature", sign(subscription.secret, int(ctx.now), delivery.body)),)
