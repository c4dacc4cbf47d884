"""Removes from a SparkPost account what contract tests have made there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from contract_tests.sparkpost.target import SINK, real_sparkpost

STAYS = frozenset({"Transmission"})
"""What was sent is the vendor's own memory."""


def sweep(prefix: str) -> list[str]:
    """Removes everything whose name begins with ``prefix``; says what that was."""
    account = real_sparkpost()
    with httpx.Client(base_url=f"{account.url}/api/v1", headers=account.headers, timeout=30) as api:
        return [*_campaigns(api, prefix), *_named(api, prefix), *_suppressions(api, prefix), *_webhooks(api, prefix)]


def _campaigns(api: httpx.Client, prefix: str) -> Iterator[str]:
    """Scheduled transmissions: a list or a template that they use cannot be deleted before."""
    listed = _get(api, "/transmissions")
    for campaign in sorted({row["campaign_id"] for row in listed if row["state"] == "submitted"}):
        if campaign.startswith(prefix):
            _delete(api, f"/transmissions?campaign_id={campaign}")
            yield f"the scheduled transmissions of {campaign}"


def _named(api: httpx.Client, prefix: str) -> Iterator[str]:
    for page, key in (("templates", "id"), ("recipient-lists", "id"), ("sending-domains", "domain")):
        for row in _get(api, f"/{page}"):
            # Some domains have to begin with a label that says how they behave.
            if prefix in row[key] or row.get("name", "").startswith(prefix):
                _delete(api, f"/{page}/{row[key]}")
                yield f"{page}/{row[key]}"


def _suppressions(api: httpx.Client, prefix: str) -> Iterator[str]:
    for row in _get(api, f"/suppression-list?domain={SINK}"):
        if row["recipient"].startswith(prefix):
            _delete(api, f"/suppression-list/{row['recipient']}")
            yield f"the suppression of {row['recipient']}"


def _webhooks(api: httpx.Client, prefix: str) -> Iterator[str]:
    for row in _get(api, "/webhooks"):
        if row["name"].startswith(prefix):
            _delete(api, f"/webhooks/{row['id']}")
            yield f"the webhook {row['name']}"


def _get(api: httpx.Client, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get(path).raise_for_status().json()["results"]
    return rows


def _delete(api: httpx.Client, path: str) -> None:
    response = api.delete(path)
    # Another entry of the same address, or another process, may have been faster.
    if response.status_code != 404:
        response.raise_for_status()
