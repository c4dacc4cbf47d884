"""What a new account has: a plan with some money, and one active sender."""

from __future__ import annotations

from mockserver.core.account import Account
from mockserver.core.store import Store

from . import plans, senders


def plant(account: Account, store: Store) -> None:
    """Puts the initial state into a new account."""
    plans.plant(account, store)
    senders.plant(account, store)
