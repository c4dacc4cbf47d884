"""Event webhooks: the targets that events are posted to.

https://developers.sparkpost.com/api/webhooks/. Quirks: a target is tested before the response, and only 200 passes; the
code of that error is a number. ``exception_subaccounts`` are numbers in requests and texts in responses. The vendor's
webhooks get their first events after about a minute, here they get them at once.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, NotRequired, cast

import orjson
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Later
from sparkbox.core.declare.schema import Body
from sparkbox.core.state.clock import moment
from sparkbox.core.state.context import Context

from .. import errors
from ..auth import given_subaccount
from ..fields import pack
from ..page import Page
from ..searching import one_of, time_zone, whole_number
from . import batches, event_types, fields, targets
from .batches import BatchStatus, Outcomes
from .errors import TOO_MANY_WEBHOOKS
from .event_types import WEBHOOK_TYPES
from .fields import NewWebhook, WebhookChanges, blank, changed
from .models import EVERY_SUBACCOUNT, Token, Webhook
from .targets import PING, TargetResponse, fetch_token

MOST_WEBHOOKS = 100
MOST_STATUSES = 10_000

_UNKNOWN = (errors.RESOURCE_NOT_FOUND, errors.INVALID_PARAMETERS)

operations = Page(
    "Webhooks", docs="https://developers.sparkpost.com/api/webhooks/", view="webhooks/view", modify="webhooks/modify"
)


class ZoneQuery(Body):
    timezone: str | None = None


class StatusQuery(Body):
    limit: str | None = None


class SamplesQuery(Body):
    events: str | None = None


class WebhookLink(TypedDict):
    href: str
    rel: str
    method: list[str]


class WebhookReference(TypedDict):
    id: str
    links: list[WebhookLink]


class WebhookView(TypedDict):
    """``last_successful`` and ``last_failure`` appear after the first batch, in the query's time zone."""

    id: NotRequired[str]
    name: str
    target: str
    events: list[str]
    active: bool
    auth_type: str
    auth_request_details: dict[str, Any]
    auth_credentials: dict[str, Any]
    auth_token: str
    custom_headers: NotRequired[dict[str, str]]
    exception_subaccounts: NotRequired[list[str]]
    subaccount_id: NotRequired[int]
    last_successful: NotRequired[str]
    last_failure: NotRequired[str]
    links: list[WebhookLink]


class Validation(TypedDict):
    msg: str
    response: TargetResponse


class EventDocumentation(TypedDict):
    display_name: str
    description: str
    event: dict[str, dict[str, Any]]


class GroupDocumentation(TypedDict):
    display_name: str
    description: str
    events: dict[str, EventDocumentation]


class Sample(TypedDict):
    msys: dict[str, dict[str, Any]]


@operations.post(
    "/api/v1/webhooks",
    errors=[*fields.ERRORS, *targets.ERRORS, TOO_MANY_WEBHOOKS, errors.INVALID_PARAMETERS],
)
def create_webhook(ctx: Context, body: NewWebhook) -> WebhookReference | Later:
    """Create a webhook.

    Its target has to respond to a test POST with 200 first.
    """
    owner = given_subaccount(ctx)
    hook = changed(ctx, blank(ctx, EVERY_SUBACCOUNT if owner is None else owner), body)
    if len(ctx.store[Webhook]) >= MOST_WEBHOOKS:
        raise TOO_MANY_WEBHOOKS()

    async def prove() -> WebhookReference:
        token = await _token_for(ctx, hook)
        await targets.probe(ctx, hook, token)
        if len(ctx.store[Webhook]) >= MOST_WEBHOOKS:
            raise TOO_MANY_WEBHOOKS()
        _keep(ctx, hook, token)
        return {"id": hook.id, "links": [_link(hook, "webhook", "GET", "PUT")]}

    return Later(prove)


@operations.get("/api/v1/webhooks", errors=[errors.INVALID_QUERY, errors.INVALID_PARAMETERS])
def list_webhooks(ctx: Context, query: ZoneQuery) -> list[WebhookView]:
    """List all webhooks."""
    zone, owner = time_zone(query.timezone), given_subaccount(ctx)
    known = batches.outcomes(ctx)
    return [
        {"id": hook.id, **_show(ctx, hook, known.get(hook.id), zone, [_link(hook, "webhook", "GET", "PUT")])}
        for hook in ctx.store[Webhook].values()
        if _belongs(hook, owner)
    ]


@operations.get("/api/v1/webhooks/{id}", errors=[*_UNKNOWN, errors.INVALID_QUERY])
def retrieve_webhook(ctx: Context, id: str, query: ZoneQuery) -> WebhookView:
    """Retrieve a webhook."""
    hook, zone = _find(ctx, id), time_zone(query.timezone)
    links = [_link(hook, "validate", "POST"), _link(hook, "batches", "GET")]
    return _show(ctx, hook, batches.outcomes(ctx).get(id), zone, links)


@operations.put("/api/v1/webhooks/{id}", errors=[*_UNKNOWN, *fields.ERRORS, *targets.ERRORS])
def update_webhook(ctx: Context, id: str, body: WebhookChanges) -> WebhookReference | Later:
    """Update a webhook.

    A new target has to respond to a test POST with 200 first. Events collected before still go to the old target.
    """
    old = _find(ctx, id)
    hook = changed(ctx, old, body)
    moved = hook.target != old.target
    if not moved and (hook.auth_type != "oauth2" or _grant(hook) == _grant(old)):
        return _update(ctx, hook, None)

    async def prove() -> WebhookReference:
        token = await _token_for(ctx, hook)
        if moved:
            await targets.probe(ctx, hook, token)
        return _update(ctx, changed(ctx, _find(ctx, id), body), token)

    return Later(prove)


