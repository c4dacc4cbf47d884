"""Removes from a SparkPost account what contract tests have made there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from contract_tests.sparkpost.target import SINK, Sparkpost
from contract_tests.sweeping import remove

STAYS = frozenset({"Transmission"})
"""The vendor keeps sent transmissions."""


def sweep(prefix: str) -> list[str]:
    """Remove everything whose name begins with ``prefix``; says what that was."""
    with Sparkpost.real().client() as api:
        return [*_campaigns(api, prefix), *_named(api, prefix), *_suppressions(api, prefix), *_webhooks(api, prefix)]


def _campaigns(api: httpx.Client, prefix: str) -> Iterator[str]:
    """Scheduled transmissions: a list or a template that they use cannot be deleted before."""
    listed = _get(api, "/api/v1/transmissions")
    for campaign in sorted({row["campaign_id"] for row in listed if row["state"] == "submitted"}):
        if campaign.startswith(prefix):
            remove(api, f"/api/v1/transmissions?campaign_id={campaign}")
            yield f"the scheduled transmissions of {campaign}"


def _named(api: httpx.Client, prefix: str) -> Iterator[str]:
    for page, key in (("templates", "id"), ("recipient-lists", "id"), ("sending-domains", "domain")):
        for row in _get(api, f"/api/v1/{page}"):
            # Some domains have to begin with a label that says how they behave.
            if prefix in row[key] or row.get("name", "").startswith(prefix):
                remove(api, f"/api/v1/{page}/{row[key]}")
                yield f"{page}/{row[key]}"


def _suppressions(api: httpx.Client, prefix: str) -> Iterator[str]:
    for row in _get(api, f"/api/v1/suppression-list?domain={SINK}"):
        if row["recipient"].startswith(prefix):
            remove(api, f"/api/v1/suppression-list/{row['recipient']}")
            yield f"the suppression of {row['recipient']}"


def _webhooks(api: httpx.Client, prefix: str) -> Iterator[str]:
    for row in _get(api, "/api/v1/webhooks"):
        if row["name"].startswith(prefix):
            remove(api, f"/api/v1/webhooks/{row['id']}")
            yield f"the webhook {row['name']}"


def _get(api: httpx.Client, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get(path).raise_for_status().json()["results"]
    return rows
