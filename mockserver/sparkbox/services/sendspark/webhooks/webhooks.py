"""Webhooks: where events are posted. Each POST has one event and no signature.

The vendor's specification says 204 for reading and listing, although both return webhooks: the sandbox returns 200.
Assumed: a delivery with a 5xx or without response is retried after one, five and thirty minutes; an entry of
``extraHeaders`` reads ``Name: value``; module ``dynamics`` without ``identifiers`` means all campaigns.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

import orjson
from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.logs.deliveries import Retries
from sparkbox.core.logs.events import Event
from sparkbox.core.outgoing.queue import cancel
from sparkbox.core.request.http import to_json
from sparkbox.core.state.clock import iso
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record, replace

from .. import errors
from ..errors import DOCS
from ..fields import Flag, Name, Text
from ..prospects.models import Prospect
from ..share_pages import links
from ..workspaces.workspaces import current, enter
from . import events
from .events import EVENT_TYPES, EventType

operations = Operations("Webhook", docs=DOCS)

RETRIES = Retries(gaps=(60, 300, 1800), retried=range(500, 600))
MOST_WEBHOOKS = 1000

Module = Literal["global", "dynamics"]
Url = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
Headers = Annotated[tuple[Text, ...], Field(max_length=50)]
Identifiers = Annotated[tuple[Text, ...], Field(max_length=1000)]
Events = Annotated[tuple[EventType, ...], Field(max_length=100)]


class Webhook(Record, frozen=True, gc=False, kw_only=True):
    """A webhook; without ``events`` it gets all. ``metadata`` is JSON, or empty."""

    id: str
    name: str
    url: str
    module: Module
    description: str = ""
    extra_headers: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    events: tuple[EventType, ...] = ()
    metadata: bytes = b""
    enabled: bool = True
    created: float
    updated: float


class Automation(Body):
    workflowId: int | None = None
    provider: Text


class WebhookMetadata(Body):
    automation: Automation


class NewWebhook(Body):
    name: Name
    url: Url
    module: Module
    description: Text = ""
    extraHeaders: Headers = ()
    identifiers: Identifiers = ()
    events: Events = ()
    metadata: WebhookMetadata | None = None


class WebhookChanges(Body):
    name: Name | None = None
    url: Url | None = None
    module: Module | None = None
    description: Text | None = None
    extraHeaders: Headers | None = None
    identifiers: Identifiers | None = None
    events: Events | None = None
    enabled: Flag | None = None


class WebhookFields(TypedDict):
    _id: str
    name: str
    description: str
    extraHeaders: list[str]
    url: str
    module: Module
    identifiers: list[str]
    events: list[EventType]
    enabled: bool
    metadata: NotRequired[dict[str, Any]]
    workspace: str
    creator: str
    createdAt: str
    updatedAt: str


@operations.post("/v1/workspaces/{workspaceId}/webhooks")
def create_webhook(ctx: Context, workspace_id: str, body: NewWebhook) -> WebhookFields:
    """Create a new webhook."""
    enter(ctx, workspace_id)
    if len(ctx.store[Webhook]) >= MOST_WEBHOOKS:
        raise errors.because(errors.INVALID, f"there are {MOST_WEBHOOKS} webhooks already")
    webhook = Webhook(
        id=ctx.ids.hex(24),
        name=body.name,
        url=body.url,
        module=body.module,
        description=body.description,
        extra_headers=body.extraHeaders,
        identifiers=body.identifiers,
        events=body.events,
        metadata=b"" if body.metadata is None else to_json(body.metadata.model_dump(exclude_none=True)),
        created=ctx.now,
        updated=ctx.now,
    )
    _check(ctx, webhook)
    ctx.store[Webhook].put(webhook)
    return _fields(ctx, webhook)


@operations.get("/v1/workspaces/{workspaceId}/webhooks", evidence="assumed")
def get_webhook_list(ctx: Context, workspace_id: str) -> list[WebhookFields]:
    """Get the webhook list by workspace id."""
    enter(ctx, workspace_id)
    return [_fields(ctx, webhook) for webhook in ctx.store[Webhook].values()]


@operations.get("/v1/workspaces/{workspaceId}/webhooks/{webhookId}", evidence="assumed")
def get_webhook(ctx: Context, workspace_id: str, webhook_id: str) -> WebhookFields:
    """Get a webhook by id."""
    return _fields(ctx, _find(ctx, workspace_id, webhook_id))


@operations.patch("/v1/workspaces/{workspaceId}/webhooks/{webhookId}")
def modify_webhook(ctx: Context, workspace_id: str, webhook_id: str, body: WebhookChanges) -> WebhookFields:
    """Modify a webhook. Disabling it also cancels its pending deliveries."""
    webhook = _find(ctx, workspace_id, webhook_id)
    given: dict[str, Any] = {
        "name": body.name,
        "url": body.url,
        "module": body.module,
        "description": body.description,
        "extra_headers": body.extraHeaders,
        "identifiers": body.identifiers,
        "events": body.events,
        "enabled": body.enabled,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    changed = replace(webhook, **changes, updated=ctx.now)
    _check(ctx, changed)
    ctx.store[Webhook].put(changed)
    if not changed.enabled:
        cancel(ctx, webhook.id)
    return _fields(ctx, changed)


@operations.delete("/v1/workspaces/{workspaceId}/webhooks/{webhookId}", status=204)
def delete_webhook(ctx: Context, workspace_id: str, webhook_id: str) -> None:
    """Delete a webhook by id, and cancel its pending deliveries."""
    webhook = _find(ctx, workspace_id, webhook_id)
    ctx.store[Webhook].delete(webhook.id)
    cancel(ctx, webhook.id)


def follow(ctx: Context, event: Event) -> None:
    """Post an event to the webhooks that subscribe to it, and to the prospect's own."""
    if event.type not in EVENT_TYPES:
        return
    fields = event.json()
    for webhook in ctx.store[Webhook].values():
        if _wants(webhook, event.type, fields.get("campaignId", "")):
            headers = _headers(webhook)
            ctx.post(
                webhook.url, event.data, retries=RETRIES, headers=headers, subscription=webhook.id, event=event.type
            )
    prospect = ctx.store[Prospect].get(links.key_of(str(fields.get("prospectId", ""))))
    url = "" if prospect is None else events.own_webhook(prospect, event.type)
    if url:
        ctx.post(url, event.data, retries=RETRIES, event=event.type)


