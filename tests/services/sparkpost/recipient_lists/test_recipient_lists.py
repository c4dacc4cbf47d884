"""Recipient lists: recipients that are stored."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.services.sparkpost.recipient_lists import recipient_lists
from tests.services.sparkpost.api import Api

ADA = {
    "address": {"email": "ada@mail.example", "name": "Ada", "header_to": "all@mail.example"},
    "return_path": "b@shop.example",
    "tags": ["beta"],
    "metadata": {"since": "2024"},
    "substitution_data": {"name": "Ada"},
}
GRACE = {"address": "grace@mail.example"}


def create(api: Api, id: str = "all", **fields: Any) -> Any:
    return api.call("POST", "/recipient-lists", {"id": id, "recipients": [ADA, GRACE], **fields})


def test_recipient_list_is_stored_with_its_recipients(api: Api) -> None:
    results = create(api, name="All of them", description="d", attributes={"team": 12})
    assert results == {
        "id": "all", "name": "All of them", "total_accepted_recipients": 2, "total_rejected_recipients": 0,
    }  # fmt: skip
    shown = {
        "id": "all",
        "name": "All of them",
        "description": "d",
        "attributes": {"team": 12},
        "total_accepted_recipients": 2,
    }
    assert api.call("GET", "/recipient-lists/all") == shown
    recipients = [ADA, {"address": {"email": "grace@mail.example"}}]
    assert api.call("GET", "/recipient-lists/all?show_recipients=true") == shown | {"recipients": recipients}
    assert api.call("GET", "/recipient-lists") == [shown]


def test_recipient_list_without_id_gets_one_as_its_name(api: Api) -> None:
    results = api.call("POST", "/recipient-lists", {"id": None, "name": None, "recipients": [GRACE]})
    assert results["name"] == results["id"]
    assert api.call("GET", f"/recipient-lists/{results['id']}")["total_accepted_recipients"] == 1


def test_invalid_recipients_are_left_out(api: Api) -> None:
    recipients = [GRACE, {"address": "x"}, {"address": {}}]
    response = api.send("POST", "/recipient-lists?num_rcpt_errors=1", {"id": "l", "recipients": recipients})
    assert response.status_code == 200
    assert response.json() == {
        "errors": [{"message": "List created with validation errors", "code": "5000"}],
        "results": {
            "id": "l",
            "name": "l",
            "total_accepted_recipients": 1,
            "total_rejected_recipients": 2,
            "rcpt_to_errors": [
                {
                    "message": "invalid data format/type",
                    "description": "invalid recipient address: x",
                    "code": "1300",
                }
            ],
        },
    }


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_recipient_list_needs_a_valid_recipient(api: Api, method: str) -> None:
    create(api)
    path, id = ("/recipient-lists", "other") if method == "POST" else ("/recipient-lists/all", "all")
    response = api.send(method, path, {"id": id, "recipients": [{"address": "x"}]})
    assert (response.status_code, response.json()) == (
        400, {"errors": [{"message": "At least one valid recipient is required", "code": 5002}]},
    )  # fmt: skip
    assert api.call("GET", "/recipient-lists/all")["total_accepted_recipients"] == 2


@pytest.mark.parametrize(
    ("fields", "status", "code", "description"),
    [
        ({"id": "all"}, 400, "5001", "List 'all' already exists"),
        ({"id": "rcptlist_x"}, 422, "1300", "List id 'rcptlist_x' cannot start with 'rcptlist_'"),
        ({"id": "x" * 65}, 422, "1300", "field 'id' is of length '65', but needs to be of max length '64'"),
        ({"recipients": None}, 422, "1400", "field 'recipients' is required"),
        (
            {"recipients": {}},
            422,
            "1300",
            "field 'recipients' is of type 'json_object', but needs to be of type 'json_array'",
        ),
        ({"attributes": []}, 422, "1300",
         "field 'attributes' is of type 'json_array', but needs to be of type 'json_object'"),
    ],
)  # fmt: skip
def test_invalid_recipient_list_is_refused(
    api: Api, fields: dict[str, Any], status: int, code: str, description: str
) -> None:
    create(api)
    api_error = api.refuse("POST", "/recipient-lists", {"id": "new", "recipients": [GRACE], **fields})
    assert (api_error[0], api_error[1], api_error[3]) == (status, code, description)


def test_recipient_list_update_changes_only_its_fields(api: Api) -> None:
    create(api, description="d", attributes={"team": 12})
    assert api.call("PUT", "/recipient-lists/all", {"name": "New"}) == {"id": "all", "name": "New"}
    kept = api.call("GET", "/recipient-lists/all")
    assert (kept["name"], kept["description"], kept["attributes"]) == ("New", "d", {"team": 12})
    assert kept["total_accepted_recipients"] == 2


def test_update_replaces_recipients_and_attributes(api: Api) -> None:
    create(api, attributes={"team": 12})
    body = {"id": "all", "attributes": {"floor": 3}, "recipients": [GRACE, {"address": "x"}]}
    response = api.send("PUT", "/recipient-lists/all", body)
    assert response.json()["results"]["total_accepted_recipients"] == 1
    assert response.json()["errors"][0]["code"] == "5000"
    kept = api.call("GET", "/recipient-lists/all?show_recipients=true")
    assert kept["attributes"] == {"floor": 3}
    assert kept["recipients"] == [{"address": {"email": "grace@mail.example"}}]


def test_recipient_list_id_cannot_be_changed(api: Api) -> None:
    create(api)
    assert api.refuse("PUT", "/recipient-lists/all", {"id": "other"}) == (
        422, "1300", "invalid data format/type", "List id 'other' does not match the list being updated",
    )  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_unknown_recipient_list_gets_a_404(api: Api, method: str) -> None:
    assert api.refuse(method, "/recipient-lists/none", {"name": "x"}) == (
        404, "1600", "resource not found", "List 'none' does not exist",
    )  # fmt: skip


def test_deleting_a_suppression_gets_a_204(api: Api) -> None:
    create(api)
    response = api.send("DELETE", "/recipient-lists/all", [])
    assert (response.status_code, response.content) == (204, b"")
    assert api.call("GET", "/recipient-lists") == []


def test_subaccounts_have_lists_of_their_own(api: Api) -> None:
    create(api)
    assert api.call("GET", "/recipient-lists", subaccount=7) == []
    assert api.send("GET", "/recipient-lists/all", subaccount=7).status_code == 404


def test_recipient_lists_are_limited(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipient_lists, "MOST_LISTS", 1)
    create(api)
    response = api.send("POST", "/recipient-lists", {"id": "two", "recipients": [GRACE]})
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "1502")


@pytest.mark.parametrize(
    "operation",
    ["create_recipient_list", "list_recipient_lists", "retrieve_recipient_list", "update_recipient_list",
     "delete_recipient_list"],
)  # fmt: skip
def test_fixtures_show_the_shapes(api: Api, operation: str) -> None:
    if operation != "create_recipient_list":
        ada = {"address": {"email": "ada@mail.example", "name": "Ada"}, "tags": ["beta"],
               "metadata": {"since": "2024"}, "substitution_data": {"name": "Ada"}}  # fmt: skip
        body = {"id": "customers", "name": "Customers", "description": "d", "attributes": {"team": 12}}
        api.call("POST", "/recipient-lists", body | {"recipients": [ada, GRACE]})
    api.replay(f"recipient_lists/{operation}")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_recipient_list_has_a_name(api: Api, method: str) -> None:
    description = f"{method} requires a recipient list id in the URI"
    assert api.refuse(method, "/recipient-lists/") == (400, "1101", "invalid uri", description)
