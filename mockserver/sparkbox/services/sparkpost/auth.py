"""SparkPost's API keys: ``Authorization: <key>``, or Basic with the key as user name and an empty password."""

from __future__ import annotations

from sparkbox.core.declare.credentials import Credentials
from sparkbox.core.declare.operation import Operation
from sparkbox.core.request.http import Request
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context

from . import errors, keys

SENDS = "sends"
"""The tag of operations that a suspended account cannot use."""


def identify(request: Request, credentials: Credentials) -> Account | None:
    """Return the account of the request's API key."""
    key = _key(request)
    return keys.open_account(credentials, key) if key else None


def authorize(ctx: Context, operation: Operation) -> None:
    """Raise an API error if the key lacks the grant, or if a suspended account would send."""
    if keys.ApiKey in ctx.store and not keys.allows(ctx, _key(ctx.request), operation):
        raise errors.FORBIDDEN()
    if ctx.account.suspended and SENDS in operation.tags:
        raise errors.SUSPENDED()


def subaccount(ctx: Context) -> int:
    """Return the subaccount in ``X-MSYS-SUBACCOUNT``; 0 is the main account."""
    return given_subaccount(ctx) or 0


def given_subaccount(ctx: Context) -> int | None:
    """Return :func:`subaccount`, or ``None`` without the header, where that means all subaccounts."""
    value = ctx.request.header(b"x-msys-subaccount")
    if value is None or value == "":
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise errors.INVALID_PARAMETERS(description="X-MSYS-SUBACCOUNT must be a number")
    return int(value)


def _key(request: Request) -> str:
    value = (request.header(b"authorization") or "").strip()
    if value[:6].lower() == "basic ":
        credentials = request.basic_credentials()
        value = credentials[0] if credentials else ""
    return value
