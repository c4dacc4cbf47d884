"""Webhooks: create, change, delete; what is posted where, and retries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from threading import Thread
from typing import Any

import httpx
import pytest

from sparkbox import Sparkbox
from sparkbox.services.sendspark.webhooks.events import EVENT_TYPES
from sparkbox.services.sendspark.webhooks.webhooks import RETRIES
from tests.services.sendspark.api import LONG_ENOUGH, WORKSPACE, Api

PATH = f"{WORKSPACE}/webhooks"
HOOK = "https://hooks.example/sendspark"
INVALID = (400, "S400-AHVE", "Invalid request payload input")
NOT_FOUND = (404, None, "Resource not found or invalid access")


def new(api: Api, **more: Any) -> Any:
    return api.call("POST", PATH, {"name": "Production", "url": HOOK, "module": "global", **more})


def test_webhook_can_be_created_listed_and_read(api: Api) -> None:
    created = new(
        api,
        description="For production",
        extraHeaders=["Authorization: Bearer x", "X-Nothing"],
        events=["video_liked"],
        metadata={"automation": {"provider": "zapier", "workflowId": 7}},
    )
    assert len(created["_id"]) == 24
    assert created["enabled"] is True
    assert created["metadata"] == {"automation": {"provider": "zapier", "workflowId": 7}}
    assert api.call("GET", PATH) == [created]
    assert api.call("GET", f"{PATH}/{created['_id']}") == created


def test_webhook_changes_keep_other_fields(api: Api) -> None:
    created = new(api, events=["video_liked"])
    api.clock.advance(5)
    changed = api.call("PATCH", f"{PATH}/{created['_id']}", {"name": "Other", "enabled": False})
    assert changed == created | {"name": "Other", "enabled": False, "updatedAt": "2026-03-01T12:00:05.000Z"}
    changes = {"events": [], "url": "https://other.example/", "identifiers": ["x"], "module": "dynamics"}
    again = api.call("PATCH", f"{PATH}/{created['_id']}", changes)
    assert {name: again[name] for name in changes} == changes


def test_deleted_webhook_is_gone(api: Api) -> None:
    created = new(api)
    response = api.send("DELETE", f"{PATH}/{created['_id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert api.call("GET", PATH) == []
    for method in ("GET", "DELETE", "PATCH"):
        body: dict[str, Any] | None = {} if method == "PATCH" else None
        assert api.refuse(method, f"{PATH}/{created['_id']}", body) == NOT_FOUND


@pytest.mark.parametrize(
    "given",
    [
        {"name": ""},
        {"url": ""},
        {"url": "hooks.example"},
        {"url": "ftp://hooks.example/"},
        {"url": "https://hooks.example/a b"},
        {"module": "all"},
        {"events": ["video_watched_to_end"]},
        {"extraHeaders": "x"},
        {"extraHeaders": ["Content-Length: 1"]},
        {"extraHeaders": ["X-Evil: a\r\nb"]},
        {"extraHeaders": ["Bad Name: x"]},
        {"metadata": {}},
        {"metadata": {"automation": {}}},
    ],
    ids=str,
)
def test_invalid_webhook_is_refused_new_or_changed(api: Api, given: dict[str, Any]) -> None:
    body = {"name": "Production", "url": HOOK, "module": "global", **given}
    assert api.refuse("POST", PATH, body) == INVALID
    if "metadata" not in given:
        created = new(api)
        assert api.refuse("PATCH", f"{PATH}/{created['_id']}", given) == INVALID
        assert api.call("GET", PATH) == [created]


@pytest.mark.parametrize("field", ["name", "url", "module"])
def test_webhook_requires_name_url_and_module(api: Api, field: str) -> None:
    body = {"name": "Production", "url": HOOK, "module": "global"}
    del body[field]
    assert api.refuse("POST", PATH, body) == INVALID


def test_webhook_gets_every_event_as_flat_json(api: Api, campaign: str) -> None:
    created = new(api, extraHeaders=["Authorization: Bearer x", "X-Nothing"])
    url = api.shared(campaign, jobTitle="Buyer", backgroundUrl="https://acme.example")
    assert [delivery.event for delivery in api.deliveries] == api.event_types
    delivery = api.deliveries[1]
    assert (delivery.url, delivery.subscription) == (HOOK, created["_id"])
    assert ("Authorization", "Bearer x") in delivery.headers
    assert "X-Nothing" not in dict(delivery.headers)
    found = json.loads(delivery.body)
    embed = url.replace("/share/", "/embed/")
    assert (
        found.items()
        >= {
            "eventType": "video_generated_dv",
            "campaignId": campaign,
            "campaignName": "Spring",
            "contactEmail": "ann@acme.example",
            "videoLink": url,
            "embedLink": embed,
            "thumbnailUrl": f"{url}/thumbnail.gif",
            "dynamicCampaignId": campaign,
            "dynamicCampaignName": "Spring",
            "creatorName": "Sandy Box",
            "workspaceName": "Sandbox",
        }.items()
    )
    assert found["contactInfo"] == {
        "contactEmail": "ann@acme.example",
        "contactFirstName": "Ann",
        "company": "Acme",
        "jobTitle": "Buyer",
        "backgroundUrl": "https://acme.example/",
    }
    ready = json.loads(api.deliveries[2].body)
    assert ready["downloadVideoLinkHigh"] == f"{url}/clip.gif"
    assert ready["emailEmbedHTML"] == api.find(campaign, include="emailEmbedHTML")["emailEmbedHTML"]


def test_webhook_gets_only_its_events(api: Api, campaign: str) -> None:
    new(api, events=["video_generated_dv", "video_viewed"])
    api.visit(api.shared(campaign))
    assert [delivery.event for delivery in api.deliveries] == ["video_generated_dv", "video_viewed"]


def test_webhook_gets_only_its_campaigns(api: Api) -> None:
    one, other = api.new_campaign("One"), api.new_campaign("Other")
    new(api, module="dynamics", identifiers=[one], events=["video_generated_dv"])
    new(api, module="dynamics", events=["video_generated_dv"], url="https://all.example/")
    for campaign in (one, other):
        api.shared(campaign)
    found = [(delivery.url, json.loads(delivery.body)["campaignName"]) for delivery in api.deliveries]
    assert found == [(HOOK, "One"), ("https://all.example/", "One"), ("https://all.example/", "Other")]


def test_disabled_or_deleted_webhook_posts_nothing_more(api: Api, campaign: str) -> None:
    off, gone = new(api), new(api)
    api.add(campaign)
    api.clock.advance(10)
    api.call("PATCH", f"{PATH}/{off['_id']}", {"enabled": False})
    api.send("DELETE", f"{PATH}/{gone['_id']}")
    api.clock.advance(LONG_ENOUGH)
    assert [delivery.status for delivery in api.deliveries] == ["cancelled", "cancelled"]


def test_prospects_own_webhook_gets_its_events(api: Api, campaign: str) -> None:
    own = "https://own.example/hook"
    api.add(campaign, webhookUrl=own, webhookEvents=["video_generated_dv"])
    api.add(campaign, "bob@acme.example", webhookUrl=own)
    api.clock.advance(LONG_ENOUGH)
    found = [(delivery.event, json.loads(delivery.body)["contactEmail"]) for delivery in api.deliveries]
    assert sorted(found) == [
        ("video_generated_dv", "ann@acme.example"),
        ("video_generated_dv", "bob@acme.example"),
        ("video_mp4_ready", "bob@acme.example"),
        ("video_request_received", "bob@acme.example"),
    ]


def test_reposted_prospect_keeps_its_webhook_unless_it_has_a_new_one(api: Api, campaign: str) -> None:
    own, other = "https://own.example/hook", "https://other.example/hook"
    api.add(campaign, webhookUrl=own, webhookEvents=["video_generated_dv"], customField="x")
    api.clock.advance(LONG_ENOUGH)
    again = api.add(campaign)
    assert (again["webhookUrl"], again["webhookEvents"]) == (own, ["video_generated_dv"])
    assert "customField" not in again
    api.clock.advance(LONG_ENOUGH)
    assert "webhookEvents" not in api.add(campaign, webhookUrl=other)
    api.clock.advance(LONG_ENOUGH)
    assert [delivery.url for delivery in api.deliveries] == [own, own, other, other, other]


def test_all_nine_events_are_emitted(api: Api, campaign: str) -> None:
    buttons = [{"label": "Talk", "link": "https://acme.example/talk"}]
    api.call("PATCH", f"/v2/workspaces/mock-workspace/dynamics/{campaign}", {"buttons": buttons})
    api.add(campaign, "error@acme.example")
    url = api.shared(campaign)
    api.visit(url)
    api.visit(f"{url}/play", "POST")
    api.visit(f"{url}/progress", "POST", percentage="50")
    api.visit(f"{url}/like", "POST")
    api.visit(f"{url}/cta/0")
    assert set(api.event_types) == set(EVENT_TYPES)


class Receiver(BaseHTTPRequestHandler):
    """Responds to POSTs with one status after the other, and keeps their bodies."""

    statuses: list[int]
    bodies: list[bytes]

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.statuses[len(self.bodies) - 1])
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


@contextmanager
def receiver(*statuses: int) -> Iterator[tuple[str, list[bytes]]]:
    bodies: list[bytes] = []
    own = type("OwnReceiver", (Receiver,), {"statuses": list(statuses), "bodies": bodies})
    server = HTTPServer(("127.0.0.1", 0), own)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", bodies
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("statuses", "end"),
    [
        ((200,), "delivered"),
        ((503, 200), "delivered"),
        ((500, 502, 599, 204), "delivered"),
        ((500, 500, 500, 500), "failed"),
        ((404,), "failed"),
        ((503, 410), "failed"),
    ],
    ids=str,
)
def test_receivers_5xx_is_retried_after_1_5_and_30_minutes(statuses: tuple[int, ...], end: str) -> None:
    with receiver(*statuses) as (url, bodies), Sparkbox() as server:
        world = server.world()
        world.clock.freeze()
        with httpx.Client(base_url=world.sendspark.url, headers=world.sendspark.headers, trust_env=False) as client:
            campaign = client.post(f"{WORKSPACE}/dynamics", json={"name": "x"}).json()["_id"]
            hook = {"name": "W", "url": url, "module": "global", "events": ["video_generated_dv"]}
            client.post(PATH, json=hook).raise_for_status()
            body = {"processAndAuthorizeCharge": True, "prospect": {"contactEmail": "ann@acme.example"}}
            client.post(f"{WORKSPACE}/dynamics/{campaign}/prospect", json=body).raise_for_status()
        world.clock.advance(LONG_ENOUGH)
        for gap in RETRIES.gaps:
            world.clock.advance(gap)
        [delivery] = world.webhooks
    assert [attempt.status for attempt in delivery.attempts] == list(statuses)
    waits = [later.time - earlier.time for earlier, later in pairwise(delivery.attempts)]
    assert waits == pytest.approx([60, 300, 1800][: len(waits)])
    assert (delivery.status, delivery.next_at) == (end, None)
    assert bodies == [delivery.body] * len(statuses)
