"""Transmissions: what is sent to whom, and how it is refused."""

from __future__ import annotations

import base64
import json
import re
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from sparkbox.core.logs.messages import Message
from sparkbox.core.state.config import Profile
from sparkbox.services.sparkpost.transmissions.models import Transmission
from tests.services.sparkpost.api import FIXTURES, Api
from tests.services.view import NOW

CONTENT = {"from": "The Shop <news@shop.example>", "subject": "Hello", "text": "Dear customer"}
ADA = {"address": {"email": "Ada@mail.example", "name": "Ada"}}


@pytest.fixture
def strict() -> Api:
    """An account that asks for what the vendor asks for, with ``shop.example`` verified."""
    api = Api(profile="strict")
    api.call("POST", "/sending-domains", {"domain": "shop.example"})
    api.call("POST", "/sending-domains/shop.example/verify", {"dkim_verify": True})
    return api


def request(**fields: Any) -> dict[str, Any]:
    return {"recipients": [ADA], "content": CONTENT, **fields}


def send(api: Api, **fields: Any) -> str:
    """Sends to one recipient; gives the transmission's id."""
    return str(api.call("POST", "/transmissions", request(**fields))["id"])


def messages(api: Api) -> list[Message]:
    return list(api.account.messages.oldest())


def message(api: Api, **fields: Any) -> Message:
    """The one message of a transmission with these fields."""
    send(api, **fields)
    (captured,) = messages(api)
    return captured


def events(api: Api, *types: str) -> list[dict[str, Any]]:
    """The data of the events of these types, oldest first."""
    return [event.json() for event in api.account.events.oldest() if event.type in types]


def refuse(api: Api, **fields: Any) -> dict[str, Any]:
    """The one error of a transmission that is refused; nothing was sent."""
    response = api.send("POST", "/transmissions", request(**fields))
    (row,) = response.json()["errors"]
    assert messages(api) == []
    return {"status": response.status_code, **row}


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


def test_a_message_knows_its_transmission(api: Api) -> None:
    id = send(api)
    assert messages(api)[0].vendor_id == id


def test_it_is_delivered_a_second_later(api: Api) -> None:
    send(api)
    assert messages(api)[0].status == "accepted"
    api.account.clock.advance(1)
    assert messages(api)[0].status == "delivered"


def test_a_sender_may_be_an_object_with_a_null_name(api: Api) -> None:
    captured = message(api, content=CONTENT | {"from": {"email": "news@shop.example", "name": None}})
    assert (captured.sender, captured.sender_name) == ("news@shop.example", "")


def test_everything_is_filled_in_for_each_recipient(api: Api) -> None:
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
def test_a_recipients_data_win_over_the_transmissions(api: Api, sources: list[str], city: str) -> None:
    recipient = dict(ADA)
    fields: dict[str, Any] = {}
    for source in sources:
        target = recipient if source.startswith("recipient ") else fields
        target[source.removeprefix("recipient ")] = {"city": source}
    captured = message(api, recipients=[recipient], content=CONTENT | {"text": "{{city}}"}, **fields)
    assert captured.text == city


def test_the_vendors_own_names_win_over_data(api: Api) -> None:
    captured = message(api, substitution_data={"email": "x", "address": "y"}, content=CONTENT | {"text": "{{email}}"})
    assert captured.text == "Ada@mail.example"


def test_substitutions_can_be_switched_off_but_for_headers(api: Api) -> None:
    content = CONTENT | {"subject": "{{email}}", "text": "{{email}} {{ not a template"}
    assert refuse(api, content=content)["code"] == "3000"
    content["text"] = "{{email}}"
    captured = message(api, content=content, options={"perform_substitutions": False})
    assert (captured.subject, captured.text) == ("Ada@mail.example", "{{email}}")


def test_line_breaks_in_data_smuggle_no_header(api: Api) -> None:
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
def test_files_are_checked(api: Api, fields: dict[str, Any], description: str) -> None:
    row = refuse(api, content=CONTENT | fields)
    assert (row["status"], row["description"]) == (422, description)


# Copies


def test_a_copy_is_open_if_the_cc_header_shows_it_and_blind_otherwise(api: Api) -> None:
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


# Recipients


