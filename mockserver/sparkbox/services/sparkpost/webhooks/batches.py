"""Batches of events for webhooks.

https://support.sparkpost.com/docs/tech-resources/webhook-data-streams: 1 to 350 events every 30 to 60 seconds; 12
attempts within 8 hours at growing intervals; a timeout of 10 seconds; any 2xx accepts a batch. The vendor does not
document the intervals: these are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NotRequired

import orjson
from typing_extensions import TypedDict

from sparkbox.core.logs.deliveries import Delivery, Retries
from sparkbox.core.logs.events import Event
from sparkbox.core.outgoing.batches import Rhythm, collect, end
from sparkbox.core.state.clock import iso
from sparkbox.core.state.context import Context

from ..events import recorder
from .event_types import WEBHOOK_TYPES
from .models import EVERY_SUBACCOUNT, Webhook
from .targets import TIMEOUT, headers_of, preparation

MOST_EVENTS = 350
RHYTHM = Rhythm(30.0, MOST_EVENTS, 1024 * 1024)

RETRIES = Retries(gaps=(60, 120, 240, 480, 900, 1800, 2700, 3600, 4500, 5400, 7200), timeout=TIMEOUT)
STATUS_KEPT = 86_400.0

_BATCH_ID = "X-MessageSystems-Batch-ID"


class BatchStatus(TypedDict):
    """A batch that failed at least once; without ``failure_code`` it was accepted in the end. ``latency`` is in ms."""

    batch_id: str
    batch_size: int
    webhook_id: str
    ts: str
    attempts: int
    response_code: NotRequired[str]
    failure_code: NotRequired[str]
    latency: int


class Outcomes(TypedDict):
    """When a webhook's target last accepted a batch, and when it last failed, in Unix seconds."""

    successful: float | None
    failed: float | None


def follow(ctx: Context, event: Event) -> None:
    """Add a new event to the batch of each webhook that subscribes to it."""
    if Webhook not in ctx.store:
        return
    for hook in ctx.store[Webhook].values():
        if hook.active and event.type in hook.events and _owned(hook, event):
            collect(ctx, hook.id, event, RHYTHM, partial(_post, ctx, hook), flush)


def flush(ctx: Context, webhook_id: str) -> None:
    """Post the waiting events of a webhook."""
    events = end(ctx, webhook_id)
    hook = ctx.store[Webhook].get(webhook_id)
    if events and hook is not None:
        _post(ctx, hook, events)


def failed_batches(ctx: Context, webhook_id: str, limit: int) -> list[BatchStatus]:
    """Return the batches of the last 24 hours that failed at least once, newest first."""
    found: list[BatchStatus] = []
    for delivery in ctx.account.deliveries.newest():
        if len(found) == limit:
            break
        recent = delivery.time > ctx.now - STATUS_KEPT
        if recent and _of(delivery, ctx, webhook_id) and _failures(delivery):
            found.append(_status(delivery))
    return found


def outcomes(ctx: Context) -> dict[str, Outcomes]:
    """Return the outcomes of all webhooks in the log of deliveries."""
    known: dict[str, Outcomes] = {}
    for delivery in ctx.account.deliveries.oldest():
        if delivery.service != ctx.service.name or not delivery.attempts:
            continue
        seen = known.setdefault(delivery.subscription, {"successful": None, "failed": None})
        failures = _failures(delivery)
        if failures:
            seen["failed"] = max(seen["failed"] or 0.0, delivery.attempts[failures - 1].time)
        if delivery.status == "delivered":
            seen["successful"] = max(seen["successful"] or 0.0, delivery.attempts[-1].time)
    return known


def _owned(hook: Webhook, event: Event) -> bool:
    if hook.subaccount == EVERY_SUBACCOUNT and not hook.exceptions:
        return True
    owner = recorder.owner_of(event.json())
    return owner not in hook.exceptions if hook.subaccount == EVERY_SUBACCOUNT else owner == hook.subaccount


def _post(ctx: Context, hook: Webhook, events: Sequence[Event]) -> None:
    ctx.post(
        hook.target,
        b"[" + b",".join(map(_wrapped, events)) + b"]",
        retries=RETRIES,
        headers=headers_of(hook, ctx.ids.uuid()),
        subscription=hook.id,
        event=",".join(sorted({event.type for event in events})),
        prepare=preparation(hook),
    )


def _wrapped(event: Event) -> bytes:
    """Return an event as batches have it: ``timestamp`` is a text of Unix seconds."""
    group = WEBHOOK_TYPES[event.type].group
    return b'{"msys":{"%s":{"timestamp":"%d",%s}}' % (group.encode(), int(event.time), event.data[1:])


def _of(delivery: Delivery, ctx: Context, webhook_id: str) -> bool:
    return delivery.subscription == webhook_id and delivery.service == ctx.service.name


def _failures(delivery: Delivery) -> int:
    return len(delivery.attempts) - (delivery.status == "delivered")


def _status(delivery: Delivery) -> BatchStatus:
    last = delivery.attempts[-1]
    status: BatchStatus = {
        "batch_id": next(value for name, value in delivery.headers if name == _BATCH_ID),
        "batch_size": len(orjson.loads(delivery.body)),
        "webhook_id": delivery.subscription,
        "ts": iso(delivery.time),
        "attempts": _failures(delivery),
        "latency": round(last.duration * 1000),
    }
    if last.status is not None:
        status["response_code"] = str(last.status)
    if delivery.status != "delivered":
        status["failure_code"] = str(last.status or 0)
    return status
