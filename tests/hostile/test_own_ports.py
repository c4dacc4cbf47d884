"""A webhook never leads back to the sandbox: creating one that does is refused in each service's own words."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from mockserver import World
from mockserver.world import Place

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
def url(request: pytest.FixtureRequest, mockserver: World) -> str:
    return own(mockserver, request.param)


def test_sparkpost_refuses_it_by_any_name(mockserver: World, url: str) -> None:
    got = call(mockserver.sparkpost, "POST", "/api/v1/webhooks", SPARKPOST | {"target": url})
    assert (got.status_code, got.json()["errors"][0]["code"]) == (422, "1300")
    assert got.json()["errors"][0]["description"] == f"field 'target' is invalid: {SELF}"


def test_sparkpost_fetches_no_token_from_it(mockserver: World) -> None:
    details = {"url": own(mockserver), "body": {"a": "b"}}
    got = call(mockserver.sparkpost, "POST", "/api/v1/webhooks", SPARKPOST | OAUTH | {"auth_request_details": details})
    assert got.status_code == 422
    assert got.json()["errors"][0]["description"] == f"field 'auth_request_details.url' is invalid: {SELF}"


@pytest.mark.parametrize("port", ["tls_url", "proxy_url"])
def test_its_other_ports_are_its_own_as_well(mockserver: World, port: str) -> None:
    url = own(mockserver, port=urlsplit(getattr(mockserver.server, port)).port)
    got = call(mockserver.sparkpost, "POST", "/api/v1/webhooks", SPARKPOST | {"target": url})
    assert got.json()["errors"][0]["description"] == f"field 'target' is invalid: {SELF}"


def test_sendpulse_refuses_it(mockserver: World) -> None:
    body = {"url": own(mockserver), "actions": ["spam"]}
    got = call(mockserver.sendpulse, "POST", SENDPULSE, body)
    wrong = call(mockserver.sendpulse, "POST", SENDPULSE, body | {"url": "http://"})
    assert (got.status_code, got.json()) == (wrong.status_code, wrong.json())
    fine = call(mockserver.sendpulse, "POST", SENDPULSE, body | {"url": "http://127.0.0.1:9/"}).json()["data"][0]
    assert call(mockserver.sendpulse, "PUT", f"{SENDPULSE}/{fine['id']}", body).json() == wrong.json()


def test_sparked_refuses_it(mockserver: World) -> None:
    got = call(mockserver.sparked, "POST", "/api/v1/webhooks", {"url": own(mockserver)})
    assert got.status_code == 422
    assert SELF in got.text
    fine = call(mockserver.sparked, "POST", "/api/v1/webhooks", {"url": "http://127.0.0.1:9/"}).json()
    changed = call(mockserver.sparked, "PATCH", f"/api/v1/webhooks/{fine['id']}", {"url": own(mockserver)})
    assert (changed.status_code, SELF in changed.text) == (422, True)


def test_sendspark_refuses_it(mockserver: World) -> None:
    path = "/v1/workspaces/mock-workspace/webhooks"
    body = {"name": "x", "url": "http://127.0.0.1:9/", "module": "global", "events": []}
    fine = call(mockserver.sendspark, "POST", path, body)
    assert fine.is_success
    got = call(mockserver.sendspark, "POST", path, body | {"url": own(mockserver)})
    changed = call(mockserver.sendspark, "PATCH", f"{path}/{fine.json()['_id']}", {"url": own(mockserver)})
    assert (got.status_code, changed.status_code) == (400, 400)
    assert got.json()["error"] == "Bad Request"


def test_engagespark_refuses_it(mockserver: World) -> None:
    path = "/_mock/services/engagespark/simulations/webhooks"
    got = httpx.post(
        mockserver.url + path, params={"account": mockserver.credential}, json={"sms": own(mockserver)}, trust_env=False
    )
    assert got.status_code == 422
    assert SELF in got.text