@pytest.mark.parametrize(
    ("recipient", "code", "description"),
    [
        ({}, "1400", "address.email is required for each recipient"),
        ({"address": None}, "1400", "address.email is required for each recipient"),
        ({"address": {"name": "Ada"}}, "1400", "address.email is required for each recipient"),
        ({"address": "ada"}, "1300", "invalid recipient address: ada"),
        ({"address": "ada@mail.example "}, "1300", "invalid recipient address: ada@mail.example "),
        ({"address": {"email": "a b@mail.example"}}, "1300", "invalid recipient address.email: a b@mail.example"),
        ({"address": {"email": 5}}, "1300", "invalid recipient address.email: 5"),
        ({"address": [1]}, "1300", "address [1] is not JSON"),
        ({"address": {"email": "a@b.example", "name": 1}}, "1300", "invalid recipient address.name: 1"),
        (
            {"address": {"email": "a@b.example", "header_to": "x\r\ny"}},
            "1300",
            "invalid recipient address.header_to: x\r\ny",
        ),
        ({"address": "wil..ma@mail.example"}, "1300", "invalid recipient address: wil..ma@mail.example"),
        ({"address": "Ada <ada@mail.example>"}, "1300", "invalid recipient address: Ada <ada@mail.example>"),
        (
            {"address": {"email": "a@b.example", "header_to": "Ada, a@b.example"}},
            "1300",
            "invalid recipient address.header_to: Ada, a@b.example",
        ),
        ({"address": "a@b.example", "metadata": []}, "1300", "metadata : is not of type json_object"),
        ({"address": "a@b.example", "substitution_data": 1}, "1300", "substitution_data : is not of type json_object"),
        ({"address": "a@b.example", "return_path": "x"}, "1300", "return_path 'x' is not a valid email address"),
        (
            {"address": "a@b.example", "tags": "x"},
            "1300",
            "field 'recipients[1].tags' is of type 'string', but needs to be of type 'json_array'",
        ),
        (
            {"address": "a@b.example", "tags": [1]},
            "1300",
            "field 'recipients[1].tags[0]' is of type 'number', but needs to be of type 'string'",
        ),
        ("a@b.example", "1300", "field 'recipients[1]' is of type 'string', but needs to be of type 'json_object'"),
        (
            {"address": "a@b.example", "metadata": {"x": "y" * 10_000}},
            "2007",
            "Recipient-level metadata must be less than 10000 bytes",
        ),
        (
            {"address": "a@b.example", "substitution_data": {"x": "y" * 100_000}},
            "2002",
            "Recipient-level substitution data must be less than 100000 bytes",
        ),
    ],
)
def test_a_bad_recipient_is_rejected_alone(api: Api, recipient: Any, code: str, description: str) -> None:
    response = api.send("POST", "/transmissions", request(recipients=[ADA, recipient]))
    assert response.status_code == 200
    results = response.json()["results"]
    assert (results["total_accepted_recipients"], results["total_rejected_recipients"]) == (1, 1)
    (row,) = results["rcpt_to_errors"]
    assert (row["code"], row["description"]) == (code, description)
    assert response.json()["errors"] == [
        {"message": "transmission created, but with validation errors", "code": "2000"}
    ]
    assert len(messages(api)) == 1


def test_no_good_recipient_at_all_is_refused(api: Api) -> None:
    wanted = {"status": 400, "message": "At least one valid recipient is required", "code": 5002}
    assert refuse(api, recipients=[{"address": "ada"}]) == wanted
    assert refuse(api, recipients=[]) == wanted


@pytest.mark.parametrize(
    ("recipients", "code", "description"),
    [
        (None, "1400", "recipients or list_id required"),
        ({}, "1400", "recipients or list_id required"),
        ({"list_name": "x"}, "1400", "recipients or list_id required"),
        ("x", "1300", "Invalid recipients type - needs to be json_array or json_object"),
        (
            {"list_id": 5},
            "1300",
            "field 'recipients.list_id' is of type 'number', but needs to be of type 'string'",
        ),
        ({"list_id": "none"}, "1603", "Recipient list 'none' does not exist"),
    ],
)
def test_what_recipients_must_be(api: Api, recipients: Any, code: str, description: str) -> None:
    row = refuse(api, recipients=recipients)
    assert (row["status"], row["code"], row["description"]) == (422, code, description)


def test_the_number_of_errors_told_can_be_limited(api: Api) -> None:
    recipients = [ADA, {"address": "x"}, {"address": "y"}]
    response = api.send("POST", "/transmissions?num_rcpt_errors=1", request(recipients=recipients))
    assert len(response.json()["results"]["rcpt_to_errors"]) == 1
    response = api.send("POST", "/transmissions?num_rcpt_errors=x", request())
    assert response.status_code == 400
    assert response.json()["errors"][0]["description"] == "param 'num_rcpt_errors' must be an integer"


def test_a_stored_list_gets_the_mail(api: Api) -> None:
    stored = [ADA | {"substitution_data": {"plan": "gold"}}, {"address": "grace@mail.example"}]
    api.call("POST", "/recipient-lists", {"id": "all", "recipients": stored})
    api.call("POST", "/transmissions", request(recipients={"list_id": "all"}, content=CONTENT | {"text": "{{plan}}"}))
    assert [(m.to, m.text) for m in messages(api)] == [("Ada@mail.example", "gold"), ("grace@mail.example", "")]


# Content


