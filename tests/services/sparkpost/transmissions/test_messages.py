"""The messages of a transmission: substitutions, attachments, copies."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from tests.services.sparkpost.api import Api
from tests.services.sparkpost.transmissions.calls import ADA, CONTENT, events, message, messages, refuse, request, send

# What arrives


def test_one_recipient_gets_one_message(api: Api) -> None:
    response = api.send("POST", "/transmissions", request())
    results = response.json()["results"]
    assert response.status_code == 200
    assert re.fullmatch(r"\d{17}", results.pop("id"))
    assert results == {"total_rejected_recipients": 0, "total_accepted_recipients": 1}
    (captured,) = messages(api)
    assert (captured.sender, captured.sender_name) == ("news@shop.example", "The Shop")
    assert (captured.to, captured.to_name, captured.rcpt_type) == ("Ada@mail.example", "Ada", "to")
    assert (captured.subject, captured.text, captured.html) == ("Hello", "Dear customer", None)


def test_message_has_the_id_of_its_transmission(api: Api) -> None:
    id = send(api)
    assert messages(api)[0].vendor_id == id


def test_message_is_delivered_after_a_second(api: Api) -> None:
    send(api)
    assert messages(api)[0].status == "accepted"
    api.account.clock.advance(1)
    assert messages(api)[0].status == "delivered"


def test_sender_can_be_an_object_with_null_name(api: Api) -> None:
    captured = message(api, content=CONTENT | {"from": {"email": "news@shop.example", "name": None}})
    assert (captured.sender, captured.sender_name) == ("news@shop.example", "")


def test_content_is_rendered_for_each_recipient(api: Api) -> None:
    content = {
        "from": {"name": "{{shop}}", "email": "{{who}}@shop.example"},
        "reply_to": "{{who}} <{{who}}@shop.example>",
        "subject": "{{address.name}}, {{email}}",
        "headers": {"X-Plan": "{{plan}}"},
        "text": "{{plan}} & {{unknown}}",
        "html": "<b>{{plan}}</b>",
        "amp_html": "<i>{{plan}}</i>",
    }
    grace = {"address": "grace@mail.example", "substitution_data": {"plan": "free"}}
    api.call(
        "POST",
        "/transmissions",
        {
            "recipients": [ADA | {"substitution_data": {"plan": "<gold>"}}, grace],
            "substitution_data": {"shop": "The Shop", "who": "news"},
            "options": {"open_tracking": False, "transactional": True},
            "content": content,
        },
    )
    first, second = messages(api)
    assert (first.sender_name, first.sender, first.reply_to) == (
        "The Shop", "news@shop.example", "news <news@shop.example>",
    )  # fmt: skip
    assert first.subject == "Ada, Ada@mail.example"
    assert (first.text, first.html, first.amp_html) == ("<gold> & ", "<b>&lt;gold&gt;</b>", "<i>&lt;gold&gt;</i>")
    assert first.headers == (("X-Plan", "<gold>"),)
    assert (second.subject, second.text, second.headers) == (", grace@mail.example", "free & ", (("X-Plan", "free"),))


@pytest.mark.parametrize(
    ("sources", "city"),
    [
        (["metadata"], "metadata"),
        (["metadata", "substitution_data"], "substitution_data"),
        (["metadata", "substitution_data", "recipient metadata"], "recipient metadata"),
        (["metadata", "substitution_data", "recipient metadata", "recipient substitution_data"],
         "recipient substitution_data"),
    ],
)  # fmt: skip
def test_recipient_data_overrides_transmission_data(api: Api, sources: list[str], city: str) -> None:
    recipient = dict(ADA)
    fields: dict[str, Any] = {}
    for source in sources:
        target = recipient if source.startswith("recipient ") else fields
        target[source.removeprefix("recipient ")] = {"city": source}
    captured = message(api, recipients=[recipient], content=CONTENT | {"text": "{{city}}"}, **fields)
    assert captured.text == city


def test_reserved_names_override_data(api: Api) -> None:
    captured = message(api, substitution_data={"email": "x", "address": "y"}, content=CONTENT | {"text": "{{email}}"})
    assert captured.text == "Ada@mail.example"


def test_substitutions_can_be_switched_off_but_for_headers(api: Api) -> None:
    content = CONTENT | {"subject": "{{email}}", "text": "{{email}} {{ not a template"}
    assert refuse(api, content=content)["code"] == "3000"
    content["text"] = "{{email}}"
    captured = message(api, content=content, options={"perform_substitutions": False})
    assert (captured.subject, captured.text) == ("Ada@mail.example", "{{email}}")


def test_line_breaks_in_data_inject_no_header(api: Api) -> None:
    captured = message(
        api, substitution_data={"name": "x\r\nBcc: eve@mail.example"}, content=CONTENT | {"subject": "{{name}}"}
    )
    assert captured.subject == "x  Bcc: eve@mail.example"


def test_attachments_and_inline_images_arrive(api: Api) -> None:
    data = base64.encodebytes(b"x" * 100).decode()
    captured = message(
        api,
        content=CONTENT | {
            "html": '<img src="cid:logo">',
            "attachments": [{"name": "bill.pdf", "type": "application/pdf", "data": data}],
            "inline_images": [{"name": "logo", "type": "image/png", "data": "AAEC"}],
        },
    )  # fmt: skip
    bill, logo = captured.attachments
    assert (bill.name, bill.type, bill.data, bill.content_id) == ("bill.pdf", "application/pdf", b"x" * 100, None)
    assert (logo.data, logo.content_id) == (b"\0\1\2", "logo")


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({"attachments": [{"name": "a", "type": "t", "data": "?"}]}, "content.attachments[0].data is not valid base64"),
        ({"attachments": [{"name": "a", "type": "t"}]}, "field 'content.attachments[0].data' is required"),
        ({"attachments": [{"name": "a", "type": None, "data": ""}]}, "field 'content.attachments[0].type' is required"),
        (
            {"attachments": [{"name": "é" * 128, "type": "t", "data": ""}]},
            "field 'content.attachments[0].name' is of length '256', but needs to be of max length '255'",
        ),
        (
            {"attachments": {"name": "a"}},
            "field 'content.attachments' is of type 'json_object', but needs to be of type 'json_array'",
        ),
        ({"inline_images": [{"name": "a", "type": "t", "data": ""}]}, "content.inline_images requires content.html"),
        (
            {"html": "h", "inline_images": [{"name": "a", "type": "t", "data": ""}] * 2},
            "content.inline_images: each name must be unique",
        ),
    ],
)
def test_invalid_attachments_are_refused(api: Api, fields: dict[str, Any], description: str) -> None:
    row = refuse(api, content=CONTENT | fields)
    assert (row["status"], row["description"]) == (422, description)


# Copies


def test_recipient_is_cc_if_the_header_shows_it_else_bcc(api: Api) -> None:
    copies = [{"address": {"email": to, "header_to": "ada@mail.example", "name": "Ada"}} for to in
              ("Grace@mail.example", "eve@mail.example")]  # fmt: skip
    content = CONTENT | {"headers": {"CC": "Grace <grace@mail.example>"}}
    api.call("POST", "/transmissions", request(recipients=[ADA, *copies], content=content))
    assert [(m.to, m.rcpt_type, m.header_to) for m in messages(api)] == [
        ("Ada@mail.example", "to", ""),
        ("Grace@mail.example", "cc", '"Ada" <ada@mail.example>'),
        ("eve@mail.example", "bcc", '"Ada" <ada@mail.example>'),
    ]
    assert [event.get("rcpt_type") for event in events(api, "injection")] == [None, "cc", "bcc"]


def test_a_header_to_with_a_name_of_its_own_stays_as_it_is(api: Api) -> None:
    copy = {"address": {"email": "grace@mail.example", "name": "Grace", "header_to": '"Ada" <ada@mail.example>'}}
    assert message(api, recipients=[copy]).header_to == '"Ada" <ada@mail.example>'
