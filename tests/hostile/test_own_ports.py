"""A webhook never leads back to the sandbox: each service refuses one that does with its own error."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from sparkbox import World
from sparkbox.testing.world import Place

HOSTS = [
    "127.0.0.1", "localhost", "LOCALHOST.", "a.localhost", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "127.0.0.9",
    "[::ffff:127.0.0.1]",
]  # fmt: skip
SELF = "the URL leads to the sandbox itself"
SPARKPOST = {"name": "x", "events": ["delivery"]}
OAUTH = {"auth_type": "oauth2", "target": "http://127.0.0.1:9/"}
SENDPULSE = "/v2/email-service/webhook"


def call(place: Place, method: str, path: str, json: Any) -> httpx.Response:
    return httpx.request(method, place.url + path, headers=dict(place.headers), json=json, trust_env=False)


def own(world: World, host: str = "127.0.0.1", port: int | None = None) -> str:
    return f"http://{host}:{port or urlsplit(world.server.url).port}/_mock/reset"


@pytest.fixture(params=HOSTS)
def url(request: pytest.FixtureRequest, sparkbox: World) -> str:
    return own(sparkbox, request.param)


def test_sparkpost_refuses_webhooks_to_the_sandbox(sparkbox: World, url: str) -> None:
    got = call(sparkbox.sparkpost, "POST", "/api/v1/webhooks", SPARKPOST | {"target": url})
    assert (got.status_code, got.json()["errors"][0]["code"]) == (422, "1300")
    assert got.json()["errors"][0]["description"] == f"field 'target' is invalid: {SELF}"


def test_sparkpost_fetches_no_token_from_the_sandbox(sparkbox: World) -> None:
    details = {"url": own(sparkbox), "body": {"a": "b"}}
    got = call(sparkbox.sparkpost, "POST", "/api/v1/webhooks", SPARKPOST | OAUTH | {"auth_request_details": details})
    assert got.status_code == 422
    assert got.json()["errors"][0]["description"] == f"field 'auth_request_details.url' is invalid: {SELF}"


@pytest.mark.parametrize("port", ["tls_url", "proxy_url"])
def test_webhooks_to_other_ports_of_the_sandbox_are_refused(sparkbox: World, port: str) -> None:
    url = own(sparkbox, port=urlsplit(getattr(sparkbox.server, port)).port)
    got = call(sparkbox.sparkpost, "POST", "/api/v1/webhooks", SPARKPOST | {"target": url})
    assert got.json()["errors"][0]["description"] == f"field 'target' is invalid: {SELF}"


def test_sendpulse_refuses_webhooks_to_the_sandbox(sparkbox: World) -> None:
    body = {"url": own(sparkbox), "actions": ["spam"]}
    got = call(sparkbox.sendpulse, "POST", SENDPULSE, body)
    wrong = call(sparkbox.sendpulse, "POST", SENDPULSE, body | {"url": "http://"})
    assert (got.status_code, got.json()) == (wrong.status_code, wrong.json())
    fine = call(sparkbox.sendpulse, "POST", SENDPULSE, body | {"url": "http://127.0.0.1:9/"}).json()["data"][0]
    assert call(sparkbox.sendpulse, "PUT", f"{SENDPULSE}/{fine['id']}", body).json() == wrong.json()


def test_sparked_refuses_webhooks_to_the_sandbox(sparkbox: World) -> None:
    got = call(sparkbox.sparked, "POST", "/api/v1/webhooks", {"url": own(sparkbox)})
    assert got.status_code == 422
    assert SELF in got.text
    fine = call(sparkbox.sparked, "POST", "/api/v1/webhooks", {"url": "http://127.0.0.1:9/"}).json()
    changed = call(sparkbox.sparked, "PATCH", f"/api/v1/webhooks/{fine['id']}", {"url": own(sparkbox)})
    assert (changed.status_code, SELF in changed.text) == (422, True)


def test_sendspark_refuses_webhooks_to_the_sandbox(sparkbox: World) -> None:
    path = "/v1/workspaces/mock-workspace/webhooks"
    body = {"name": "x", "url": "http://127.0.0.1:9/", "module": "global", "events": []}
    fine = call(sparkbox.sendspark, "POST", path, body)
    assert fine.is_success
    got = call(sparkbox.sendspark, "POST", path, body | {"url": own(sparkbox)})
    changed = call(sparkbox.sendspark, "PATCH", f"{path}/{fine.json()['_id']}", {"url": own(sparkbox)})
    assert (got.status_code, changed.status_code) == (400, 400)
    assert got.json()["error"] == "Bad Request"


def test_engagespark_refuses_webhooks_to_the_sandbox(sparkbox: World) -> None:
    path = "/_mock/services/engagespark/simulations/webhooks"
    got = httpx.post(
        sparkbox.url + path, params={"account": sparkbox.credential}, json={"sms": own(sparkbox)}, trust_env=False
    )
    assert got.status_code == 422
    assert SELF in got.text
