"""Removes from a workspace what contract tests have made there: webhooks. Campaigns cannot be removed."""

from __future__ import annotations

import httpx

from contract_tests.sendspark.target import real_sendspark

STAYS = frozenset({"Campaign"})


def sweep(prefix: str) -> list[str]:
    """Removes what was named with ``prefix``; says what that was."""
    account = real_sendspark()
    removed = []
    base = f"{account.url}/v1/workspaces/{account.workspace}/webhooks"
    with httpx.Client(headers=account.headers, timeout=30) as api:
        for webhook in api.get(base).raise_for_status().json():
            if webhook["name"].startswith(prefix):
                response = api.delete(f"{base}/{webhook['_id']}")
                # Another process may have been faster.
                if response.status_code != 404:
                    response.raise_for_status()
                removed.append(f"the webhook {webhook['name']}")
    return removed
