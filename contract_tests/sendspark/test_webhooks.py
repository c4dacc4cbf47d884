"""Webhooks: create, change, delete; and what is posted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sparkbox import World

URL = "https://hooks.example.com/contract"
EVENTS = [
    "video_watched", "video_played", "video_cta_clicked", "video_viewed", "video_liked", "video_request_received",
    "video_generated_dv", "video_mp4_ready", "video_generated_error",
]  # fmt: skip


@pytest.fixture
def webhook(name: Callable[[str], str]) -> dict[str, Any]:
    """A webhook that covers no existing campaign."""
    return {
        "name": name("webhook"),
        "description": "A contract test",
        "url": URL,
        "module": "dynamics",
        "identifiers": ["contract-none"],
        "events": EVENTS,
    }


@pytest.mark.documented("create_webhook", "modify_webhook", "delete_webhook", "get_webhook:not_found")
def test_webhook_can_be_created_changed_and_deleted(api: httpx.Client, workspace: str, webhook: dict[str, Any]) -> None:
    created = api.post(f"{workspace}/webhooks", json=webhook)
    assert created.status_code == 200
    path = f"{workspace}/webhooks/{created.json()['_id']}"
    changed = api.patch(path, json={"enabled": False, "events": EVENTS[:1]}).raise_for_status().json()
    assert (changed["enabled"], changed["events"], changed["name"]) == (False, EVENTS[:1], webhook["name"])
    deleted = api.delete(path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert api.get(path).status_code == 404


@pytest.mark.assumed("get_webhook", "get_webhook_list")
def test_webhooks_can_be_read_and_listed(api: httpx.Client, workspace: str, webhook: dict[str, Any]) -> None:
    created = api.post(f"{workspace}/webhooks", json=webhook).raise_for_status().json()
    found = api.get(f"{workspace}/webhooks/{created['_id']}")
    assert (found.status_code, found.json()) == (200, created)
    listed = api.get(f"{workspace}/webhooks")
    assert listed.status_code == 200
    assert created in listed.json()


@pytest.mark.sandbox_only
@pytest.mark.observed("create_webhook")
def test_event_is_one_flat_post(
    api: httpx.Client, workspace: str, campaign: str, add: Callable[..., Any], prospect: dict[str, Any], world: World
) -> None:
    nowhere = "http://127.0.0.1:9/"
    body = {"name": "contract-webhook", "url": nowhere, "module": "global", "events": ["video_generated_dv"]}
    api.post(f"{workspace}/webhooks", json=body).raise_for_status()
    world.clock.freeze()
    add()
    world.clock.advance(100)
    [delivery] = world.webhooks
    posted = json.loads(delivery.body)
    found = api.get(f"{workspace}/dynamics/{campaign}/prospects/{prospect['contactEmail']}").json()
    assert posted["eventType"] == "video_generated_dv"
    assert (posted["campaignId"], posted["contactEmail"]) == (campaign, prospect["contactEmail"])
    assert (posted["videoLink"], posted["embedLink"]) == (found["shareUrl"], found["embedUrl"])
    assert (
        posted["contactInfo"].items()
        >= {
            "contactFirstName": "Ann",
            "company": prospect["company"],
            "jobTitle": prospect["jobTitle"],
        }.items()
    )
    assert set(posted) >= {"campaignName", "thumbnailUrl"}
