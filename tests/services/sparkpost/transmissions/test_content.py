"""The content of a transmission: inline, templates, whole mails, overrides."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from tests.services.sparkpost.api import Api
from tests.services.sparkpost.transmissions.calls import CONTENT, events, message, messages, refuse, send

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
def test_invalid_content_is_refused(api: Api, content: Any, code: str, description: str) -> None:
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


def test_two_senders_are_refused(api: Api) -> None:
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
def test_sender_name_is_kept_in_all_forms_of_from(api: Api, written: str, name: str) -> None:
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
def test_invalid_reply_to_is_refused(api: Api, reply_to: str) -> None:
    text = "Error while validating header Reply-To: Invalid header content"
    assert refuse(api, content=CONTENT | {"reply_to": reply_to})["description"] == text
    filled = refuse(api, content=CONTENT | {"reply_to": "{{x}} <a@b"}, substitution_data={"x": "Ann"})
    assert (filled["code"], filled["description"]) == ("3002", text)


def test_reply_to_can_have_several_addresses(api: Api) -> None:
    several = '"Doe, John" <j@x.example>, help@shop.example'
    assert message(api, content=CONTENT | {"reply_to": several}).reply_to == several


@pytest.mark.parametrize("sender", ["Ann\r\nBcc: x@y.example <a@b.example>", {"email": "a@b.example", "name": "A\nB"}])
def test_sender_with_line_breaks_is_refused(api: Api, sender: str | dict[str, str]) -> None:
    row = refuse(api, content=CONTENT | {"from": sender})
    assert (row["code"], row["description"]) == ("3002", "Error while validating header From: Invalid header content")


def test_transmission_uses_the_published_template(api: Api) -> None:
    api.call("POST", "/templates", {"id": "t", "content": CONTENT | {"subject": "Published"}, "published": True})
    api.send("PUT", "/templates/t", {"content": CONTENT | {"subject": "Draft"}})
    send(api, content={"template_id": "t", "html": None, "reply_to": "silently ignored"})
    send(api, content={"template_id": "t", "use_draft_template": True})
    assert [m.subject for m in messages(api)] == ["Published", "Draft"]


def test_missing_template_version_is_refused(api: Api) -> None:
    api.call("POST", "/templates", {"id": "draft", "content": CONTENT})
    api.call("POST", "/templates", {"id": "published", "content": CONTENT, "published": True})
    row = refuse(api, content={"template_id": "draft"})
    assert (row["status"], row["code"], row["description"]) == (422, "2005", "no published version of template 'draft'")
    row = refuse(api, content={"template_id": "published", "use_draft_template": True})
    assert (row["status"], row["code"], row["description"]) == (422, "2004", "no draft version of template 'published'")


def test_sending_updates_the_templates_last_use(api: Api) -> None:
    api.call("POST", "/templates", {"id": "t", "content": CONTENT, "published": True})
    assert "last_use" not in api.call("GET", "/templates/t")
    send(api, content={"template_id": "t"})
    assert api.call("GET", "/templates/t")["last_use"] == "2026-03-01T12:00:00+00:00"


def test_transmission_options_override_template_options(api: Api) -> None:
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
def test_account_options_are_defaults_of_transmissions(
    api: Api, account: dict[str, bool], options: dict[str, bool], tracked: tuple[bool, bool, bool]
) -> None:
    if account:
        api.call("PUT", "/account", {"options": account})
    send(api, options=options)
    (events_of,) = events(api, "injection")
    assert (events_of["open_tracking"], events_of["click_tracking"], events_of["initial_pixel"]) == tracked


def test_account_can_default_to_transactional_mail(api: Api) -> None:
    api.call("PUT", "/account", {"options": {"transactional_default": True}})
    send(api)
    send(api, options={"transactional": False})
    assert [events_of.get("transactional") for events_of in events(api, "injection")] == ["1", None]


def test_rfc822_is_delivered_unchanged(api: Api) -> None:
    mail = "From: The Shop <news@shop.example>\nTo: someone\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nX-A: b\n\nHello\n"
    captured = message(api, content={"email_rfc822": mail}, options={"transactional": True})
    assert captured.source == mail.replace("\n", "\r\n").encode()
    assert (captured.sender, captured.sender_name) == ("news@shop.example", "The Shop")
    assert (captured.subject, captured.text) == ("Grüße", "Hello\n")
    assert ("X-A", "b") in captured.headers


def test_rfc822_substitutions_apply_to_headers_and_bodies(api: Api) -> None:
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


def test_documented_rfc822_example_has_no_sender(api: Api, strict: Api) -> None:
    content = {"email_rfc822": 'Content-Type: text/plain\r\nTo: "{{address.name}}" <{{address.email}}>\r\n\r\nHi\r\n'}
    assert message(api, content=content).text == "Hi\n"
    assert refuse(strict, content=content)["message"] == "No sending domain specified"


def test_override_replaces_content_fields(api: Api) -> None:
    override = {
        "from": {"email": "boss@shop.example", "name": "{{name}}"},
        "reply_to": "help@shop.example",
        "list_id": "<weekly.shop.example>",
    }
    captured = message(api, override=override)
    assert (captured.sender, captured.sender_name) == ("boss@shop.example", "{{name}}")
    assert captured.reply_to == "help@shop.example"
    assert ("List-Id", "<weekly.shop.example>") in captured.headers


def test_override_without_name_keeps_the_contents_name(api: Api) -> None:
    captured = message(api, override={"from": "boss@shop.example"})
    assert (captured.sender, captured.sender_name) == ("boss@shop.example", "The Shop")


def test_override_applies_to_rfc822(api: Api) -> None:
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
def test_invalid_override_is_refused(api: Api, override: dict[str, Any]) -> None:
    row = refuse(api, override=override)
    assert (row["status"], row["code"]) == (422, "1300")
