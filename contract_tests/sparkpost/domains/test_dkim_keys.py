"""https://developers.sparkpost.com/api/sending-domains/#header-dkim-keys"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sparkpost.domains.key_pair import PAIR
from contract_tests.sparkpost.responses import api_error, error, results


@pytest.fixture
def path(domain: str) -> str:
    """Where the keys of a new domain are."""
    return f"/api/v1/sending-domains/{domain}/dkim-keys"


@pytest.fixture
def key(api: httpx.Client, path: str) -> str:
    """The path of a further key."""
    return f"{path}/{results(api.post(path, json={'id': 'marketing'}))['id']}"


@pytest.mark.documented("create_dkim_key")
def test_further_dkim_key_is_generated(api: httpx.Client, path: str, domain: str) -> None:
    created = results(api.post(path, json={"id": "marketing", "dkim_key_length": 1024}))
    assert (created["id"], created["signing_domain"], created["dkim_key_length"]) == ("marketing", domain, 1024)
    assert (created["dkim_status"], created["is_default"]) == ("unverified", False)
    assert created["dns"]["dkim_record"] == f"{created['selector']}._domainkey.{domain}"
    assert created["dns"]["dkim_value"] == f"v=DKIM1; k=rsa; h=sha256; p={created['public']}"


@pytest.mark.documented("create_dkim_key")
def test_further_dkim_key_can_be_given(api: httpx.Client, path: str) -> None:
    created = results(api.post(path, json={"id": "own", "selector": "contract", **PAIR}))
    assert (created["selector"], created["public"], created["dkim_key_length"]) == ("contract", PAIR["public"], 1024)


@pytest.mark.documented("list_dkim_keys")
def test_the_default_key_is_listed_first(api: httpx.Client, path: str, key: str) -> None:
    response = api.get(path)
    assert [row["id"] for row in results(response)] == ["default", "marketing"]
    assert [row["is_default"] for row in results(response)] == [True, False]
    assert response.json()["total_count"] == 2


@pytest.mark.documented("retrieve_dkim_key")
def test_a_key_is_shown_with_its_record(api: httpx.Client, key: str, path: str) -> None:
    assert results(api.get(key))["dns"]["dkim_value"].startswith("v=DKIM1; k=rsa; h=sha256; p=")
    assert results(api.get(f"{path}/default"))["is_default"] is True


@pytest.mark.documented("update_dkim_key")
def test_another_signing_domain_has_to_be_verified_again(api: httpx.Client, key: str, domain: str) -> None:
    updated = results(api.put(key, json={"signing_domain": f"mail.{domain}"}))
    assert updated["message"] == "Successfully updated DKIM key."
    assert (updated["signing_domain"], updated["dkim_status"]) == (f"mail.{domain}", "unverified")


@pytest.mark.documented("delete_dkim_key", "retrieve_dkim_key:resource_not_found")
def test_a_key_can_be_deleted(api: httpx.Client, key: str) -> None:
    response = api.delete(key)
    assert (response.status_code, response.content) == (204, b"")
    assert api_error(api.get(key)) == (404, error("resource not found", "1600", "DKIM key 'marketing' does not exist"))


@pytest.mark.documented("verify_dkim_key")
@pytest.mark.sandbox_only
def test_a_key_is_verified_by_its_dns(api: httpx.Client, key: str) -> None:
    verified = results(api.post(f"{key}/verify"))
    assert (verified["id"], verified["dkim_status"]) == ("marketing", "valid")


@pytest.mark.documented("verify_dkim_key")
def test_missing_dns_record_is_shown(api: httpx.Client, key: str, domain: str) -> None:
    results(api.put(key, json={"signing_domain": f"unverified.{domain}"}))
    verified = results(api.post(f"{key}/verify"))
    assert verified["dkim_status"] == "invalid"
    assert verified["dns"]["dkim_error"]


@pytest.mark.parametrize(
    ("method", "end", "body"),
    [
        case("retrieve_dkim_key:resource_not_found", "GET", "", None),
        case("update_dkim_key:resource_not_found", "PUT", "", {"headers": "from:to"}),
        case("delete_dkim_key:resource_not_found", "DELETE", "", None),
        case("verify_dkim_key:resource_not_found", "POST", "/verify", None),
    ],
)
def test_an_unknown_key_is_not_found(api: httpx.Client, path: str, method: str, end: str, body: Any) -> None:
    response = api.request(method, f"{path}/none{end}", json=body)
    assert api_error(response) == (404, error("resource not found", "1600", "DKIM key 'none' does not exist"))


@pytest.mark.parametrize(
    ("method", "body"),
    [
        case("list_dkim_keys:resource_not_found", "GET", None),
        case("create_dkim_key:resource_not_found", "POST", {"id": "marketing"}),
    ],
)
def test_an_unknown_domain_has_no_keys(api: httpx.Client, method: str, body: Any) -> None:
    domain = "contract-never-registered.example.com"
    response = api.request(method, f"/api/v1/sending-domains/{domain}/dkim-keys", json=body)
    assert api_error(response) == (404, error("resource not found", "1600", f"Domain '{domain}' does not exist"))


REFUSED = "invalid params"


@pytest.mark.documented("create_dkim_key:dkim_key_refused")
def test_taken_id_is_refused(api: httpx.Client, path: str, key: str) -> None:
    response = api.post(path, json={"id": "marketing"})
    assert api_error(response) == (400, error(REFUSED, "1300", "Key ID 'marketing' already exists"))


@pytest.mark.documented("create_dkim_key:dkim_key_refused")
def test_own_dkim_pair_must_be_complete(api: httpx.Client, path: str) -> None:
    text = "When providing custom keys, private, public, and selector must all be specified"
    response = api.post(path, json={"id": "own", "public": PAIR["public"]})
    assert api_error(response) == (400, error(REFUSED, "1300", text))


@pytest.mark.documented("update_dkim_key:dkim_key_refused")
def test_recipient_list_id_cannot_be_changed(api: httpx.Client, key: str) -> None:
    assert api_error(api.put(key, json={"id": "other"})) == (400, error(REFUSED, "1300", "Field 'id' is immutable"))


@pytest.mark.parametrize(
    ("method", "end", "body", "text"),
    [
        case(
            "update_dkim_key:dkim_key_refused",
            "PUT",
            "",
            {"headers": "from:to"},
            "Cannot update default key via this endpoint. Use /sending-domains/{domain} instead.",
        ),
        case("delete_dkim_key:dkim_key_refused", "DELETE", "", None, "Cannot delete default key"),
        case(
            "verify_dkim_key:dkim_key_refused",
            "POST",
            "/verify",
            None,
            "Cannot verify default key via this endpoint. "
            "Use /sending-domains/{domain}/verify with dkim_verify: true instead.",
        ),
    ],
)
def test_default_dkim_key_cannot_be_changed_here(
    api: httpx.Client, path: str, method: str, end: str, body: Any, text: str
) -> None:
    response = api.request(method, f"{path}/default{end}", json=body)
    assert api_error(response) == (400, error(REFUSED, "1300", text))
