"""https://sendpulse.com/integrations/api/bulk-email#webhooks, and the webhooks of the SMTP service."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.receiver import Receiver
from contract_tests.sendpulse.responses import DONE, api_error, result
from contract_tests.sendpulse.target import Sendpulse
from sparkbox import World

PATH = "/v2/email-service/webhook"
ACTION = "task_status_update"
"""The events of webhooks on a real account, where the others may happen at any time."""
MADE_UP = "https://hooks.example.com/contract"


@pytest.fixture
def url(real: bool, name: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a webhook may post to; its query tells it from others."""
    if not real:
        monkeypatch.setenv("CONTRACT_WEBHOOK_TARGET", MADE_UP)
    target = os.environ.get("CONTRACT_WEBHOOK_TARGET", "")
    if not target:
        pytest.skip("CONTRACT_WEBHOOK_TARGET is not set")
    return f"{target}?{name('webhook')}"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def hook(api: httpx.Client, url: str) -> str:
    """The path of a webhook."""
    response = api.post(PATH, json={"url": url, "actions": [ACTION]}).raise_for_status()
    return f"{PATH}/{response.json()['data'][0]['id']}"


@pytest.mark.documented("create_webhooks")
def test_one_webhook_is_created_for_each_action(api: httpx.Client, url: str) -> None:
    created = result(api.post(PATH, json={"url": url, "actions": [ACTION, "spam"]}))
    assert created["success"] is True
    assert [(row["url"], row["action"]) for row in created["data"]] == [(url, ACTION), (url, "spam")]


@pytest.mark.observed("create_webhooks")
def test_webhooks_can_be_created_by_form(api: httpx.Client, url: str) -> None:
    created = result(api.post(PATH, data={"url": url, "actions[]": [ACTION]}))
    assert [row["action"] for row in created["data"]] == [ACTION]


@pytest.mark.documented("list_webhooks", "get_webhook")
def test_webhook_is_listed_and_shown(api: httpx.Client, url: str, hook: str) -> None:
    (row,) = [row for row in result(api.get(PATH))["data"] if row["url"] == url]
    assert f"{PATH}/{row['id']}" == hook
    assert result(api.get(hook)) == {"success": True, "data": row}


@pytest.mark.observed("update_webhook", "get_webhook")
def test_updating_a_webhook_returns_a_list_of_one(api: httpx.Client, url: str, hook: str) -> None:
    assert result(api.put(hook, json={"url": f"{url}-moved"})) == {"success": True, "data": [True]}
    assert result(api.get(hook))["data"]["url"] == f"{url}-moved"


@pytest.mark.observed("delete_webhook")
def test_deleting_a_webhook_returns_a_list_of_one(api: httpx.Client, hook: str) -> None:
    assert result(api.delete(hook)) == {"success": True, "data": [True]}
    assert api.get(hook).status_code == 404


@pytest.mark.parametrize(
    ("method", "body"),
    [
        case("get_webhook:webhook_not_found", "GET", None, evidence="assumed"),
        case("update_webhook:webhook_not_found", "PUT", {"url": MADE_UP}, evidence="assumed", sandbox_only=True),
        case("delete_webhook:webhook_not_found", "DELETE", None, evidence="assumed"),
    ],
)
def test_unknown_webhook_is_not_found(api: httpx.Client, method: str, body: Any) -> None:
    assert api_error(api.request(method, f"{PATH}/999999999", json=body)) == (404, 404, "Webhook not found")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        case("create_webhooks:argument_missing", {"url": None}, "Argument url missing", id="url"),
        case("create_webhooks:argument_missing", {"actions": None}, "Argument actions missing", id="actions"),
        case("create_webhooks:argument_invalid", {"url": "nowhere"}, "Argument url is invalid", id="url"),
        case("create_webhooks:argument_invalid", {"actions": ["sneeze"]}, "Argument actions is invalid", id="actions"),
    ],
)
def test_webhook_is_validated(api: httpx.Client, url: str, changes: Any, message: str) -> None:
    body = {**{"url": url, "actions": [ACTION]}, **changes}
    response = api.post(PATH, json={field: value for field, value in body.items() if value is not None})
    assert api_error(response) == (422, 422, message)


@pytest.mark.documented("create_webhooks", "add_emails")
@pytest.mark.sandbox_only
def test_list_events_are_posted_within_a_minute(
    api: httpx.Client, new_list: Callable[..., int], address: Callable[[str], str], receiver: Receiver, world: World
) -> None:
    result(api.post(PATH, json={"url": receiver.url, "actions": ["new_emails"]}))
    id, email = new_list(), address("ann")
    assert result(api.post(f"/addressbooks/{id}/emails", json={"emails": [email]})) == DONE
    world.clock.advance(61)
    (delivery,) = receiver.deliveries
    (event,) = delivery.body
    assert (event["event"], event["email"], event["book_id"]) == ("new_emails", email, str(id))
    assert event["timestamp"].isdigit()


@pytest.mark.documented("send_email")
@pytest.mark.sandbox_only
def test_mail_events_are_posted_within_30_seconds(
    api: httpx.Client, account: Sendpulse, receiver: Receiver, world: World
) -> None:
    # Set in the vendor's web application, so the control API stands in for it.
    simulation = f"{world.url}/_mock/services/sendpulse/simulations/smtp-webhooks"
    query = {"account": world.credential}
    httpx.post(simulation, params=query, json={"url": receiver.url}, trust_env=False).raise_for_status()
    mail = {"subject": "Hello", "text": "Hi", "from": {"email": account.sender}, "to": [{"email": account.recipient}]}
    id = result(api.post("/smtp/emails", json={"email": mail}))["id"]
    world.clock.advance(32)
    (delivery,) = receiver.deliveries
    (event,) = delivery.body
    assert (event["event"], event["message_id"], event["recipient"]) == ("delivered", id, account.recipient)
    assert (event["smtp_server_response_code"], event["subject"]) == ("250", "Hello")
    assert isinstance(event["timestamp"], int)