@pytest.mark.parametrize(
    ("content", "code", "description"),
    [
        (None, "1400", "content object or template_id required"),
        ({}, "1400", "No valid fields exist in the 'content' object"),
        ({"template_id": "none"}, "1603", "template 'none' does not exist"),
        ({"ab_test_id": "test"}, "1603", "ab_test_id 'test' does not exist"),
        ({"ab_test_id": "a", "template_id": "b"}, "1301", "You may not specify both template_id and ab_test_id"),
        ({"template_id": "a", "subject": "b"}, "1301", "Both content object and template_id are specified"),
        ({"email_rfc822": "From: a@b.example\n\n", "text": "b"}, "1301",
         "content.email_rfc822 and content.text are mutually exclusive"),
        ([], "1300", "field 'content' is of type 'json_array', but needs to be of type 'json_object'"),
    ],
)  # fmt: skip
def test_what_content_must_be(api: Api, content: Any, code: str, description: str) -> None:
    row = refuse(api, content=content)
    assert (row["status"], row["code"], row["description"]) == (422, code, description)


@pytest.mark.parametrize(
    "sender",
    [
        "The Shop",
        "a@b.example, c@d.example",
        "Ann <ann@acme.example>, Ben <ben@acme.example>",
        "Acme: ann@acme.example;",
        "Company Name, LLC <ann@acme.example>",
        "Ann <ann@acme.example> <ben@acme.example>",
        "Ann <ann@acme.example",
        "Ann <ann@acme.example> Ben",
        "wil..ma@shop.example",
        "news@[192.0.2.1]",
        "news@",
        "",
        {"email": "Ann <ann@acme.example>"},
        {"email": "ann@acme.example, ben@acme.example"},
        {"email": f"{'a' * 65}@acme.example"},
    ],
)
def test_a_sender_without_one_domain_is_refused(api: Api, sender: str | dict[str, str]) -> None:
    row = refuse(api, content=CONTENT | {"from": sender})
    assert row == {"status": 400, "message": "No sending domain specified", "code": "7001"}


def test_two_senders_are_refused_however_they_come_in(api: Api) -> None:
    two = "Ann <ann@acme.example>, Ben <ben@acme.example>"
    mails = [f"From: {two}\nSubject: s\n\nHi", "From: ann@acme.example\nFrom: ben@acme.example\nSubject: s\n\nHi"]
    for content in ({"from": "{{who}}"}, *[{"email_rfc822": mail} for mail in mails]):
        given = (CONTENT if "from" in content else {}) | content
        assert refuse(api, content=given, substitution_data={"who": two})["message"] == "No sending domain specified"


@pytest.mark.parametrize("sender", ["@shop.example", "Ann <@shop.example>", {"email": "@shop.example"}])
def test_a_sender_without_a_local_part_is_refused(api: Api, sender: str | dict[str, str]) -> None:
    assert refuse(api, content=CONTENT | {"from": sender})["code"] == "2008"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Mustermann & Co. KG", "Mustermann & Co. KG"),
        ('"Doe, John"', "Doe, John"),
        ("=?utf-8?b?w4lyaWM=?=", "Éric"),
        ("=?utf-8?q?Doe=2C_John?=", "Doe, John"),
        ("Éric", "Éric"),
        ("Dr. Who", "Dr. Who"),
    ],
)
def test_a_senders_name_is_kept_by_every_road(api: Api, written: str, name: str) -> None:
    address = "j@x.example"
    one = {"from": f"{written} <{address}>"}
    whole = {"email_rfc822": f"From: {written} <{address}>\nSubject: s\n\nHi"}
    for content in (CONTENT | one, CONTENT | {"from": {"name": name, "email": address}}, whole):
        send(api, content=content, recipients=[{"address": {"email": address, "name": name}}])
    for captured in messages(api):
        assert (captured.sender, captured.sender_name) == (address, name)
        if not captured.source:
            read = message_from_bytes(captured.raw, policy=default)
            found = [read[header].addresses[0] for header in ("From", "To")]
            assert [(one.display_name, one.addr_spec) for one in found] == [(name, address)] * 2


@pytest.mark.parametrize("reply_to", ["nobody", "a@b.example,", "a@b.example\r\nBcc: c@d.example", "Ann <a@b.example"])
def test_a_reply_to_that_names_nobody_is_refused(api: Api, reply_to: str) -> None:
    text = "Error while validating header Reply-To: Invalid header content"
    assert refuse(api, content=CONTENT | {"reply_to": reply_to})["description"] == text
    filled = refuse(api, content=CONTENT | {"reply_to": "{{x}} <a@b"}, substitution_data={"x": "Ann"})
    assert (filled["code"], filled["description"]) == ("3002", text)


def test_a_reply_to_may_name_several(api: Api) -> None:
    several = '"Doe, John" <j@x.example>, help@shop.example'
    assert message(api, content=CONTENT | {"reply_to": several}).reply_to == several


