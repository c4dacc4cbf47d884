"""Tokens, and the shapes that everything is answered in."""

from __future__ import annotations

import httpx
import pytest

from sparkbox.app import Application, create_app
from sparkbox.core.state.config import Settings
from sparkbox.core.testing.faults import Fault
from sparkbox.services.engagespark import SERVICE, errors
from sparkbox.testing.transport import Transport
from tests.services.engagespark.api import GLOBE, ORG, Api

REAL = "3f1d2c4b5a69788796a5b4c3d2e1f00f1e2d3c4b"
BALANCE = f"{ORG}/balance.json"


def ask(app: Application, header: str | None, path: str = BALANCE) -> httpx.Response:
    with httpx.Client(transport=Transport(app), base_url="https://api.engagespark.com") as client:
        return client.get(path, headers={} if header is None else {"Authorization": header})


@pytest.mark.parametrize(
    "header", [None, "", "Token", "Token ", "mock-token", "Bearer mock-token", f"Token {REAL}", "Token wrong"]
)
def test_unknown_token_is_unauthorized(app: Application, header: str | None) -> None:
    response = ask(app, header)
    assert (response.status_code, response.json()) == (401, {"error": "Invalid Token"})


@pytest.mark.parametrize("word", ["Token", "TOKEN", "token"])
def test_word_token_may_be_in_any_case(app: Application, word: str) -> None:
    assert ask(app, f"{word} mock-token").status_code == 200


def test_ready_token_is_accepted(app: Application) -> None:
    assert ask(app, "Token mock-engagespark-token").status_code == 200


def test_any_token_is_accepted_with_accept_any_key(app: Application) -> None:
    assert ask(create_app(Settings(accept_any_key=True)), f"Token {REAL}").status_code == 200


@pytest.mark.parametrize(
    ("header", "detail"),
    [(None, "Authentication credentials were not provided."), (f"Token {REAL}", "Invalid token.")],
)
def test_older_api_has_its_own_unauthorized_body(app: Application, header: str | None, detail: str) -> None:
    response = ask(app, header, "/api/v1/customfields")
    assert (response.status_code, response.json()) == (401, {"detail": detail})


def test_injected_401_of_the_older_api_is_in_its_shape(api: Api) -> None:
    api.account.faults.add(Fault(service="engagespark", error="invalid_token"))
    response = api.send("GET", "/api/v1/customfields")
    assert (response.status_code, response.json()) == (401, {"detail": "Invalid token."})


def test_each_token_has_its_own_account(app: Application) -> None:
    one, other = Api(app, "mock-one"), Api(app, "mock-other")
    one.contact()
    assert other.call("GET", f"{ORG}/contacts/")["total"] == 0


def test_suspended_organization_sends_nothing(api: Api) -> None:
    api.account.suspended = True
    fields = {"orgId": 1, "message": "Hello", "to": GLOBE}
    assert api.refuse("POST", "/v1/sms/contact", fields)[0] == 403
    assert api.call("GET", f"{ORG}/messages/")["messages"] == []


def test_suspension_blocks_every_sending_operation() -> None:
    refused = {operation.id for operation in SERVICE.operations.values() if errors.SUSPENDED in operation.errors}
    assert refused == {
        "send_sms_to_contact",
        "send_sms_to_number",
        "send_whatsapp",
        "send_topup",
        "subscribe",
        "subscribe_contacts",
        "send_older_sms",
        "send_older_topup",
    }


@pytest.mark.parametrize("host", ["api.engagespark.com", "start.engagespark.com"])
def test_both_hosts_are_served(app: Application, host: str) -> None:
    with httpx.Client(transport=Transport(app), base_url=f"https://{host}") as client:
        assert client.get(BALANCE, headers={"Authorization": "Token mock-token"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", f"{ORG}/contacts"), ("GET", f"{ORG}/messages"), ("GET", f"{ORG}/topups"), ("GET", f"{ORG}/files")],
)
def test_trailing_slash_makes_no_difference(api: Api, method: str, path: str) -> None:
    assert api.call(method, path) == api.call(method, f"{path}/")


def test_only_responses_about_sending_are_indented(api: Api) -> None:
    response = api.send("POST", "/v1/sms/phonenumber", {"orgId": 1, "message": "Hello", "to": GLOBE})
    assert response.headers["content-type"] == "application/jsonl; charset=utf-8"
    assert response.text.startswith('{\n  "error": "",\n  "messageId": "SMS20260301T120000-')
    assert response.text.endswith('"message": "Hello"\n}\n')
    other = api.send("GET", BALANCE)
    assert other.headers["content-type"] == "application/json"
    assert other.text.startswith('{"balance":')


def test_every_response_has_cache_headers(api: Api) -> None:
    for path in (BALANCE, "/v1/nothing"):
        headers = api.send("GET", path).headers
        assert (headers["cache-control"], headers["vary"]) == ("max-age=0", "Origin")


def test_unknown_paths_and_methods_are_in_the_vendors_shape(api: Api) -> None:
    assert api.refuse("GET", "/v1/nothing") == (404, None, "Not found")
    response = api.send("DELETE", BALANCE)
    assert (response.status_code, response.headers["allow"]) == (405, "GET")
    assert response.json() == {"error": "Method not allowed"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"message=hello", b"[" * 10_000])
def test_body_that_is_no_json_is_an_error(api: Api, body: bytes) -> None:
    response = api.http.post("/v1/sms/contact", content=body)
    assert (response.status_code, response.json()["errorCode"]) == (400, "request.malformed")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true"])
def test_body_that_is_no_object_is_an_error(api: Api, body: bytes) -> None:
    response = api.http.post("/v1/sms/contact", content=body)
    assert (response.status_code, response.json()["errorCode"]) == (400, "request.invalid")


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "json", "application/x-www-form-urlencoded"])
def test_json_is_read_with_any_content_type(api: Api, media_type: str) -> None:
    body = b'{"orgId": 1, "message": "Hello", "to": "639171234567"}'
    response = api.http.post("/v1/sms/contact", content=body, headers={"Content-Type": media_type})
    assert response.status_code == 200


def test_injected_500_is_text(api: Api) -> None:
    api.app.sandbox.faults.add(Fault("engagespark", status=500))
    response = api.send("GET", BALANCE)
    assert (response.status_code, response.text) == (500, "internal server error\n")
    assert response.headers["content-type"].startswith("text/plain")


def test_injected_error_keeps_the_vendors_shape(api: Api) -> None:
    api.app.sandbox.faults.add(Fault("engagespark", error="insufficient_funds"))
    assert api.refuse("GET", BALANCE) == (402, None, "insufficient funds")
