"""The accounts that a control call is about.

Reading names an account that may not have been used yet: then there is nothing to show. What sets something up (a
clock, a fault, a limit) makes the account if need be, so that a test can prepare it before its first request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from sparkbox.core.declare.errors import Error
from sparkbox.core.request.http import Request
from sparkbox.core.state import context
from sparkbox.core.state.account import Account
from sparkbox.core.state.accounts import Accounts
from sparkbox.core.state.clock import Clock
from sparkbox.core.state.steps import StepsAndWaits

from . import errors
from .context import Context
from .envelope import quoted

ERRORS = (errors.ACCOUNT_NOT_FOUND,)
"""The errors of naming an account."""


def concerns(request: Request, accounts: Accounts) -> list[Clock]:
    """Return the clock of the account that a call names, or those of all. What is due there runs before the call."""
    named = parse_qs(request.query.decode("latin-1")).get("account") if request.query else None
    if named is None:
        return accounts.busy_clocks()
    account = accounts.find(named[0])
    return [] if account is None else [account.clock]


def prepare(ctx: context.Context, values: Mapping[str, str], body: Any, query: Any) -> StepsAndWaits[None]:
    """Load the services that a call names."""
    assert isinstance(ctx, Context)
    for name in (values.get("name"), getattr(body, "service", None), getattr(query, "service", None)):
        if isinstance(name, str) and name in ctx.sandbox.service_names:
            yield from ctx.sandbox.load(name)


def existing(ctx: Context, credential: str | None) -> list[Account]:
    """Return all accounts, the last used first, or the one named; none if it has not been used yet."""
    accounts = ctx.sandbox.accounts
    if credential is None:
        chosen = list(accounts)[::-1]
    else:
        account = accounts.find(credential)
        if account is None:
            check(ctx, credential, errors.ACCOUNT_NOT_FOUND)
        chosen = [] if account is None else [account]
    return chosen


def opened(ctx: Context, credential: str) -> Account:
    """Return the account named, made if need be."""
    account = ctx.sandbox.accounts.open(credential)
    if account is None:
        raise errors.ACCOUNT_NOT_FOUND(credential=quoted(credential), rule=_RULE)
    return account


def check(ctx: Context, credential: str, error: Error) -> None:
    """Refuse a name that no account can have."""
    if not ctx.sandbox.accounts.accepts(credential):
        raise error(credential=quoted(credential), rule=_RULE)


_RULE = (
    "a credential begins with 'mock-' unless the sandbox runs with --accept-any-key, has 4096 characters at most, and "
    "is no service's secret"
)
