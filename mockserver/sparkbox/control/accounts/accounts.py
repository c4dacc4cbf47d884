"""Accounts: each credential's private world. They come into being with their first request, or here.

``suspended`` has the services answer as they answer a customer whose account is suspended. What is set without naming
an account is set for all there are and for those to come.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from sparkbox.core.declare.operation import Operations
from sparkbox.core.state.account import Account, Defaults
from sparkbox.core.state.clock import stopwatch
from sparkbox.core.state.config import Profile
from sparkbox.core.state.steps import Steps, collected

from .. import errors, selection
from ..context import Context
from ..envelope import quoted
from ..queries import ROWS_A_STEP, AccountQuery, Deleted, PageQuery, Strict, part
from .clock import ClockView, clock_view

operations = Operations("Accounts", public=True)


class AccountChanges(Strict):
    profile: Profile | None = None
    suspended: bool | None = None
    rate_limits: bool | None = None


class NewAccount(AccountChanges):
    credential: Annotated[str, Field(min_length=1, max_length=4096)]
    source: Annotated[
        str | None, Field(alias="from", description="The credential of the account whose state is copied.")
    ] = None


class AccountView(TypedDict):
    """``service`` is the one whose credential it is: the one that it was first used with. Any other is opened by the
    credential with a dot and that service's name behind it. ``state`` counts the records of each kind in each service
    that was used; ``idle`` is in seconds.
    """

    credential: str
    service: str | None
    services: list[str]
    state: dict[str, dict[str, int]]
    messages: int
    requests: int
    events: int
    webhooks: int
    faults: int
    stubs: int
    profile: Profile
    suspended: bool
    rate_limits: bool
    idle: float
    clock: ClockView


class AccountList(TypedDict):
    accounts: list[AccountView]
    total: int


class Changed(TypedDict):
    """How many accounts were changed."""

    changed: int


@operations.get("/_mock/accounts", errors=selection.ERRORS)
def list_accounts(ctx: Context, query: PageQuery) -> Steps[AccountList]:
    """List the accounts, the last used first."""
    accounts = ctx.sandbox.accounts
    if query.account is None:
        rows, total = query.page(accounts.newest()), len(accounts)
    else:
        rows, total = part(selection.existing(ctx, query.account), query)
    return {"accounts": (yield from collected(map(_view, rows), ROWS_A_STEP)), "total": total}


@operations.post(
    "/_mock/accounts", status=201, errors=[errors.CREDENTIAL_REFUSED, errors.ACCOUNT_EXISTS, errors.NO_SUCH_ACCOUNT]
)
def create_account(ctx: Context, body: NewAccount) -> AccountView:
    """Make an account, empty or as a copy of another one.

    A copy takes the state of all services, clock, pending jobs, profile, stubs and the limits' settings with it;
    its logs and faults begin empty. From then on the two have nothing to do with each other.
    """
    accounts = ctx.sandbox.accounts
    selection.check(ctx, body.credential, errors.CREDENTIAL_REFUSED)
    if accounts.find(body.credential) is not None:
        raise errors.ACCOUNT_EXISTS(credential=quoted(body.credential))
    if body.source is None:
        account = selection.opened(ctx, body.credential)
    else:
        source = accounts.find(body.source)
        if source is None:
            raise errors.NO_SUCH_ACCOUNT(credential=quoted(body.source))
        account = accounts.fork(source, body.credential)
    _change(account, body)
    return _view(account)


@operations.patch("/_mock/accounts", errors=selection.ERRORS)
def change_accounts(ctx: Context, body: AccountChanges, query: AccountQuery) -> Changed:
    """Change the profile of one account or of all, suspend it, or switch its rate limits."""
    if query.account is not None:
        _change(selection.opened(ctx, query.account), body)
        return {"changed": 1}
    chosen = selection.existing(ctx, None)
    for account in chosen:
        _change(account, body)
    _change(ctx.sandbox.accounts.defaults, body)
    return {"changed": len(chosen)}


@operations.delete("/_mock/accounts", errors=[*selection.ERRORS, errors.NO_SUCH_ACCOUNT])
def delete_accounts(ctx: Context, query: AccountQuery) -> Deleted:
    """Forget one account, or all of them, with everything in them."""
    chosen = selection.existing(ctx, query.account)
    if query.account is not None and not chosen:
        raise errors.NO_SUCH_ACCOUNT(credential=quoted(query.account))
    for account in chosen:
        ctx.sandbox.accounts.drop(account)
    return {"deleted": len(chosen)}


def _change(account: Account | Defaults, changes: AccountChanges) -> None:
    if changes.profile is not None:
        account.profile = changes.profile
    if changes.suspended is not None:
        account.suspended = changes.suspended
    if changes.rate_limits is not None:
        account.buckets.enabled = changes.rate_limits


def _view(account: Account) -> AccountView:
    return {
        "credential": account.credential,
        "service": account.service or None,
        "services": list(account.stores),
        "state": {name: store.sizes() for name, store in account.stores.items()},
        "messages": len(account.messages),
        "requests": len(account.requests),
        "events": len(account.events),
        "webhooks": len(account.deliveries),
        "faults": len(account.faults),
        "stubs": len(account.stubs),
        "profile": account.profile,
        "suspended": account.suspended,
        "rate_limits": account.buckets.enabled,
        "idle": round(stopwatch() - account.last_used, 3),
        "clock": clock_view(account.clock),
    }
