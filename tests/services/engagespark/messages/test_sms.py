"""Sending SMS and reading them: what is echoed, filled in, refused, and sent only once."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.state.config import Profile, Settings
from sparkbox.services.engagespark.contacts import address_book as book
from sparkbox.testing.transport import Transport
from tests.services.engagespark.api import GLOBE, ORG, Api
from tests.services.view import NOW

BOTH = pytest.mark.parametrize("path", ["/v1/sms/contact", "/v1/sms/phonenumber"])


def test_response_has_the_recorded_shape(api: Api) -> None:
    assert api.sms() == {
        "error": "",
        "messageId": "SMS20260301T120000-500001-1",
        "estimateParts": 1,
        "estimateMicro": 20_000,
        "estimate": "0.02",
        "deliveryDeadline": "2026-03-02T12:00:00Z",
        "contactId": 0,
        "to": GLOBE,
        "message": "Hello",
    }


def test_delivery_deadline_has_nanoseconds(api: Api) -> None:
    api.clock.freeze(NOW + 0.5)
    assert api.sms()["deliveryDeadline"] == "2026-03-02T12:00:00.5Z"


@BOTH
def test_client_fields_are_echoed(api: Api, path: str) -> None:
    extras = {"clientDedup": "order-1", "clientPushURL": "http://localhost/dlr", "clientRef": "ref"}
    sent = api.sms(path=path, **extras)
    assert {name: sent[name] for name in extras} == extras
    assert api.shown(sent["messageId"])["client_ref"] == "ref"


def test_captured_message_is_what_the_recipient_gets(api: Api) -> None:
    sent = api.sms(message="Hello €", clientRef="r1")
    message = api.messages[0]
    assert (message.channel, message.sender, message.to, message.text) == ("sms", "ACME", GLOBE, "Hello €")
    assert (message.vendor_id, message.status) == (sent["messageId"], "accepted")
    assert message.metadata == b'{"parts":1,"clientRef":"r1"}'


@BOTH
@pytest.mark.parametrize("organization", [1, "1"])
@pytest.mark.parametrize("name", ["orgId", "orgid", "ORGID"])
def test_org_id_may_be_number_or_text_in_any_case(api: Api, path: str, organization: Any, name: str) -> None:
    api.call("POST", path, {name: organization, "To": GLOBE, "MESSAGE": "Hello", "from": None})


@BOTH
@pytest.mark.parametrize("profile", ["easy", "strict"])
def test_missing_or_null_sender_is_the_organizations_default(api: Api, path: str, profile: Profile) -> None:
    api.account.profile = profile
    for fields in ({}, {"from": None}, {"from": ""}):
        api.call("POST", path, {"orgId": 1, "to": GLOBE, "message": "Hello"} | fields)
        assert api.messages[-1].sender == "engageSPARK"


@BOTH
def test_to_and_full_number_may_be_the_same(api: Api, path: str) -> None:
    assert api.sms(path=path, to=f"+{GLOBE}")["to"] == GLOBE
    refused = api.refuse("POST", path, {"orgId": 1, "message": "x", "to": "639181234567", "fullPhoneNumber": GLOBE})
    assert refused[:2] == (400, "recipient.ambiguous")


@BOTH
@pytest.mark.parametrize("missing", ["orgId", "message"])
def test_missing_field_is_an_error(api: Api, path: str, missing: str) -> None:
    fields = {"orgId": 1, "from": "ACME", "message": "Hello", "to": GLOBE}
    for empty in ({}, {missing: None}, {missing: ""}):
        given_fields = {name: value for name, value in fields.items() if name != missing} | empty
        assert api.refuse("POST", path, given_fields) == (400, "request.missing", f"missing field '{missing}'")


@BOTH
def test_another_organization_is_not_found(api: Api, path: str) -> None:
    assert api.refuse("POST", path, {"orgId": 2, "message": "x", "to": GLOBE}) == (404, None, "Not found")


@BOTH
@pytest.mark.parametrize("fields", [{"message": 7}, {"clientRef": []}, {"from": 5}, {"to": 639171234567}])
def test_field_of_a_wrong_type_is_an_error(api: Api, path: str, fields: dict[str, Any]) -> None:
    refused = api.refuse("POST", path, {"orgId": 1, "message": "x", "to": GLOBE} | fields)
    assert refused[:2] == (400, "request.invalid")
    assert repr(next(iter(fields))) in refused[2]


@BOTH
def test_snake_case_names_are_no_fields(api: Api, path: str) -> None:
    body = {"org_id": 1, "sender": "ACME", "message": "x", "full_phone_number": GLOBE}
    assert api.refuse("POST", path, body)[2] == "missing field 'orgId'"


@BOTH
def test_error_keeps_the_shape_of_a_success(api: Api, path: str) -> None:
    response = api.send("POST", path, {"orgId": 1, "from": None, "to": "6305", "message": "hullo"})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/jsonl; charset=utf-8"
    assert response.json() == {
        "error": "invalid 'to' number (not a valid number)",
        "errorCode": "phonenumber.invalid",
        "messageId": "SMS20260301T120000-500001-1",
        "estimateParts": 0,
        "estimateMicro": 0,
        "estimate": "",
        "deliveryDeadline": "2026-03-02T12:00:00Z",
        "contactId": 0,
        "to": "6305",
        "message": "hullo",
    }
    assert api.messages == []


@BOTH
@pytest.mark.parametrize(("text", "parts"), [("a" * 1071, 7), ("я" * 469, 7)])
def test_seven_parts_are_sent(api: Api, path: str, text: str, parts: int) -> None:
    assert api.sms(message=text, path=path)["estimateParts"] == parts


@BOTH
@pytest.mark.parametrize("text", ["a" * 1072, "я" * 470, "a" * 100_000])
def test_more_than_seven_parts_are_an_error(api: Api, path: str, text: str) -> None:
    refused = api.refuse("POST", path, {"orgId": 1, "message": text, "to": GLOBE})
    assert refused[:2] == (400, "sms.toolong")
    assert api.micro == 100_000_000


def test_placeholders_of_a_contact_are_filled_in(api: Api) -> None:
    contact = api.contact(firstName="Mary", lastName="Sue", customFieldsByName={"color": "blue", "Best Friend": "Bo"})
    text = (
        "{{contact.firstName}} {{ contact.LASTNAME }} {{contact.customFields.120}} {{contact.color}} "
        "{{contact.best friend}} {{contact.nothing}}{{contact.language}} {{other}}"
    )
    sent = api.sms(message=text, path="/v1/sms/contact")
    assert sent["message"] == "Mary Sue blue blue Bo  {{other}}"
    assert sent["contactId"] == contact["id"]
    assert api.messages[0].text == sent["message"]


def test_parts_are_those_of_the_filled_in_text(api: Api) -> None:
    api.contact(firstName="M" * 200)
    assert api.sms(message="{{contact.firstName}}", path="/v1/sms/contact")["estimateParts"] == 2


def test_text_that_becomes_too_long_is_an_error(api: Api) -> None:
    api.contact(firstName="M" * 1000)
    body = {"orgId": 1, "to": GLOBE, "message": "{{contact.firstName}} {{contact.firstName}}"}
    assert api.refuse("POST", "/v1/sms/contact", body)[:2] == (400, "sms.toolong")


def test_filled_in_text_is_bounded(api: Api) -> None:
    contact = api.contact(customFields={"120": "x" * 10_000})
    text = "{{contact.120}}" * 6000
    known = book.get(api.ctx, contact["id"])
    assert known is not None
    filled = book.personalise(api.ctx, text, known)
    assert len(filled) < len(text) + 2 * book.MOST_FILLED
    body = {"orgId": 1, "to": GLOBE, "message": text}
    assert api.refuse("POST", "/v1/sms/contact", body)[:2] == (400, "sms.toolong")


def test_sms_to_a_number_fills_in_nothing_and_makes_no_contact(api: Api) -> None:
    api.contact(firstName="Mary")
    sent = api.sms(message="Hi {{contact.firstName}}")
    assert (sent["message"], sent["contactId"]) == ("Hi {{contact.firstName}}", 0)
    api.sms("639181234567")
    assert api.call("GET", f"{ORG}/contacts/")["total"] == 1


def test_sms_to_a_number_takes_no_contact(api: Api) -> None:
    body = {"orgId": 1, "message": "x", "contactId": api.contact()["id"]}
    assert api.refuse("POST", "/v1/sms/phonenumber", body)[:2] == (400, "recipient.missing")


@pytest.mark.parametrize("url", ["nowhere", "ftp://localhost/", "http://", "http://local host/"])
def test_invalid_push_url_is_an_error(api: Api, url: str) -> None:
    body = {"orgId": 1, "message": "x", "to": GLOBE, "clientPushURL": url}
    assert api.refuse("POST", "/v1/sms/contact", body)[:2] == (400, "sms.pushurl")


@BOTH
def test_repeated_client_dedup_is_a_conflict_with_the_first_messages_fields(api: Api, path: str) -> None:
    first = api.sms(path=path, clientDedup="order-1", clientRef="one")
    api.clock.advance(1000)
    again = {"orgId": 1, "from": "X", "message": "Other", "to": "639181234567", "clientDedup": "order-1"}
    response = api.send("POST", path, again)
    assert response.status_code == 409
    assert response.json() == first | {
        "error": "duplicate clientDedup",
        "errorCode": "sms.clientdedup",
        "dedupMessageId": first["messageId"],
    }
    assert (len(api.messages), api.micro) == (1, 99_980_000)


def test_client_dedup_counts_for_both_ways_of_sending(api: Api) -> None:
    api.sms(path="/v1/sms/contact", clientDedup="order-1")
    assert api.refuse(
        "POST", "/v1/sms/phonenumber", {"orgId": 1, "message": "x", "to": GLOBE, "clientDedup": "order-1"}
    ) == (409, "sms.clientdedup", "duplicate clientDedup")


def test_empty_client_dedup_does_not_count(api: Api) -> None:
    api.sms(clientDedup="")
    api.sms(clientDedup="")
    assert len(api.messages) == 2


def test_failed_request_does_not_use_up_its_client_dedup(api: Api) -> None:
    body = {"orgId": 1, "message": "x", "to": "6305", "clientDedup": "order-1"}
    assert api.refuse("POST", "/v1/sms/contact", body)[0] == 400
    api.simulate("balance", balanceMicro=0)
    assert api.refuse("POST", "/v1/sms/contact", body | {"to": GLOBE})[0] == 402
    api.simulate("balance", balanceMicro=20_000)
    api.call("POST", "/v1/sms/contact", body | {"to": GLOBE})


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=20))
def test_message_is_sent_once_with_concurrent_client_dedups(dedups: list[str]) -> None:
    app = create_app(Settings(validate_responses=True, rate_limits=False))

    async def send_all() -> list[httpx.Response]:
        headers = {"Authorization": "Token mock-token"}
        transport = Transport(app)
        async with httpx.AsyncClient(transport=transport, base_url="https://api.engagespark.com", headers=headers) as c:
            bodies = [{"orgId": 1, "message": "x", "to": GLOBE, "clientDedup": dedup} for dedup in dedups]
            return await asyncio.gather(*(c.post("/v1/sms/contact", json=body) for body in bodies))

    responses = asyncio.run(send_all())
    account = app.sandbox.accounts.open("mock-token")
    assert account is not None
    assert len(account.messages) == len(set(dedups))
    for dedup in set(dedups):
        of_it = [response for response, used in zip(responses, dedups, strict=True) if used == dedup]
        first = [response.json()["messageId"] for response in of_it if response.status_code == 200]
        assert len(first) == 1
        repeated = [response for response in of_it if response.status_code == 409]
        assert len(repeated) == len(of_it) - 1
        assert {response.json()["dedupMessageId"] for response in repeated} <= set(first)


def test_sms_is_shown_with_all_fields(api: Api) -> None:
    sent = api.sms(message="a" * 161, path="/v1/sms/contact", clientRef="ref")
    api.clock.advance(10)
    assert api.shown(sent["messageId"]) == {
        "id": sent["messageId"],
        "direction": "egress",
        "created": "2026-03-01T12:00:00Z",
        "sender": "ACME",
        "recipient": GLOBE,
        "contactId": sent["contactId"],
        "pricePerPart": 20_000,
        "done": True,
        "successPartCount": 2,
        "successT": "2026-03-01T12:00:01Z",
        "message": "a" * 161,
        "error": "",
        "deliveryError": "",
        "deliveredToTelco": True,
        "deliveredToPhone": "confirmed",
        "client_ref": "ref",
        "chargedMicro": 40_000,
        "chargedHuman": "0.04",
    }


@pytest.mark.parametrize("id", ["x", "SMS-500001", "SMS-500001-1", "SMS20260301T120000-500002-1", "SMS-９-1"])
def test_unknown_sms_is_not_found(api: Api, id: str) -> None:
    api.sms()
    assert api.refuse("GET", f"{ORG}/messages/{id}/") == (404, None, "Not found")
