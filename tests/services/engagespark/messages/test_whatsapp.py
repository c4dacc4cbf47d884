"""WhatsApp messages: sending with files and templates, delivery, and what comes in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.engagespark.api import GLOBE, ORG, Api

FROM = "639189990000"
SEND = "/v1/whatsapp/contact"


def send(api: Api, **fields: Any) -> Any:
    return api.call("POST", SEND, {"orgId": 1, "from": FROM, "message": "Hello", "fullPhoneNumber": GLOBE} | fields)


def shown(api: Api, id: str) -> Any:
    return api.call("GET", f"{ORG}/whatsapp/{id}/")


def test_response_has_the_documented_shape(api: Api) -> None:
    assert send(api) == {
        "messageId": "WAIN20260301T120000-763001",
        "contactId": 100_001,
        "to": GLOBE,
        "message": "Hello",
        "deliveryDeadline": "2026-03-02T12:00:00Z",
    }
    assert api.micro == 100_000_000 - 10_000


def test_message_is_delivered_and_read(api: Api) -> None:
    id = send(api)["messageId"]
    first = shown(api, id)
    assert (first["done"], first["deliveredToTelco"], first["deliveredToPhone"], first["read"]) == (
        False,
        False,
        "unknown",
        False,
    )
    api.clock.advance(10)
    assert shown(api, id) == {
        "id": id,
        "direction": "egress",
        "created": "2026-03-01T12:00:00Z",
        "sender": FROM,
        "recipient": GLOBE,
        "contactId": 100_001,
        "done": True,
        "read": True,
        "readAt": "2026-03-01T12:00:08Z",
        "successT": "2026-03-01T12:00:01Z",
        "message": "Hello",
        "imageFiles": [],
        "audioFiles": [],
        "videoFiles": [],
        "documentFiles": [],
        "fullFilePaths": [],
        "error": "",
        "deliveryError": "",
        "deliveredToTelco": True,
        "deliveredToPhone": "confirmed",
        "charged": 10_000,
    }
    assert [event.type for event in api.events] == ["accepted", "sent", "delivered", "read"]
    assert api.messages[0].status == "read"


@pytest.mark.parametrize(
    "fields",
    [
        {"content": {"a": "{{contact.120}}" * 11}},
        {"content": {"a": ["{{contact.120}}"] * 11}},
    ],
)
def test_whatsapp_content_is_bounded(api: Api, fields: dict[str, Any]) -> None:
    api.contact(customFields={"120": "x" * 10_000})
    body = {"orgId": 1, "from": FROM, "message": "Hello", "fullPhoneNumber": GLOBE} | fields
    assert api.refuse("POST", SEND, body)[:2] == (400, "request.invalid")
    assert api.messages == []


@pytest.mark.parametrize("text", ["x" * 1601, "{{contact.firstName}}!", "{{contact.120}}" * 6000])
def test_text_has_1600_characters_at_most(api: Api, text: str) -> None:
    api.contact(firstName="M" * 1000, lastName="M" * 600, customFields={"120": "x" * 10_000})
    assert len(send(api, message="{{contact.firstName}}{{contact.lastName}}")["message"]) == 1600
    body = {"orgId": 1, "from": FROM, "message": text.replace("!", "{{contact.lastName}}!"), "fullPhoneNumber": GLOBE}
    assert api.refuse("POST", SEND, body)[:2] == (400, "whatsapp.toolong")
    assert len(api.messages) == 1


def test_captured_message_has_contact_and_template(api: Api) -> None:
    send(api)
    send(api, content={"name": "welcome"})
    assert [json.loads(message.metadata) for message in api.messages] == [
        {"contactId": 100_001},
        {"contactId": 100_001, "content": {"name": "welcome"}},
    ]


def test_files_are_sent_along(api: Api) -> None:
    for name in ("cat.jpg", "cat.mp3", "cat.mp4", "cat.pdf"):
        api.upload((name, name.encode()))
    id = send(api, image="cat.jpg", audio="cat.mp3", video="cat.mp4", document="cat.pdf", message="")["messageId"]
    message = shown(api, id)
    assert (message["imageFiles"], message["audioFiles"]) == (["cat.jpg"], ["cat.mp3"])
    assert (message["videoFiles"], message["documentFiles"]) == (["cat.mp4"], ["cat.pdf"])
    assert message["fullFilePaths"][0] == "/v1/organizations/1/files/cat.jpg"
    assert len(message["fullFilePaths"]) == 4
    file = api.messages[0].attachments[0]
    assert (file.name, file.data) == ("cat.jpg", b"cat.jpg")
    assert api.send("GET", message["fullFilePaths"][3]).content == b"cat.pdf"


def test_text_and_template_are_filled_in(api: Api) -> None:
    api.contact(firstName="Mary")
    template = {"name": "welcome", "parameters": ["{{contact.firstName}}", {"n": 1, "x": None}]}
    sent = send(api, message="Hi {{contact.firstName}}", content=template)
    assert sent["message"] == "Hi Mary"
    assert sent["content"] == {"name": "welcome", "parameters": ["Mary", {"n": 1, "x": None}]}
    assert shown(api, sent["messageId"])["content"] == sent["content"]
    assert api.messages[0].text == "Hi Mary"


@pytest.mark.parametrize("missing", ["orgId", "from", "message"])
def test_missing_field_is_an_error(api: Api, missing: str) -> None:
    fields = {"orgId": 1, "from": FROM, "message": "Hello", "fullPhoneNumber": GLOBE}
    del fields[missing]
    assert api.refuse("POST", SEND, fields) == (400, "request.missing", f"missing field '{missing}'")


def test_sender_is_a_registered_number(api: Api) -> None:
    fields = {"orgId": "1", "message": "Hello", "fullPhoneNumber": GLOBE}
    assert api.refuse("POST", SEND, fields | {"from": "ACME"})[:2] == (400, "whatsapp.sender")
    send(api, **{"from": "+1 202 555 0123"})
    api.strict()
    assert api.refuse("POST", SEND, fields | {"from": "12025550123"})[:2] == (400, "whatsapp.sender")
    send(api, **{"from": f"+{FROM}"})


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"image": "none.jpg"}, "whatsapp.file"),
        ({"content": []}, "request.invalid"),
        ({"content": {"x": "y" * 100_001}}, "request.invalid"),
        ({"content": {"x": 10**30}}, "request.invalid"),
        ({"message": "x" * 100_001}, "request.invalid"),
    ],
)
def test_invalid_message_is_an_error(api: Api, fields: dict[str, Any], code: str) -> None:
    body = {"orgId": 1, "from": FROM, "message": "Hello", "fullPhoneNumber": GLOBE} | fields
    assert api.refuse("POST", SEND, body)[:2] == (400, code)
    assert api.call("GET", f"{ORG}/contacts/")["total"] == 0


def test_another_organization_is_not_found(api: Api) -> None:
    body = {"orgId": 2, "from": FROM, "message": "Hello", "fullPhoneNumber": GLOBE}
    assert api.refuse("POST", SEND, body) == (404, None, "Not found")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("639175550002", (True, True, "failed", "", "blocked", 10_000)),
        ("639175550020", (True, False, "unknown", "rejected by WhatsApp", "", 0)),
        ("639175550022", (True, True, "unknown", "", "", 10_000)),
        ("639175550023", (True, True, "confirmed", "", "", 10_000)),
        ("639175550024", (True, False, "unknown", "expired", "", 0)),
    ],
)
def test_number_decides_the_outcome(api: Api, number: str, expected: tuple[object, ...]) -> None:
    id = send(api, fullPhoneNumber=number)["messageId"]
    api.clock.advance(25 * 3600)
    m = shown(api, id)
    names = ("done", "deliveredToTelco", "deliveredToPhone", "error", "deliveryError", "charged")
    assert tuple(m[name] for name in names) == expected
    assert m["read"] is (expected[2] == "confirmed")


@pytest.mark.parametrize("id", ["x", "WAIN-763001", "WAIN20260301T120000-1", "WAIN-９"])
def test_unknown_message_is_not_found(api: Api, id: str) -> None:
    send(api)
    assert api.refuse("GET", f"{ORG}/whatsapp/{id}/") == (404, None, "Not found")
