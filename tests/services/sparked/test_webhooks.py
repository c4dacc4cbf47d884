"""Webhooks: subscriptions, signatures, retries on the clock, and the cause of each event."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sparkbox.app import Application
from tests.core.target import Target, response
from tests.services.sparked.api import ID, SECRET, Api, api_error, issues
from tests.services.view import NOW

HOOKS = "/api/v1/webhooks"
ALL = [
    "creator.connected", "gameplan.updated", "content.published", "asset.created", "pulse.insight", "mediakit.viewed",
]  # fmt: skip
SLOT = {"platform": "instagram", "scheduled_at": "2026-03-01T13:00:00Z", "title": "Hello"}
DAY = 86_400


class Post:
    """A partner and the target of its webhooks, on one event loop."""

    def __init__(self, api: Api, target: Target, runner: asyncio.Runner) -> None:
        self.api = api
        self.target = target
        self._runner = runner

    def run(self, coroutine: Any) -> Any:
        return self._runner.run(coroutine)

    def subscribe(self, *events: str, **fields: Any) -> dict[str, Any]:
        body = {"url": self.target.url, **({"events": list(events)} if events else {}), **fields}
        made: dict[str, Any] = self.api.call("POST", HOOKS, body)
        return made

    def deliver(self) -> list[dict[str, Any]]:
        """Wait for pending deliveries. Return everything that has arrived."""
        self.run(self.api.app.sandbox.worker.drain(self.api.account))
        return [json.loads(body) for body in self.target.bodies]

    def advance(self, seconds: float) -> None:
        self.run(self.api.app.sandbox.worker.advance(self.api.account, seconds))

    @property
    def deliveries(self) -> list[dict[str, Any]]:
        """Return deliveries as ``/_mock/webhooks`` shows them, newest first."""
        shown = self.api.http.get("http://sandbox/_mock/webhooks", params={"account": ID}).json()
        found: list[dict[str, Any]] = shown["webhooks"]
        return found


@pytest.fixture
def post(api: Api) -> Iterator[Post]:
    with asyncio.Runner() as runner:
        target = Target()
        runner.run(target.__aenter__())
        yield Post(api, target, runner)
        runner.run(target.__aexit__())
        runner.run(api.app.close())


def verify(secret: str, header: str, body: bytes) -> int:
    """Verify a signature as a partner does. Return its time."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    signed = f"{parts['t']}.".encode() + body
    assert parts["v1"] == hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return int(parts["t"])


# Subscriptions.


def test_webhook_gets_all_events_by_default(api: Api) -> None:
    made = api.send("POST", HOOKS, {"url": "https://acme.example/hook"})
    assert made.status_code == 201
    fields = made.json()
    assert fields["id"].startswith("wh_")
    assert (fields["events"], fields["active"]) == (ALL, True)
    assert len(fields["secret"]) > 30


def test_webhook_secret_is_returned_once(api: Api) -> None:
    made = api.call("POST", HOOKS, {"url": "https://acme.example/hook", "secret": "s" * 16})
    assert made.pop("secret") == "s" * 16
    assert api.get(f"{HOOKS}/{made['id']}") == made
    assert api.get(HOOKS)["data"] == [made]


def test_webhook_can_be_changed_and_deleted(api: Api) -> None:
    made = api.call("POST", HOOKS, {"url": "https://acme.example/hook"})
    path = f"{HOOKS}/{made['id']}"
    changes = {"url": "https://acme.example/two", "events": ["asset.created"], "active": False, "description": "Two"}
    changed = api.call("PATCH", path, changes)
    assert {name: changed[name] for name in changes} == changes
    assert api.call("PATCH", path, {}) == changed
    assert api.send("DELETE", path).status_code == 204
    for method in ("GET", "PATCH", "DELETE"):
        assert api.refuse(method, path, {} if method == "PATCH" else None) == (404, "not_found")
    assert api.refuse("POST", f"{path}/test") == (404, "not_found")
    assert api.get(HOOKS)["data"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": None}, "url"),
        ({"url": "acme.example/hook"}, "url"),
        ({"url": "ftp://acme.example/"}, "url"),
        ({"url": "https://acme.example/a b"}, "url"),
        ({"url": "https://" + "x" * 9_000}, "url"),
        ({"events": []}, "events"),
        ({"events": ["asset.deleted"]}, "events[0]"),
        ({"events": "asset.created"}, "events"),
        ({"secret": "short"}, "secret"),
        ({"description": 5}, "description"),
    ],
)
def test_webhook_is_validated(api: Api, changes: dict[str, Any], field: str) -> None:
    body = {"url": "https://acme.example/hook", **changes}
    response = api.send("POST", HOOKS, {name: value for name, value in body.items() if value is not None})
    assert (response.status_code, list(issues(response))) == (422, [field])


