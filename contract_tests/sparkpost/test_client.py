"""The vendor's own client for Python, as it is on PyPI: https://github.com/SparkPost/python-sparkpost"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sparkpost import SparkPost
from sparkpost.exceptions import SparkPostAPIException

from contract_tests.sparkpost.target import SINK, Sparkpost

TOMORROW = datetime.fromtimestamp(time.time() + 86_400, UTC).replace(microsecond=0).isoformat()


@pytest.fixture
def send(client: SparkPost, account: Sparkpost, recipient: str, name: Callable[[str], str]) -> Callable[..., Any]:
    """Send a mail, by default to one recipient."""

    def send(**more: Any) -> Any:
        usual = {
            "recipients": [recipient],
            "from_email": f"The Shop <{account.sender}>",
            "subject": "Hello",
            "text": "Hi",
            "campaign": name("client"),
        }
        return client.transmissions.send(**{**usual, **more})

    return send


@pytest.mark.observed("create_transmission")
def test_client_sends_mail(send: Callable[..., Any], name: Callable[[str], str]) -> None:
    sent = send(cc=[f"{name('cc')}@{SINK}"], bcc=[f"{name('bcc')}@{SINK}"], track_opens=True, track_clicks=True)
    assert (sent["total_accepted_recipients"], sent["total_rejected_recipients"]) == (3, 0)
    assert sent["id"].isdigit()


@pytest.mark.observed("retrieve_transmission", "delete_transmission")
def test_client_schedules_and_deletes_transmissions(client: SparkPost, send: Callable[..., Any]) -> None:
    id = send(start_time=TOMORROW, description="Tomorrow")["id"]
    shown = client.transmissions.get(id)
    assert (shown["id"], shown["state"], shown["description"]) == (id, "submitted", "Tomorrow")
    assert client.transmissions.delete(id) is True


@pytest.mark.observed("list_transmissions")
@pytest.mark.filterwarnings("ignore:This method is deprecated:DeprecationWarning")
def test_client_lists_transmissions(client: SparkPost, send: Callable[..., Any], name: Callable[[str], str]) -> None:
    campaign = name("listed")
    id = send(start_time=TOMORROW, campaign=campaign)["id"]
    assert [row["id"] for row in client.transmissions.list(campaign_id=campaign)] == [id]


@pytest.mark.observed(
    "create_template",
    "list_templates",
    "retrieve_template",
    "update_template",
    "preview_template",
    "delete_template",
)
def test_client_manages_templates(client: SparkPost, account: Sparkpost, name: Callable[[str], str]) -> None:
    content = {"from_email": account.sender, "subject": "Hello {{name}}", "text": "Dear {{name}}"}
    id = client.templates.create(id=name("template"), name="A template", **content)["id"]
    assert id in {row["id"] for row in client.templates.list()}
    # The client has no way to change a part: what it is not given goes out as null.
    assert client.templates.update(id, name="Another name", published=True, **content) == {}
    assert client.templates.get(id, draft=False)["name"] == "Another name"
    assert client.templates.preview(id, {"name": "Natalie"})["text"] == "Dear Natalie"
    assert client.templates.delete(id) == {}


@pytest.mark.observed(
    "create_recipient_list",
    "list_recipient_lists",
    "retrieve_recipient_list",
    "update_recipient_list",
    "delete_recipient_list",
)
def test_client_manages_recipient_lists(client: SparkPost, recipient: str, name: Callable[[str], str]) -> None:
    recipients = [{"address": {"email": recipient}}]
    created = client.recipient_lists.create(id=name("list"), name="A list", recipients=recipients)
    assert created["total_accepted_recipients"] == 1
    id = created["id"]
    assert id in {row["id"] for row in client.recipient_lists.list()}
    client.recipient_lists.update(id, name="Another name", recipients=recipients)
    shown = client.recipient_lists.get(id, show_recipients=True)
    assert (shown["name"], shown["recipients"]) == ("Another name", recipients)
    assert client.recipient_lists.delete(id) is True


@pytest.mark.observed(
    "update_suppression",
    "update_suppressions",
    "retrieve_suppression",
    "search_suppressions",
    "delete_suppression",
)
def test_client_manages_suppressions(client: SparkPost, recipient: str, name: Callable[[str], str]) -> None:
    other = f"{name('other')}@{SINK}"
    client.suppression_list.create({"email": recipient, "transactional": False, "non_transactional": True})
    client.suppression_list.create([{"recipient": other, "type": "transactional"}])
    (row,) = client.suppression_list.get(recipient)
    assert (row["recipient"], row["type"]) == (recipient, "non_transactional")
    assert other in {row["recipient"] for row in client.suppression_list.list(types="transactional", limit=1000)}
    assert client.suppression_list.delete(recipient) is True


@pytest.mark.observed("retrieve_transmission:resource_not_found")
def test_client_reports_status_and_code_of_api_errors(client: SparkPost) -> None:
    with pytest.raises(SparkPostAPIException) as refused:
        client.transmissions.get("123")
    assert refused.value.status == 404
    assert refused.value.errors == [
        "resource not found Code: 1600 Description: Resource not found:transmission id 123 \n"
    ]


@pytest.mark.observed("list_templates:unauthorized")
def test_client_reports_a_wrong_key(client: SparkPost) -> None:
    client.templates.api_key = "0123456789abcdef"
    with pytest.raises(SparkPostAPIException) as refused:
        client.templates.list()
    assert refused.value.status == 401
    assert refused.value.errors == ["Unauthorized. Code: none Description: none \n"]