@pytest.mark.parametrize("sender", ["Ann\r\nBcc: x@y.example <a@b.example>", {"email": "a@b.example", "name": "A\nB"}])
def test_a_sender_of_two_lines_is_refused(api: Api, sender: str | dict[str, str]) -> None:
    row = refuse(api, content=CONTENT | {"from": sender})
    assert (row["code"], row["description"]) == ("3002", "Error while validating header From: Invalid header content")


def test_a_stored_template_is_sent_in_its_published_version(api: Api) -> None:
    api.call("POST", "/templates", {"id": "t", "content": CONTENT | {"subject": "Published"}, "published": True})
    api.send("PUT", "/templates/t", {"content": CONTENT | {"subject": "Draft"}})
    send(api, content={"template_id": "t", "html": None, "reply_to": "silently ignored"})
    send(api, content={"template_id": "t", "use_draft_template": True})
    assert [m.subject for m in messages(api)] == ["Published", "Draft"]


def test_a_version_that_is_not_there_is_refused(api: Api) -> None:
    api.call("POST", "/templates", {"id": "draft", "content": CONTENT})
    api.call("POST", "/templates", {"id": "published", "content": CONTENT, "published": True})
    row = refuse(api, content={"template_id": "draft"})
    assert (row["status"], row["code"], row["description"]) == (422, "2005", "no published version of template 'draft'")
    row = refuse(api, content={"template_id": "published", "use_draft_template": True})
    assert (row["status"], row["code"], row["description"]) == (422, "2004", "no draft version of template 'published'")


def test_sending_a_template_is_its_last_use(api: Api) -> None:
    api.call("POST", "/templates", {"id": "t", "content": CONTENT, "published": True})
    assert "last_use" not in api.call("GET", "/templates/t")
    send(api, content={"template_id": "t"})
    assert api.call("GET", "/templates/t")["last_use"] == "2026-03-01T12:00:00+00:00"


def test_a_templates_options_hold_unless_the_transmission_has_its_own(api: Api) -> None:
    options = {"open_tracking": False, "transactional": True}
    api.call("POST", "/templates", {"id": "t", "content": CONTENT, "published": True, "options": options})
    send(api, content={"template_id": "t"})
    send(api, content={"template_id": "t"}, options={"open_tracking": True, "transactional": None})
    first, second = events(api, "injection")
    assert (first["open_tracking"], first["transactional"]) == (False, "1")
    assert (second["open_tracking"], second["transactional"]) == (True, "1")


@pytest.mark.parametrize(
    ("account", "options", "tracked"),
    [
        ({}, {}, (True, True, True)),
        ({}, {"open_tracking": False}, (False, True, False)),
        ({}, {"initial_open": False}, (True, True, False)),
        ({"rest_tracking_default": False}, {}, (False, False, False)),
        ({"rest_tracking_default": False}, {"open_tracking": True}, (True, False, True)),
        ({"click_tracking": False}, {}, (True, False, True)),
        ({"initial_open_pixel_tracking": False}, {}, (True, True, False)),
        ({"initial_open_pixel_tracking": False}, {"initial_open": True}, (True, True, True)),
    ],
)
def test_the_accounts_options_hold_for_what_the_transmission_leaves_out(
    api: Api, account: dict[str, bool], options: dict[str, bool], tracked: tuple[bool, bool, bool]
) -> None:
    if account:
        api.call("PUT", "/account", {"options": account})
    send(api, options=options)
    (told,) = events(api, "injection")
    assert (told["open_tracking"], told["click_tracking"], told["initial_pixel"]) == tracked


def test_an_account_may_send_transactional_mail_by_default(api: Api) -> None:
    api.call("PUT", "/account", {"options": {"transactional_default": True}})
    send(api)
    send(api, options={"transactional": False})
    assert [told.get("transactional") for told in events(api, "injection")] == ["1", None]


def test_a_whole_mail_is_delivered_as_it_is(api: Api) -> None:
    mail = "From: The Shop <news@shop.example>\nTo: someone\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nX-A: b\n\nHello\n"
    captured = message(api, content={"email_rfc822": mail}, options={"transactional": True})
    assert captured.source == mail.replace("\n", "\r\n").encode()
    assert (captured.sender, captured.sender_name) == ("news@shop.example", "The Shop")
    assert (captured.subject, captured.text) == ("Grüße", "Hello\n")
    assert ("X-A", "b") in captured.headers


def test_a_whole_mail_is_filled_in_where_the_vendor_does_it(api: Api) -> None:
    mail = (
        'From: news@shop.example\nTo: "{{address.name}}" <{{email}}>\nSubject: {{plan}}\nMIME-Version: 1.0\n'
        "Content-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPGI+e3twbGFufX08L2I+\n"
        "--b\nContent-Type: text/html\n\nsecond {{plan}}\n"
        "--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nfile {{plan}}\n--b--\n"
    )
    options = {"open_tracking": False}
    captured = message(api, content={"email_rfc822": mail}, substitution_data={"plan": "<gold>"}, options=options)
    assert captured.subject == "<gold>"
    assert captured.html == "<b>&lt;gold&gt;</b>\n"
    assert b'To: "Ada" <Ada@mail.example>\r\n' in captured.source
    assert b"second {{plan}}" in captured.source
    assert b"file {{plan}}" in captured.source


