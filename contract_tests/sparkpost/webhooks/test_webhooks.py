"""https://developers.sparkpost.com/api/webhooks/, with django-anymail as the receiver.

On the real service ``CONTRACT_WEBHOOK_TARGET`` names a target that responds with 200.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sparkpost.responses import INVALID, MISSING, api_error, error, results
from contract_tests.sparkpost.target import Sparkpost
from contract_tests.sparkpost.webhooks.anymail_site import CREDENTIALS, AnymailSite
from sparkbox import World

HOOKS = "/api/v1/webhooks"
SINK = "contract.sink.sparkpostmail.com"
"""Below it, the label after the ``@`` chooses the outcome of a mail."""
EVENTS = ["injection", "delivery", "bounce", "open", "click", "spam_complaint", "delay", "generation_failure"]


@pytest.fixture(scope="module")
def site() -> Iterator[AnymailSite]:
    with AnymailSite() as site:
        yield site


@pytest.fixture
def target(real: bool, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A URL that responds with 200 to posts with the credentials."""
    if not real:
        monkeypatch.setenv("CONTRACT_WEBHOOK_TARGET", request.getfixturevalue("site").url)
    url = os.environ.get("CONTRACT_WEBHOOK_TARGET", "")
    if not url:
        pytest.skip("CONTRACT_WEBHOOK_TARGET is not set")
    return url


@pytest.fixture
def new(target: str, name: Callable[[str], str]) -> dict[str, Any]:
    """The fields of a webhook."""
    return {
        "name": name("webhook"),
        "target": target,
        "events": EVENTS,
        "auth_type": "basic",
        "auth_credentials": CREDENTIALS,
    }


@pytest.fixture
def hook(api: httpx.Client, new: dict[str, Any]) -> Iterator[str]:
    """The path of a webhook."""
    path = f"{HOOKS}/{results(api.post(HOOKS, json=new))['id']}"
    yield path
    api.delete(path)


@pytest.mark.documented("create_webhook", "retrieve_webhook", "list_webhooks")
def test_webhook_is_stored_as_given(api: httpx.Client, new: dict[str, Any]) -> None:
    hook = f"{HOOKS}/{results(api.post(HOOKS, json=new))['id']}"
    shown = results(api.get(hook))
    assert {name: shown[name] for name in new} == new | {"events": shown["events"]}
    assert set(shown["events"]) == set(EVENTS)
    assert shown["active"] is True
    (row,) = [row for row in results(api.get(HOOKS)) if hook.endswith(row["id"])]
    assert (row["name"], row["target"]) == (new["name"], new["target"])
    api.delete(hook)


@pytest.mark.documented("update_webhook")
def test_webhook_update_changes_only_its_fields(api: httpx.Client, hook: str, new: dict[str, Any]) -> None:
    updated = results(api.put(hook, json={"events": ["delay"], "custom_headers": {"x-api-key": "abcd"}}))
    assert hook.endswith(updated["id"])
    shown = results(api.get(hook))
    assert (shown["events"], shown["name"]) == (["delay"], new["name"])
    assert shown["custom_headers"] == {"x-api-key": "abcd"}


@pytest.mark.documented("delete_webhook", "retrieve_webhook:resource_not_found")
def test_deleted_webhook_is_not_found(api: httpx.Client, new: dict[str, Any]) -> None:
    path = f"{HOOKS}/{results(api.post(HOOKS, json=new))['id']}"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


@pytest.mark.documented("validate_webhook")
def test_validation_shows_the_targets_response(api: httpx.Client, hook: str) -> None:
    result = results(api.post(f"{hook}/validate", json=[{"msys": {}}]))
    assert (result["msg"], result["response"]["status"]) == ("Test POST to endpoint succeeded", 200)


@pytest.mark.documented("list_batch_statuses")
def test_unused_webhook_has_no_failed_batches(api: httpx.Client, hook: str) -> None:
    assert results(api.get(f"{hook}/batch-status", params={"limit": 10})) == []


