"""The older API, as clients call it still."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.engagespark.api import GLOBE, ORG, SMART, Api

ENGAGEMENT = "/api/v1/engagements/1001/contacts/"
TOPUP = "/v1/airtime-topup"
SMS = "/api/v1/messages/sms"


def subscribe(api: Api, body: Any, **query: str) -> list[Any]:
    data: list[Any] = api.call("POST", ENGAGEMENT, body, status=201, **query)["data"]
    return data


def test_number_is_subscribed_as_a_new_contact_each_time(api: Api) -> None:
    api.contact()
    shown = subscribe(api, {"fullPhoneNumber": GLOBE, "firstName": "Jose", "organizationId": 1, "groups": [321]})
    assert shown == [
        {
            "language": "",
            "fullPhoneNumber": GLOBE,
            "firstName": "Jose",
            "organizationId": 1,
            "lastName": "",
            "contactType": "NORMAL",
            "id": 100_002,
            "deleted": "",
            "carrierId": shown[0]["carrierId"],
            "phoneNumber": "9171234567",
            "groups": [321],
            "createdDate": "2026-03-01T20:00:00+08:00",
            "dialingCode": "63",
            "customFields": {},
            "email": "",
        }
    ]
    assert shown[0]["carrierId"] > 0
    assert subscribe(api, {"fullPhoneNumber": GLOBE})[0]["id"] == 100_003
    api.clock.advance(1)
    assert [message.text for message in api.messages] == ["Welcome, Jose!", "Welcome, !"]


def test_list_of_contacts_is_subscribed(api: Api) -> None:
    shown = subscribe(api, [{"fullPhoneNumber": GLOBE}, {"fullPhoneNumber": SMART}])
    assert [contact["fullPhoneNumber"] for contact in shown] == [GLOBE, SMART]


def test_known_contacts_are_subscribed_by_id_and_updated(api: Api) -> None:
    ids = [api.contact()["id"], api.contact(SMART, firstName="Morty")["id"]]
    body = {"contacts": [{"id": ids[0], "firstName": "Rick"}, {"id": str(ids[1]), "customFields": {"120": "red"}}]}
    shown = subscribe(api, body)
    assert [(contact["id"], contact["firstName"]) for contact in shown] == [(ids[0], "Rick"), (ids[1], "Morty")]
    assert shown[1]["customFields"] == {"120": "red"}


def test_newest_contact_is_reused_with_try_using_existing(api: Api) -> None:
    api.contact()
    newest = api.contact()["id"]
    shown = subscribe(api, {"fullPhoneNumber": GLOBE}, try_using_existing="newest")
    assert [contact["id"] for contact in shown] == [newest]
    assert subscribe(api, {"fullPhoneNumber": SMART}, try_using_existing="newest")[0]["id"] == newest + 1


def test_reused_contact_is_not_updated(api: Api) -> None:
    api.contact(firstName="Mary", groups=[1])
    given = {"fullPhoneNumber": GLOBE, "firstName": "Jane", "groups": [2], "customFields": {"120": "red"}}
    shown = subscribe(api, given, try_using_existing="newest")
    assert [(row["firstName"], row["groups"], row["customFields"]) for row in shown] == [("Mary", [1], {})]


def test_new_number_that_comes_twice_is_reused(api: Api) -> None:
    twice = [{"fullPhoneNumber": SMART, "firstName": "Mary"}, {"fullPhoneNumber": f"+{SMART}", "firstName": "Jane"}]
    shown = subscribe(api, twice, try_using_existing="newest")
    assert [row["firstName"] for row in shown] == ["Mary", "Mary"]
    assert shown[0]["id"] == shown[1]["id"]
    assert api.call("GET", f"{ORG}/contacts/")["total"] == 1
    assert len({row["id"] for row in subscribe(api, twice)}) == 2


def test_subscribed_contact_stays_subscribed(api: Api) -> None:
    id = api.contact()["id"]
    subscribe(api, [{"id": id, "firstName": "Mary"}, {"id": id, "lastName": "Sue"}])
    api.clock.advance(1)
    assert len(api.messages) == 1
    contact = api.call("GET", f"{ORG}/contacts/{id}/")
    assert (contact["firstName"], contact["lastName"]) == ("Mary", "Sue")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ([], 400),
        ({"contacts": None}, 400),
        ({"contacts": [{}]}, 400),
        ({"id": 77}, 400),
        ("x", 400),
        ({"fullPhoneNumber": "12"}, 400),
        ({"fullPhoneNumber": GLOBE, "organizationId": 853}, 404),
        ([{"fullPhoneNumber": GLOBE}, {"fullPhoneNumber": "12"}], 400),
        ([{"fullPhoneNumber": GLOBE}] * 1001, 400),
        ([{"fullPhoneNumber": GLOBE}, {"fullPhoneNumber": SMART, "customFields": {"color": "red"}}], 400),
    ],
)
def test_one_bad_contact_fails_the_whole_request(api: Api, body: Any, status: int) -> None:
    assert api.refuse("POST", ENGAGEMENT, body)[0] == status
    assert api.call("GET", f"{ORG}/contacts/")["total"] == 0


def test_stopped_campaign_takes_no_contacts(api: Api) -> None:
    path = ENGAGEMENT.replace("1001", "1003")
    assert api.refuse("POST", path, {"fullPhoneNumber": GLOBE})[:2] == (400, "campaign.stopped")


def test_custom_fields_are_listed(api: Api) -> None:
    assert api.call("GET", "/api/v1/customfields")["data"][0] == {
        "organizationId": 1,
        "fieldType": "text",
        "id": 120,
        "name": "color",
    }


def test_balance_is_text(api: Api) -> None:
    api.sms()
    assert api.call("GET", "/api/v1/organizations/1/available-balance") == {"balance": "99.98"}
    assert api.refuse("GET", "/api/v1/organizations/2/available-balance")[0] == 404


def test_one_text_is_sent_to_many_numbers(api: Api) -> None:
    id = api.contact("639191234567", firstName="Mary")["id"]
    body = {
        "organization_id": 1,
        "recipient_type": "mobile_number",
        "mobile_numbers": [GLOBE, SMART],
        "contact_ids": [id],
        "message": "Hi {{contact.firstName}}",
        "sender_id": "QApp",
    }
    data = api.call("POST", SMS, body)["data"]
    assert [(m.sender, m.to, m.vendor_id) for m in api.messages] == [
        ("QApp", sent["to"], sent["messageId"]) for sent in data
    ]
    assert [m.text for m in api.messages] == ["Hi {{contact.firstName}}", "Hi {{contact.firstName}}", "Hi Mary"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"organization_id": None}, 400),
        ({"organization_id": "2"}, 404),
        ({"message": ""}, 400),
        ({"mobile_numbers": []}, 400),
        ({"mobile_numbers": [GLOBE, "12"]}, 400),
        ({"contact_ids": [77]}, 400),
        ({"message": "a" * 1072}, 400),
        ({"mobile_numbers": GLOBE}, 400),
    ],
)
def test_invalid_request_sends_to_nobody(api: Api, fields: dict[str, Any], status: int) -> None:
    body = {"organization_id": "1", "mobile_numbers": [GLOBE], "message": "Hello", "sender_id": "QApp"}
    assert api.refuse("POST", SMS, body | fields)[0] == status
    assert api.messages == []


def test_sms_to_many_is_paid_as_a_whole_or_not_sent(api: Api) -> None:
    api.simulate("balance", balanceMicro=30_000)
    body = {"organization_id": 1, "mobile_numbers": [GLOBE, SMART], "message": "Hello"}
    assert api.refuse("POST", SMS, body)[0] == 402
    assert api.messages == []


@pytest.mark.parametrize("path", [TOPUP, f"{TOPUP}/"])
def test_topup_takes_all_values_as_text(api: Api, path: str) -> None:
    body = {"organizationId": "1", "maxAmount": "30", "desiredAmount": "20", "phoneNumber": SMART, "clientRef": "x"}
    assert api.call("POST", path, body) == {"status": "Success", "errorMessage": "", "amountSent": 20, "price": 0.4}
    listed = api.call("GET", f"{ORG}/topups/")["topups"]
    assert [topup["clientRef"] for topup in listed] == ["x"]


def test_result_of_a_topup_is_posted(api: Api) -> None:
    body = {"organizationId": 1, "maxAmount": 25, "phoneNumber": "639175550023", "clientRef": "x"}
    queued = api.call("POST", TOPUP, body | {"resultsUrl": "http://localhost:9/results"})
    assert queued == {"status": "Queued", "errorMessage": "", "amountSent": 0, "price": 0.0}
    assert api.deliveries == []
    api.clock.advance(60)
    assert [json.loads(delivery.body) for delivery in api.deliveries] == [
        {"status": "Success", "errorMessage": "", "amountSent": 25, "price": 0.5, "clientRef": "x"}
    ]


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"organizationId": "2"}, 404, "Not found"),
        ({"phoneNumber": ""}, 400, "no recipient"),
        ({"phoneNumber": "12"}, 400, "invalid 'to' number"),
        ({"maxAmount": "5"}, 400, "Globe offers no top-up"),
        ({"resultsUrl": "nowhere"}, 400, "invalid 'resultsUrl'"),
        ({"maxAmount": None}, 400, "missing field 'maxAmount'"),
        ({"maxAmount": "much"}, 400, "invalid field 'maxAmount'"),
    ],
)
def test_topup_error_keeps_the_shape_of_a_success(api: Api, fields: dict[str, Any], status: int, message: str) -> None:
    response = api.send("POST", TOPUP, {"organizationId": "1", "maxAmount": "25", "phoneNumber": GLOBE} | fields)
    shown = response.json()
    assert (response.status_code, shown["status"], shown["amountSent"]) == (status, "Error", 0)
    assert shown["errorMessage"].startswith(message)
    assert api.messages == []
