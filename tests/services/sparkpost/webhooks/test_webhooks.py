"""The Webhooks API: creating, validating and updating webhooks."""

from __future__ import annotations

import json
import socket
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.request.http import Request
from sparkbox.services.sparkpost.webhooks.event_types import WEBHOOK_TYPES
from tests.core.target import Behaviour, Target, raw, reset, response
from tests.services.sparkpost.api import FIXTURES, KEY, Api, shape

pytestmark = pytest.mark.asyncio

OAUTH2 = {"client_id": "CLIENT123", "client_secret": "9sdfj791d2bsbf", "grant_type": "client_credentials"}
TOKEN = response(200, b'{"access_token":"t0ken","token_type":"bearer","expires_in":3600}')


def new(url: str, **fields: Any) -> dict[str, Any]:
    return {"name": "Hook", "target": url, "events": ["delivery"], **fields}


def oauth2(tokens: Target, **more: Any) -> dict[str, Any]:
    return {"auth_type": "oauth2", "auth_request_details": {"url": tokens.url, "body": OAUTH2}, **more}


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def test_creating_a_webhook_tests_its_target(api: Api, target: Target) -> None:
    created = await api.call_async("POST", "/webhooks", new(target.url))
    path = f"/api/v1/webhooks/{created['id']}"
    assert created["links"] == [{"href": path, "rel": "urn.msys.webhooks.webhook", "method": ["GET", "PUT"]}]
    (hit,) = target.hits
    assert (hit.line, orjson.loads(hit.body)) == ("POST /hook HTTP/1.1", [{"msys": {}}])
    assert (hit.headers["content-type"], hit.headers["user-agent"]) == ("application/json", "SparkPost")
    assert len(hit.headers["x-messagesystems-batch-id"]) == 36
    assert "authorization" not in hit.headers


@pytest.mark.parametrize(
    ("behaviour", "problem", "response"),
    [
        (response(500, b"sorry", "X-Why: broken"), "non-2xx response code 500",
         {"status": 500, "headers": {"content-length": "5", "x-why": "broken"}, "body": "sorry"}),
        (response(204), "non-2xx response code 204", {"status": 204, "headers": {"content-length": "0"}, "body": ""}),
        (response(302, b"", "Location: http://127.0.0.1/"), "non-2xx response code 302",
         {"status": 302, "headers": {"content-length": "0", "location": "http://127.0.0.1/"}, "body": ""}),
        (reset, "error code ECONNRESET", None),
        (raw(b"garbage\r\n\r\n"), "error code ECONNRESET", None),
    ],
)  # fmt: skip
async def test_target_without_a_200_is_refused(
    api: Api, behaviour: Behaviour, problem: str, response: dict[str, Any] | None
) -> None:
    async with Target(behaviour) as target:
        status, error = await api.api_error_async("POST", "/webhooks", new(target.url))
    message = f"POST to webhook target URL failed with {problem}"
    expected = {"message": message, "code": 400} | ({} if response is None else {"response": response})
    assert (status, error) == (400, expected)
    assert api.call("GET", "/webhooks") == []


async def test_unreachable_target_is_refused(api: Api) -> None:
    _, error = await api.api_error_async("POST", "/webhooks", new(f"http://127.0.0.1:{closed_port()}/"))
    assert error["message"] == "POST to webhook target URL failed with error code ECONNREFUSED"


async def test_webhook_shows_its_fields(api: Api, target: Target) -> None:
    id = await api.hook(
        target, custom_headers={"X-Api-Key": "abcd", "X-Number": 7}, exception_subaccounts=[123, 4], auth_token="secret"
    )
    path = f"/api/v1/webhooks/{id}"
    shown = api.call("GET", f"/webhooks/{id}")
    assert shown == {
        "name": "Hook",
        "target": target.url,
        "events": ["injection", "delivery", "bounce"],
        "active": True,
        "auth_type": "none",
        "auth_request_details": {},
        "auth_credentials": {},
        "auth_token": "secret",
        "custom_headers": {"X-Api-Key": "abcd", "X-Number": "7"},
        "exception_subaccounts": ["123", "4"],
        "links": [
            {"href": f"{path}/validate", "rel": "urn.msys.webhooks.validate", "method": ["POST"]},
            {"href": f"{path}/batch-status", "rel": "urn.msys.webhooks.batches", "method": ["GET"]},
        ],
    }
    (hit,) = target.hits
    assert (hit.headers["x-api-key"], hit.headers["x-number"]) == ("abcd", "7")
    assert hit.headers["x-messagesystems-webhook-token"] == "secret"
    (listed,) = api.call("GET", "/webhooks")
    links = [{"href": path, "rel": "urn.msys.webhooks.webhook", "method": ["GET", "PUT"]}]
    assert listed == {"id": id, **shown, "links": links}