@pytest.mark.documented("document_webhook_events")
def test_events_are_documented_by_groups(api: httpx.Client) -> None:
    groups = results(api.get(f"{HOOKS}/events/documentation"))
    assert {"message_event", "track_event", "gen_event", "unsubscribe_event", "relay_event"} <= set(groups)
    assert "delivery" in groups["message_event"]["events"]
    assert "sampleValue" in groups["track_event"]["events"]["click"]["event"]["target_link_url"]


@pytest.mark.documented("sample_webhook_events")
def test_samples_are_wrapped_as_batches_are(api: httpx.Client) -> None:
    (bounce,) = results(api.get(f"{HOOKS}/events/samples", params={"events": "bounce"}))
    assert bounce["msys"]["message_event"]["type"] == "bounce"


@pytest.mark.parametrize(
    ("change", "status", "expected"),
    [
        case("create_webhook:required_field_missing", {"name": None}, 422,
             error(MISSING, "1400", "field 'name' is required"), id="name", evidence="assumed"),
        case("create_webhook:required_field_missing", {"auth_credentials": {}}, 422,
             error(MISSING, "1400", "field 'auth_credentials.username' is required"), id="user", evidence="assumed"),
        case("create_webhook:invalid_data", {"events": ["sneeze"]}, 422,
             error(INVALID, "1300", "field 'events' has unknown events in it: sneeze"), id="event", evidence="assumed"),
    ],
)  # fmt: skip
def test_invalid_webhook_is_refused(
    api: httpx.Client, new: dict[str, Any], change: dict[str, Any], status: int, expected: dict[str, str]
) -> None:
    assert api_error(api.post(HOOKS, json=new | change)) == (status, expected)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        case("create_webhook:reserved_header", {"Host": "x"}, 422, "10000"),
        case("create_webhook:custom_headers_too_large", {"x-a": "x" * 3000}, 413, "10001"),
        case("create_webhook:too_many_custom_headers", {f"x-{n}": "x" for n in range(6)}, 422, "10002"),
    ],
)
def test_custom_headers_are_bounded(
    api: httpx.Client, new: dict[str, Any], headers: dict[str, str], status: int, code: str
) -> None:
    refused, row = api_error(api.post(HOOKS, json=new | {"custom_headers": headers}))
    assert (refused, row["code"], row["param"]) == (status, code, "custom_headers")


@pytest.mark.observed("create_webhook:target_failed")
@pytest.mark.sandbox_only
def test_target_that_fails_the_test_is_refused(api: httpx.Client, new: dict[str, Any]) -> None:
    credentials = {"username": "somebody", "password": "else"}
    status, row = api_error(api.post(HOOKS, json=new | {"auth_credentials": credentials}))
    assert (status, row["code"]) == (400, 400)
    assert row["message"].startswith("POST to webhook target URL failed with non-2xx response code")


@pytest.mark.parametrize(
    ("method", "tail"),
    [
        case("update_webhook:resource_not_found", "PUT", ""),
        case("delete_webhook:resource_not_found", "DELETE", ""),
        case("validate_webhook:resource_not_found", "POST", "/validate"),
        case("list_batch_statuses:resource_not_found", "GET", "/batch-status"),
    ],
)
def test_unknown_webhook_gets_a_404(api: httpx.Client, method: str, tail: str) -> None:
    body: dict[str, Any] | None = {} if method == "PUT" else None
    status, row = api_error(api.request(method, f"{HOOKS}/12affc24-f183-11e3-9234-3c15c2c818c2{tail}", json=body))
    assert (status, row["message"], row["code"]) == (404, "resource not found", "1600")


@pytest.mark.documented("create_webhook:invalid_combination")
def test_exceptions_go_with_all_subaccounts_only(api: httpx.Client, new: dict[str, Any]) -> None:
    body = new | {"exception_subaccounts": [123]}
    status, row = api_error(api.post(HOOKS, json=body, headers={"X-MSYS-SUBACCOUNT": "0"}))
    assert (status, row["code"]) == (422, "1301")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        case("update_webhook:invalid_combination", {"subaccount_id": 0, "exception_subaccounts": [123]}, 422, "1301"),
        case("update_webhook:reserved_header", {"custom_headers": {"Host": "x"}}, 422, "10000"),
        case("update_webhook:custom_headers_too_large", {"custom_headers": {"x-a": "x" * 3000}}, 413, "10001"),
        case("update_webhook:too_many_custom_headers", {"custom_headers": {f"x-{n}": "x" for n in range(6)}}, 422,
             "10002"),
    ],
)  # fmt: skip
def test_an_update_is_checked_as_a_new_webhook_is(
    api: httpx.Client, hook: str, changes: dict[str, Any], status: int, code: str
) -> None:
    refused, row = api_error(api.put(hook, json=changes))
    assert (refused, row["code"]) == (status, code)


