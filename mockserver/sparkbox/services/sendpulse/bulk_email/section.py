"""The section and its pages."""

from __future__ import annotations

from sparkbox.core.declare.section import Section

from . import (
    blacklist,
    campaigns,
    confirmations,
    email_addresses,
    mailing_list_emails,
    mailing_lists,
    senders,
    webhooks,
)

SECTION = Section(
    "Bulk email",
    pages=(
        mailing_lists.operations,
        mailing_list_emails.operations,
        campaigns.operations,
        email_addresses.operations,
        senders.operations,
        blacklist.operations,
        webhooks.operations,
        confirmations.operations,
    ),
)
