"""Authentication: ``Authorization: Bearer`` with an access token or a static API key.

A token opens the account of its client id; an API key that begins with ``mock-`` opens the account of its own name.
"""

from __future__ import annotations

from sparkbox.core.declare.credentials import Credentials
from sparkbox.core.declare.operation import Operation
from sparkbox.core.request.http import Request
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context
from sparkbox.services import SENDPULSE

from . import errors
from .accounts import tokens
from .requests.reading import decode_body

CLIENT_ID = SENDPULSE.credentials["id"]
CLIENT_SECRET = SENDPULSE.credentials["secret"]

LONGEST_LOGIN = 16 * 1024
"""Bytes of a request for a token that :func:`claimed` looks into."""

SENDS = "sends"
"""The tag of operations that a suspended account may not use."""


def identify(request: Request, credentials: Credentials) -> Account | None:
    """Return the account of the bearer; of an expired token, too, so that its journal shows the request."""
    bearer = request.bearer_token()
    # A client that mistook bytes for text sends b'…': https://github.com/sendpulse/sendpulse-rest-api-python
    if bearer is None or bearer.startswith(("b'", 'b"')):
        return None
    if tokens.looks_like_one(bearer):
        claims = tokens.read(bearer)
        return None if claims is None else credentials.open(claims.client_id)
    return credentials.open(bearer)


def claimed(request: Request) -> str | None:
    """Return the client id that an access token claims, or a request for one."""
    if [part for part in request.path.split("/") if part] == ["oauth", "access_token"]:
        fields = decode_body(request) if len(request.body) <= LONGEST_LOGIN else None
        client_id = fields.get("client_id") if isinstance(fields, dict) else None
        return client_id if isinstance(client_id, str) else None
    bearer = request.bearer_token()
    return tokens.client_of(bearer) if bearer is not None and tokens.looks_like_one(bearer) else None


def authorize(ctx: Context, operation: Operation) -> None:
    """Raise an error for an expired token, and for sending from a suspended account."""
    bearer = ctx.request.bearer_token() or ""
    claims = tokens.read(bearer) if tokens.looks_like_one(bearer) else None
    if claims is not None and ctx.now >= claims.expires_at:
        raise errors.UNAUTHORIZED()
    if ctx.account.suspended and SENDS in operation.tags:
        raise errors.INVALID_OPERATION()
