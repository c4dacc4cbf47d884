"""Webhooks: https://sparked.com/integration#webhook-events. Paths and fields are inferred; see also :mod:`.events`."""

from __future__ import annotations

from typing import Annotated, NotRequired

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body, Invalid, Problem
from sparkbox.core.logs import deliveries
from sparkbox.core.outgoing import queue
from sparkbox.core.state import signing
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from .. import errors
from ..auth import CLIENT, CONSENT, INTEGRATION, TOKEN
from ..creators.models import CREATOR
from ..paging import ListQuery, page
from ..times import stamp
from . import events
from .events import EVENT_TYPES, EventType
from .models import Subscription

operations = Operations(
    "Webhooks",
    docs=errors.DOCS,
    evidence="assumed",
    tags=(INTEGRATION,),
    security=((TOKEN,), (CONSENT,), (CLIENT,)),
)

MOST_SUBSCRIPTIONS = 100


def _target(url: str) -> str:
    deliveries.check_target(url)
    return url


Url = Annotated[str, AfterValidator(_target)]
Events = Annotated[list[EventType], Field(min_length=1, max_length=50)]
Description = Annotated[str, Field(max_length=200)]


class NewWebhook(Body):
    """``events`` defaults to all six; ``secret`` to a random one."""

    url: Url
    events: Events = Field(default_factory=lambda: list(EVENT_TYPES))
    description: Description = ""
    secret: Annotated[str | None, Field(min_length=16, max_length=200)] = None


class WebhookChanges(Body):
    url: Url | None = None
    events: Events | None = None
    description: Description | None = None
    active: bool | None = None


class WebhookTest(Body):
    """``event`` defaults to the first one of the webhook."""

    event: EventType | None = None


class WebhookFields(TypedDict):
    """``secret`` is only in the response that creates the webhook."""

    id: str
    url: str
    events: list[str]
    description: str
    active: bool
    secret: NotRequired[str]
    created_at: str


class WebhookPage(TypedDict):
    data: list[WebhookFields]
    next_cursor: str | None


class WebhookTested(TypedDict):
    """The test event; its ``data`` is ``{"test": true}``."""

    event_id: str
    type: str


@operations.get("/api/v1/webhooks")
def list_webhooks(ctx: Context, query: ListQuery) -> WebhookPage:
    """List the integration's webhooks, newest first."""
    rows, next_cursor = page(ctx.store[Subscription].values(), query)
    return {"data": [_view(subscription) for subscription in rows], "next_cursor": next_cursor}


@operations.post("/api/v1/webhooks", status=201, errors=[errors.TOO_MANY_WEBHOOKS])
def create_webhook(ctx: Context, body: NewWebhook) -> WebhookFields:
    """Create a webhook. The response has the secret that signs its events."""
    if len(ctx.store[Subscription]) >= MOST_SUBSCRIPTIONS:
        raise errors.TOO_MANY_WEBHOOKS(most=MOST_SUBSCRIPTIONS)
    _check(ctx, body.url)
    subscription = Subscription(
        f"wh_{ctx.ids.text(12)}",
        body.url,
        tuple(dict.fromkeys(body.events)),
        body.secret or f"whsec_{signing.chance(ctx.account).text(32)}",
        body.description,
        True,
        ctx.now,
    )
    ctx.store[Subscription].put(subscription)
    return {**_view(subscription), "secret": subscription.secret}


@operations.get("/api/v1/webhooks/{id}", errors=[errors.WEBHOOK_NOT_FOUND])
def get_webhook(ctx: Context, id: str) -> WebhookFields:
    """Get a webhook."""
    return _view(_find(ctx, id))


@operations.patch("/api/v1/webhooks/{id}", errors=[errors.WEBHOOK_NOT_FOUND])
def update_webhook(ctx: Context, id: str, body: WebhookChanges) -> WebhookFields:
    """Update a webhook. Deactivating it also cancels its pending deliveries."""
    subscription = _find(ctx, id)
    if body.url is not None:
        _check(ctx, body.url)
    changed = replace(
        subscription,
        url=subscription.url if body.url is None else body.url,
        events=subscription.events if body.events is None else tuple(dict.fromkeys(body.events)),
        description=subscription.description if body.description is None else body.description,
        active=subscription.active if body.active is None else body.active,
    )
    ctx.store[Subscription].put(changed)
    if not changed.active:
        queue.cancel(ctx, id)
    return _view(changed)


@operations.delete("/api/v1/webhooks/{id}", status=204, errors=[errors.WEBHOOK_NOT_FOUND])
def delete_webhook(ctx: Context, id: str) -> None:
    """Delete a webhook, and cancel its pending deliveries."""
    ctx.store[Subscription].delete(_find(ctx, id).id)
    queue.cancel(ctx, id)


@operations.post("/api/v1/webhooks/{id}/test", status=202, body_required=False, errors=[errors.WEBHOOK_NOT_FOUND])
def test_webhook(ctx: Context, id: str, body: WebhookTest | None) -> WebhookTested:
    """Send a test event to a webhook, signed like any other."""
    subscription = _find(ctx, id)
    type: EventType = (body.event if body else None) or subscription.events[0]  # type: ignore[assignment]
    sent = events.send_test(ctx, subscription, type, CREATOR)
    return {"event_id": sent["id"], "type": sent["type"]}


def _check(ctx: Context, url: str) -> None:
    try:
        ctx.check_target(url)
    except ValueError as error:
        raise Invalid([Problem("body", ("url",), "value_error", f"Value error, {error}", url)]) from None


def _find(ctx: Context, id: str) -> Subscription:
    subscription = ctx.store[Subscription].get(id)
    if subscription is None:
        raise errors.WEBHOOK_NOT_FOUND(id=id[:100])
    return subscription


def _view(subscription: Subscription) -> WebhookFields:
    return {
        "id": subscription.id,
        "url": subscription.url,
        "events": list(subscription.events),
        "description": subscription.description,
        "active": subscription.active,
        "created_at": stamp(subscription.time),
    }