async def test_basic_authentication_is_sent(api: Api, target: Target) -> None:
    credentials = {"username": "basicauthuser", "password": "mypässword"}
    id = await api.hook(target, auth_type="basic", auth_credentials=credentials)
    assert api.call("GET", f"/webhooks/{id}")["auth_credentials"] == credentials
    assert target.hits[0].headers["authorization"] == "Basic YmFzaWNhdXRodXNlcjpteXDDpHNzd29yZA=="


async def test_oauth2_token_is_fetched_before_the_target_is_tested(api: Api, target: Target) -> None:
    async with Target(TOKEN) as tokens:
        id = await api.hook(target, **oauth2(tokens))
        (fetched,) = tokens.hits
    assert (fetched.headers["content-type"], orjson.loads(fetched.body)) == ("application/json", OAUTH2)
    assert target.hits[0].headers["authorization"] == "Bearer t0ken"
    shown = api.call("GET", f"/webhooks/{id}")
    assert shown["auth_request_details"] == {"url": tokens.url, "body": OAUTH2}
    assert shown["auth_credentials"] == {"access_token": "t0ken", "expires_in": 3600}


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        (response(502, b"response body"), 502),
        (response(200, b"no JSON"), 200),
        (response(200, b'{"token":"x"}'), 200),
        (response(200, b'["access_token"]'), 200),
        (response(200, b'{"access_token":"line\\nbreak"}'), 200),
    ],
)
async def test_webhook_without_oauth2_token_is_refused(
    api: Api, target: Target, behaviour: Behaviour, status: int
) -> None:
    async with Target(behaviour) as tokens:
        code, error = await api.api_error_async("POST", "/webhooks", new(target.url, **oauth2(tokens)))
    assert (code, error["code"], error["message"]) == (400, 400, "POST to webhook tokens URL failed")
    assert error["response"]["status"] == status
    assert target.hits == []


async def test_unreachable_token_server_is_refused(api: Api, target: Target) -> None:
    details = {"url": f"http://127.0.0.1:{closed_port()}/", "body": OAUTH2}
    fields = {"auth_type": "oauth2", "auth_request_details": details}
    _, error = await api.api_error_async("POST", "/webhooks", new(target.url, **fields))
    assert error == {"message": "POST to webhook tokens URL failed", "code": 400}


@pytest.mark.parametrize(
    ("fields", "status", "code", "description"),
    [
        ({"name": None}, 422, "1400", "field 'name' is required"),
        ({"name": " "}, 422, "1400", "field 'name' is required"),
        ({"target": None}, 422, "1400", "field 'target' is required"),
        ({"events": None}, 422, "1400", "field 'events' is required"),
        ({"events": []}, 422, "1400", "field 'events' is required"),
        ({"events": ["delivery", "sneeze"]}, 422, "1300", "field 'events' has unknown events in it: sneeze"),
        ({"events": "delivery"}, 422, "1300",
         "field 'events' is of type 'string', but needs to be of type 'json_array'"),
        ({"target": "ftp://files.example"}, 422, "1300",
         "field 'target' is invalid: the URL must begin with http:// or https://"),
        ({"active": "yes"}, 422, "1300",
         "field 'active' is of type 'string', but needs to be of type 'boolean'"),
        ({"auth_type": "basic"}, 422, "1400", "field 'auth_credentials.username' is required"),
        ({"auth_type": "oauth2"}, 422, "1400", "field 'auth_request_details.url' is required"),
        ({"auth_type": "oauth2", "auth_request_details": {"url": "http://a.example"}}, 422, "1400",
         "field 'auth_request_details.body' is required"),
        ({"auth_type": "oauth2", "auth_request_details": {"url": "a.example", "body": {"a": 1}}}, 422, "1300",
         "field 'auth_request_details.url' is invalid: the URL must begin with http:// or https://"),
        ({"exception_subaccounts": []}, 422, "1300",
         "field 'exception_subaccounts' must be a list of at most 10 subaccounts, each of them once"),
        ({"exception_subaccounts": [1, 1]}, 422, "1300",
         "field 'exception_subaccounts' must be a list of at most 10 subaccounts, each of them once"),
        ({"exception_subaccounts": [*range(11)]}, 422, "1300",
         "field 'exception_subaccounts' must be a list of at most 10 subaccounts, each of them once"),
        ({"auth_token": "line\nbreak"}, 422, "1300",
         "field 'auth_token' is invalid: the value of the header 'X-MessageSystems-Webhook-Token' has characters that "
         "no header takes"),
        ({"custom_headers": {"X": True}}, 422, "1300", "field 'custom_headers.X' must be a string or a number"),
    ],
)  # fmt: skip
async def test_invalid_webhook_is_refused(
    api: Api, target: Target, fields: dict[str, Any], status: int, code: str, description: str
) -> None:
    refused, error = await api.api_error_async("POST", "/webhooks", new(target.url, **fields))
    assert (refused, error["code"], error["description"]) == (status, code, description)
    assert target.hits == []


