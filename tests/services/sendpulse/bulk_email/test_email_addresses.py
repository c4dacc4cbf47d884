"""One e-mail address across mailing lists, and the blacklist."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.services.sendpulse.bulk_email.models import Engagement
from tests.services.sendpulse.api import Api, encode


def test_listed_email_has_typed_variables(api: Api) -> None:
    variables = {"city": "Kyiv", "age": 30, "born": "1996-02-29"}
    id = api.new_list("Readers", {"email": "ann@example.org", "variables": variables})
    assert api.call("GET", f"/addressbooks/{id}/emails/Ann@example.org") == {
        "email": "ann@example.org",
        "abook_id": str(id),
        "phone": "",
        "status": 0,
        "status_explain": "New",
        "variables": [
            {"name": "city", "type": "string", "value": "Kyiv"},
            {"name": "age", "type": "number", "value": "30"},
            {"name": "born", "type": "date", "value": "1996-02-29"},
        ],
    }


def test_email_of_another_list_is_not_found(api: Api) -> None:
    id = api.new_list("Readers", "ann@example.org")
    api.new_list("Others", "bob@example.org")
    for email in ("bob@example.org", "nobody"):
        api_error = (404, 502, "Can’t find the email address")
        assert api.refuse("GET", f"/addressbooks/{id}/emails/{email}") == api_error


def test_variables_are_updated_by_name(api: Api) -> None:
    id = api.new_list("Readers", {"email": "ann@example.org", "variables": {"city": "Kyiv", "age": 30}})
    variables = [
        {"name": "age", "value": 31},
        {"name": "score", "value": "4.5", "type": "number"},
        {"name": "steps", "value": "9000", "type": "number"},
        {"name": "note", "value": "none", "type": "number"},
        {"name": "phone", "value": "12025550100"},
    ]
    body = {"email": "ann@example.org", "variables": variables}
    assert api.call("POST", f"/addressbooks/{id}/emails/variable", body) == {"result": True}
    (row,) = api.call("GET", f"/addressbooks/{id}/emails")
    assert row["variables"] == {"city": "Kyiv", "age": 31, "score": 4.5, "steps": 9000, "note": "none"}
    assert row["phone"] == 12025550100


def test_variables_are_updated_from_an_object_too(api: Api) -> None:
    id = api.new_list("Readers", "ann@example.org")
    api.call("POST", f"/addressbooks/{id}/emails/variable", {"email": "ann@example.org", "variables": {"city": "Lviv"}})
    assert api.call("GET", f"/addressbooks/{id}/emails")[0]["variables"] == {"city": "Lviv"}


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"variables": []}, 422, "Argument email missing"),
        ({"email": "nobody", "variables": []}, 422, "Argument email is invalid"),
        ({"email": 5, "variables": []}, 422, "Argument email is invalid"),
        ({"email": "bob@example.org", "variables": []}, 502, "Email address not found"),
        ({"email": "ann@example.org"}, 422, "Argument variables missing"),
        ({"email": "ann@example.org", "variables": 5}, 422, "Argument variables is invalid"),
        ({"email": "ann@example.org", "variables": ["city"]}, 422, "Argument variables is invalid"),
        ({"email": "ann@example.org", "variables": [{"name": 5}]}, 422, "Argument variables is invalid"),
        (
            {"email": "ann@example.org", "variables": {f"v{number}": 1 for number in range(251)}},
            422,
            "Argument variables is invalid",
        ),
    ],
)
def test_variable_update_is_validated(api: Api, body: Any, code: int, message: str) -> None:
    id = api.new_list("Readers", {"email": "ann@example.org", "variables": {"city": "Kyiv"}})
    assert api.refuse("POST", f"/addressbooks/{id}/emails/variable", body) == (422, code, message)


def test_too_many_variables_are_refused(api: Api) -> None:
    id = api.new_list("Readers", {"email": "ann@example.org", "variables": {"city": "Kyiv"}})
    body = {"email": "ann@example.org", "variables": {f"v{number}": 1 for number in range(250)}}
    api_error = (422, 422, "Argument variables is invalid")
    assert api.refuse("POST", f"/addressbooks/{id}/emails/variable", body) == api_error
    assert len(api.call("GET", f"/addressbooks/{id}/variables")) == 1


def test_email_is_found_in_all_its_lists(api: Api) -> None:
    one = api.new_list("One", {"email": "ann@example.org", "variables": {"city": "Kyiv"}})
    api.new_list("Two", "bob@example.org")
    three = api.new_list("Three", "ann@example.org")
    city = [{"name": "city", "type": "string", "value": "Kyiv"}]
    new = {"email": "ann@example.org", "status": 0, "status_explain": "New"}
    assert api.call("GET", "/emails/ann@example.org") == [
        {"book_id": one, **new, "variables": city},
        {"book_id": three, **new, "variables": []},
    ]
    api.clock.advance(60)
    assert api.call("GET", "/emails/ann@example.org/details") == [
        {"list_name": "One", "list_id": one, "add_date": "2026-03-01 12:00:00", "source": "api"},
        {"list_name": "Three", "list_id": three, "add_date": "2026-03-01 12:00:00", "source": "api"},
    ]


def test_email_is_deleted_from_all_its_lists(api: Api) -> None:
    one, two = api.new_list("One", "ann@example.org", "bob@example.org"), api.new_list("Two", "ann@example.org")
    assert api.call("DELETE", "/emails/ann@example.org") == {"result": True}
    assert api.call("GET", f"/addressbooks/{one}/emails/total") == {"total": 1}
    assert api.call("GET", f"/addressbooks/{two}/emails") == []
    assert [event.json()["book_id"] for event in api.events if event.type == "delete"] == [str(one), str(two)]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/emails/bob@example.org"),
        ("GET", "/emails/nobody"),
        ("DELETE", "/emails/bob@example.org"),
        ("GET", "/emails/bob@example.org/details"),
        ("GET", "/emails/bob@example.org/campaigns"),
    ],
)
def test_email_in_no_list_is_not_found(api: Api, method: str, path: str) -> None:
    api.new_list("One", "ann@example.org")
    assert api.refuse(method, path) == (404, 17, "Can’t find the email address")


@pytest.mark.parametrize(
    "body",
    [
        {"emails": ["ann@example.org", "bob@example.org"]},
        {"emails": [{"email": "Ann@example.org"}, {"email": "bob@example.org"}]},
        {"emails": '["ann@example.org", "bob@example.org"]'},
        ["ann@example.org", "bob@example.org"],
    ],
)
def test_several_emails_are_looked_up_at_once(api: Api, body: Any) -> None:
    id = api.new_list("One", "ann@example.org")
    membership = {"book_id": id, "status": 0, "status_explain": "New", "variables": []}
    assert api.call("POST", "/emails", body) == {"ann@example.org": [membership], "bob@example.org": []}
    assert api.call("POST", "/emails/campaigns", body) == {
        "ann@example.org": {
            "sent": 0, "open": 0, "link": 0, "adressbooks": [{"id": id, "name": "One"}], "blacklist": False,
        },
        "bob@example.org": {"sent": 0, "open": 0, "link": 0, "adressbooks": [], "blacklist": False},
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/emails", "/emails/campaigns"])
@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, 1101, "Email address not specified"),
        ({"emails": ""}, 1101, "Email address not specified"),
        ([], 1101, "Email address not specified"),
        ({"emails": []}, 8, "No data"),
        ({"emails": [None]}, 8, "No data"),
        ({"emails": ["nobody"]}, 906, "Email address syntax error"),
        ({"emails": [{}, [], 5]}, 906, "Email address syntax error"),
        (
            {"emails": [f"r{number}@example.org" for number in range(1001)]},
            422,
            "Argument emails may not have more than 1000 items",
        ),
    ],
)
def test_lookup_of_several_emails_is_validated(api: Api, path: str, body: Any, code: int, message: str) -> None:
    assert api.refuse("POST", path, body) == (422, code, message)


def test_email_statistics_count_campaigns(api: Api) -> None:
    id = api.new_list("One", "ann@example.org")
    api.ctx.store[Engagement].put(Engagement("ann@example.org", sent=3, opened=2, clicked=1))
    api.call("POST", "/blacklist", {"emails": encode("ann@example.org")})
    assert api.call("GET", "/emails/ann@example.org/campaigns") == {
        "statistic": {"sent": 3, "open": 2, "link": 1},
        "blacklist": True,
        "addressbooks": [{"id": id, "address_book_name": "One"}],
    }


def test_blacklist_keeps_added_emails(api: Api) -> None:
    body = {"emails": encode("ann@example.org, Bob@example.org,,"), "comment": "left"}
    assert api.call("POST", "/blacklist", body) == {"result": True}
    assert api.call("POST", "/blacklist", body) == {"result": True}
    assert api.call("GET", "/blacklist") == ["ann@example.org", "bob@example.org"]
    assert api.call("GET", "/blacklist", limit=1, offset=1) == ["bob@example.org"]
    api.call("DELETE", "/blacklist", {"emails": encode("ann@example.org,x@example.org")})
    assert api.call("GET", "/blacklist") == ["bob@example.org"]


def test_blacklisted_email_is_blocked_until_it_is_removed(api: Api) -> None:
    id = api.new_list("One", "ann@example.org", "bob@example.org")
    api.call("POST", f"/addressbooks/{id}/emails/unsubscribe", {"emails": ["bob@example.org"]})
    both = {"emails": encode("ann@example.org,bob@example.org")}
    api.call("POST", "/blacklist", both)
    rows = api.call("GET", f"/addressbooks/{id}/emails")
    assert [(row["status"], row["status_explain"]) for row in rows] == [(8, "Blocked by user")] * 2
    assert api.call("GET", "/emails/ann@example.org")[0]["status"] == 8
    assert api.call("POST", "/emails", {"emails": ["ann@example.org"]})["ann@example.org"][0]["status"] == 8
    api.call("DELETE", "/blacklist", both)
    assert [row["status"] for row in api.call("GET", f"/addressbooks/{id}/emails")] == [0, 4]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    ("emails", "code", "message"),
    [
        (None, 1101, "Email address not specified"),
        ("", 1101, "Email address not specified"),
        (encode(" , "), 8, "No data"),
        (encode("nobody"), 906, "Email address syntax error"),
        ("ann@example.org", 422, "Argument emails is invalid"),
        ("/w==", 422, "Argument emails is invalid"),
        (["ann@example.org"], 422, "Argument emails is invalid"),
        (encode("a@b.co," * 100_001), 422, "Argument emails may not have more than 100000 items"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_blacklist_request_is_validated(api: Api, method: str, emails: Any, code: int, message: str) -> None:
    assert api.refuse(method, "/blacklist", {"emails": emails}) == (422, code, message)
    assert api.call("GET", "/blacklist") == []
