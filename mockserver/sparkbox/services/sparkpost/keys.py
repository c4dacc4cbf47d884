"""API keys with grants.

The account's own credential can do everything. The simulation ``keys`` makes further keys with the grants given; a key
whose record is gone opens nothing. The grants of subaccounts' keys have the vendor's names
(https://developers.sparkpost.com/api/subaccounts/); the others are named alike (assumed). A page says which grants its
operations need, see :class:`~sparkbox.services.sparkpost.page.Page`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from sparkbox.core.declare.credentials import Credentials
from sparkbox.core.declare.operation import Operation
from sparkbox.core.state import signing
from sparkbox.core.state.account import Account
from sparkbox.core.state.accounts import MADE
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record

Grant = Literal[
    "account/view",
    "account/modify",
    "message_events/view",
    "metrics/view",
    "recipient_lists/view",
    "recipient_lists/manage",
    "sending_domains/view",
    "sending_domains/manage",
    "smtp/inject",
    "suppression_lists/view",
    "suppression_lists/manage",
    "templates/view",
    "templates/modify",
    "transmissions/view",
    "transmissions/modify",
    "webhooks/view",
    "webhooks/modify",
]

SMTP: Grant = "smtp/inject"
"""“Send via SMTP”."""


class ApiKey(Record, frozen=True, gc=False):
    """A key with grants; ``id`` is the key itself."""

    most: ClassVar[int | None] = 1_000

    id: str
    grants: tuple[Grant, ...]


def make(ctx: Context, grants: Sequence[Grant]) -> ApiKey:
    """Make a further key for the account."""
    key = ApiKey(signing.drawn(ctx.account, lambda ids: f"{MADE}{ids.hex(40)}"), tuple(dict.fromkeys(grants)))
    ctx.store[ApiKey].put(key)
    ctx.sandbox.accounts.alias(key.id, ctx.account, ctx.service.name)
    return key


def open_account(credentials: Credentials, key: str) -> Account | None:
    """Return the account that a key opens; ``None`` if it opens none."""
    account = credentials.open(key)
    if account is not None and key.startswith(MADE) and _record(account, key) is None:
        credentials.note = "the key was made in the account, which has made so many since that it is forgotten"
        return None
    return account


def allows(ctx: Context, key: str, operation: Operation) -> bool:
    """Return whether a key of the account has a grant for an operation."""
    known = ctx.store[ApiKey].get(key)
    if known is None:
        return not key.startswith(MADE)
    return not set(operation.tags).isdisjoint(known.grants)


def may_inject(account: Account, key: str) -> bool:
    """Return whether a key of the account can send by SMTP."""
    known = _record(account, key)
    return SMTP in known.grants if known is not None else not key.startswith(MADE)


def _record(account: Account, key: str) -> ApiKey | None:
    store = account.stores.get("sparkpost")
    return None if store is None else store[ApiKey].get(key)
