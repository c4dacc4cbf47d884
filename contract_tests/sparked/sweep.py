"""Removes from the integration what contract tests have made there: webhooks. Drafts and kits cannot be removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from contract_tests.sparked.target import real_integration

STAYS = frozenset({"Slot", "Kit"})


def sweep(prefix: str) -> list[str]:
    """Removes what was named with ``prefix``; says what that was."""
    url, id, secret = real_integration()
    removed = []
    with httpx.Client(base_url=url, auth=(id, secret), timeout=30) as api:
        for webhook in list(_webhooks(api)):
            if webhook["description"].startswith(prefix):
                response = api.delete(f"/api/v1/webhooks/{webhook['id']}")
                # Another process may have been faster.
                if response.status_code != 404:
                    response.raise_for_status()
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
