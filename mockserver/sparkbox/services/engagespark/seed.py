"""The initial state of an account: campaigns in every state, and custom fields, two of which differ in case alone."""

from __future__ import annotations

from sparkbox.core.state.account import Account
from sparkbox.core.state.store import Store

from .campaigns.models import Campaign
from .contacts import customfields

WELCOME = 1001
REMINDER = 1002
STOPPED = 1003
DRAFT = 1004
CLOSED = 1005
EXAMPLE = 287096
"""The campaign of the documentation's examples."""

CAMPAIGNS = (
    Campaign(WELCOME, "Welcome", "Welcome, {{contact.firstName}}!"),
    Campaign(REMINDER, "Reminder", "{{contact.firstName}}, your {{contact.produce}} can be sold on Monday."),
    Campaign(STOPPED, "Stopped survey", "How was your visit?", state="stopped"),
    Campaign(DRAFT, "Draft", "Not ready yet", state="draft"),
    Campaign(CLOSED, "Closed course", "Lesson 1", open=False),
    Campaign(EXAMPLE, "Example", "Hello {{contact.firstName}}"),
)

CUSTOM_FIELDS = ("color", "produce", "Color")
"""By name; the first one's id is 120. Of those that match a name, the oldest is meant."""


def seed_account(account: Account, store: Store) -> None:
    """Put the initial state into a new account."""
    for campaign in CAMPAIGNS:
        store[Campaign].put(campaign)
    for name in CUSTOM_FIELDS:
        customfields.add(store, name)
