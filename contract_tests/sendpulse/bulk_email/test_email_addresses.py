"""https://sendpulse.com/integrations/api/bulk-email#email-address"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sendpulse.responses import DONE, EMAIL_MISSING, EMAIL_SYNTAX, NO_DATA, api_error, encode, result

NewList = Callable[..., int]
Address = Callable[[str], str]

NOT_FOUND = (404, 17, "Can’t find the email address")


@pytest.fixture
def ann(address: Address) -> str:
    return address("ann")


@pytest.fixture
def listed(new_list: NewList, ann: str) -> int:
    """A mailing list with Ann in it."""
    return new_list({"email": ann, "variables": {"first_name": "Ann", "cups": 12}})


@pytest.mark.documented("get_email")
def test_email_in_one_list_has_the_lists_id_as_text(api: httpx.Client, listed: int, ann: str) -> None:
    shown = result(api.get(f"/addressbooks/{listed}/emails/{ann}"))
    assert (shown["email"], shown["abook_id"], shown["status"]) == (ann, str(listed), 0)
    assert {"name": "cups", "type": "number", "value": "12"} in shown["variables"]


@pytest.mark.documented("update_variables", "get_email")
def test_variable_update_keeps_other_variables(api: httpx.Client, listed: int, ann: str) -> None:
    body = {"email": ann, "variables": [{"name": "cups", "value": 13}]}
    assert result(api.post(f"/addressbooks/{listed}/emails/variable", json=body)) == DONE
    shown = result(api.get(f"/addressbooks/{listed}/emails/{ann}"))
    assert {row["name"]: row["value"] for row in shown["variables"]} == {"first_name": "Ann", "cups": "13"}


@pytest.mark.documented("get_memberships")
def test_email_is_found_in_all_its_lists(api: httpx.Client, new_list: NewList, listed: int, ann: str) -> None:
    other = new_list(ann)
    rows = result(api.get(f"/emails/{ann}"))
    assert {row["book_id"] for row in rows} == {listed, other}
    assert {row["email"] for row in rows} == {ann}


@pytest.mark.documented("get_membership_details")
def test_email_details_have_date_and_source(api: httpx.Client, listed: int, ann: str) -> None:
    (row,) = result(api.get(f"/emails/{ann}/details"))
    assert row["list_id"] == listed
    assert row["add_date"]


@pytest.mark.documented("get_memberships_of_many")
def test_several_emails_are_looked_up_at_once(api: httpx.Client, listed: int, ann: str, address: Address) -> None:
    nobody = address("nobody")
    found = result(api.post("/emails", json={"emails": [ann, nobody]}))
    assert [row["book_id"] for row in found[ann]] == [listed]
    assert found[nobody] == []


@pytest.mark.documented("get_statistics")
def test_email_statistics_have_addressbooks(api: httpx.Client, listed: int, ann: str) -> None:
    statistics = result(api.get(f"/emails/{ann}/campaigns"))
    assert statistics["statistic"] == {"sent": 0, "open": 0, "link": 0}
    assert (statistics["blacklist"], statistics["addressbooks"][0]["id"]) == (False, listed)


@pytest.mark.observed("get_statistics_of_many")
def test_statistics_of_several_emails_have_adressbooks(api: httpx.Client, listed: int, ann: str) -> None:
    row = result(api.post("/emails/campaigns", json={"emails": [ann]}))[ann]
    assert (row["sent"], row["open"], row["link"]) == (0, 0, 0)
    assert row["adressbooks"][0]["id"] == listed


@pytest.mark.documented("get_statistics", "add_to_blacklist", "delete_from_blacklist")
def test_blacklisted_email_is_blocked_in_lists(api: httpx.Client, listed: int, ann: str) -> None:
    result(api.post("/blacklist", json={"emails": encode(ann)}))
    assert result(api.get(f"/emails/{ann}/campaigns"))["blacklist"] is True
    assert result(api.get(f"/addressbooks/{listed}/emails/{ann}"))["status_explain"] == "Blocked by user"
    result(api.request("DELETE", "/blacklist", json={"emails": encode(ann)}))
    assert result(api.get(f"/addressbooks/{listed}/emails/{ann}"))["status_explain"] == "New"


@pytest.mark.documented("delete_everywhere")
def test_email_is_deleted_from_all_its_lists(api: httpx.Client, new_list: NewList, listed: int, ann: str) -> None:
    other = new_list(ann)
    assert result(api.delete(f"/emails/{ann}")) == DONE
    assert [result(api.get(f"/addressbooks/{id}/emails/total"))["total"] for id in (listed, other)] == [0, 0]


@pytest.mark.documented("update_variables:contact_not_found")
def test_variables_of_unknown_email_are_refused(api: httpx.Client, listed: int, address: Address) -> None:
    body = {"email": address("nobody"), "variables": [{"name": "cups", "value": 1}]}
    response = api.post(f"/addressbooks/{listed}/emails/variable", json=body)
    assert api_error(response) == (422, 502, "Email address not found")


@pytest.mark.assumed("get_email:listed_email_not_found")
def test_email_of_another_list_is_not_found(api: httpx.Client, listed: int, address: Address) -> None:
    response = api.get(f"/addressbooks/{listed}/emails/{address('nobody')}")
    assert api_error(response) == (404, 502, "Can’t find the email address")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        case("get_memberships:email_not_found", "GET", "", evidence="assumed"),
        case("delete_everywhere:email_not_found", "DELETE", "", evidence="assumed"),
        case("get_membership_details:email_not_found", "GET", "/details", evidence="assumed"),
        case("get_statistics:email_not_found", "GET", "/campaigns", evidence="assumed"),
    ],
)
def test_email_in_no_list_is_not_found(api: httpx.Client, address: Address, method: str, path: str) -> None:
    assert api_error(api.request(method, f"/emails/{address('nobody')}{path}")) == NOT_FOUND


WRONG_LISTS: list[tuple[str, Any, Any]] = [
    ("email_missing", {}, EMAIL_MISSING),
    ("email_syntax", {"emails": ["nobody"]}, EMAIL_SYNTAX),
    ("no_data", {"emails": []}, NO_DATA),
]


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        case(f"{operation}:{error}", path, body, expected, evidence="assumed")
        for operation, path in (("get_memberships_of_many", "/emails"), ("get_statistics_of_many", "/emails/campaigns"))
        for error, body, expected in WRONG_LISTS
    ],
)
def test_lookup_of_no_emails_is_refused(api: httpx.Client, path: str, body: Any, expected: Any) -> None:
    assert api_error(api.post(path, json=body)) == expected
