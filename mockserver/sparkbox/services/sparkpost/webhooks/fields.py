"""The fields of a webhook in requests.

https://developers.sparkpost.com/api/webhooks/#header-webhooks-object.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import StrictInt

from sparkbox.core.declare.schema import Body
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import replace

from .. import errors
from ..fields import Flag, Text1024, pack
from . import custom_headers
from .event_types import WEBHOOK_TYPES
from .models import EVERY_SUBACCOUNT, AuthType, Webhook

MOST_EXCEPTIONS = 10

ERRORS = (errors.INVALID, errors.MISSING, errors.INVALID_COMBINATION, *custom_headers.ERRORS)


class Credentials(Body):
    username: str | None = None
    password: str | None = None


class TokenRequest(Body):
    url: str | None = None
    body: dict[str, Any] | None = None


class WebhookChanges(Body):
    """Fields that are left out or null keep their values."""

    name: Text1024 | None = None
    target: str | None = None
    events: list[str] | None = None
    active: Flag | None = None
    custom_headers: dict[str, Any] | None = None
    exception_subaccounts: list[StrictInt] | None = None
    subaccount_id: StrictInt | None = None
    auth_type: AuthType | None = None
    auth_request_details: TokenRequest | None = None
    auth_credentials: Credentials | None = None
    auth_token: Text1024 | None = None


class NewWebhook(WebhookChanges):
    """A new webhook. ``X-MSYS-SUBACCOUNT`` limits it to the events of one subaccount."""

    name: Text1024
    target: str
    events: list[str]


def blank(ctx: Context, subaccount: int) -> Webhook:
    """Return an empty webhook."""
    return Webhook(
        id=ctx.ids.uuid(), name="", target="", events=(), active=True, subaccount=subaccount, exceptions=(),
        auth_type="none", username="", password="", tokens_url="", tokens_body=b"", auth_token="", custom_headers=(),
    )  # fmt: skip


def changed(ctx: Context, hook: Webhook, body: WebhookChanges) -> Webhook:
    """Return the webhook with the requested changes; raise an API error for invalid ones."""
    changes: dict[str, Any] = {
        name: getattr(body, name)
        for name in ("name", "target", "active", "auth_type", "auth_token")
        if getattr(body, name) is not None
    }
    if body.events is not None:
        changes["events"] = _events(body.events)
    if body.custom_headers is not None:
        changes["custom_headers"] = custom_headers.checked(body.custom_headers)
    if body.subaccount_id is not None and not isinstance(body, NewWebhook):
        changes["subaccount"] = body.subaccount_id
        if body.subaccount_id != EVERY_SUBACCOUNT:
            # The documents show this for a webhook that has exceptions. assumed: they are removed.
            changes["exceptions"] = ()
    if body.exception_subaccounts is not None:
        changes["exceptions"] = _exceptions(body.exception_subaccounts, new=isinstance(body, NewWebhook))
    if body.auth_credentials is not None and body.auth_credentials.username is not None:
        changes["username"] = body.auth_credentials.username
        changes["password"] = body.auth_credentials.password or ""
    if body.auth_request_details is not None and body.auth_request_details.url is not None:
        changes["tokens_url"] = body.auth_request_details.url
        changes["tokens_body"] = pack(body.auth_request_details.body or {}, "auth_request_details.body")
    return _checked(ctx, replace(hook, **changes))


def _checked(ctx: Context, hook: Webhook) -> Webhook:
    if not hook.name.strip():
        raise errors.MISSING(description="field 'name' is required")
    _check_url(ctx, "target", hook.target)
    if hook.exceptions and hook.subaccount != EVERY_SUBACCOUNT:
        raise errors.INVALID_COMBINATION(description="exception_subaccounts go with all subaccounts only")
    if hook.subaccount < EVERY_SUBACCOUNT:
        raise errors.INVALID(description="field 'subaccount_id' must be -1, 0 or the id of a subaccount")
    if hook.auth_type == "basic" and not hook.username:
        raise errors.MISSING(description="field 'auth_credentials.username' is required")
    if hook.auth_type == "oauth2":
        if not hook.tokens_url:
            raise errors.MISSING(description="field 'auth_request_details.url' is required")
        if hook.tokens_body == b"{}":
            raise errors.MISSING(description="field 'auth_request_details.body' is required")
        _check_url(ctx, "auth_request_details.url", hook.tokens_url)
    if hook.auth_token:
        _check_url(ctx, "auth_token", hook.target, [("X-MessageSystems-Webhook-Token", hook.auth_token)])
    return hook


def _check_url(ctx: Context, field: str, url: str, headers: Collection[tuple[str, str]] = ()) -> None:
    try:
        ctx.check_target(url, headers)
    except ValueError as problem:
        raise errors.INVALID(description=f"field '{field}' is invalid: {problem}") from None


def _events(given: list[str]) -> tuple[str, ...]:
    unknown = sorted({type for type in given if type not in WEBHOOK_TYPES})
    if unknown:
        raise errors.INVALID(description=f"field 'events' has unknown events in it: {', '.join(unknown)[:200]}")
    if not given:
        raise errors.MISSING(description="field 'events' is required")
    return tuple(dict.fromkeys(given))


def _exceptions(given: list[int], *, new: bool) -> tuple[int, ...]:
    if len(given) > MOST_EXCEPTIONS or len(set(given)) != len(given) or (new and not given):
        text = f"must be a list of at most {MOST_EXCEPTIONS} subaccounts, each of them once"
        raise errors.INVALID(description=f"field 'exception_subaccounts' {text}")
    return tuple(given)
