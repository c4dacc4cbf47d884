"""https://sendpulse.com/integrations/api/smtp: the unsubscribe list, senders and domains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sendpulse.responses import DONE, EMAIL_MISSING, EMAIL_SYNTAX, api_error, result
from contract_tests.sendpulse.target import Sendpulse
from sparkbox import World

EMPTY = (400, 14, "Empty emails")


@pytest.fixture
def gone(api: httpx.Client, address: Callable[[str], str]) -> str:
    """An address that has unsubscribed."""
    email = address("gone")
    api.post("/smtp/unsubscribe", json=[{"email": email, "comment": "a contract test"}]).raise_for_status()
    return email


@pytest.mark.documented("unsubscribe_recipients", "search_unsubscribed", "list_unsubscribed")
def test_unsubscribed_addresses_are_listed(api: httpx.Client, address: Callable[[str], str]) -> None:
    email = address("gone")
    assert result(api.post("/smtp/unsubscribe", json=[{"email": email}])) == DONE
    assert result(api.get("/smtp/unsubscribe/search", params={"email": email})) == DONE
    (row,) = [row for row in result(api.get("/smtp/unsubscribe")) if row["email"] == email]
    assert (row["unsubscribe_by_user"], row["unsubscribe_by_link"], row["spam_complaint"]) == (1, 0, 0)


@pytest.mark.observed("unsubscribe_recipients")
def test_unsubscribe_list_may_be_wrapped_in_emails(api: httpx.Client, address: Callable[[str], str]) -> None:
    email = address("gone")
    assert result(api.post("/smtp/unsubscribe", json={"emails": [{"email": email}]})) == DONE
    assert result(api.get("/smtp/unsubscribe/search", params={"email": email})) == DONE


@pytest.mark.documented("delete_from_unsubscribed", "search_unsubscribed")
def test_removed_address_is_not_found_in_the_unsubscribe_list(api: httpx.Client, gone: str) -> None:
    assert result(api.request("DELETE", "/smtp/unsubscribe", json=[gone])) == DONE
    assert result(api.get("/smtp/unsubscribe/search", params={"email": gone})) == {"result": False}


@pytest.mark.documented("resubscribe_recipient", "search_unsubscribed")
@pytest.mark.sandbox_only
def test_resubscription_link_resubscribes(api: httpx.Client, gone: str, account: Sendpulse, world: World) -> None:
    resubscribed = result(api.post("/smtp/resubscribe", json={"email": gone, "sender": account.sender, "lang": "en"}))
    assert resubscribed["result"] is True
    text = world.wait_for(to=gone)[-1].text or ""
    result(api.get(next(word for word in text.split() if word.startswith("http"))))
    assert result(api.get("/smtp/unsubscribe/search", params={"email": gone})) == {"result": False}


@pytest.mark.documented("resubscribe_recipient:resubscribed_enough")
@pytest.mark.sandbox_only
def test_five_resubscriptions_a_day_are_allowed(api: httpx.Client, gone: str, account: Sendpulse) -> None:
    body = {"email": gone, "sender": account.sender}
    for _ in range(5):
        result(api.post("/smtp/resubscribe", json=body))
    assert api_error(api.post("/smtp/resubscribe", json=body)) == (422, 422, "No more than 5 are allowed per day")


@pytest.mark.documented("resubscribe_recipient:not_unsubscribed")
def test_resubscription_needs_an_unsubscribed_address(api: httpx.Client, account: Sendpulse) -> None:
    response = api.post("/smtp/resubscribe", json={"email": account.recipient, "sender": account.sender})
    assert api_error(response) == (422, 422, "Blocked email not found")


@pytest.mark.observed("resubscribe_recipient:invalid_operation")
@pytest.mark.sandbox_only
def test_suspended_account_cannot_resubscribe(api: httpx.Client, gone: str, account: Sendpulse, world: World) -> None:
    url = f"{world.url}/_mock/accounts?account={world.credential}"
    httpx.patch(url, json={"suspended": True}, trust_env=False).raise_for_status()
    response = api.post("/smtp/resubscribe", json={"email": gone, "sender": account.sender})
    assert api_error(response) == (403, 800, "Invalid operation")


@pytest.mark.parametrize(
    ("method", "body", "expected"),
    [
        case("unsubscribe_recipients:unsubscribe_empty", "POST", [], EMPTY),
        case("unsubscribe_recipients:email_syntax", "POST", ["nobody"], EMAIL_SYNTAX, evidence="assumed"),
        case("delete_from_unsubscribed:unsubscribe_empty", "DELETE", [], EMPTY),
        case("delete_from_unsubscribed:email_syntax", "DELETE", ["nobody"], EMAIL_SYNTAX, evidence="assumed"),
    ],
)
def test_unsubscribing_nobody_is_refused(api: httpx.Client, method: str, body: Any, expected: Any) -> None:
    assert api_error(api.request(method, "/smtp/unsubscribe", json=body)) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        case("search_unsubscribed:search_empty", {}, "Empty email parameter"),
        case("search_unsubscribed:search_invalid", {"email": "nobody"}, "Wrong email parameter"),
    ],
)
def test_search_of_the_unsubscribe_list_is_validated(api: httpx.Client, query: dict[str, str], message: str) -> None:
    assert api_error(api.get("/smtp/unsubscribe/search", params=query)) == (422, 422, message)


@pytest.mark.documented("list_ips")
def test_sender_ips_are_listed(api: httpx.Client) -> None:
    assert all(ip.count(".") == 3 for ip in result(api.get("/smtp/ips")))


@pytest.mark.documented("list_smtp_senders")
def test_active_senders_are_listed(api: httpx.Client, account: Sendpulse) -> None:
    assert account.sender in result(api.get("/smtp/senders"))


@pytest.mark.documented("list_sender_domains")
def test_sender_domains_are_listed(api: httpx.Client) -> None:
    assert result(api.get("/v2/email-service/smtp/sender_domains"))["data"]["result"] is True


@pytest.mark.documented("add_sender_domain", "list_sender_domains")
@pytest.mark.sandbox_only
def test_sender_domain_is_added_unchecked(api: httpx.Client) -> None:
    path = "/v2/email-service/smtp/sender_domains"
    assert result(api.post(f"{path}/contract.example.com")) == {"data": DONE}
    (row,) = result(api.get(path))["data"]["data"]
    assert (row["service_value"], row["status"], row["checks"]["all_checks"]) == ("contract.example.com", 0, False)


@pytest.mark.observed("add_domain", "verify_domain", "list_domains")
@pytest.mark.sandbox_only
def test_older_operation_mails_a_link_to_the_domain(api: httpx.Client, world: World) -> None:
    email = "postmaster@contract.example.com"
    assert result(api.post("/smtp/domains", json={"email": email})) == DONE
    assert result(api.get("/smtp/domains")) == []
    assert result(api.get(f"/smtp/domains/{email}")) == DONE
    text = world.wait_for(2, to=email)[-1].text or ""
    result(api.get(next(word for word in text.split() if word.startswith("http"))))
    assert result(api.get("/smtp/domains")) == ["contract.example.com"]


@pytest.mark.assumed("add_domain:domain_taken", "add_sender_domain:domain_taken")
@pytest.mark.sandbox_only
def test_sender_domain_is_added_once(api: httpx.Client) -> None:
    result(api.post("/smtp/domains", json={"email": "postmaster@contract.example.com"}))
    taken = (422, 19, "Email address already exists")
    assert api_error(api.post("/smtp/domains", json={"email": "info@contract.example.com"})) == taken
    assert api_error(api.post("/v2/email-service/smtp/sender_domains/contract.example.com")) == taken


@pytest.mark.assumed("add_domain:free_service", "add_sender_domain:free_service")
@pytest.mark.sandbox_only
def test_domain_of_a_free_provider_is_refused(api: httpx.Client) -> None:
    free = (422, 20, "Using free email services (not allowed)")
    assert api_error(api.post("/smtp/domains", json={"email": "contract@gmail.com"})) == free
    assert api_error(api.post("/v2/email-service/smtp/sender_domains/gmail.com")) == free


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        case("add_domain:email_missing", {}, EMAIL_MISSING, evidence="assumed"),
        case("add_domain:email_syntax", {"email": "nobody"}, EMAIL_SYNTAX, evidence="assumed"),
    ],
)
def test_older_operation_needs_an_address(api: httpx.Client, body: dict[str, str], expected: Any) -> None:
    assert api_error(api.post("/smtp/domains", json=body)) == expected


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        case("verify_domain:email_missing", "%20", EMAIL_MISSING, evidence="assumed"),
        case("verify_domain:email_syntax", "nobody", EMAIL_SYNTAX, evidence="assumed"),
        case(
            "verify_domain:nothing_to_activate",
            "postmaster@contract.example.com",
            (422, 21, "No such email address awaiting activation"),
            evidence="assumed",
            sandbox_only=True,
        ),
    ],
)
def test_unknown_domain_is_not_verified(api: httpx.Client, email: str, expected: Any) -> None:
    assert api_error(api.get(f"/smtp/domains/{email}")) == expected
