"""Remove what contract tests have left in the integration: webhooks. Drafts and kits cannot be removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from contract_tests.sparked.target import Sparked
from contract_tests.sweeping import remove

STAYS = frozenset({"Slot", "Kit"})


def sweep(prefix: str) -> list[str]:
    """Remove everything whose name begins with ``prefix``. Return what that was."""
    removed = []
    with Sparked.integration() as api:
        for webhook in list(_webhooks(api)):
            if webhook["description"].startswith(prefix):
                remove(api, f"/api/v1/webhooks/{webhook['id']}")
                removed.append(f"the webhook {webhook['description']}")
    return removed


def _webhooks(api: httpx.Client) -> Iterator[dict[str, Any]]:
    query: dict[str, str | int] = {"limit": 50}
    while True:
        page = api.get("/api/v1/webhooks", params=query).raise_for_status().json()
        yield from page["data"]
        if page["next_cursor"] is None:
            return
        query["cursor"] = page["next_cursor"]