def test_the_vendors_own_example_of_a_mail_has_no_sender(api: Api, strict: Api) -> None:
    content = {"email_rfc822": 'Content-Type: text/plain\r\nTo: "{{address.name}}" <{{address.email}}>\r\n\r\nHi\r\n'}
    assert message(api, content=content).text == "Hi\n"
    assert refuse(strict, content=content)["message"] == "No sending domain specified"


def test_override_takes_the_place_of_the_contents_fields(api: Api) -> None:
    override = {
        "from": {"email": "boss@shop.example", "name": "{{name}}"},
        "reply_to": "help@shop.example",
        "list_id": "<weekly.shop.example>",
    }
    captured = message(api, override=override)
    assert (captured.sender, captured.sender_name) == ("boss@shop.example", "{{name}}")
    assert captured.reply_to == "help@shop.example"
    assert ("List-Id", "<weekly.shop.example>") in captured.headers


def test_override_without_a_name_keeps_the_contents(api: Api) -> None:
    captured = message(api, override={"from": "boss@shop.example"})
    assert (captured.sender, captured.sender_name) == ("boss@shop.example", "The Shop")


def test_override_holds_for_whole_mails(api: Api) -> None:
    mail = "Subject: s\nFrom: The Shop\n <news@shop.example>\n\nHello"
    override = {"from": "boss@shop.example", "list_id": "<weekly.shop.example>"}
    options = {"transactional": True}
    captured = message(api, content={"email_rfc822": mail}, override=override, options=options)
    assert captured.source == (
        b'List-Id: <weekly.shop.example>\r\nFrom: "The Shop" <boss@shop.example>\r\nSubject: s\r\n\r\nHello'
    )


@pytest.mark.parametrize(
    "override",
    [
        {"from": "nobody"},
        {"from": {"name": "x"}},
        {"reply_to": "a\r\nBcc: b"},
        {"reply_to": "nobody"},
        {"from": "a@b.example, c@d.example"},
        {"list_id": "a\nb"},
    ],
)
def test_override_is_checked(api: Api, override: dict[str, Any]) -> None:
    row = refuse(api, override=override)
    assert (row["status"], row["code"]) == (422, "1300")


# Limits


@pytest.mark.parametrize(
    ("fields", "code", "description"),
    [
        (
            {"campaign_id": "x" * 65},
            "1300",
            "field 'campaign_id' is of length '65', but needs to be of max length '64'",
        ),
        (
            {"campaign_id": "é" * 33},
            "1300",
            "field 'campaign_id' is of length '66', but needs to be of max length '64'",
        ),
        (
            {"description": "x" * 1025},
            "1300",
            "field 'description' is of length '1025', but needs to be of max length '1024'",
        ),
        (
            {"metadata": {"x": "y" * 10_000}},
            "2007",
            "Transmission-level metadata must be less than 10000 bytes",
        ),
        (
            {"substitution_data": {"x": "y" * 100_000}},
            "2002",
            "Transmission-level substitution data must be less than 100000 bytes",
        ),
        ({"return_path": "nobody"}, "1300", "return_path 'nobody' is not a valid email address"),
        ({"metadata": {"n": 10**30}}, "1300", "field 'metadata' holds a value that is too large"),
        (
            {"substitution_data": {"n": 10**30}},
            "1300",
            "field 'substitution_data' holds a value that is too large",
        ),
    ],
)
def test_what_is_too_large_is_refused(api: Api, fields: dict[str, Any], code: str, description: str) -> None:
    row = refuse_raw(api, fields)
    assert (row["status"], row["code"], row["description"]) == (422, code, description)


@pytest.mark.parametrize(
    "more", [{"text": "x" * 20_000_001}, {"attachments": [{"name": "a", "type": "a/b", "data": "eHh4" * 6_666_668}]}]
)
def test_content_of_more_than_20_mb_is_refused(api: Api, more: dict[str, Any]) -> None:
    assert refuse_raw(api, {"content": CONTENT | more}) == {
        "status": 413,
        "message": "Request Entity Too Large",
        "description": "The estimated message size is above the 20 MB message size limit",
    }


def refuse_raw(api: Api, fields: dict[str, Any]) -> dict[str, Any]:
    """:func:`refuse` for what orjson will not write."""
    response = api.send("POST", "/transmissions", content=json.dumps(request(**fields)).encode())
    (row,) = response.json()["errors"]
    assert messages(api) == []
    return {"status": response.status_code, **row}


