"""The e-mails of a mailing list."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sparkbox.core.logs.messages import Message
from sparkbox.core.state.config import Profile
from sparkbox.services.sendpulse.accounts import plans
from tests.services.sendpulse.api import Api, encode


def emails_of(api: Api, id: int, **query: Any) -> list[str]:
    return [row["email"] for row in api.call("GET", f"/addressbooks/{id}/emails", **query)]


def status_of(api: Api, id: int, email: str) -> tuple[int, str]:
    found = api.call("GET", f"/addressbooks/{id}/emails/{email}")
    return found["status"], found["status_explain"]


def link_in(message: Message) -> str:
    found = re.search(r"https?://\S+", message.text or "")
    assert found is not None
    return found[0]


def test_added_email_has_status_new(api: Api) -> None:
    variables = {"city": "Kyiv", "age": 30, "Phone": "+380 (97) 123-45-67"}
    id = api.new_list("Readers", {"email": " Ann@Example.org ", "variables": variables}, "bob@example.org")
    assert api.call("GET", f"/addressbooks/{id}/emails") == [
        {
            "email": "ann@example.org",
            "phone": 380971234567,
            "status": 0,
            "status_explain": "New",
            "variables": {"city": "Kyiv", "age": 30},
        },
        {"email": "bob@example.org", "phone": None, "status": 0, "status_explain": "New", "variables": {}},
    ]


def test_adding_an_email_again_updates_its_variables(api: Api) -> None:
    id = api.new_list("Readers", {"email": "a@example.org", "variables": {"city": "Kyiv", "age": 30}})
    body = {"emails": [{"email": "A@example.org", "variables": {"age": 31}}]}
    assert api.call("POST", f"/addressbooks/{id}/emails", body) == {"result": True}
    rows = api.call("GET", f"/addressbooks/{id}/emails")
    assert [row["variables"] for row in rows] == [{"city": "Kyiv", "age": 31}]


def test_dont_update_keeps_known_emails(api: Api) -> None:
    id = api.new_list("Readers", {"email": "a@example.org", "variables": {"age": 30}})
    added = [{"email": "a@example.org", "variables": {"age": 31}}, "b@example.org"]
    api.call("POST", f"/addressbooks/{id}/emails", {"emails": added, "dont_update": True})
    rows = api.call("GET", f"/addressbooks/{id}/emails")
    assert [(row["email"], row["variables"]) for row in rows] == [
        ("a@example.org", {"age": 30}),
        ("b@example.org", {}),
    ]


def test_adding_an_email_again_does_not_resubscribe_it(api: Api) -> None:
    id = api.new_list("Readers", "a@example.org")
    api.call("POST", f"/addressbooks/{id}/emails/unsubscribe", {"emails": ["a@example.org"]})
    api.call("POST", f"/addressbooks/{id}/emails", {"emails": ["a@example.org"]})
    assert status_of(api, id, "a@example.org") == (4, "Unsubscribed")


def test_new_email_emits_an_event_unless_webhooks_are_disabled(api: Api) -> None:
    id = api.new_list("Readers", {"email": "a@example.org", "variables": {"city": "Kyiv"}})
    api.call("POST", f"/addressbooks/{id}/emails", {"emails": ["a@example.org"]})
    api.call("POST", f"/addressbooks/{id}/emails", {"emails": ["b@example.org"], "disable_webhook": True})
    assert [(event.type, event.json()) for event in api.events] == [
        (
            "new_emails",
            {
                "event": "new_emails",
                "timestamp": "1772366400",
                "email": "a@example.org",
                "book_id": str(id),
                "variables": {"city": "Kyiv"},
                "source": "address book",
            },
        )
    ]


def test_new_email_event_without_variables_has_an_empty_list(api: Api) -> None:
    api.new_list("Readers", "a@example.org")
    assert api.events[-1].json()["variables"] == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Argument emails missing"),
        ({"emails": None}, "Argument emails missing"),
        ({"emails": []}, "Argument emails missing"),
        ({"emails": "nobody"}, "Argument emails must be array"),
        ({"emails": [5]}, "Argument emails is invalid"),
        ({"emails": [None]}, "Argument emails is invalid"),
        ({"emails": [{}]}, "Argument email is invalid"),
        ({"emails": [{"email": 5}]}, "Argument email is invalid"),
        ({"emails": ["nobody"]}, "Argument email is invalid"),
        ({"emails": [{"email": "a@example.org", "variables": "x"}]}, "Argument emails.*.variables is invalid"),
        ({"emails": [{"email": "a@example.org", "variables": {"x": []}}]}, "Argument emails.*.variables is invalid"),
        ({"emails": [{"email": "a@example.org", "variables": {" ": 1}}]}, "Argument emails.*.variables is invalid"),
        ({"emails": ["a@example.org"], "confirmation": 5}, "Argument confirmation must be string"),
        ({"emails": ["a@example.org"], "confirmation": "ask"}, "Argument confirmation is invalid"),
        ({"emails": ["a@example.org"], "confirmation": "force"}, "Argument sender_email missing"),
        (
            {"emails": ["a@example.org"], "confirmation": "force", "sender_email": "me"},
            "Argument sender_email is invalid",
        ),
        ({"emails": ["a@example.org"], "template_id": 5}, "Argument template_id is invalid"),
        ({"emails": ["a@example.org"], "message_lang": []}, "Argument message_lang is invalid"),
        ({"emails": ["a@example.org"], "disable_webhook": "so"}, "Argument disable_webhook must be boolean"),
        ({"emails": ["a@example.org"], "dont_update": []}, "Argument dont_update must be boolean"),
        ({"emails": ["a@example.org"], "check_emails": 7}, "Argument check_emails must be boolean"),
        ({"emails": ["a@example.org"], "tags": 5}, "Argument tags must be array"),
        ({"emails": ["a@example.org"], "tags": ["x"]}, "Argument tags is invalid"),
    ],
)
def test_adding_emails_is_validated(api: Api, body: Any, message: str) -> None:
    id = api.new_list()
    assert api.refuse("POST", f"/addressbooks/{id}/emails", body) == (422, 422, message)
    assert emails_of(api, id) == []


def test_double_opt_in_mails_a_confirmation_link(api: Api) -> None:
    id = api.new_list()
    body = {"emails": ["a@example.org"], "confirmation": "force", "sender_email": "Sender@example.com"}
    api.call("POST", f"/addressbooks/{id}/emails", body)
    assert status_of(api, id, "a@example.org") == (2, "Confirmation requested")
    assert emails_of(api, id, active="true") == []
    (message,) = api.messages
    assert (message.sender, message.to) == ("sender@example.com", "a@example.org")
    link = link_in(message)
    assert json.loads(message.metadata) == {"book_id": id, "confirmation_url": link}
    assert api.call("GET", link) == {"result": True, "action": "subscribe", "subject": "a@example.org"}
    assert status_of(api, id, "a@example.org") == (1, "Active")
    assert emails_of(api, id, active="true") == ["a@example.org"]


def test_double_opt_in_skips_active_emails(api: Api) -> None:
    id = api.new_list()
    body = {"emails": ["a@example.org"], "confirmation": "force", "sender_email": "sender@example.com"}
    api.call("POST", f"/addressbooks/{id}/emails", body)
    api.call("GET", link_in(api.messages[0]))
    api.call("POST", f"/addressbooks/{id}/emails", body)
    assert len(api.messages) == 1
    assert status_of(api, id, "a@example.org") == (1, "Active")


def test_confirmation_link_without_subject_is_not_found(api: Api) -> None:
    id = api.new_list()
    body = {"emails": ["a@example.org"], "confirmation": "force", "sender_email": "sender@example.com"}
    api.call("POST", f"/addressbooks/{id}/emails", body)
    link = link_in(api.messages[0])
    api.call("DELETE", "/emails/a@example.org")
    assert api.refuse("GET", link) == (404, 404, "Not Found")
    api.call("DELETE", f"/addressbooks/{id}")
    assert api.refuse("GET", link) == (404, 404, "Not Found")
    for token in ("x", "bnVsbA", "WzFd", "%ff", "W10", encode('["mock-key","subscribe","a@example.org",1]')):
        assert api.refuse("GET", f"/confirmations/{token}") == (404, 404, "Not Found")


def test_double_opt_in_needs_an_active_sender_in_the_strict_profile(api: Api) -> None:
    api.strict()
    id = api.new_list()
    body = {"emails": ["a@example.org"], "confirmation": "force", "sender_email": "me@example.net"}
    assert api.refuse("POST", f"/addressbooks/{id}/emails", body) == (422, 1003, "Sender not found")
    body["sender_email"] = "sender@example.com"
    assert api.call("POST", f"/addressbooks/{id}/emails", body) == {"result": True}


@pytest.mark.parametrize("profile", ["easy", "strict"])
def test_mailing_list_is_limited_by_the_plan(api: Api, profile: Profile) -> None:
    api.account.profile = profile
    id = api.new_list()
    assert api.call("POST", f"/addressbooks/{id}/emails", {"emails": ["b@example.org"], "tags": [1]}) == {
        "result": True
    }
    api.simulate("plan", category="free")
    denied = (403, 3030303030, "Access denied! Please change your tariff plan")
    assert api.refuse("POST", f"/addressbooks/{id}/emails", {"emails": ["a@example.org"], "tags": [1]}) == denied
    many = [f"reader{number}@example.org" for number in range(501)]
    assert api.refuse("POST", f"/addressbooks/{id}/emails", {"emails": many}) == denied
    plans.change(api.ctx, category="standard")
    assert api.call("POST", f"/addressbooks/{id}/emails", {"emails": many, "tags": [1]}) == {"result": True}


def test_emails_are_paged_in_either_order(api: Api) -> None:
    id = api.new_list("Readers", *(f"r{number}@example.org" for number in range(5)))
    assert emails_of(api, id, limit=2) == ["r0@example.org", "r1@example.org"]
    assert emails_of(api, id, limit=2, offset=3, order="asc") == ["r3@example.org", "r4@example.org"]
    assert emails_of(api, id, limit=2, offset=1, order="desc") == ["r3@example.org", "r2@example.org"]


def test_emails_are_filtered_by_their_activity(api: Api) -> None:
    id = api.new_list("Readers", "a@example.org", "b@example.org", "c@example.org")
    api.call("POST", f"/addressbooks/{id}/emails/unsubscribe", {"emails": ["a@example.org"]})
    api.call("POST", "/blacklist", {"emails": encode("b@example.org")})
    assert emails_of(api, id, active="true") == ["c@example.org"]
    assert emails_of(api, id, not_active="1") == ["a@example.org", "b@example.org"]
    assert len(emails_of(api, id, active="1", not_active="1")) == 3
    assert len(emails_of(api, id, active="0")) == 3
    assert api.call("GET", f"/addressbooks/{id}/emails/total") == {"total": 3}
    assert api.call("GET", f"/addressbooks/{id}/emails/total", active="true") == {"total": 1}


@pytest.mark.parametrize(
    ("name", "value"), [("order", "up"), ("active", "perhaps"), ("not_active", "perhaps")], ids=str
)
def test_email_filters_are_validated(api: Api, name: str, value: str) -> None:
    path = f"/addressbooks/{api.new_list()}/emails"
    assert api.refuse("GET", path, **{name: value}) == (422, 422, f"Argument {name} is invalid")


def test_order_of_emails_must_be_text(api: Api) -> None:
    path = f"/addressbooks/{api.new_list()}/emails"
    assert api.refuse("GET", path, {"order": 5}) == (422, 422, "Argument order must be string")


def test_deleting_emails_skips_unknown_ones(api: Api) -> None:
    id = api.new_list("Readers", "a@example.org", "b@example.org")
    assert api.call("DELETE", f"/addressbooks/{id}/emails", {"emails": ["A@example.org", "x@example.org"]}) == {
        "result": True
    }
    assert emails_of(api, id) == ["b@example.org"]
    assert [event.json()["email"] for event in api.events if event.type == "delete"] == ["a@example.org"]


@pytest.mark.parametrize("emails", [None, [], "", ["x@example.org"], [{"email": "x@example.org"}], [5]], ids=repr)
def test_deleting_no_emails_is_refused(api: Api, emails: Any) -> None:
    id = api.new_list("Readers", "a@example.org")
    assert api.refuse("DELETE", f"/addressbooks/{id}/emails", {"emails": emails}) == (422, 303, "No emails")


def test_at_most_100_emails_are_deleted_at_once(api: Api) -> None:
    many = [f"r{number}@example.org" for number in range(101)]
    id = api.new_list("Readers", *many)
    api_error = (422, 422, "Limit is exceeded. Max count: 100")
    assert api.refuse("DELETE", f"/addressbooks/{id}/emails", {"emails": many}) == api_error
    api.call("DELETE", f"/addressbooks/{id}/emails", {"emails": many[1:]})
    assert emails_of(api, id) == many[:1]


def test_unsubscribed_email_shows_everywhere(api: Api) -> None:
    id = api.new_list("Readers", "a@example.org", "b@example.org")
    body = {"emails": ["a@example.org", "x@example.org"]}
    assert api.call("POST", f"/addressbooks/{id}/emails/unsubscribe", body) == {"result": True}
    assert status_of(api, id, "a@example.org") == (4, "Unsubscribed")
    assert api.call("GET", "/emails/a@example.org")[0]["status_explain"] == "Unsubscribed"
    assert api.call("GET", f"/addressbooks/{id}/emails", limit=1)[0]["status"] == 4
    assert status_of(api, id, "b@example.org") == (0, "New")
    assert [event.json() for event in api.events if event.type == "unsubscribe"] == [
        {
            "event": "unsubscribe",
            "timestamp": "1772366400",
            "email": "a@example.org",
            "book_id": str(id),
            "task_id": "0",
            "from_all": "0",
            "reason": None,
            "categories": "",
        }
    ]


@pytest.mark.parametrize("emails", [{"email": "a@example.org"}, {}, '{"email": "a@example.org"}'])
@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("DELETE", ""), ("POST", "/unsubscribe")])
def test_object_in_place_of_emails_is_badly_formed(api: Api, method: str, path: str, emails: Any) -> None:
    id = api.new_list("Readers", "a@example.org")
    api_error = (422, 21356, "Badly formed data. Check API documentation")
    assert api.refuse(method, f"/addressbooks/{id}/emails{path}", {"emails": emails}) == api_error
    assert emails_of(api, id) == ["a@example.org"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Argument emails missing"),
        ({"emails": []}, "Argument emails missing"),
        ({"emails": "a@example.org"}, "Argument emails is invalid"),
        ({"emails": [5]}, "Argument emails is invalid"),
        ({"emails": ["a@example.org"] * 101}, "Argument emails may not have more than 100 items"),
        ({"emails": ["x@example.org"]}, "Active emails not found"),
        ({"emails": ["gone@example.org"]}, "Active emails not found"),
    ],
)
def test_unsubscribing_emails_is_validated(api: Api, body: Any, message: str) -> None:
    id = api.new_list("Readers", "a@example.org", "gone@example.org")
    api.call("POST", f"/addressbooks/{id}/emails/unsubscribe", {"emails": ["gone@example.org"]})
    assert api.refuse("POST", f"/addressbooks/{id}/emails/unsubscribe", body) == (422, 422, message)


def test_emails_are_found_by_a_variable(api: Api) -> None:
    id = api.new_list(
        "Readers",
        {"email": "a@example.org", "variables": {"city": "Львів", "age": 30, "born": "1996-02-29"}},
        {"email": "b@example.org", "variables": {"city": "Kyiv", "age": 30.0, "Phone": "380971234567"}},
        {"email": "c@example.org", "variables": {"age": 3}},
    )

    def found(name: str, value: str) -> list[str]:
        rows = api.call("GET", f"/addressbooks/{id}/variables/{name}/{value}")
        assert all(set(row) == {"email", "status", "status_explain"} for row in rows)
        return [row["email"] for row in rows]

    assert found("city", "Львів") == ["a@example.org"]
    assert found("age", "30") == ["a@example.org", "b@example.org"]
    assert found("age", "thirty") == []
    assert found("born", "1996-02-29") == ["a@example.org"]
    assert found("Phone", "+380971234567") == ["b@example.org"]
    assert found("Phone", "none") == []


def test_search_by_variable_is_validated(api: Api) -> None:
    id = api.new_list("Readers", {"email": "a@example.org", "variables": {"born": "1996-02-29"}})
    path = f"/addressbooks/{id}/variables"
    assert api.refuse("GET", f"{path}/city/Kyiv") == (404, 299, "Variable not found")
    assert api.refuse("GET", f"{path}/born/yesterday") == (422, 422, "Variable value wrong format")
    assert api.refuse("GET", f"{path}/{'x' * 101}/1") == (422, 422, "Variable name is invalid")


def test_phone_of_email_is_changed(api: Api) -> None:
    id = api.new_list("Readers", "a@example.org")
    body = {"email": "a@example.org", "phone": "+1 (202) 555-01-00"}
    assert api.call("PUT", f"/addressbooks/{id}/phone", body) == {"result": True}
    assert api.call("GET", f"/addressbooks/{id}/emails")[0]["phone"] == 12025550100
    assert api.call("GET", f"/addressbooks/{id}/emails/a@example.org")["phone"] == "12025550100"
    assert api.call("GET", f"/addressbooks/{id}/variables") == [{"name": "Phone", "type": "string"}]


@pytest.mark.parametrize("phone", [None, "", "12", "phone", [], True, 1.5, "1" * 50], ids=repr)
def test_invalid_phone_is_refused(api: Api, phone: Any) -> None:
    path = f"/addressbooks/{api.new_list('Readers', 'a@example.org')}/phone"
    body = {"email": "a@example.org", "phone": phone}
    assert api.refuse("PUT", path, body) == (422, 422, "Phone is not valid")


@pytest.mark.parametrize("email", [None, "", "nobody", "x@example.org", 5], ids=repr)
def test_phone_of_unknown_email_is_refused(api: Api, email: Any) -> None:
    path = f"/addressbooks/{api.new_list('Readers', 'a@example.org')}/phone"
    assert api.refuse("PUT", path, {"email": email, "phone": "12025550100"}) == (422, 17, "Email is not valid")


def test_tags_of_added_emails_are_accepted(api: Api) -> None:
    api.simulate("plan", category="standard")
    id = api.new_list()
    body = {"emails": ["a@example.org"], "tags": [7, "8"]}
    assert api.call("POST", f"/addressbooks/{id}/emails", body) == {"result": True}


def test_mailing_list_of_100000_is_paged_and_counted(api: Api) -> None:
    id = api.new_list()
    for start in range(0, 100_000, 20_000):
        emails = [f"reader{number}@example.org" for number in range(start, start + 20_000)]
        api.call("POST", f"/addressbooks/{id}/emails", {"emails": emails})
    assert emails_of(api, id, offset=99_998) == ["reader99998@example.org", "reader99999@example.org"]
    assert api.call("GET", f"/addressbooks/{id}/emails/total", active="1") == {"total": 100_000}