@operations.delete("/api/v1/webhooks/{id}", status=204, errors=_UNKNOWN)
def delete_webhook(ctx: Context, id: str) -> None:
    """Delete a webhook.

    Events collected before are still delivered.
    """
    hook = _find(ctx, id)
    batches.flush(ctx, hook.id)
    ctx.store[Webhook].delete(hook.id)
    ctx.store[Token].delete(hook.id)


@operations.post("/api/v1/webhooks/{id}/validate", errors=[*_UNKNOWN, *targets.ERRORS], body_required=False)
def validate_webhook(ctx: Context, id: str, body: Any) -> Validation | Later:
    """Validate a webhook: post a batch to its target and show the response.

    The batch is the request's body if that is a list with entries, else the same empty one as for a new webhook.
    """
    hook = _find(ctx, id)
    batch = pack(body, "body") if isinstance(body, list) and body else PING

    async def validate() -> Validation:
        token = ctx.store[Token].get(id) or await _token_for(ctx, hook)
        response = await targets.probe(ctx, hook, token, batch)
        return {"msg": "Test POST to endpoint succeeded", "response": response}

    return Later(validate)


@operations.get("/api/v1/webhooks/{id}/batch-status", errors=[*_UNKNOWN, errors.INVALID_QUERY])
def list_batch_statuses(ctx: Context, id: str, query: StatusQuery) -> list[BatchStatus]:
    """Retrieve batch status information.

    It covers the batches of the last 24 hours that failed at least once.
    """
    limit = whole_number("limit", query.limit, 1000, 1, MOST_STATUSES)
    return batches.failed_batches(ctx, _find(ctx, id).id, limit)


@operations.get("/api/v1/webhooks/events/documentation", public=True)
def document_webhook_events(ctx: Context) -> dict[str, GroupDocumentation]:
    """Retrieve events documentation: groups, events and their fields."""
    return event_types.documentation()


@operations.get("/api/v1/webhooks/events/samples", errors=[errors.INVALID_QUERY], public=True)
def sample_webhook_events(ctx: Context, query: SamplesQuery) -> list[Sample]:
    """Retrieve event samples: a batch with one of each type, or of the types in ``events``."""
    wanted = one_of("events", query.events, WEBHOOK_TYPES)
    return [cast(Sample, event_types.sample(type)) for type in WEBHOOK_TYPES if wanted is None or type in wanted]


async def _token_for(ctx: Context, hook: Webhook) -> Token | None:
    return await fetch_token(ctx, hook) if hook.auth_type == "oauth2" else None


def _grant(hook: Webhook) -> tuple[str, str, bytes]:
    return hook.auth_type, hook.tokens_url, hook.tokens_body


def _keep(ctx: Context, hook: Webhook, token: Token | None) -> None:
    if token is not None:
        ctx.store[Token].put(token)
    elif hook.auth_type != "oauth2":
        ctx.store[Token].delete(hook.id)
    ctx.store[Webhook].put(hook)


def _update(ctx: Context, hook: Webhook, token: Token | None) -> WebhookReference:
    batches.flush(ctx, hook.id)
    _keep(ctx, hook, token)
    return {"id": hook.id, "links": [_link(hook, "validate", "POST")]}


def _find(ctx: Context, id: str) -> Webhook:
    hook = ctx.store[Webhook].get(id)
    if hook is None or not _belongs(hook, given_subaccount(ctx)):
        raise errors.RESOURCE_NOT_FOUND(description=f"Webhook '{id}' does not exist")
    return hook


def _belongs(hook: Webhook, owner: int | None) -> bool:
    """Return whether a request for a subaccount sees the webhook; 0 is the main account, ``None`` sees all."""
    return owner is None or hook.subaccount == owner or (owner == 0 and hook.subaccount == EVERY_SUBACCOUNT)


def _show(ctx: Context, hook: Webhook, known: Outcomes | None, zone: tzinfo, links: list[WebhookLink]) -> WebhookView:
    view: WebhookView = {
        "name": hook.name,
        "target": hook.target,
        "events": list(hook.events),
        "active": hook.active,
        "auth_type": hook.auth_type,
        "auth_request_details": {},
        "auth_credentials": {},
        "auth_token": hook.auth_token,
        "links": links,
    }
    if hook.auth_type == "basic":
        view["auth_credentials"] = {"username": hook.username, "password": hook.password}
    elif hook.auth_type == "oauth2":
        view["auth_request_details"] = {"url": hook.tokens_url, "body": orjson.loads(hook.tokens_body)}
        view["auth_credentials"] = _shown_token(ctx.store[Token].get(hook.id))
    if hook.custom_headers:
        view["custom_headers"] = dict(hook.custom_headers)
    if hook.exceptions:
        view["exception_subaccounts"] = [str(number) for number in hook.exceptions]
    if hook.subaccount != EVERY_SUBACCOUNT:
        view["subaccount_id"] = hook.subaccount
    if known is not None and known["successful"] is not None:
        view["last_successful"] = _stamp(known["successful"], zone)
    if known is not None and known["failed"] is not None:
        view["last_failure"] = _stamp(known["failed"], zone)
    return view


def _shown_token(token: Token | None) -> dict[str, Any]:
    if token is None:
        return {}
    shown: dict[str, Any] = {"access_token": token.access_token}
    return shown if token.expires_in is None else {**shown, "expires_in": token.expires_in}


def _link(hook: Webhook, rel: str, *methods: str) -> WebhookLink:
    tail = {"webhook": "", "validate": "/validate", "batches": "/batch-status"}[rel]
    return {"href": f"/api/v1/webhooks/{hook.id}{tail}", "rel": f"urn.msys.webhooks.{rel}", "method": list(methods)}


def _stamp(seconds: float, zone: tzinfo) -> str:
    return moment(seconds).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
