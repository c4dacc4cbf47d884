"""Webhooks: https://sparked.com/integration#webhook-events. The six events are documented, the rest is assumed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import orjson
import pytest

from contract_tests.receiver import Receiver
from contract_tests.sparked.responses import api_error, data, fields_of, time_of
from contract_tests.sparked.target import Sparked
from sparkbox import World

PATH = "/api/v1/webhooks"
NOON = 1_772_366_400.0
"""2026-03-01 12:00:00 UTC."""
URL = "https://hooks.example.com/contract"
EVENTS = [
    "creator.connected", "gameplan.updated", "content.published", "asset.created", "pulse.insight", "mediakit.viewed",
]  # fmt: skip


@pytest.fixture
def new(name: Callable[[str], str]) -> dict[str, Any]:
    """A webhook without a listener."""
    return {"url": URL, "description": name("webhook"), "events": EVENTS[:2]}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.mark.assumed(
    "create_webhook",
    "list_webhooks",
    "get_webhook",
    "update_webhook",
    "delete_webhook",
    "get_webhook:webhook_not_found",
)
def test_webhook_can_be_created_read_changed_and_deleted(partner: httpx.Client, new: dict[str, Any]) -> None:
    made = data(partner.post(PATH, json=new), 201)
    assert made.pop("secret")
    assert {field: made[field] for field in new} == new
    path = f"{PATH}/{made['id']}"
    assert data(partner.get(path)) == made
    assert made in data(partner.get(PATH))["data"]
    changed = data(partner.patch(path, json={"active": False, "events": EVENTS[2:]}))
    assert changed == {**made, "active": False, "events": EVENTS[2:]}
    assert partner.delete(path).status_code == 204
    assert api_error(partner.get(path)) == (404, "not_found")


@pytest.mark.assumed("create_webhook")
def test_creators_token_manages_webhooks_too(api: httpx.Client, new: dict[str, Any]) -> None:
    made = data(api.post(PATH, json=new), 201)
    assert api.delete(f"{PATH}/{made['id']}").status_code == 204


@pytest.mark.assumed("create_webhook:validation_failed")
@pytest.mark.parametrize(
    ("changes", "field"), [({"url": "nowhere.example.com/"}, "url"), ({"events": ["creator.left"]}, "events[0]")]
)
def test_webhook_is_validated(partner: httpx.Client, new: dict[str, Any], changes: dict[str, Any], field: str) -> None:
    response = partner.post(PATH, json={**new, **changes})
    assert api_error(response) == (422, "validation_failed")
    assert fields_of(response) == [field]


@pytest.mark.assumed("list_webhooks:client_refused")
def test_webhooks_require_the_integrations_secret(anonymous: httpx.Client, account: Sparked) -> None:
    response = anonymous.get(PATH, auth=(account.client_id, "guessed"))
    assert api_error(response) == (401, "unauthorized")


@pytest.mark.assumed("test_webhook")
@pytest.mark.sandbox_only
def test_test_event_is_posted_and_signed(partner: httpx.Client, receiver: Receiver, world: World) -> None:
    made = data(partner.post(PATH, json={"url": receiver.url}), 201)
    sent = data(partner.post(f"{PATH}/{made['id']}/test", json={"event": "mediakit.viewed"}), 202)
    assert world.drain_webhooks()
    [delivery] = receiver.deliveries
    event = delivery.body
    assert (event["id"], event["type"], event["data"]) == (sent["event_id"], "mediakit.viewed", {"test": True})
    assert set(event) == {"id", "type", "created_at", "creator_id", "data"}
    assert time_of(event["created_at"])
    signature = dict(part.split("=", 1) for part in delivery.headers["x-sparked-signature"].split(","))
    signed = f"{signature['t']}.".encode() + orjson.dumps(event)
    assert signature["v1"] == hmac.new(made["secret"].encode(), signed, hashlib.sha256).hexdigest()


@pytest.mark.documented
@pytest.mark.sandbox_only
def test_each_of_the_six_events_is_posted(api: httpx.Client, partner: httpx.Client, world: World) -> None:
    """The cause is the vendor's own description."""
    world.clock.freeze(NOON)
    data(partner.post(PATH, json={"url": "http://127.0.0.1:9/"}), 201)
    world.simulate("sparked", "grant")
    slot = {"platform": "instagram", "scheduled_at": "2026-03-01T12:30:00Z", "title": "Hello"}
    data(api.post("/api/v1/gameplan/cr_mock/slots", json=slot), 201)
    httpx.get(data(api.get("/api/v1/mediakit/cr_mock"))["url"], trust_env=False)
    world.clock.advance(86_400)
    types = [delivery.event for delivery in world.webhooks]
    assert types[:3] == ["creator.connected", "gameplan.updated", "mediakit.viewed"]
    assert sorted(set(types)) == sorted(EVENTS)


@pytest.mark.assumed
@pytest.mark.sandbox_only
def test_failed_delivery_is_retried_after_a_minute_and_on(
    partner: httpx.Client, receiver: Receiver, world: World
) -> None:
    receiver.status = 500
    world.clock.freeze(NOON)
    data(partner.post(PATH, json={"url": receiver.url, "events": ["asset.created"]}), 201)
    world.simulate("sparked", "asset")
    counts = []
    for minutes in (0, 1, 5, 30, 120, 480, 1_000):
        world.clock.advance(minutes * 60)
        world.drain_webhooks()
        counts.append(len(receiver.deliveries))
    assert counts == [1, 2, 3, 4, 5, 6, 6]