@pytest.mark.parametrize(
    ("headers", "status", "error"),
    [
        ({"Authorization": "x"}, 422,
         {"message": "Header is reserved and cannot be used", "code": "10000", "param": "custom_headers",
          "value": "Authorization"}),
        ({"no header": "x"}, 422,
         {"message": "Header is reserved and cannot be used", "code": "10000", "param": "custom_headers",
          "value": "no header"}),
        ({"X-A": "x" * 3000}, 413,
         {"message": "Total size of custom headers is too large", "code": "10001", "param": "custom_headers"}),
        ({f"X-{number}": "x" for number in range(6)}, 422,
         {"message": "You may only have up to 5 custom headers", "code": "10002", "param": "custom_headers"}),
    ],
)  # fmt: skip
async def test_invalid_custom_headers_are_refused(
    api: Api, target: Target, headers: dict[str, str], status: int, error: dict[str, Any]
) -> None:
    assert await api.api_error_async("POST", "/webhooks", new(target.url, custom_headers=headers)) == (status, error)


async def test_an_account_has_at_most_a_hundred_webhooks(api: Api, target: Target) -> None:
    for _ in range(100):
        await api.hook(target)
    status, error = await api.api_error_async("POST", "/webhooks", new(target.url))
    assert (status, error["code"]) == (400, "1502")
    assert len(target.hits) == 100


async def test_webhook_update_changes_only_its_fields(api: Api, target: Target) -> None:
    id = await api.hook(target, custom_headers={"X-A": "1"}, exception_subaccounts=[5])
    changes: dict[str, Any] = {
        "name": "Renamed",
        "events": ["delay"],
        "custom_headers": {},
        "exception_subaccounts": [],
        "active": None,
    }
    updated = await api.call_async("PUT", f"/webhooks/{id}", changes)
    path = f"/api/v1/webhooks/{id}"
    assert updated == {
        "id": id,
        "links": [{"href": f"{path}/validate", "rel": "urn.msys.webhooks.validate", "method": ["POST"]}],
    }
    shown = api.call("GET", f"/webhooks/{id}")
    assert (shown["name"], shown["events"], shown["active"]) == ("Renamed", ["delay"], True)
    assert shown["target"] == target.url
    assert "custom_headers" not in shown
    assert "exception_subaccounts" not in shown
    assert len(target.hits) == 1


async def test_new_target_is_tested_first(api: Api, target: Target) -> None:
    id = await api.hook(target)
    async with Target(response(500), response(200)) as other:
        status, error = await api.api_error_async("PUT", f"/webhooks/{id}", {"target": other.url})
        assert (status, error["message"]) == (400, "POST to webhook target URL failed with non-2xx response code 500")
        assert api.call("GET", f"/webhooks/{id}")["target"] == target.url
        await api.call_async("PUT", f"/webhooks/{id}", {"target": other.url})
        assert api.call("GET", f"/webhooks/{id}")["target"] == other.url
        assert len(other.hits) == 2


