"""SMS: https://openapi.engagespark.com/#tag/SMS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.engagespark.target import Engagespark
from sparkbox import World

BOTH = pytest.mark.parametrize("path", ["/v1/sms/contact", "/v1/sms/phonenumber"])


@pytest.mark.charges
@pytest.mark.documented("send_sms_to_contact", "get_sms", "list_sms")
def test_sms_to_a_contact_is_personalised_and_found(
    api: httpx.Client, org: str, sms: dict[str, Any], name: Callable[[str], str]
) -> None:
    reference = name("sms")
    body = sms | {"message": "To {{contact.fullPhoneNumber}}", "clientRef": reference, "clientDedup": reference}
    sent = api.post("/v1/sms/contact", json=body).raise_for_status().json()
    assert sent["message"] == f"To {sms['fullPhoneNumber']}"
    assert (sent["to"], sent["clientRef"], sent["clientDedup"]) == (sms["fullPhoneNumber"], reference, reference)
    assert (sent["estimateParts"], sent["contactId"] > 0) == (1, True)
    shown = api.get(f"{org}/messages/{sent['messageId']}/").raise_for_status().json()
    assert (shown["id"], shown["direction"], shown["client_ref"]) == (sent["messageId"], "egress", reference)
    listed = api.get(f"{org}/messages/", params={"dir": "outbound", "search": sms["fullPhoneNumber"]}).json()
    assert sent["messageId"] in [message["id"] for message in listed["messages"]]


@pytest.mark.charges
@pytest.mark.documented("send_sms_to_number")
def test_sms_to_a_number_uses_no_contact(api: httpx.Client, sms: dict[str, Any]) -> None:
    sent = api.post("/v1/sms/phonenumber", json=sms | {"message": "Hi {{contact.firstName}}"}).raise_for_status().json()
    assert (sent["message"], sent["contactId"]) == ("Hi {{contact.firstName}}", 0)
    assert sent["messageId"].startswith("SMS")


@pytest.mark.charges
@pytest.mark.observed("send_sms_to_number")
def test_response_is_indented_and_has_its_own_media_type(api: httpx.Client, sms: dict[str, Any]) -> None:
    to = sms.pop("fullPhoneNumber")
    response = api.post("/v1/sms/phonenumber", json=sms | {"to": to, "orgId": int(sms["orgId"])})
    assert response.headers["content-type"] == "application/jsonl; charset=utf-8"
    assert response.text.startswith("{\n  ")
    assert response.text.endswith("\n}\n")


@pytest.mark.charges
@pytest.mark.observed("send_sms_to_contact")
def test_field_names_may_be_in_any_case_and_the_number_given_twice(api: httpx.Client, sms: dict[str, Any]) -> None:
    body = {"orgid": sms.pop("orgId"), "to": sms["fullPhoneNumber"], **sms}
    assert api.post("/v1/sms/contact", json=body).json()["error"] == ""


@pytest.mark.charges
@pytest.mark.documented("send_sms_to_contact:duplicate", "send_sms_to_number:duplicate")
@BOTH
def test_repeated_dedup_sends_nothing(
    api: httpx.Client, sms: dict[str, Any], path: str, name: Callable[[str], str]
) -> None:
    body = sms | {"clientDedup": name("dedup")}
    first = api.post("/v1/sms/contact", json=body).raise_for_status().json()
    for each in ("/v1/sms/contact", "/v1/sms/phonenumber"):
        again = api.post(each, json=body)
        assert again.status_code == 409
        assert again.json()["errorCode"] == "sms.clientdedup"
        assert again.json()["dedupMessageId"] == first["messageId"]
        assert set(again.json()) >= set(first)


@pytest.mark.charges
@pytest.mark.documented("get_sms", "send_sms_to_number")
def test_receipt_confirms_the_delivery(
    api: httpx.Client, org: str, sms: dict[str, Any], eventually: Callable[[Callable[[], Any]], Any]
) -> None:
    id = api.post("/v1/sms/phonenumber", json=sms).raise_for_status().json()["messageId"]

    def received() -> Any:
        shown = api.get(f"{org}/messages/{id}/").raise_for_status().json()
        return shown if shown["deliveredToPhone"] != "unknown" else None

    shown = eventually(received)
    assert (shown["done"], shown["deliveredToTelco"], shown["successPartCount"]) == (True, True, 1)


@pytest.mark.documented("send_sms_to_contact:too_long", "send_sms_to_number:too_long")
@pytest.mark.parametrize("text", ["a" * 1072, "я" * 470, "€" * 536])
def test_more_than_seven_parts_are_an_error(api: httpx.Client, sms: dict[str, Any], text: str) -> None:
    for path in ("/v1/sms/contact", "/v1/sms/phonenumber"):
        response = api.post(path, json=sms | {"message": text})
        assert response.status_code == 400
        assert response.json()["error"]


@pytest.mark.observed("send_sms_to_contact:invalid_number", "send_sms_to_number:invalid_number")
def test_invalid_number_keeps_the_shape_of_a_success(api: httpx.Client, sms: dict[str, Any]) -> None:
    for path in ("/v1/sms/contact", "/v1/sms/phonenumber"):
        response = api.post(path, json=sms | {"fullPhoneNumber": "6305"})
        refused = response.json()
        assert (response.status_code, refused["error"]) == (400, "invalid 'to' number (not a valid number)")
        assert (refused["estimateParts"], refused["estimateMicro"], refused["estimate"]) == (0, 0, "")
        assert (refused["to"], refused["contactId"]) == ("6305", 0)
        assert refused["messageId"].startswith("SMS")


@pytest.mark.documented("send_sms_to_contact:insufficient_funds", "send_sms_to_number:insufficient_funds")
@pytest.mark.sandbox_only
def test_nothing_is_sent_without_funds(
    api: httpx.Client, sms: dict[str, Any], simulate: Callable[..., None], world: World
) -> None:
    simulate("balance", balanceMicro=19_999)
    for path in ("/v1/sms/contact", "/v1/sms/phonenumber"):
        response = api.post(path, json=sms)
        assert (response.status_code, response.json()) == (402, {"error": "insufficient funds"})
    assert world.messages == []


@pytest.mark.assumed("send_sms_to_contact:no_recipient", "send_sms_to_contact:several_recipients")
def test_exactly_one_recipient_is_named(api: httpx.Client, sms: dict[str, Any], account: Engagespark) -> None:
    to = sms.pop("fullPhoneNumber")
    assert api.post("/v1/sms/contact", json=sms).status_code == 400
    both = {"fullPhoneNumber": to, "phoneNumber": account.recipient, "phoneNumberCountry": "PH"}
    assert api.post("/v1/sms/contact", json=sms | both).status_code == 400


@pytest.mark.assumed("send_sms_to_contact:missing")
@pytest.mark.parametrize("missing", ["orgId", "message"])
def test_missing_field_is_an_error(api: httpx.Client, sms: dict[str, Any], missing: str) -> None:
    del sms[missing]
    assert api.post("/v1/sms/contact", json=sms).status_code == 400


@pytest.mark.assumed("send_sms_to_number")
@pytest.mark.sandbox_only
def test_sixth_sms_to_a_number_in_a_minute_is_lost(
    api: httpx.Client, org: str, sms: dict[str, Any], pass_time: Callable[[float], object]
) -> None:
    ids = [api.post("/v1/sms/phonenumber", json=sms).json()["messageId"] for _ in range(6)]
    pass_time(10)
    shown = [api.get(f"{org}/messages/{id}/").json()["deliveredToPhone"] for id in ids]
    assert shown == ["confirmed"] * 5 + ["failed"]


@pytest.mark.documented("list_sms")
def test_lists_are_read_with_a_cursor_or_in_pages(api: httpx.Client, org: str) -> None:
    by_cursor = api.get(f"{org}/messages/", params={"limit": 1}).raise_for_status().json()
    assert by_cursor["paged"] is False
    assert len(by_cursor["messages"]) <= 1
    by_page = api.get(f"{org}/messages/", params={"page": 1, "size": 1}).raise_for_status().json()
    assert by_page["paged"] is True
    assert not {"hasNextPage", "nextPage"} & set(by_page)


@pytest.mark.documented("list_sms")
@pytest.mark.sandbox_only
def test_cursor_gives_every_message_once_while_others_come_in(api: httpx.Client, org: str, sms: dict[str, Any]) -> None:
    ids = [api.post("/v1/sms/phonenumber", json=sms).json()["messageId"] for _ in range(5)]
    found: list[str] = []
    after = ""
    while True:
        response = api.get(f"{org}/messages/", params={"limit": 2, "after": after}).json()
        found += [message["id"] for message in response["messages"]]
        if not response["hasNextPage"]:
            break
        after = response["nextPage"]
        api.post("/v1/sms/phonenumber", json=sms)
    assert found == ids[::-1]


@pytest.mark.documented("list_sms")
@pytest.mark.sandbox_only
def test_list_is_filtered_by_period_and_by_keyword(
    api: httpx.Client, org: str, sms: dict[str, Any], pass_time: Callable[[float], object]
) -> None:
    ids = []
    for text in ("Bananas", "Mangoes"):
        ids.append(api.post("/v1/sms/contact", json=sms | {"message": text}).json()["messageId"])
        pass_time(60)
    created = api.get(f"{org}/messages/{ids[1]}/").json()["created"]
    for query, found in (
        ({"startDate": created}, [ids[1]]),
        ({"endDate": created}, [ids[0]]),
        ({"search": "mango"}, [ids[1]]),
        ({"search": sms["fullPhoneNumber"]}, ids[::-1]),
        ({"search": "", "startDate": "", "dir": "", "failed": ""}, ids[::-1]),
    ):
        listed = api.get(f"{org}/messages/", params=query).json()["messages"]
        assert [message["id"] for message in listed] == found


@pytest.mark.assumed("list_sms:invalid")
@pytest.mark.parametrize("query", [{"limit": "many"}, {"dir": "sideways"}, {"failed": "perhaps"}, {"startDate": "now"}])
def test_invalid_query_is_an_error(api: httpx.Client, org: str, query: dict[str, str]) -> None:
    assert api.get(f"{org}/messages/", params=query).status_code == 400