def test_integration_has_at_most_100_webhooks(api: Api) -> None:
    for _ in range(100):
        api.call("POST", HOOKS, {"url": "https://acme.example/hook"})
    assert api.refuse("POST", HOOKS, {"url": "https://acme.example/hook"}) == (409, "conflict")


def test_webhooks_belong_to_the_integration(app: Application, api: Api) -> None:
    token = api.grant("read:profile", creator=api.creators[1])["access_token"]
    made = api.call("POST", HOOKS, {"url": "https://acme.example/hook"}, token=token)
    basic = api.http.get(HOOKS, auth=(ID, SECRET))
    assert [row["id"] for row in basic.json()["data"]] == [made["id"]]
    assert Api(app, "mock-other").get(HOOKS)["data"] == []


@pytest.mark.parametrize("auth", [(ID, "wrong"), ("acme", SECRET), ("", "")])
def test_webhooks_require_the_integrations_secret(api: Api, auth: tuple[str, str]) -> None:
    assert api_error(api.http.get(HOOKS, auth=auth)) == (401, "unauthorized")


def test_client_secret_opens_only_webhooks(api: Api) -> None:
    assert api_error(api.http.get("/api/v1/creators/cr_mock", auth=(ID, SECRET))) == (401, "unauthorized")


# Deliveries.


def test_event_is_posted_in_its_envelope_and_signed(post: Post) -> None:
    made = post.subscribe("gameplan.updated")
    slot = post.api.call("POST", "/api/v1/gameplan/cr_mock/slots", SLOT)
    [event] = post.deliver()
    assert set(event) == {"id", "type", "created_at", "creator_id", "data"}
    assert event["id"].startswith("evt_")
    assert (event["type"], event["creator_id"]) == ("gameplan.updated", "cr_mock")
    assert event["created_at"] == "2026-03-01T12:00:00Z"
    assert event["data"]["slot_ids"] == [slot["id"]]
    [hit] = post.target.hits
    assert hit.headers["content-type"] == "application/json"
    assert verify(made["secret"], hit.headers["x-sparked-signature"], hit.body) == NOW


def test_each_of_the_six_events_has_its_cause(post: Post) -> None:
    post.subscribe()
    api = post.api
    api.grant()
    api.call("POST", "/api/v1/gameplan/cr_mock/slots", SLOT)
    api.simulate("asset", {"title": "Teaser"})
    api.http.get(api.get("/api/v1/mediakit/cr_mock")["url"])
    before = [event["type"] for event in post.deliver()]
    assert sorted(before) == ["asset.created", "creator.connected", "gameplan.updated", "mediakit.viewed"]
    post.advance(3600)
    published = [event["type"] for event in post.deliver()][len(before) :]
    assert sorted(set(published)) == ["asset.created", "content.published"]
    post.advance(DAY)
    assert "pulse.insight" in [event["type"] for event in post.deliver()][len(before) :]


def test_webhook_gets_only_its_events(post: Post) -> None:
    post.subscribe("asset.created")
    post.api.call("POST", "/api/v1/gameplan/cr_mock/slots", SLOT)
    post.api.simulate("asset")
    assert [event["type"] for event in post.deliver()] == ["asset.created"]


def test_each_webhook_signs_with_its_own_secret(post: Post) -> None:
    secrets = {post.subscribe("asset.created")["secret"] for _ in range(2)}
    post.api.simulate("asset")
    events = post.deliver()
    assert events[0] == events[1]
    signatures = {hit.headers["x-sparked-signature"] for hit in post.target.hits}
    assert len(secrets) == len(signatures) == 2


def test_inactive_webhook_gets_nothing(post: Post) -> None:
    made = post.subscribe()
    post.api.call("PATCH", f"{HOOKS}/{made['id']}", {"active": False})
    post.api.simulate("asset")
    assert post.deliver() == []
    post.api.call("PATCH", f"{HOOKS}/{made['id']}", {"active": True})
    post.api.simulate("asset")
    assert len(post.deliver()) == 1


def test_webhook_gets_events_only_of_connected_creators(post: Post) -> None:
    post.subscribe("asset.created")
    other = post.api.creators[1]
    post.api.simulate("asset", {"creator_id": other})
    assert post.deliver() == []
    tokens = post.api.grant("read:profile", creator=other)
    post.api.simulate("asset", {"creator_id": other})
    assert [event["creator_id"] for event in post.deliver()] == [other]
    post.api.post_form("/oauth/revoke", {"token": tokens["refresh_token"]})
    post.api.simulate("asset", {"creator_id": other})
    assert len(post.deliver()) == 1


