"""The samples of Sparked by operation, and the order in which they were recorded."""

from __future__ import annotations

from contract_tests.fixtures import samples_of

SAMPLES = samples_of("sparked")

CONSENTED = (
    "create_token", "get_creator", "list_accounts", "get_audience", "create_webhook", "add_slots", "get_gameplan",
    "list_assets", "list_insights", "list_nudges", "get_performance", "generate_media_kit",
)  # fmt: skip
"""After a creator's consent."""
VIEWED = (
    "get_media_kit", "list_views", "list_webhooks", "get_webhook", "update_webhook", "test_webhook", "delete_webhook",
    "revoke_token",
)  # fmt: skip
"""After a brand has opened the new media kit's page."""
