"""Remove what contract tests have left in a workspace: webhooks. Campaigns cannot be removed."""

from __future__ import annotations

from contract_tests.sendspark.target import Sendspark
from contract_tests.sweeping import remove

STAYS = frozenset({"Campaign"})


def sweep(prefix: str) -> list[str]:
    """Remove everything whose name begins with ``prefix``. Return what that was."""
    account = Sendspark.real()
    path = f"/v1/workspaces/{account.workspace}/webhooks"
    removed = []
    with account.client() as api:
        for webhook in api.get(path).raise_for_status().json():
            if webhook["name"].startswith(prefix):
                remove(api, f"{path}/{webhook['_id']}")
                removed.append(f"the webhook {webhook['name']}")
    return removed
