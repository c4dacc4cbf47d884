"""https://sendpulse.com/integrations/api/bulk-email#mailing-lists"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sendpulse.responses import BOOK_NOT_FOUND, DONE, api_error, result

UNKNOWN = "/addressbooks/999999999"


@pytest.mark.documented("create_mailing_list", "get_mailing_list")
def test_mailing_list_is_shown_as_a_list_of_one(api: httpx.Client, name: Callable[[str], str]) -> None:
    given = name("list")
    created = result(api.post("/addressbooks", json={"bookName": given}))
    assert set(created) == {"id"}
    (shown,) = result(api.get(f"/addressbooks/{created['id']}"))
    assert (shown["id"], shown["name"], shown["all_email_qty"]) == (created["id"], given, 0)
    assert (shown["status"], shown["status_explain"]) == (0, "Active")


@pytest.mark.documented("list_mailing_lists")
def test_mailing_lists_are_paged(api: httpx.Client, new_list: Callable[..., int]) -> None:
    ids = {new_list(), new_list()}
    rows: list[dict[str, Any]] = []
    while page := result(api.get("/addressbooks", params={"limit": 100, "offset": len(rows)})):
        rows += page
    assert ids <= {row["id"] for row in rows}
    assert len(result(api.get("/addressbooks", params={"limit": 1}))) == 1


@pytest.mark.documented("edit_mailing_list")
def test_mailing_list_is_renamed(api: httpx.Client, new_list: Callable[..., int], name: Callable[[str], str]) -> None:
    id, given = new_list(), name("renamed")
    assert result(api.put(f"/addressbooks/{id}", json={"name": given})) == DONE
    assert result(api.get(f"/addressbooks/{id}"))[0]["name"] == given


@pytest.mark.documented("delete_mailing_list", "get_mailing_list:list_not_found")
def test_mailing_list_is_deleted(api: httpx.Client, new_list: Callable[..., int]) -> None:
    id = new_list()
    assert result(api.delete(f"/addressbooks/{id}")) == DONE
    assert api_error(api.get(f"/addressbooks/{id}")) == BOOK_NOT_FOUND


@pytest.mark.documented("list_variables")
def test_variables_get_their_types_from_their_values(
    api: httpx.Client, new_list: Callable[..., int], address: Callable[[str], str]
) -> None:
    variables = {"first_name": "Ann", "cups": 12, "since": "2024-11-05"}
    id = new_list({"email": address("ann"), "variables": variables})
    types = {row["name"]: row["type"] for row in result(api.get(f"/addressbooks/{id}/variables"))}
    assert types == {"first_name": "string", "cups": "number", "since": "date"}


@pytest.mark.documented("get_cost")
def test_cost_of_a_campaign_counts_the_active_emails(
    api: httpx.Client, new_list: Callable[..., int], address: Callable[[str], str]
) -> None:
    cost = result(api.get(f"/addressbooks/{new_list(address('ann'), address('bob'))}/cost"))
    assert (cost["sent_emails_qty"], cost["result"]) == (2, True)
    assert cost["addressesDeltaFromTariff"] + cost["addressesDeltaFromBalance"] == 2


@pytest.mark.documented("list_campaigns_of_list")
def test_new_mailing_list_has_no_campaigns(api: httpx.Client, new_list: Callable[..., int]) -> None:
    assert result(api.get(f"/addressbooks/{new_list()}/campaigns")) == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        case("get_mailing_list:list_not_found", "GET", "", None),
        case("edit_mailing_list:list_not_found", "PUT", "", {"name": "contract-name"}),
        case("delete_mailing_list:list_not_found", "DELETE", "", None),
        case("list_variables:list_not_found", "GET", "/variables", None),
        case("get_cost:list_not_found", "GET", "/cost", None),
        case("list_campaigns_of_list:list_not_found", "GET", "/campaigns", None),
        case("list_emails:list_not_found", "GET", "/emails", None),
        case("count_emails:list_not_found", "GET", "/emails/total", None),
        case("add_emails:list_not_found", "POST", "/emails", {"emails": ["ann@example.com"]}),
        case("delete_emails:list_not_found", "DELETE", "/emails", {"emails": ["ann@example.com"]}),
        case("unsubscribe_emails:list_not_found", "POST", "/emails/unsubscribe", {"emails": ["ann@example.com"]}),
        case("find_emails_by_variable:list_not_found", "GET", "/variables/first_name/Ann", None),
        case("change_phone:list_not_found", "PUT", "/phone", {"email": "ann@example.com", "phone": "+14155550142"}),
        case("get_email:list_not_found", "GET", "/emails/ann@example.com", None),
        case(
            "update_variables:list_not_found",
            "POST",
            "/emails/variable",
            {"email": "ann@example.com", "variables": [{"name": "cups", "value": 1}]},
        ),
    ],
)
def test_unknown_mailing_list_is_not_found(api: httpx.Client, method: str, path: str, body: Any) -> None:
    assert api_error(api.request(method, f"{UNKNOWN}{path}", json=body)) == BOOK_NOT_FOUND


@pytest.mark.documented("create_mailing_list:list_name_taken")
def test_mailing_list_name_is_unique(api: httpx.Client, name: Callable[[str], str]) -> None:
    body = {"bookName": name("taken")}
    result(api.post("/addressbooks", json=body))
    assert api_error(api.post("/addressbooks", json=body)) == (422, 203, "Name already in use")


@pytest.mark.documented("edit_mailing_list:list_name_taken")
def test_mailing_list_cannot_take_the_name_of_another(
    api: httpx.Client, new_list: Callable[..., int], name: Callable[[str], str]
) -> None:
    given = name("taken")
    result(api.post("/addressbooks", json={"bookName": given}))
    response = api.put(f"/addressbooks/{new_list()}", json={"name": given})
    assert api_error(response) == (422, 203, "Name already in use")


@pytest.mark.documented("create_mailing_list:argument_missing")
def test_mailing_list_name_is_required(api: httpx.Client) -> None:
    assert api_error(api.post("/addressbooks", json={})) == (422, 422, "Argument bookName missing")


@pytest.mark.assumed("create_mailing_list:list_name_empty")
@pytest.mark.sandbox_only
def test_mailing_list_name_must_not_be_blank(api: httpx.Client) -> None:
    assert api_error(api.post("/addressbooks", json={"bookName": " "})) == (422, 201, "Empty mailing list name")


@pytest.mark.assumed("edit_mailing_list:list_name_empty")
@pytest.mark.sandbox_only
def test_new_name_of_mailing_list_must_not_be_blank(api: httpx.Client, new_list: Callable[..., int]) -> None:
    response = api.put(f"/addressbooks/{new_list()}", json={"name": " "})
    assert api_error(response) == (422, 201, "Empty mailing list name")


@pytest.mark.documented("list_mailing_lists:argument_invalid")
def test_limit_must_be_a_number(api: httpx.Client) -> None:
    response = api.get("/addressbooks", params={"limit": "many"})
    assert api_error(response) == (422, 422, "Argument limit must be integer")


@pytest.mark.documented("get_cost:list_empty")
def test_campaign_cost_of_empty_list_is_refused(api: httpx.Client, new_list: Callable[..., int]) -> None:
    assert api_error(api.get(f"/addressbooks/{new_list()}/cost")) == (422, 211, "Addressbook is empty")
