"""https://developers.sparkpost.com/api/sending-domains/"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from contract_tests.cases import case
from contract_tests.sparkpost.domains.key_pair import PAIR
from contract_tests.sparkpost.responses import INVALID, MISSING, api_error, error, results
from sparkbox import World

PATH = "/api/v1/sending-domains"


@pytest.mark.documented("create_sending_domain")
def test_registering_a_domain_generates_a_dkim_key(api: httpx.Client, name: Callable[[str], str]) -> None:
    domain = f"{name('domain')}.example.com"
    created = results(api.post(PATH, json={"domain": domain}))
    assert (created["message"], created["domain"]) == ("Successfully Created domain.", domain)
    assert (created["dkim"]["signing_domain"], created["dkim"]["headers"]) == (domain, "from:to:subject:date")
    assert created["dkim"]["public"].startswith("MI")


@pytest.mark.documented("create_sending_domain", "retrieve_sending_domain")
def test_domain_can_be_created_without_a_dkim_key(api: httpx.Client, name: Callable[[str], str]) -> None:
    domain = f"{name('domain')}.example.com"
    assert "dkim" not in results(api.post(PATH, json={"domain": domain, "generate_dkim": False}))
    assert "dkim" not in results(api.get(f"{PATH}/{domain}"))


@pytest.mark.documented("retrieve_sending_domain")
def test_a_new_domain_is_unverified(api: httpx.Client, domain: str) -> None:
    shown = results(api.get(f"{PATH}/{domain}"))
    status = shown["status"]
    assert (status["ownership_verified"], status["dkim_status"], status["cname_status"]) == (
        False,
        "unverified",
        "unverified",
    )
    assert shown["is_default_bounce_domain"] is False
    assert shown["shared_with_subaccounts"] is False


@pytest.mark.documented("list_sending_domains")
def test_domains_are_listed(api: httpx.Client, domain: str) -> None:
    (row,) = [row for row in results(api.get(PATH)) if row["domain"] == domain]
    assert row["status"]["ownership_verified"] is False


@pytest.mark.documented("list_sending_domains")
def test_domains_can_be_filtered_by_status(api: httpx.Client, domain: str) -> None:
    rows = results(api.get(PATH, params={"ownership_verified": "true"}))
    assert domain not in {row["domain"] for row in rows}
    assert all(row["status"]["ownership_verified"] for row in rows)


@pytest.mark.observed("update_sending_domain")
def test_updating_a_suppression_returns_the_vendors_text(api: httpx.Client, domain: str) -> None:
    updated = results(api.put(f"{PATH}/{domain}", json={"shared_with_subaccounts": True}))
    assert updated == {"message": "Successfully Updated Domain.", "domain": domain}
    assert results(api.get(f"{PATH}/{domain}"))["shared_with_subaccounts"] is True


@pytest.mark.documented("delete_sending_domain", "retrieve_sending_domain:resource_not_found")
def test_deleting_a_list_gets_a_204(api: httpx.Client, domain: str) -> None:
    response = api.delete(f"{PATH}/{domain}")
    assert (response.status_code, response.content) == (204, b"")
    assert api_error(api.get(f"{PATH}/{domain}"))[0] == 404


@pytest.mark.documented("verify_sending_domain")
def test_a_wrong_token_is_no_error(api: httpx.Client, domain: str) -> None:
    verified = results(api.post(f"{PATH}/{domain}/verify", json={"postmaster_at_token": "guessed"}))
    assert (verified["ownership_verified"], verified["postmaster_at_status"]) == (False, "unverified")


@pytest.mark.documented("verify_sending_domain")
@pytest.mark.sandbox_only
def test_a_domain_is_verified_by_its_dns(api: httpx.Client, domain: str) -> None:
    verified = results(api.post(f"{PATH}/{domain}/verify", json={"dkim_verify": True, "cname_verify": True}))
    assert (verified["ownership_verified"], verified["dkim_status"], verified["cname_status"]) == (
        True,
        "valid",
        "valid",
    )
    assert verified["dns"]["dkim_record"].startswith("v=DKIM1; k=rsa; h=sha256; p=")


@pytest.mark.documented("verify_sending_domain")
def test_missing_dns_record_is_shown(api: httpx.Client, name: Callable[[str], str]) -> None:
    domain = f"unverified.{name('domain')}.example.com"
    results(api.post(PATH, json={"domain": domain}))
    verified = results(api.post(f"{PATH}/{domain}/verify", json={"dkim_verify": True}))
    assert verified["ownership_verified"] is False
    assert verified["dkim_status"] == "invalid"
    assert verified["dns"]["dkim_error"]


@pytest.mark.documented("verify_sending_domain")
@pytest.mark.sandbox_only
def test_a_domain_is_verified_by_a_mailbox(api: httpx.Client, domain: str, world: World) -> None:
    api.post(f"{PATH}/{domain}/verify", json={"postmaster_at_verify": True}).raise_for_status()
    token = orjson.loads(world.wait_for(to=f"postmaster@{domain}")[-1].metadata)["token"]
    verified = results(api.post(f"{PATH}/{domain}/verify", json={"postmaster_at_token": token}))
    assert (verified["ownership_verified"], verified["postmaster_at_status"]) == (True, "valid")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        case("retrieve_sending_domain:resource_not_found", "GET", "", None),
        case("update_sending_domain:resource_not_found", "PUT", "", {"shared_with_subaccounts": False}),
        case("delete_sending_domain:resource_not_found", "DELETE", "", None),
        case("verify_sending_domain:resource_not_found", "POST", "/verify", {"dkim_verify": True}),
    ],
)
def test_an_unknown_domain_is_not_found(
    api: httpx.Client, name: Callable[[str], str], method: str, path: str, body: Any
) -> None:
    response = api.request(method, f"{PATH}/{name('none')}.example.com{path}", json=body)
    status, row = api_error(response)
    assert (status, row["code"], row["message"]) == (404, "1600", "resource not found")


@pytest.mark.documented("create_sending_domain:domain_exists")
def test_domain_cannot_be_registered_twice(api: httpx.Client, domain: str) -> None:
    text = f"Sending Domain <{domain}> already registered"
    assert api_error(api.post(PATH, json={"domain": domain})) == (409, error("resource conflict", "1602", text))


@pytest.mark.documented("create_sending_domain:restricted_domain")
def test_some_domains_are_restricted(api: httpx.Client) -> None:
    text = "Please contact SparkPost support to get this domain authorized for your account."
    assert api_error(api.post(PATH, json={"domain": "gmail.com"})) == (400, error("Restricted domain", "7000", text))


@pytest.mark.documented("update_sending_domain:remote_failed")
def test_new_dkim_pair_is_verified_first(api: httpx.Client, name: Callable[[str], str]) -> None:
    domain = f"unverified.{name('domain')}.example.com"
    results(api.post(PATH, json={"domain": domain}))
    status, row = api_error(api.put(f"{PATH}/{domain}", json={"dkim": {**PAIR, "selector": "contract"}}))
    assert (status, row["code"], row["message"]) == (400, "1404", "request to remote endpoint failed")


@pytest.mark.documented("create_sending_domain:domain_taken")
@pytest.mark.sandbox_only
def test_domain_of_another_account_cannot_be_registered(api: httpx.Client) -> None:
    text = "Please contact SparkPost support to check about this org-domain availability."
    response = api.post(PATH, json={"domain": "taken.example.com"})
    assert api_error(response) == (400, error("Domain in use by another account", "7004", text))


@pytest.mark.observed("create_sending_domain:invalid_data")
def test_invalid_domain_name_is_refused(api: httpx.Client) -> None:
    text = "Error domain name contains no '.'(s) for domain: 'hello'"
    assert api_error(api.post(PATH, json={"domain": "hello"})) == (422, error(INVALID, "1300", text))


@pytest.mark.documented("create_sending_domain:required_field_missing")
def test_a_domain_is_required(api: httpx.Client) -> None:
    response = api.post(PATH, json={"generate_dkim": False})
    assert api_error(response) == (422, error(MISSING, "1400", "field 'domain' is required"))


@pytest.mark.documented("update_sending_domain:invalid_data")
def test_only_a_verified_domain_takes_bounces(api: httpx.Client, domain: str) -> None:
    status, row = api_error(api.put(f"{PATH}/{domain}", json={"is_default_bounce_domain": True}))
    assert (status, row["code"], row["message"]) == (422, "1300", INVALID)


@pytest.mark.documented("verify_sending_domain:required_field_missing")
def test_verifying_nothing_is_refused(api: httpx.Client, domain: str) -> None:
    status, row = api_error(api.post(f"{PATH}/{domain}/verify", json={}))
    assert (status, row["code"], row["message"]) == (422, "1400", MISSING)


@pytest.mark.documented("verify_sending_domain:reserved_mailbox")
@pytest.mark.sandbox_only
def test_role_mailbox_cannot_be_the_verification_mailbox(api: httpx.Client, domain: str) -> None:
    body = {"verification_mailbox_verify": True, "verification_mailbox": "postmaster"}
    text = "verification_mailbox field cannot be 'postmaster' or 'abuse'"
    assert api_error(api.post(f"{PATH}/{domain}/verify", json=body)) == (422, error(MISSING, "1300", text))


@pytest.mark.documented("verify_sending_domain:dmarc_policy")
@pytest.mark.sandbox_only
def test_a_domain_with_a_dmarc_policy_is_not_verified_by_a_mailbox(api: httpx.Client) -> None:
    results(api.post(PATH, json={"domain": "dmarc.example.com"}))
    text = "Verification by address is not available for Sending Domains with a DMARC policy"
    response = api.post(f"{PATH}/dmarc.example.com/verify", json={"abuse_at_verify": True})
    assert api_error(response) == (400, error("Domain not allowed", "7003", text))