def test_what_is_just_small_enough_is_sent(api: Api) -> None:
    send(
        api,
        campaign_id="x" * 64,
        description="x" * 1024,
        metadata={"x": "y" * 9_900},
        substitution_data={"x": "y" * 99_900},
    )
    assert len(messages(api)) == 1


def test_eleven_tags_are_ten(api: Api) -> None:
    send(api, recipients=[ADA | {"tags": [str(number) for number in range(11)]}])
    assert events(api, "injection")[0]["rcpt_tags"] == [str(number) for number in range(10)]


# Sending domains, the sandbox, suspension


def test_the_strict_profile_asks_for_a_verified_domain(strict: Api) -> None:
    row = refuse(strict, content=CONTENT | {"from": "news@other.example"})
    assert row == {
        "status": 400,
        "message": "Invalid domain",
        "description": "Unconfigured or unverified sending domain.",
        "code": "7001",
    }
    send(strict)


def test_the_domain_is_the_one_that_the_sender_has_when_it_is_filled_in(strict: Api) -> None:
    content = CONTENT | {"from": "news@{{domain}}"}
    assert refuse(strict, content=content, substitution_data={"domain": "other.example"})["code"] == "7001"
    send(strict, content=content, substitution_data={"domain": "shop.example"})


def test_the_sandbox_domain_sends_five_messages_of_one_template(api: Api) -> None:
    sandbox = {"options": {"sandbox": True}, "content": {"template_id": "my-first-email"}}
    for _ in range(5):
        send(api, **sandbox)
    assert {m.sender for m in messages(api)} == {"support@sparkpostbox.com"}
    assert messages(api)[0].text == "Congratulations, Ada: your first email has arrived."
    response = api.send("POST", "/transmissions", request(**sandbox))
    assert (response.status_code, response.json()["errors"]) == (
        420, [{"message": "Exceed Sending Limit (sandbox)", "code": "2103"}],
    )  # fmt: skip
    assert len(messages(api)) == 5


def test_nothing_is_sent_of_what_would_pass_the_sandbox_limit(api: Api) -> None:
    row = refuse(api, recipients=[ADA] * 6, options={"sandbox": True}, content={"template_id": "my-first-email"})
    assert (row["status"], row["code"]) == (420, "2103")


def test_the_sandbox_takes_no_other_content(api: Api) -> None:
    api.call("POST", "/templates", {"id": "t", "content": CONTENT, "published": True})
    row = refuse(api, options={"sandbox": True}, content={"template_id": "t"})
    assert (row["status"], row["code"], row["message"]) == (422, "2106", "Invalid Template ID (sandbox)")
    row = refuse(api, options={"sandbox": True})
    assert (row["status"], row["code"]) == (422, "3051")


def test_the_sandbox_domain_needs_the_sandbox_option(api: Api) -> None:
    row = refuse(api, content=CONTENT | {"from": "sandbox@sparkpostbox.com"})
    assert row == {
        "status": 400,
        "message": "Message generation rejected",
        "description": "Sending domain sandbox option mismatch",
        "code": "1902",
    }


def test_a_suspended_account_sends_nothing(api: Api) -> None:
    api.account.suspended = True
    row = refuse(api)
    assert (row["status"], row["message"]) == (403, "Forbidden.")
    assert api.call("GET", "/transmissions") == []


# Suppression


def suppress(api: Api, type: str = "non_transactional", **fields: Any) -> None:
    api.call("PUT", "/suppression-list/ada@mail.example", {"type": type, **fields})


def test_a_suppressed_recipient_is_accepted_and_bounces(api: Api) -> None:
    suppress(api)
    results = api.call("POST", "/transmissions", request(recipients=[ADA, {"address": "grace@mail.example"}]))
    assert results["total_accepted_recipients"] == 2
    api.account.clock.advance(5)
    assert [m.to for m in messages(api)] == ["grace@mail.example"]
    (bounce,) = events(api, "bounce")
    assert (bounce["rcpt_to"], bounce["error_code"], bounce["bounce_class"]) == ("ada@mail.example", "554", "25")
    assert bounce["reason"] == "554 5.7.1 recipient address was suppressed due to customer policy"
    assert [event["rcpt_to"] for event in events(api, "delivery")] == ["grace@mail.example"]


@pytest.mark.parametrize(
    ("type", "transactional", "arrives"),
    [
        ("non_transactional", False, False),
        ("non_transactional", True, True),
        ("transactional", True, False),
        ("transactional", False, True),
    ],
)
def test_each_type_of_suppression_holds_for_its_kind_of_mail(
    api: Api, type: str, transactional: bool, arrives: bool
) -> None:
    suppress(api, type)
    response = api.send("POST", "/transmissions", request(options={"transactional": transactional}))
    assert (response.status_code == 200, bool(messages(api))) == (arrives, arrives)


