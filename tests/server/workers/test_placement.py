"""The worker of a request: every way to name an account leads to the same one."""

from __future__ import annotations

import base64
import json

import pytest

from sparkbox import services
from sparkbox.app import create_app, create_sandbox
from sparkbox.core.declare.info import ServiceInfo
from sparkbox.core.request.http import Request
from sparkbox.core.state.config import Settings
from sparkbox.core.state.place import Place, worker_of
from sparkbox.server.workers.placement import Placement

WORKERS = 7
KEYS = [f"mock-shop-{number}" for number in range(20)]
PLACEMENT = Placement(create_sandbox(Settings(), Place(0, WORKERS)))
FORM = "application/x-www-form-urlencoded"


def found(service: str, path: str, headers: dict[str, str], method: str = "GET", body: bytes = b"") -> int:
    """Return the worker of a request to a service."""
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return PLACEMENT.of_request(services.load(service), Request(method, path, headers=raw, body=body))


@pytest.mark.parametrize("info", services.SERVICES, ids=lambda info: info.name)
def test_headers_of_each_service_lead_to_the_account(info: ServiceInfo) -> None:
    for key in KEYS:
        for credential in (key, f"{key}.{info.name}"):
            assert found(info.name, "/api/v1/x", info.authentication(credential)) == worker_of(key, WORKERS)


@pytest.mark.parametrize("service", ["sparkpost", "sparked"])
def test_basic_leads_to_the_account(service: str) -> None:
    for key in KEYS:
        pair = base64.b64encode(f"{key}:mock-secret".encode()).decode()
        assert found(service, "/api/v1/x", {"authorization": f"Basic {pair}"}) == worker_of(key, WORKERS)


def test_requests_for_tokens_lead_to_the_account() -> None:
    for key in KEYS:
        as_json, as_form = json.dumps({"client_id": key}).encode(), f"client_id={key}".encode()
        for service, path, kind, body in (
            ("sendpulse", "/oauth/access_token", "application/json", as_json),
            ("sendpulse", "//oauth/access_token/", FORM, as_form),
            ("sparked", "/oauth/token", FORM, as_form),
        ):
            assert found(service, path, {"content-type": kind}, "POST", body) == worker_of(key, WORKERS)


def test_access_token_leads_to_the_account_that_it_claims() -> None:
    for key in KEYS:
        claims = base64.urlsafe_b64encode(json.dumps({"aud": key}).encode()).decode().rstrip("=")
        bearer = {"authorization": f"Bearer eyJ0.{claims}.forged"}
        assert found("sendpulse", "/balance", bearer) == worker_of(key, WORKERS)


def test_credential_decides_rather_than_a_token_in_the_path() -> None:
    page = "kit_0123456789abcdef-0123456789ab"
    assert found("sparked", f"/kit/{page}", {}) == worker_of(page, WORKERS)
    assert found("sparked", f"/kit/{page}/short", {}) == worker_of(page, WORKERS)
    key = {"authorization": f"Bearer {KEYS[0]}"}
    assert found("sparked", f"/kit/{page}", key) == worker_of(KEYS[0], WORKERS)


def test_copy_of_an_account_is_where_it_was_made() -> None:
    placement = Placement(create_sandbox(Settings(), Place(0, WORKERS)))
    placement.move("mock-copy.sparkpost", 3)
    assert [placement.of_credential(name) for name in ("mock-copy", "mock-copy.sendpulse")] == [3, 3]


def test_placement_opens_no_account() -> None:
    app = create_app()
    placement = Placement(app.sandbox)
    for info in services.SERVICES:
        headers = [(name.lower().encode(), value.encode()) for name, value in info.authentication(KEYS[0]).items()]
        placement.of_request(services.load(info.name), Request("GET", "/x", headers=headers))
    assert len(app.sandbox.accounts) == 0
