"""Webhooks of the e-mail service: https://sendpulse.com/integrations/api/bulk-email#webhooks.

Quirks: a webhook has one event, so creating one for three ``actions`` makes three; updating and deleting return a list
of one ``true``. :mod:`.webhook_batches` posts the events.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body, Invalid, Problem
from sparkbox.core.logs.deliveries import check_target
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from .. import errors
from ..accounts import plans
from ..requests.fields import Packed, complain, invalid
from . import webhook_batches
from .webhook_batches import Action, Webhook

MOST_WEBHOOKS = 1000


operations = Operations("Webhooks", docs="https://sendpulse.com/integrations/api/bulk-email#webhooks")


def _target(url: str) -> str:
    try:
        check_target(url)
    except ValueError:
        raise invalid() from None
    return url


Url = Annotated[str, complain(), AfterValidator(_target)]
"""A URL that a webhook may post to."""


class NewWebhook(Body):
    url: Url
    actions: Annotated[list[Action], Field(min_length=1), Packed, complain()]


class WebhookChanges(Body):
    url: Url


class WebhookFields(TypedDict):
    id: int
    user_id: int
    url: str
    action: str


class WebhookList(TypedDict):
    success: Literal[True]
    data: list[WebhookFields]


class OneWebhook(TypedDict):
    success: Literal[True]
    data: WebhookFields


class Done(TypedDict):
    success: Literal[True]
    data: list[bool]


@operations.get("/v2/email-service/webhook")
def list_webhooks(ctx: Context) -> WebhookList:
    """Get webhooks."""
    return {"success": True, "data": [_view(ctx, hook) for hook in ctx.store[Webhook].values()]}


@operations.post("/v2/email-service/webhook", errors=[errors.PLAN_DENIED])
def create_webhooks(ctx: Context, body: NewWebhook) -> WebhookList:
    """Create a webhook.

    One for each of the ``actions``; one that exists is returned as it is.
    """
    _check(ctx, body.url)
    known = {(hook.url, hook.action): hook for hook in ctx.store[Webhook].values()}
    new = [action for action in dict.fromkeys(body.actions) if (body.url, action) not in known]
    if new:
        plans.check_budget(ctx, ctx.store[Webhook], len(new), MOST_WEBHOOKS)
    for action in new:
        hook = Webhook(ctx.store[Webhook].next_id(), body.url, action)
        ctx.store[Webhook].put(hook)
        known[hook.url, hook.action] = hook
    made = [known[body.url, action] for action in dict.fromkeys(body.actions)]
    return {"success": True, "data": [_view(ctx, hook) for hook in made]}


@operations.get("/v2/email-service/webhook/{id}", errors=[errors.WEBHOOK_NOT_FOUND])
def get_webhook(ctx: Context, id: int) -> OneWebhook:
    """Get webhook by ID."""
    return {"success": True, "data": _view(ctx, _find(ctx, id))}


@operations.put("/v2/email-service/webhook/{id}", errors=[errors.WEBHOOK_NOT_FOUND])
def update_webhook(ctx: Context, id: int, body: WebhookChanges) -> Done:
    """Update a webhook.

    Events that are waiting are posted to the new URL.
    """
    hook = _find(ctx, id)
    _check(ctx, body.url)
    ctx.store[Webhook].put(replace(hook, url=body.url))
    return {"success": True, "data": [True]}


@operations.delete("/v2/email-service/webhook/{id}", errors=[errors.WEBHOOK_NOT_FOUND])
def delete_webhook(ctx: Context, id: int) -> Done:
    """Delete a webhook.

    Events that are waiting are not posted.
    """
    webhook_batches.forget(ctx, _find(ctx, id))
    return {"success": True, "data": [True]}


def _check(ctx: Context, url: str) -> None:
    try:
        ctx.check_target(url)
    except ValueError:
        complaint = {"complaint": "is invalid"}
        raise Invalid([Problem("body", ("url",), "argument", "is invalid", url, complaint)]) from None


def _find(ctx: Context, id: int) -> Webhook:
    hook = ctx.store[Webhook].get(id)
    if hook is None:
        raise errors.WEBHOOK_NOT_FOUND()
    return hook


def _view(ctx: Context, hook: Webhook) -> WebhookFields:
    return {"id": hook.id, "user_id": plans.current(ctx).user_id, "url": hook.url, "action": hook.action}