def test_a_mailing_lists_suppression_holds_for_its_mail_alone(api: Api) -> None:
    suppress(api, list_id="weekly.shop.example")
    send(api)
    send(api, override={"list_id": "<daily.shop.example>"})
    assert len(messages(api)) == 2
    weekly = request(override={"list_id": "<weekly.shop.example>"})
    assert api.send("POST", "/transmissions", weekly).json()["errors"][0]["code"] == "1902"
    assert len(messages(api)) == 2


def test_suppression_can_be_skipped(api: Api) -> None:
    suppress(api)
    send(api, options={"skip_suppression": True})
    assert len(messages(api)) == 1


def test_a_subaccounts_suppressions_are_its_own(api: Api) -> None:
    suppress(api)
    api.call("POST", "/transmissions", request(), subaccount=7)
    assert len(messages(api)) == 1


@pytest.mark.parametrize("profile", ["easy", "strict"])
def test_a_single_suppressed_recipient_is_refused_inline(strict: Api, profile: Profile) -> None:
    strict.account.profile = profile
    suppress(strict)
    response = strict.send("POST", "/transmissions", request())
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {
            "message": "Message generation rejected",
            "description": "recipient address was suppressed due to customer policy",
            "code": "1902",
        }
    ]
    assert response.json()["results"]["total_accepted_recipients"] == 1
    assert messages(strict) == []
    (rejection,) = events(strict, "generation_rejection")
    assert rejection["transmission_id"] == response.json()["results"]["id"]


# Failures while mail is made


def test_the_only_recipients_failure_is_the_answer(api: Api) -> None:
    row = refuse(api, content=CONTENT | {"text": "{{order.id}}"})
    assert (row["status"], row["code"], row["part"], row["line"]) == (422, "3001", "text", 1)


def test_of_several_recipients_those_that_fail_are_told_of(api: Api) -> None:
    with_order = {"address": "grace@mail.example", "substitution_data": {"order": {"id": 7}}}
    content = CONTENT | {"text": "{{order.id}}"}
    results = api.call("POST", "/transmissions", request(recipients=[ADA, with_order], content=content))
    assert results["total_accepted_recipients"] == 2
    assert [(m.to, m.text) for m in messages(api)] == [("grace@mail.example", "7")]
    (failure,) = events(api, "generation_failure")
    assert failure["rcpt_to"] == "ada@mail.example"
    assert failure["reason"].startswith("Error while rendering part text: line 1: ")
    transmission = api.call("GET", f"/transmissions/{results['id']}")["transmission"]
    assert (transmission["num_generated"], transmission["num_failed_gen"]) == (1, 1)


# Events


def test_injection_comes_at_once_and_delivery_a_second_later(api: Api) -> None:
    id = send(api, campaign_id="autumn", metadata={"order": 17}, recipients=[ADA | {"tags": ["new"]}])
    api.account.clock.advance(10)
    injection, delivery = api.account.events.oldest()
    assert (injection.type, injection.time) == ("injection", NOW)
    assert (delivery.type, delivery.time) == ("delivery", NOW + 1)
    assert injection.message == delivery.message == messages(api)[0].number
    told = injection.json()
    assert told["transmission_id"] == id
    assert (told["rcpt_to"], told["raw_rcpt_to"]) == ("ada@mail.example", "Ada@mail.example")
    assert (told["campaign_id"], told["rcpt_meta"], told["rcpt_tags"]) == ("autumn", {"order": 17}, ["new"])
    assert (told["sending_domain"], told["recipient_domain"]) == ("shop.example", "mail.example")
    assert (told["customer_id"], told["template_id"], told["template_version"]) == ("1", f"template_{id}", "0")
    assert isinstance(told["msg_size"], str)
    later = delivery.json()
    assert later["event_id"] != told["event_id"]
    same = {field: value for field, value in told.items() if field not in ("type", "event_id")}
    assert {field: later[field] for field in same} == same
    assert (later["delv_method"], later["num_retries"]) == ("esmtp", "0")


def test_metadata_of_recipient_and_transmission_are_merged(api: Api) -> None:
    captured = message(api, metadata={"a": 1, "b": 1}, recipients=[ADA | {"metadata": {"b": 2}}])
    assert captured.metadata == b'{"a":1,"b":2}'
    assert events(api, "injection")[0]["rcpt_meta"] == {"a": 1, "b": 2}


def test_the_return_paths_domain_is_kept_and_its_local_part_is_not(api: Api) -> None:
    recipients = [ADA | {"return_path": "me@bounces.shop.example"}, {"address": "grace@mail.example"}]
    api.call("POST", "/transmissions", request(recipients=recipients, return_path="us@b.shop.example"))
    first, second = events(api, "injection")
    assert first["msg_from"].startswith("msprvs1=")
    assert first["msg_from"].endswith("@bounces.shop.example")
    assert second["msg_from"].endswith("@b.shop.example")


