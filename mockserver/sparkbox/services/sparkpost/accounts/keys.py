"""API keys with grants: what each of them may do.

The account's own credential may do everything. Further keys are made by the control API, with the grants that they are
to have; one whose record is gone opens nothing. The names of those that a subaccount's key can have are the vendor's
(https://developers.sparkpost.com/api/subaccounts/), the others are formed alike (assumed).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from sparkbox.core.declare.credentials import Credentials
from sparkbox.core.declare.operation import Operation
from sparkbox.core.state import signing
from sparkbox.core.state.account import MADE, Account
from sparkbox.core.state.context import Context
from sparkbox.core.state.store import Record

Grant = Literal[
    "account/view", "account/modify", "message_events/view", "metrics/view", "recipient_lists/view",
    "recipient_lists/manage", "sending_domains/view", "sending_domains/manage", "smtp/inject", "suppression_lists/view",
    "suppression_lists/manage", "templates/view", "templates/modify", "transmissions/view", "transmissions/modify",
    "webhooks/view", "webhooks/modify",
]  # fmt: skip

SMTP: Grant = "smtp/inject"
"""“Send via SMTP”."""

NEEDED: dict[str, tuple[Grant, Grant]] = {
    "Account": ("account/view", "account/modify"),
    "Transmissions": ("transmissions/view", "transmissions/modify"),
    "Templates": ("templates/view", "templates/modify"),
    "Recipient Lists": ("recipient_lists/view", "recipient_lists/manage"),
    "Suppression List": ("suppression_lists/view", "suppression_lists/manage"),
    "Events": ("message_events/view", "message_events/view"),
    "Message Events": ("message_events/view", "message_events/view"),
    "Sending Domains": ("sending_domains/view", "sending_domains/manage"),
    "Metrics": ("metrics/view", "metrics/view"),
    "Webhooks": ("webhooks/view", "webhooks/modify"),
}
"""By page: the grant for reading, and the one for everything, reading included."""

_READING = frozenset({"preview_template"})
"""Operations that change nothing although they are no ``GET``."""


class ApiKey(Record, frozen=True, gc=False):
    """A key with grants; ``id`` is the key itself."""

    most: ClassVar[int | None] = 1_000

    id: str
    grants: tuple[Grant, ...]


def make(ctx: Context, grants: Sequence[Grant]) -> ApiKey:
    """A new key for the account."""
    key = ApiKey(f"{MADE}{signing.chance(ctx.account).hex(40)}", tuple(dict.fromkeys(grants)))
    ctx.store[ApiKey].put(key)
    ctx.sandbox.accounts.alias(key.id, ctx.account, ctx.service.name)
    return key


def open_account(credentials: Credentials, key: str) -> Account | None:
    """The account that a key opens; ``None`` where it is refused."""
    account = credentials.open(key)
    if account is not None and key.startswith(MADE) and _record(account, key) is None:
        credentials.note = "the key was made in the account, which has made so many since that it is forgotten"
        return None
    return account


def allows(ctx: Context, key: str, operation: Operation) -> bool:
    """Whether a key of the account may be used for an operation."""
    known = ctx.store[ApiKey].get(key)
    if known is None:
        return not key.startswith(MADE)
    reading, everything = NEEDED[operation.group]
    reads = operation.method == "GET" or operation.id in _READING
    return everything in known.grants or (reads and reading in known.grants)


def may_inject(account: Account, key: str) -> bool:
    """Whether a key of the account may be used to send by SMTP."""
    known = _record(account, key)
    return SMTP in known.grants if known is not None else not key.startswith(MADE)


def _record(account: Account, key: str) -> ApiKey | None:
    store = account.stores.get("sparkpost")
    return None if store is None else store[ApiKey].get(key)