async def test_switching_to_oauth2_fetches_a_token(api: Api, target: Target) -> None:
    id = await api.hook(target)
    async with Target(response(500), TOKEN) as tokens:
        await api.api_error_async("PUT", f"/webhooks/{id}", oauth2(tokens))
        await api.call_async("PUT", f"/webhooks/{id}", oauth2(tokens))
    shown = api.call("GET", f"/webhooks/{id}")
    assert shown["auth_credentials"] == {"access_token": "t0ken", "expires_in": 3600}
    await api.call_async("PUT", f"/webhooks/{id}", {"auth_type": "none"})
    assert api.call("GET", f"/webhooks/{id}")["auth_credentials"] == {}


async def test_webhook_update_accepts_the_shown_fields(api: Api, target: Target) -> None:
    async with Target(TOKEN) as tokens:
        id = await api.hook(target, **oauth2(tokens))
        shown = api.call("GET", f"/webhooks/{id}")
        await api.call_async("PUT", f"/webhooks/{id}", shown)
    assert api.call("GET", f"/webhooks/{id}") == shown


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subaccount_id": -2}, "1300"),
        ({"subaccount_id": 3, "exception_subaccounts": [4]}, "1301"),
        ({"auth_type": "basic"}, "1400"),
        ({"events": []}, "1400"),
    ],
)
async def test_invalid_webhook_update_is_refused(api: Api, target: Target, changes: dict[str, Any], code: str) -> None:
    id = await api.hook(target)
    shown = api.call("GET", f"/webhooks/{id}")
    status, error = await api.api_error_async("PUT", f"/webhooks/{id}", changes)
    assert (status, error["code"]) == (422, code)
    assert api.call("GET", f"/webhooks/{id}") == shown


