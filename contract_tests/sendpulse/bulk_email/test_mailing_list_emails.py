"""https://sendpulse.com/integrations/api/bulk-email#mailing-lists: the e-mails in a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sendpulse.responses import DONE, api_error, result
from contract_tests.sendpulse.target import Sendpulse
from sparkbox import World

NewList = Callable[..., int]
Address = Callable[[str], str]


@pytest.mark.documented("add_emails", "list_emails")
def test_emails_are_added_with_variables(api: httpx.Client, new_list: NewList, address: Address) -> None:
    id, ann, bob = new_list(), address("ann"), address("bob")
    emails = [{"email": ann, "variables": {"first_name": "Ann", "Phone": "+380501112233"}}, bob]
    assert result(api.post(f"/addressbooks/{id}/emails", json={"emails": emails})) == DONE
    first, second = result(api.get(f"/addressbooks/{id}/emails"))
    assert (first["email"], first["variables"], first["phone"]) == (ann, {"first_name": "Ann"}, 380501112233)
    assert (second["email"], second["status"], second["status_explain"]) == (bob, 0, "New")


@pytest.mark.observed("add_emails")
def test_emails_may_come_as_json_text(api: httpx.Client, new_list: NewList, address: Address) -> None:
    id, ann = new_list(), address("ann")
    assert result(api.post(f"/addressbooks/{id}/emails", json={"emails": f'["{ann}"]'})) == DONE
    assert [row["email"] for row in result(api.get(f"/addressbooks/{id}/emails"))] == [ann]


@pytest.mark.documented("list_emails")
def test_emails_are_listed_by_pages(api: httpx.Client, new_list: NewList, address: Address) -> None:
    emails = [address(f"page{number}") for number in range(3)]
    id = new_list(*emails)
    pages = [result(api.get(f"/addressbooks/{id}/emails", params={"limit": 2, "offset": start})) for start in (0, 2)]
    assert [[row["email"] for row in page] for page in pages] == [emails[:2], emails[2:]]


@pytest.mark.documented("count_emails", "unsubscribe_emails")
def test_unsubscribed_emails_are_not_active(api: httpx.Client, new_list: NewList, address: Address) -> None:
    ann = address("ann")
    id = new_list(ann, address("bob"))
    assert result(api.get(f"/addressbooks/{id}/emails/total")) == {"total": 2}
    assert result(api.post(f"/addressbooks/{id}/emails/unsubscribe", json={"emails": [ann]})) == DONE
    assert result(api.get(f"/addressbooks/{id}/emails/total", params={"active": "true"})) == {"total": 1}
    assert result(api.get(f"/addressbooks/{id}"))[0]["inactive_email_qty"] == 1


@pytest.mark.documented("list_emails", "unsubscribe_emails")
def test_emails_can_be_filtered_by_activity(api: httpx.Client, new_list: NewList, address: Address) -> None:
    ann, bob = address("ann"), address("bob")
    id = new_list(ann, bob)
    result(api.post(f"/addressbooks/{id}/emails/unsubscribe", json={"emails": [ann]}))
    (row,) = result(api.get(f"/addressbooks/{id}/emails", params={"active": "true"}))
    assert row["email"] == bob
    (row,) = result(api.get(f"/addressbooks/{id}/emails", params={"not_active": "true"}))
    assert (row["email"], row["status"], row["status_explain"]) == (ann, 4, "Unsubscribed")


@pytest.mark.documented("delete_emails")
def test_emails_are_deleted_by_a_body(api: httpx.Client, new_list: NewList, address: Address) -> None:
    ann, bob = address("ann"), address("bob")
    id = new_list(ann, bob)
    assert result(api.request("DELETE", f"/addressbooks/{id}/emails", json={"emails": [ann]})) == DONE
    assert [row["email"] for row in result(api.get(f"/addressbooks/{id}/emails"))] == [bob]


@pytest.mark.documented("find_emails_by_variable")
def test_emails_are_found_by_a_variable(api: httpx.Client, new_list: NewList, address: Address) -> None:
    ann = address("ann")
    id = new_list({"email": ann, "variables": {"first_name": "Ann"}}, {"email": address("bob"), "variables": {}})
    (row,) = result(api.get(f"/addressbooks/{id}/variables/first_name/Ann"))
    assert row["email"] == ann
    assert result(api.get(f"/addressbooks/{id}/variables/first_name/Bob")) == []


@pytest.mark.documented("change_phone", "list_emails")
def test_phone_is_changed_and_shown_as_a_number(api: httpx.Client, new_list: NewList, address: Address) -> None:
    ann = address("ann")
    id = new_list(ann)
    body = {"email": ann, "phone": "+1 (415) 555-0142"}
    assert result(api.put(f"/addressbooks/{id}/phone", json=body)) == DONE
    assert result(api.get(f"/addressbooks/{id}/emails"))[0]["phone"] == 14155550142


@pytest.mark.documented("add_emails", "list_emails")
@pytest.mark.sandbox_only
def test_double_opt_in_activates_confirmed_emails(
    api: httpx.Client, new_list: NewList, account: Sendpulse, world: World
) -> None:
    id = new_list()
    body = {"emails": [account.recipient], "confirmation": "force", "sender_email": account.sender}
    assert result(api.post(f"/addressbooks/{id}/emails", json=body)) == DONE
    assert result(api.get(f"/addressbooks/{id}/emails"))[0]["status_explain"] == "Confirmation requested"
    text = world.wait_for(to=account.recipient)[-1].text or ""
    link = next(word for word in text.split() if word.startswith("http"))
    assert result(api.get(link))["action"] == "subscribe"
    assert result(api.get(f"/addressbooks/{id}/emails"))[0]["status_explain"] == "Active"


@pytest.mark.assumed("follow_link")
@pytest.mark.sandbox_only
def test_confirmation_link_leads_to_the_sandbox(
    api: httpx.Client, new_list: NewList, account: Sendpulse, world: World
) -> None:
    body = {"emails": [account.recipient], "confirmation": "force", "sender_email": account.sender}
    result(api.post(f"/addressbooks/{new_list()}/emails", json=body))
    text = world.wait_for(to=account.recipient)[-1].text or ""
    link = next(word for word in text.split() if word.startswith("http"))
    assert result(api.get(link)) == {"result": True, "action": "subscribe", "subject": account.recipient}


@pytest.mark.documented("add_emails:opt_in_sender_not_found")
def test_double_opt_in_needs_an_active_sender(api: httpx.Client, new_list: NewList, account: Sendpulse) -> None:
    body = {"emails": [account.recipient], "confirmation": "force", "sender_email": "contract-nobody@example.com"}
    response = api.post(f"/addressbooks/{new_list()}/emails", json=body)
    assert api_error(response) == (422, 1003, "Sender not found")


@pytest.mark.documented("add_emails:plan_denied")
@pytest.mark.sandbox_only
def test_tags_are_not_in_the_free_plan(api: httpx.Client, world: World, new_list: NewList, address: Address) -> None:
    world.simulate("sendpulse", "plan", category="free")
    body = {"emails": [address("ann")], "tags": [1]}
    response = api.post(f"/addressbooks/{new_list()}/emails", json=body)
    assert api_error(response) == (403, 3030303030, "Access denied! Please change your tariff plan")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        case("add_emails:argument_missing", {}, (422, 422, "Argument emails missing")),
        case("add_emails:argument_invalid", {"emails": ["nobody"]}, (422, 422, "Argument email is invalid")),
    ],
)
def test_adding_emails_is_validated(api: httpx.Client, new_list: NewList, body: Any, expected: Any) -> None:
    assert api_error(api.post(f"/addressbooks/{new_list()}/emails", json=body)) == expected


@pytest.mark.documented("delete_emails:no_emails_to_delete")
def test_unknown_emails_cannot_be_deleted(api: httpx.Client, new_list: NewList, address: Address) -> None:
    response = api.request("DELETE", f"/addressbooks/{new_list()}/emails", json={"emails": [address("ann")]})
    assert api_error(response) == (422, 303, "No emails")


@pytest.mark.documented("delete_emails:too_many_to_delete")
def test_at_most_100_emails_are_deleted_at_once(api: httpx.Client, new_list: NewList) -> None:
    emails = [f"contract-{number}@example.com" for number in range(101)]
    response = api.request("DELETE", f"/addressbooks/{new_list()}/emails", json={"emails": emails})
    assert api_error(response) == (422, 422, "Limit is exceeded. Max count: 100")


@pytest.mark.documented("unsubscribe_emails:no_active_emails")
def test_unknown_emails_cannot_be_unsubscribed(api: httpx.Client, new_list: NewList, address: Address) -> None:
    response = api.post(f"/addressbooks/{new_list()}/emails/unsubscribe", json={"emails": [address("ann")]})
    assert api_error(response) == (422, 422, "Active emails not found")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        case("find_emails_by_variable:variable_not_found", "nothing/1", (404, 299, "Variable not found")),
        case("find_emails_by_variable:variable_name_invalid", f"{'x' * 101}/1", (422, 422, "Variable name is invalid")),
        case("find_emails_by_variable:variable_value_invalid", "since/soon", (422, 422, "Variable value wrong format")),
    ],
)
def test_search_by_variable_is_validated(
    api: httpx.Client, new_list: NewList, address: Address, path: str, expected: Any
) -> None:
    id = new_list({"email": address("ann"), "variables": {"since": "2024-11-05"}})
    assert api_error(api.get(f"/addressbooks/{id}/variables/{path}")) == expected


@pytest.mark.documented("change_phone:phone_invalid")
def test_invalid_phone_is_refused(api: httpx.Client, new_list: NewList, address: Address) -> None:
    ann = address("ann")
    response = api.put(f"/addressbooks/{new_list(ann)}/phone", json={"email": ann, "phone": "call me"})
    assert api_error(response) == (422, 422, "Phone is not valid")


@pytest.mark.documented("change_phone:phone_email_invalid")
def test_phone_of_unknown_email_is_refused(api: httpx.Client, new_list: NewList, address: Address) -> None:
    body = {"email": address("nobody"), "phone": "+14155550142"}
    assert api_error(api.put(f"/addressbooks/{new_list()}/phone", json=body)) == (422, 17, "Email is not valid")
