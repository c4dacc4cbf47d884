"""The target of a webhook: the headers that it gets, its OAuth 2.0 token, and the test POST that it must pass.

https://developers.sparkpost.com/api/webhooks/ and
https://support.sparkpost.com/docs/tech-resources/webhook-authentication. A token is kept until the target returns 400
or 401. Unlike the vendor's, a webhook may use any port.
"""

from __future__ import annotations

import errno
import socket
import ssl
from base64 import b64encode
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
from typing_extensions import TypedDict

from sparkbox.core.declare.errors import ApiError
from sparkbox.core.logs.deliveries import Delivery, Headers, NotReady, complete
from sparkbox.core.state.context import Context, Prepare

from .errors import TARGET_FAILED, TOKENS_FAILED
from .models import Token, Webhook

if TYPE_CHECKING:
    from sparkbox.core.outgoing.client import TargetResponse as Received

PING = b'[{"msys":{}}]'
TIMEOUT = 10.0
MOST_SHOWN = 4096
"""Characters of a target's response that are shown."""

ERRORS = (TARGET_FAILED, TOKENS_FAILED)

_EXPIRED = (400, 401)


class TargetResponse(TypedDict):
    """The response of a target."""

    status: int
    headers: dict[str, str]
    body: str


def headers_of(hook: Webhook, batch_id: str) -> Headers:
    """Return the headers of all batches of a webhook, except a bearer token."""
    headers = [("User-Agent", "SparkPost"), ("X-MessageSystems-Batch-ID", batch_id), *hook.custom_headers]
    if hook.auth_token:
        headers.append(("X-MessageSystems-Webhook-Token", hook.auth_token))
    if hook.auth_type == "basic":
        credentials = b64encode(f"{hook.username}:{hook.password}".encode()).decode()
        headers.append(("Authorization", f"Basic {credentials}"))
    return complete(headers)


def preparation(hook: Webhook) -> Prepare | None:
    """Return what fetches a token before an attempt, for OAuth 2.0. It works even after the webhook is deleted."""
    return partial(_bearer, hook) if hook.auth_type == "oauth2" else None


async def fetch_token(ctx: Context, hook: Webhook) -> Token:
    """Fetch a token from the webhook's authorization server; raise an API error with any other response."""
    try:
        response = await _call(ctx, hook.tokens_url, (), hook.tokens_body)
    except NotReady:
        raise TOKENS_FAILED() from None
    token = _token_in(hook, response, ctx.account.clock.now())
    if token is None:
        raise TOKENS_FAILED(response=_shown(response))
    return token


async def probe(ctx: Context, hook: Webhook, token: Token | None, body: bytes = PING) -> TargetResponse:
    """Post a batch to the target once; raise an API error unless it responds with 200."""
    headers = headers_of(hook, ctx.ids.uuid())
    if token is not None:
        headers += _authorization(token)
    try:
        response = await _call(ctx, hook.target, headers, body)
    except NotReady as failed:
        raise _failed(f"error code {_error_code(failed)}") from None
    if response.status != 200:
        raise _failed(f"non-2xx response code {response.status}", response=_shown(response))
    return _shown(response)


def _failed(problem: str, **more: Any) -> ApiError:
    return TARGET_FAILED(problem=problem, **more)


async def _bearer(hook: Webhook, ctx: Context, delivery: Delivery) -> Headers:
    tokens = ctx.store[Token]
    token = tokens.get(hook.id)
    last = delivery.attempts[-1] if delivery.attempts else None
    if token is not None and last is not None and last.status in _EXPIRED and token.fetched <= last.time:
        tokens.delete(hook.id)
        token = None
    if token is None:
        try:
            token = await fetch_token(ctx, hook)
        except ApiError as api_error:
            raise NotReady(api_error.message) from None
        if ctx.store[Webhook].get(hook.id) is not None:
            tokens.put(token)
    return _authorization(token)


async def _call(ctx: Context, url: str, headers: Headers, body: bytes) -> Received:
    return await ctx.sandbox.worker.call(
        "POST", url, headers=complete(headers), body=body, seconds=TIMEOUT, owner=ctx.account
    )


def _authorization(token: Token) -> Headers:
    return (("Authorization", f"Bearer {token.access_token}"),)


def _token_in(hook: Webhook, response: Received, now: float) -> Token | None:
    try:
        given = orjson.loads(response.body) if response.status == 200 else None
    except orjson.JSONDecodeError:
        return None
    token, expires_in = (
        (given.get("access_token"), given.get("expires_in")) if isinstance(given, dict) else (None, None)
    )
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        return None
    return Token(hook.id, token, expires_in if isinstance(expires_in, int) else None, now)


def _shown(response: Received) -> TargetResponse:
    body = bytes(response.body).decode("utf-8", "replace")[:MOST_SHOWN]
    return {"status": response.status or 0, "headers": dict(response.headers), "body": body}


def _error_code(error: BaseException | None) -> str:
    """Return the code that the vendor's HTTP client gives a failure without a response."""
    while error is not None:
        match error:
            case TimeoutError():
                return "ETIMEDOUT"
            case socket.gaierror():
                return "ENOTFOUND"
            case ssl.SSLCertVerificationError():
                return "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
            case OSError(errno=int(number)) if number in errno.errorcode:
                return errno.errorcode[number]
        error = error.__cause__ or error.__context__
    return "ECONNRESET"