async def test_deleted_webhook_is_not_found(api: Api, target: Target) -> None:
    id = await api.hook(target)
    reply = api.send("DELETE", f"/webhooks/{id}")
    assert (reply.status_code, reply.content) == (204, b"")
    for method, path in [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/validate"), ("GET", "/batch-status")]:
        body: dict[str, Any] | None = {} if method == "PUT" else None
        status, error = await api.api_error_async(method, f"/webhooks/{id}{path}", body)
        assert (status, error["code"], error["message"]) == (404, "1600", "resource not found")


async def test_webhook_deleted_during_an_update_stays_deleted(api: Api, target: Target) -> None:
    id = await api.hook(target)

    async def delete(target: Target, *streams: Any) -> None:
        api.send("DELETE", f"/webhooks/{id}")
        await response(200)(target, *streams)

    async with Target(delete) as other:
        status, _ = await api.api_error_async("PUT", f"/webhooks/{id}", {"target": other.url})
    assert status == 404
    assert api.call("GET", "/webhooks") == []


async def test_validation_shows_the_targets_response(api: Api) -> None:
    async with Target(
        response(200), response(200, b"OK", "Content-Type: text/plain"), response(401, b"who?")
    ) as target:
        id = await api.hook(target)
        batch: list[Any] = [{"msys": {}}]
        result = await api.call_async("POST", f"/webhooks/{id}/validate", batch)
        expected = {"status": 200, "headers": {"content-length": "2", "content-type": "text/plain"}, "body": "OK"}
        assert result == {"msg": "Test POST to endpoint succeeded", "response": expected}
        status, error = await api.api_error_async("POST", f"/webhooks/{id}/validate")
        assert (status, error["response"]["body"]) == (400, "who?")
        assert target.bodies == [b'[{"msys":{}}]'] * 3


async def test_validation_posts_the_given_batch(api: Api, target: Target) -> None:
    async with Target(TOKEN) as tokens:
        id = await api.hook(target, **oauth2(tokens))
        batch = [{"msys": {"message_event": {"type": "bounce"}}}]
        await api.call_async("POST", f"/webhooks/{id}/validate", batch)
        assert len(tokens.hits) == 1
    assert orjson.loads(target.bodies[1]) == batch
    assert target.hits[1].headers["authorization"] == "Bearer t0ken"


async def test_subaccounts_have_their_own_webhooks(api: Api, target: Target) -> None:
    everybody, mine = await api.hook(target), await api.hook(target, subaccount=17)
    main = await api.hook(target, subaccount=0)
    assert [hook["id"] for hook in api.call("GET", "/webhooks")] == [everybody, mine, main]
    assert [hook["id"] for hook in api.call("GET", "/webhooks", subaccount=0)] == [everybody, main]
    (listed,) = api.call("GET", "/webhooks", subaccount=17)
    assert (listed["id"], listed["subaccount_id"]) == (mine, 17)
    assert api.api_error("GET", f"/webhooks/{everybody}", subaccount=17)[0] == 404


async def test_webhook_times_are_in_the_query_time_zone(api: Api, target: Target) -> None:
    id = await api.hook(target)
    api.transmit()
    await api.advance(30)
    assert api.call("GET", f"/webhooks/{id}")["last_successful"] == "2026-03-01 12:00:30"
    (listed,) = api.call("GET", "/webhooks?timezone=America/New_York")
    assert listed["last_successful"] == "2026-03-01 07:00:30"
    assert "last_failure" not in listed
    status, error = api.api_error("GET", "/webhooks?timezone=Nowhere")
    assert (status, error) == (400, {"message": "timezone must be a standard time zone's name", "param": "timezone"})


async def test_every_event_is_documented_with_a_sample(api: Api) -> None:
    del api.http.headers["Authorization"]
    groups = api.call("GET", "/webhooks/events/documentation")
    fields = {type: event["event"] for group in groups.values() for type, event in group["events"].items()}
    samples = api.call("GET", "/webhooks/events/samples")
    assert set(fields) == set(WEBHOOK_TYPES)
    assert len(samples) == len(WEBHOOK_TYPES)
    for item in samples:
        ((group, event),) = item["msys"].items()
        assert event["type"] in groups[group]["events"]
        assert event == {name: field["sampleValue"] for name, field in fields[event["type"]].items()}
        assert event["timestamp"] == "1772366401"


async def test_event_samples_can_be_chosen(api: Api) -> None:
    samples = api.call("GET", "/webhooks/events/samples?events=bounce,open")
    assert [list(item["msys"]) for item in samples] == [["message_event"], ["track_event"]]
    status, error = api.api_error("GET", "/webhooks/events/samples?events=sneeze")
    assert (status, error["param"]) == (400, "events")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(
    body=st.fixed_dictionaries(
        {},
        optional={
            "name": ANYTHING,
            "target": st.just("http://127.0.0.1:9/") | ANYTHING,
            "events": st.just(["delivery"]) | ANYTHING,
            "active": ANYTHING,
            "custom_headers": ANYTHING,
            "exception_subaccounts": ANYTHING,
            "auth_type": st.sampled_from(["none", "basic", "oauth2"]) | ANYTHING,
            "auth_request_details": ANYTHING,
            "auth_credentials": ANYTHING,
            "auth_token": ANYTHING,
        },
    )
)
async def test_any_body_is_a_webhook_or_refused(body: dict[str, Any]) -> None:
    headers = [(b"authorization", KEY.encode()), (b"content-type", b"application/json")]
    response = Api().dispatcher.respond(Request("POST", "/api/v1/webhooks", b"", headers, json.dumps(body).encode()))
    assert response.later is not None or response.status in (400, 413, 422)


@pytest.mark.parametrize(
    "operation",
    [
        "create_webhook",
        "list_webhooks",
        "retrieve_webhook",
        "update_webhook",
        "delete_webhook",
        "validate_webhook",
        "list_batch_statuses",
        "document_webhook_events",
        "sample_webhook_events",
    ],
)
async def test_fixtures_show_the_shapes(api: Api, operation: str) -> None:
    fixture = json.loads((FIXTURES / "webhooks" / f"{operation}.json").read_text())
    behaviours = response(200), response(503), response(200, b"OK", "Content-Type: text/plain")
    async with Target(*behaviours) as target, Target() as other:
        id = await api.hook(target)
        await api.hook(other, auth_type="basic", auth_credentials={"username": "basicuser", "password": "somepass"})
        api.transmit()
        await api.advance(600)
        request = fixture["request"]
        path = request["path"].removeprefix("/api/v1").replace("12affc24-f183-11e3-9234-3c15c2c818c2", id)
        body = request.get("body")
        if operation == "create_webhook":
            body["target"] = target.url
        reply = await api.send_async(request["method"], path, body)
    assert reply.status_code == fixture["status"], reply.text
    assert shape(reply.json() if reply.content else None) == shape(fixture["response"])