def _wants(webhook: Webhook, type: str, campaign: str) -> bool:
    if not webhook.enabled or (webhook.events and type not in webhook.events):
        return False
    return webhook.module == "global" or not webhook.identifiers or campaign in webhook.identifiers


def _find(ctx: Context, workspace_id: str, webhook_id: str) -> Webhook:
    enter(ctx, workspace_id)
    webhook = ctx.store[Webhook].get(webhook_id)
    if webhook is None:
        raise errors.NOT_FOUND()
    return webhook


def _check(ctx: Context, webhook: Webhook) -> None:
    try:
        ctx.check_target(webhook.url, _headers(webhook))
    except ValueError as error:
        raise errors.because(errors.INVALID, str(error)) from None


def _headers(webhook: Webhook) -> list[tuple[str, str]]:
    pairs = (entry.partition(":") for entry in webhook.extra_headers)
    return [(name.strip(), value.strip()) for name, colon, value in pairs if colon]


def _fields(ctx: Context, webhook: Webhook) -> WebhookFields:
    workspace = current(ctx)
    fields: WebhookFields = {
        "_id": webhook.id,
        "name": webhook.name,
        "description": webhook.description,
        "extraHeaders": list(webhook.extra_headers),
        "url": webhook.url,
        "module": webhook.module,
        "identifiers": list(webhook.identifiers),
        "events": list(webhook.events),
        "enabled": webhook.enabled,
        "workspace": workspace.id,
        "creator": workspace.creator,
        "createdAt": iso(webhook.created),
        "updatedAt": iso(webhook.updated),
    }
    if webhook.metadata:
        fields["metadata"] = orjson.loads(webhook.metadata)
    return fields
