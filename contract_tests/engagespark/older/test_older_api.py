"""The older API, most of it on a host of its own: https://github.com/engagespark/api-docs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.engagespark.target import RECIPIENT

pytestmark = pytest.mark.sandbox_only

CONTACTS = "/api/v1/engagements/{}/contacts/"


@pytest.mark.documented("subscribe_contacts")
def test_contacts_are_subscribed_singly_in_lists_and_by_id(api: httpx.Client) -> None:
    path = CONTACTS.format(1001)
    one = api.post(path, json={"fullPhoneNumber": RECIPIENT, "firstName": "Jose"})
    assert one.status_code == 201
    first = one.json()["data"][0]
    assert (first["fullPhoneNumber"], first["firstName"], first["contactType"]) == (RECIPIENT, "Jose", "NORMAL")
    many = api.post(path, json=[{"fullPhoneNumber": RECIPIENT}, {"fullPhoneNumber": RECIPIENT}]).json()["data"]
    assert len({first["id"], *(contact["id"] for contact in many)}) == 3
    known = api.post(path, json={"contacts": [{"id": first["id"]}]}).json()["data"]
    assert [contact["id"] for contact in known] == [first["id"]]


@pytest.mark.observed("subscribe_contacts:invalid_number")
def test_invalid_number_is_an_error(api: httpx.Client) -> None:
    response = api.post(CONTACTS.format(1001), json={"fullPhoneNumber": "6305"})
    assert (response.status_code, response.json()["error"][:19]) == (400, "invalid 'to' number")


@pytest.mark.documented("subscribe_contacts")
def test_newest_contact_can_be_reused(api: httpx.Client) -> None:
    path = CONTACTS.format(1001)
    newest = api.post(path, json=[{"fullPhoneNumber": RECIPIENT}] * 2).json()["data"][1]["id"]
    query = {"try_using_existing": "newest"}
    again = api.post(path, params=query, json={"fullPhoneNumber": RECIPIENT, "firstName": "Ignored"}).json()["data"]
    assert [(contact["id"], contact["firstName"]) for contact in again] == [(newest, "")]


@pytest.mark.documented("subscribe_contacts:stopped", "subscribe_contacts:not_launched", "subscribe_contacts:closed")
def test_campaign_must_take_subscriptions(api: httpx.Client) -> None:
    for campaign in (1003, 1004, 1005):
        response = api.post(CONTACTS.format(campaign), json={"fullPhoneNumber": RECIPIENT})
        assert response.status_code == 400


@pytest.mark.documented("list_custom_fields")
def test_custom_fields_have_ids(api: httpx.Client) -> None:
    rows = api.get("/api/v1/customfields").raise_for_status().json()["data"]
    assert set(rows[0]) == {"organizationId", "fieldType", "id", "name"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        case("list_custom_fields:no_credentials", "GET", "/api/v1/customfields", evidence="observed"),
        case("send_older_sms:no_credentials", "POST", "/api/v1/messages/sms", evidence="observed"),
        case("subscribe_contacts:no_credentials", "POST", CONTACTS.format(1001), evidence="observed"),
        case(
            "get_available_balance:no_credentials",
            "GET",
            "/api/v1/organizations/1/available-balance",
            evidence="observed",
        ),
    ],
)
def test_missing_token_is_unauthorized(api: httpx.Client, method: str, path: str) -> None:
    del api.headers["Authorization"]
    response = api.request(method, path)
    assert (response.status_code, response.json()) == (401, {"detail": "Authentication credentials were not provided."})


@pytest.mark.observed("get_available_balance")
def test_balance_is_text(api: httpx.Client) -> None:
    assert api.get("/api/v1/organizations/1/available-balance").raise_for_status().json() == {"balance": "100.00"}


@pytest.mark.observed("send_older_sms", "send_older_sms:invalid_number", "send_older_sms:too_long")
def test_sms_goes_to_several_numbers(api: httpx.Client) -> None:
    path = "/api/v1/messages/sms"
    body: dict[str, Any] = {
        "organization_id": 1,
        "recipient_type": "mobile_number",
        "mobile_numbers": [RECIPIENT, "639181234567"],
        "message": "Hi",
        "sender_id": "engageSPARK",
    }
    assert len(api.post(path, json=body).raise_for_status().json()["data"]) == 2
    assert api.post(path, json=body | {"mobile_numbers": ["6305"]}).status_code == 400
    assert api.post(path, json=body | {"message": "a" * 1072}).status_code == 400


@pytest.mark.observed("send_older_topup", "send_older_topup:nothing_offered", "send_older_topup:invalid_number")
def test_topup_takes_all_values_as_text(api: httpx.Client) -> None:
    body = {"organizationId": "1", "maxAmount": "25", "phoneNumber": RECIPIENT, "clientRef": "x"}
    response = api.post("/v1/airtime-topup", json=body).raise_for_status().json()
    assert (response["status"], response["errorMessage"], response["amountSent"]) == ("Success", "", 25)
    for wrong in ({"maxAmount": "1"}, {"phoneNumber": "6305"}):
        refused = api.post("/v1/airtime-topup/", json=body | wrong)
        assert refused.status_code == 400
        assert refused.json()["status"] != "Success"
        assert refused.json()["errorMessage"]


@pytest.mark.documented("send_older_sms:insufficient_funds", "send_older_topup:insufficient_funds")
def test_nothing_is_sent_without_funds(api: httpx.Client, simulate: Callable[..., None]) -> None:
    simulate("balance", balanceMicro=0)
    body = {"organization_id": 1, "mobile_numbers": [RECIPIENT], "message": "Hi"}
    assert api.post("/api/v1/messages/sms", json=body).status_code == 402
    topup = {"organizationId": "1", "maxAmount": "25", "phoneNumber": RECIPIENT}
    assert api.post("/v1/airtime-topup", json=topup).status_code == 402
