"""The samples of Sendspark by operation, and the order in which they were recorded."""

from __future__ import annotations

from contract_tests.fixtures import samples_of
from sparkbox.services.sendspark import SERVICE

SAMPLES = samples_of("sendspark")
DOCUMENTED = {name: each for name, each in SERVICE.operations.items() if each.group != "Share pages"}
"""The operations of the vendor's API, without the share pages."""

BEFORE = (
    "get_health", "get_workspaces", "get_workspace_by_api_key", "create_webhook", "get_webhook_list", "get_webhook",
    "modify_webhook", "create_dynamics", "create_dynamics_by_steps", "get_dynamics_settings",
    "modify_dynamic_settings", "add_prospect", "add_prospects", "modify_dynamics_v2", "generate_videos",
)  # fmt: skip
AFTER = (
    "get_prospect", "generate_videos_v2", "update_prospect_urls", "get_workspace_dynamics", "get_dynamics_list",
    "update_dvm_bundle", "cancel_dvm_bundle", "get_dvm_bundles", "delete_webhook",
)  # fmt: skip
"""A hundred seconds later."""
