"""The initial state of an account: a plan with some money, and one active sender."""

from __future__ import annotations

from sparkbox.core.state.account import Account
from sparkbox.core.state.store import Store

from .accounts import plans
from .bulk_email import senders


def seed_account(account: Account, store: Store) -> None:
    """Put the initial state into a new account."""
    plans.seed_account(account, store)
    senders.seed_account(account, store)