def test_ready_creator_is_connected_and_can_withdraw(post: Post) -> None:
    post.subscribe("asset.created")
    post.api.simulate("asset")
    assert len(post.deliver()) == 1
    post.api.grant()
    assert post.api.simulate("withdraw") == {"revoked": 1}
    post.api.simulate("asset")
    assert len(post.deliver()) == 1
    assert post.api.simulate("creators")["creators"][0]["connected"] is False
    post.api.grant()
    post.api.simulate("asset")
    assert len(post.deliver()) == 2


def test_consent_of_the_ready_creator_replaces_the_initial_one(post: Post) -> None:
    token = post.api.grant()["access_token"]
    post.subscribe("asset.created")
    post.api.simulate("asset")
    assert len(post.deliver()) == 1
    assert post.api.simulate("withdraw") == {"revoked": 1}
    post.api.simulate("asset")
    assert len(post.deliver()) == 1
    assert post.api.refuse("GET", "/api/v1/creators/cr_mock", token=token) == (401, "unauthorized")


def test_failed_delivery_is_retried_after_1_5_and_30_minutes_2_and_8_hours(post: Post) -> None:
    made = post.subscribe("creator.connected")
    post.target.script = [response(500), response(404), response(302), response(503), response(400), response(204)]
    post.api.simulate("grant")
    post.deliver()
    for minutes in (1, 5, 30, 120, 480):
        count = len(post.target.hits)
        assert post.deliveries[0]["status"] == "pending"
        post.advance(minutes * 60 - 1)
        assert len(post.target.hits) == count
        post.advance(1)
        assert len(post.target.hits) == count + 1
    [delivery] = post.deliveries
    assert (delivery["status"], delivery["attempt_count"]) == ("delivered", 6)
    assert len(set(post.target.bodies)) == 1
    times = [verify(made["secret"], hit.headers["x-sparked-signature"], hit.body) - NOW for hit in post.target.hits]
    assert times == [0, 60, 360, 2_160, 9_360, 38_160]


def test_delivery_ends_after_the_last_retry(post: Post) -> None:
    post.subscribe("creator.connected")
    post.target.script = [response(500)]
    post.api.simulate("grant")
    post.deliver()
    post.advance(2 * DAY)
    assert len(post.target.hits) == 6
    assert post.deliveries[0]["status"] == "failed"


def test_deleted_webhook_cancels_pending_deliveries(post: Post) -> None:
    made = post.subscribe("asset.created")
    post.target.script = [response(500)]
    post.api.simulate("asset")
    post.deliver()
    post.api.send("DELETE", f"{HOOKS}/{made['id']}")
    post.advance(DAY)
    assert len(post.target.hits) == 1
    assert post.deliveries[0]["status"] == "cancelled"


def test_replayed_delivery_has_a_new_signature(post: Post) -> None:
    made = post.subscribe("asset.created")
    post.api.simulate("asset")
    post.deliver()
    [delivery] = post.deliveries
    assert (delivery["service"], delivery["event"], delivery["subscription"]) == (
        "sparked",
        "asset.created",
        made["id"],
    )
    post.advance(100)
    http: httpx.Client = post.api.http
    assert http.post(f"http://sandbox/_mock/webhooks/{delivery['id']}/replay").status_code == 201
    post.deliver()
    assert post.target.bodies[0] == post.target.bodies[1]
    last = post.target.hits[-1]
    assert verify(made["secret"], last.headers["x-sparked-signature"], last.body) == NOW + 100


def test_replay_for_a_deleted_webhook_says_why_it_fails(post: Post) -> None:
    made = post.subscribe("asset.created")
    post.api.simulate("asset")
    post.deliver()
    post.api.send("DELETE", f"{HOOKS}/{made['id']}")
    post.api.http.post(f"http://sandbox/_mock/webhooks/{post.deliveries[0]['id']}/replay")
    post.deliver()
    assert len(post.target.hits) == 1
    assert "its secret" in post.deliveries[0]["error"]


def test_test_event_goes_to_one_webhook_only(post: Post) -> None:
    first = post.subscribe("pulse.insight", "asset.created")
    post.subscribe()
    sent = post.api.send("POST", f"{HOOKS}/{first['id']}/test")
    assert sent.status_code == 202
    [event] = post.deliver()
    assert (event["id"], event["type"]) == (sent.json()["event_id"], "pulse.insight")
    assert event["data"] == {"test": True}
    [hit] = post.target.hits
    verify(first["secret"], hit.headers["x-sparked-signature"], hit.body)
    assert post.api.events_of() == []


def test_test_event_can_have_any_type(post: Post) -> None:
    made = post.subscribe("pulse.insight")
    post.api.call("POST", f"{HOOKS}/{made['id']}/test", {"event": "mediakit.viewed"})
    assert [event["type"] for event in post.deliver()] == ["mediakit.viewed"]
    response = post.api.send("POST", f"{HOOKS}/{made['id']}/test", {"event": "nonsense"})
    assert list(issues(response)) == ["event"]
