"""The initial state of an account: the seed of its demo data, and the consent of the ready creator."""

from __future__ import annotations

from sparkbox.core.state.account import Account
from sparkbox.core.state.store import Store

from .creators.models import DemoSeed
from .oauth import grants


def seed_account(account: Account, store: Store) -> None:
    """Put the initial state into a new account. The creators themselves are made at first use."""
    store[DemoSeed].put(DemoSeed(account.ids.getrandbits(64)))
    grants.seed_account(account, store)
