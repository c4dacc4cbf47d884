"""What a new account has: a plan with some money, and one active sender."""

from __future__ import annotations

from sparkbox.core.account import Account
from sparkbox.core.store import Store

from . import plans, senders


def plant(account: Account, store: Store) -> None:
    """Puts the initial state into a new account."""
    plans.plant(account, store)
    senders.plant(account, store)