@pytest.mark.sandbox_only
@pytest.mark.observed("update_webhook:target_failed", "validate_webhook:target_failed")
def test_validation_shows_a_failing_target(api: httpx.Client, hook: str, target: str) -> None:
    assert api_error(api.put(hook, json={"target": f"{target}nowhere/"}))[1]["response"]["status"] == 404
    api.put(hook, json={"auth_type": "none"})
    status, row = api_error(api.post(f"{hook}/validate"))
    assert (status, row["message"]) == (400, "POST to webhook target URL failed with non-2xx response code 400")


@pytest.mark.documented("update_webhook:tokens_failed")
def test_an_update_fetches_a_token(api: httpx.Client, hook: str, target: str) -> None:
    details = {"url": target, "body": {"client_id": "a", "client_secret": "b"}}
    status, row = api_error(api.put(hook, json={"auth_type": "oauth2", "auth_request_details": details}))
    assert (status, row["code"], row["message"]) == (400, 400, "POST to webhook tokens URL failed")


@pytest.mark.documented("create_webhook:tokens_failed")
def test_webhook_without_oauth2_token_is_refused(api: httpx.Client, new: dict[str, Any]) -> None:
    details = {"url": new["target"], "body": {"client_id": "a", "client_secret": "b"}}
    body = new | {"auth_type": "oauth2", "auth_request_details": details}
    status, row = api_error(api.post(HOOKS, json=body))
    assert (status, row["code"], row["message"]) == (400, 400, "POST to webhook tokens URL failed")


@pytest.mark.sandbox_only
@pytest.mark.observed("create_transmission")
def test_anymail_understands_every_event(
    api: httpx.Client,
    account: Sparkpost,
    site: AnymailSite,
    hook: str,
    world: World,
    pass_time: Callable[[float], object],
) -> None:
    pass_time(60)
    site.events.clear()
    body = {
        "recipients": [{"address": f"{kind}@{kind}.{SINK}"} for kind in ("openclick", "fbl", "delay", "bounce")],
        "campaign_id": "autumn",
        "metadata": {"order": "A-17"},
        "content": {
            "from": account.sender,
            "subject": "Hello",
            "html": '<p>Dear customer, <a href="https://shop.example/orders">your orders</a></p>',
        },
    }
    id = results(api.post("/api/v1/transmissions", json=body))["id"]
    pass_time(3600)
    result = [(event.recipient.partition("@")[0], event.event_type) for event in site.events]
    assert Counter(result) == Counter(
        {
            ("openclick", "queued"): 1,
            ("openclick", "delivered"): 1,
            ("openclick", "opened"): 1,
            ("openclick", "clicked"): 1,
            ("fbl", "queued"): 1,
            ("fbl", "delivered"): 1,
            ("fbl", "complained"): 1,
            ("delay", "queued"): 1,
            ("delay", "deferred"): 1,
            ("delay", "delivered"): 1,
            ("bounce", "queued"): 1,
            ("bounce", "bounced"): 1,
        }
    )
    assert {event.message_id for event in site.events} == {id}
    assert len({event.event_id for event in site.events}) == len(result)
    assert all(event.tags == ["autumn"] and event.metadata == {"order": "A-17"} for event in site.events)
    times = {event.json()["event_id"]: event.time for event in world.events}
    assert all(event.timestamp.timestamp() == int(times[event.event_id]) for event in site.events)
    by_type = {event.event_type: event for event in site.events}
    assert by_type["clicked"].click_url == "https://shop.example/orders"
    assert by_type["opened"].user_agent
    bounce = by_type["bounced"]
    assert (bounce.reject_reason, bounce.mta_response[:3]) == ("invalid", "550")