def test_a_subaccount_is_in_its_events(api: Api) -> None:
    api.call("POST", "/transmissions", request(), subaccount=7)
    assert events(api, "injection")[0]["subaccount_id"] == "7"


def test_a_clock_full_of_jobs_delivers_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkbox.core.state.clock.MOST_JOBS", 0)
    send(api)
    assert messages(api)[0].status == "delivered"


# Retrieving and listing


def test_a_sent_transmission_can_be_retrieved(api: Api) -> None:
    id = send(api, description="d", campaign_id="c", metadata={"a": 1}, options={"open_tracking": False})
    assert api.call("GET", f"/transmissions/{id}") == {
        "transmission": {
            "id": id,
            "description": "d",
            "state": "Success",
            "campaign_id": "c",
            "content": {"template_id": "inline"},
            "rcpt_list_chunk_size": 100,
            "rcpt_list_total_chunks": 1,
            "num_rcpts": 1,
            "num_generated": 1,
            "num_failed_gen": 0,
            "generation_start_time": "2026-03-01T12:00:00+00:00",
            "generation_end_time": "2026-03-01T12:00:00+00:00",
            "substitution_data": "",
            "metadata": {"a": 1},
            "options": {"open_tracking": False, "click_tracking": "", "transactional": False},
        }
    }


@pytest.mark.parametrize("path", ["/transmissions/123", "/transmissions/0000"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_transmission_is_a_404(api: Api, method: str, path: str) -> None:
    id = path.rpartition("/")[2]
    assert api.refuse(method, path) == (
        404, "1600", "resource not found", f"Resource not found:transmission id {id}",
    )  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_id_that_is_no_number_is_refused(api: Api, method: str) -> None:
    response = api.send(method, "/transmissions/abc")
    assert (response.status_code, response.json()) == (
        400, {"errors": [{"message": "Invalid transmission id", "code": "2001"}]},
    )  # fmt: skip


def test_lists_pick_campaigns_and_templates(api: Api) -> None:
    api.call("POST", "/templates", {"id": "t", "content": CONTENT, "published": True})
    first = send(api, campaign_id="a")
    second = send(api, campaign_id="b")
    third = send(api, campaign_id="b", content={"template_id": "t"})
    assert [row["id"] for row in api.call("GET", "/transmissions")] == [third, second, first]
    assert [row["id"] for row in api.call("GET", "/transmissions?campaign_id=b")] == [third, second]
    assert [row["id"] for row in api.call("GET", "/transmissions?template_id=inline")] == [second, first]
    (row,) = api.call("GET", "/transmissions?campaign_id=b&template_id=t")
    assert row == {
        "id": third, "campaign_id": "b", "description": "", "state": "Success", "content": {"template_id": "t"},
    }  # fmt: skip


def test_subaccounts_see_their_own_transmissions(api: Api) -> None:
    id = api.call("POST", "/transmissions", request(), subaccount=7)["id"]
    assert api.call("GET", "/transmissions") == []
    assert api.send("GET", f"/transmissions/{id}").status_code == 404
    assert api.send("GET", f"/transmissions/{id}", subaccount=7).status_code == 200


def test_put_is_not_allowed(api: Api) -> None:
    response = api.send("PUT", "/transmissions", {})
    assert response.status_code == 405
    assert response.json()["errors"] == [
        {
            "message": "invalid http method",
            "description": "PUT is not supported on /api/v1/transmissions",
            "code": "1102",
        }
    ]


def test_a_trailing_slash_and_phps_empty_array_do_no_harm(api: Api) -> None:
    response = api.send("POST", "/transmissions/", request())
    assert response.status_code == 200
    id = response.json()["results"]["id"]
    assert api.send("GET", f"/transmissions/{id}/", []).status_code == 200
    assert api.send("DELETE", "/transmissions?campaign_id=none", []).status_code == 204


def test_the_records_of_sent_transmissions_are_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Transmission, "most", 10)
    ids = [send(api) for _ in range(25)]
    assert api.send("GET", f"/transmissions/{ids[0]}").status_code == 404
    assert api.send("GET", f"/transmissions/{ids[-1]}").status_code == 200
    assert len(api.call("GET", "/transmissions")) <= 10


@pytest.mark.parametrize(
    "operation",
    ["create_transmission", "list_transmissions", "retrieve_transmission", "delete_transmission", "delete_campaign"],
)
def test_fixtures_show_the_shapes(api: Api, operation: str) -> None:
    if operation != "create_transmission":
        fixture = json.loads((FIXTURES / "transmissions" / "create_transmission.json").read_text())
        later = {"options": {"start_time": "2026-03-02T12:00:00+00:00"}} if operation.startswith("delete") else {}
        api.send("POST", "/transmissions", fixture["request"]["body"] | later)
    api.replay(f"transmissions/{operation}")
