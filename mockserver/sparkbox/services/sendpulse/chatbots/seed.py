"""The initial state of an account: one bot in each messenger, with two contacts.

Bots are connected in the vendor's web application.
"""

from __future__ import annotations

from sparkbox.core.state.account import Account
from sparkbox.core.state.store import Store

from . import contacts
from .channels import CHANNELS
from .models import Bot, object_id


def seed(account: Account, store: Store) -> None:
    """Put the initial state into an account."""
    ids, now = account.ids, account.clock.now()
    for channel in CHANNELS:
        bot = Bot(object_id(ids, now), f"Mock {channel.title} bot", now)
        store[Bot, channel.name].put(bot)
        for name, tags in (("Ann Smith", ("customer",)), ("Bob Miller", ())):
            contact = contacts.add(store, ids, now, channel, bot, name, {"city": "Boston"})
            contacts.tag(store, ids, now, channel, contact, tags)
