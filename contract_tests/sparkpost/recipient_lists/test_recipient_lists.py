"""https://developers.sparkpost.com/api/recipient-lists/"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.pace import now
from contract_tests.sparkpost.responses import INVALID, MISSING, api_error, error, results
from contract_tests.sparkpost.target import SINK, Sparkpost

PATH = "/api/v1/recipient-lists"
NO_RECIPIENTS = (400, error("At least one valid recipient is required", 5002))


@pytest.fixture
def recipients(recipient: str) -> list[dict[str, Any]]:
    return [
        {
            "address": {"email": recipient, "name": "Wilma"},
            "tags": ["greeting"],
            "metadata": {"age": "24", "place": "Bedrock"},
            "substitution_data": {"favorite_color": "SparkPost Orange"},
        },
        {"address": f"fred@{SINK}"},
    ]


@pytest.fixture
def listed(api: httpx.Client, name: Callable[[str], str], recipients: list[dict[str, Any]]) -> str:
    """The id of a list of two recipients."""
    body = {"id": name("list"), "name": "A list", "attributes": {"internal_id": 112}, "recipients": recipients}
    return str(results(api.post(PATH, json=body))["id"])


@pytest.fixture
def schedule(api: httpx.Client, account: Sparkpost, listed: str, name: Callable[[str], str]) -> Callable[[float], None]:
    """Schedule a transmission to the list, so many minutes from now."""

    def send_in(minutes: float) -> None:
        start = datetime.fromtimestamp(now() + minutes * 60, UTC).replace(microsecond=0).isoformat()
        body = {
            "campaign_id": name("list"),
            "options": {"start_time": start},
            "recipients": {"list_id": listed},
            "content": {"from": account.sender, "subject": "Hello", "text": "Hi"},
        }
        results(api.post("/api/v1/transmissions", json=body))

    return send_in


@pytest.mark.documented("create_recipient_list")
def test_creating_a_list_counts_its_recipients(
    api: httpx.Client, name: Callable[[str], str], recipients: list[dict[str, Any]]
) -> None:
    id = name("list")
    created = results(api.post(PATH, json={"id": id, "name": "Graduate students", "recipients": recipients}))
    assert created == {
        "id": id,
        "name": "Graduate students",
        "total_accepted_recipients": 2,
        "total_rejected_recipients": 0,
    }


@pytest.mark.documented("create_recipient_list:list_created_with_errors")
def test_invalid_recipients_are_left_out(
    api: httpx.Client, name: Callable[[str], str], recipients: list[dict[str, Any]]
) -> None:
    body = {"id": name("list"), "recipients": [recipients[0], {"address": {"name": "Barney"}}]}
    response = api.post(f"{PATH}?num_rcpt_errors=3", json=body)
    created = results(response)
    assert (created["total_accepted_recipients"], created["total_rejected_recipients"]) == (1, 1)
    assert created["rcpt_to_errors"] == [error(MISSING, "1400", "address.email is required for each recipient")]
    assert response.json()["errors"] == [error("List created with validation errors", "5000")]


@pytest.mark.documented("retrieve_recipient_list")
def test_a_list_is_shown_without_its_recipients(api: httpx.Client, listed: str) -> None:
    shown = results(api.get(f"{PATH}/{listed}"))
    assert (shown["id"], shown["name"], shown["attributes"]) == (listed, "A list", {"internal_id": 112})
    assert shown["total_accepted_recipients"] == 2
    assert "recipients" not in shown


@pytest.mark.documented("retrieve_recipient_list")
def test_recipients_of_a_list_are_shown_on_request(
    api: httpx.Client, listed: str, recipients: list[dict[str, Any]]
) -> None:
    shown = results(api.get(f"{PATH}/{listed}", params={"show_recipients": "true"}))
    assert shown["recipients"][0] == recipients[0]
    assert shown["recipients"][1]["address"] == {"email": f"fred@{SINK}"}


@pytest.mark.documented("list_recipient_lists")
def test_lists_are_listed(api: httpx.Client, listed: str) -> None:
    (row,) = [row for row in results(api.get(PATH)) if row["id"] == listed]
    assert (row["name"], row["total_accepted_recipients"]) == ("A list", 2)


@pytest.mark.documented("update_recipient_list", "retrieve_recipient_list")
def test_an_update_replaces_the_recipients(api: httpx.Client, listed: str, recipients: list[dict[str, Any]]) -> None:
    body = {"name": "Another name", "recipients": recipients[:1]}
    updated = results(api.put(f"{PATH}/{listed}", json=body))
    assert (updated["name"], updated["total_accepted_recipients"]) == ("Another name", 1)
    assert results(api.get(f"{PATH}/{listed}"))["total_accepted_recipients"] == 1


@pytest.mark.documented("update_recipient_list:list_created_with_errors")
def test_update_leaves_invalid_recipients_out(api: httpx.Client, listed: str, recipients: list[dict[str, Any]]) -> None:
    response = api.put(f"{PATH}/{listed}", json={"recipients": [recipients[0], {"address": "nobody"}]})
    assert results(response)["rcpt_to_errors"] == [error(INVALID, "1300", "invalid recipient address: nobody")]
    assert response.json()["errors"] == [error("List created with validation errors", "5000")]


@pytest.mark.observed("delete_recipient_list")
def test_deleting_a_list_gets_a_204(api: httpx.Client, listed: str) -> None:
    response = api.delete(f"{PATH}/{listed}")
    assert (response.status_code, response.content) == (204, b"")
    assert api.get(f"{PATH}/{listed}").status_code == 404


@pytest.mark.parametrize(
    ("method", "body"),
    [
        case("retrieve_recipient_list:resource_not_found", "GET", None),
        case("update_recipient_list:resource_not_found", "PUT", {"name": "A name"}),
        case("delete_recipient_list:resource_not_found", "DELETE", None),
    ],
)
def test_an_unknown_list_is_not_found(api: httpx.Client, name: Callable[[str], str], method: str, body: Any) -> None:
    id = name("none")
    text = f"List '{id}' does not exist"
    response = api.request(method, f"{PATH}/{id}", json=body)
    assert api_error(response) == (404, error("resource not found", "1600", text))


@pytest.mark.documented("create_recipient_list:list_exists")
def test_taken_id_is_refused(api: httpx.Client, listed: str, recipients: list[dict[str, Any]]) -> None:
    response = api.post(PATH, json={"id": listed, "recipients": recipients})
    assert api_error(response) == (400, error("List already exists", "5001", f"List '{listed}' already exists"))


@pytest.mark.observed("create_recipient_list:no_valid_recipients")
def test_recipient_list_needs_a_valid_recipient(api: httpx.Client, name: Callable[[str], str]) -> None:
    assert api_error(api.post(PATH, json={"id": name("list"), "recipients": [{"address": "nobody"}]})) == NO_RECIPIENTS


@pytest.mark.observed("update_recipient_list:no_valid_recipients")
def test_recipient_list_update_needs_a_valid_recipient(api: httpx.Client, listed: str) -> None:
    assert api_error(api.put(f"{PATH}/{listed}", json={"recipients": [{"address": "nobody"}]})) == NO_RECIPIENTS


@pytest.mark.documented("create_recipient_list:required_field_missing")
def test_recipients_are_required(api: httpx.Client, name: Callable[[str], str]) -> None:
    response = api.post(PATH, json={"id": name("list"), "name": "A list"})
    assert api_error(response) == (422, error(MISSING, "1400", "field 'recipients' is required"))


@pytest.mark.documented("delete_recipient_list:resource_in_use")
def test_scheduled_recipient_list_cannot_be_deleted(
    api: httpx.Client, listed: str, schedule: Callable[[float], None]
) -> None:
    schedule(60)
    text = f"List '{listed}' is in use by msg generation"
    assert api_error(api.delete(f"{PATH}/{listed}")) == (409, error("resource conflict", "1602", text))


@pytest.mark.documented("update_recipient_list:resource_in_use")
@pytest.mark.sandbox_only
def test_recipient_list_cannot_be_changed_shortly_before_use(
    api: httpx.Client, listed: str, schedule: Callable[[float], None]
) -> None:
    schedule(5)
    status, row = api_error(api.put(f"{PATH}/{listed}", json={"name": "Another name"}))
    assert (status, row["code"], row["message"]) == (409, "1602", "resource conflict")
