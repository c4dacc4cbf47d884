"""Mailing lists: creating, listing, renaming, deleting, their variables and their cost."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.services.sendpulse.accounts import plans
from tests.services.sendpulse.api import Api, encode
from tests.services.view import NOW

BOOK_NOT_FOUND = (404, 213, "Book not found")


def test_mailing_list_is_created_with_a_number(api: Api) -> None:
    response = api.call("POST", "/addressbooks", {"bookName": "Readers"})
    assert list(response) == ["id"]
    assert isinstance(response["id"], int)


def test_reading_a_mailing_list_gives_a_list_of_one(api: Api) -> None:
    id = api.new_list("Readers")
    assert api.call("GET", f"/addressbooks/{id}") == [
        {
            "id": id,
            "name": "Readers",
            "all_email_qty": 0,
            "active_email_qty": 0,
            "inactive_email_qty": 0,
            "new_phones_quantity": 0,
            "active_phones_quantity": 0,
            "exc_phones_quantity": 0,
            "creationdate": "2026-03-01 12:00:00",
            "status": 0,
            "status_explain": "Active",
        }
    ]


def test_mailing_list_counts_its_phones(api: Api) -> None:
    entries = [{"email": f"{name}@example.org", "variables": {"Phone": f"38050123456{name}"}} for name in range(3)]
    id = api.new_list("Readers", *entries, "nobody@example.org")

    def counted() -> tuple[int, int, int]:
        found = api.call("GET", f"/addressbooks/{id}")[0]
        return found["new_phones_quantity"], found["active_phones_quantity"], found["exc_phones_quantity"]

    assert counted() == (3, 0, 0)
    api.call("POST", f"/addressbooks/{id}/emails/unsubscribe", {"emails": ["0@example.org"]})
    api.call("PUT", f"/addressbooks/{id}/phone", {"email": "nobody@example.org", "phone": "+380501234569"})
    api.call("DELETE", f"/addressbooks/{id}/emails", {"emails": ["2@example.org"]})
    assert counted() == (2, 0, 1)


def test_mailing_list_counts_its_emails(api: Api) -> None:
    id = api.new_list("Readers", "a@example.org", "b@example.org", "c@example.org")
    api.call("POST", f"/addressbooks/{id}/emails/unsubscribe", {"emails": ["a@example.org"]})
    api.call("POST", "/blacklist", {"emails": encode("b@example.org,z@example.org")})
    found = api.call("GET", f"/addressbooks/{id}")[0]
    assert (found["all_email_qty"], found["active_email_qty"], found["inactive_email_qty"]) == (3, 1, 2)
    api.call("DELETE", f"/addressbooks/{id}/emails", {"emails": ["a@example.org"]})
    found = api.call("GET", f"/addressbooks/{id}")[0]
    assert (found["all_email_qty"], found["active_email_qty"], found["inactive_email_qty"]) == (2, 1, 1)


def test_mailing_lists_are_paged(api: Api) -> None:
    ids = [api.new_list(f"List {number}") for number in range(5)]
    assert [found["id"] for found in api.call("GET", "/addressbooks")] == ids
    assert [found["id"] for found in api.call("GET", "/addressbooks", limit=2, offset=1)] == ids[1:3]
    assert api.call("GET", "/addressbooks", offset=5) == []


def test_page_has_100_rows_by_default(api: Api) -> None:
    for number in range(101):
        api.new_list(f"List {number}")
    assert len(api.call("GET", "/addressbooks")) == 100


def test_renamed_mailing_list_shows_its_name(api: Api) -> None:
    id = api.new_list("Old")
    assert api.call("PUT", f"/addressbooks/{id}", {"name": "New"}) == {"result": True}
    assert api.call("GET", f"/addressbooks/{id}")[0]["name"] == "New"
    api.new_list("Old")
    assert api.refuse("POST", "/addressbooks", {"bookName": "New"}) == (422, 203, "Name already in use")


def test_list_may_be_renamed_to_its_own_name(api: Api) -> None:
    id = api.new_list("Same")
    assert api.call("PUT", f"/addressbooks/{id}", {"name": "Same"}) == {"result": True}


def test_deleted_mailing_list_frees_its_name(api: Api) -> None:
    id = api.new_list("Readers", {"email": "a@example.org", "variables": {"city": "Kyiv"}})
    assert api.call("DELETE", f"/addressbooks/{id}") == {"result": True}
    assert api.refuse("GET", f"/addressbooks/{id}") == BOOK_NOT_FOUND
    assert api.refuse("GET", "/emails/a@example.org")[1] == 17
    assert api.new_list("Readers") != id


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/addressbooks/{id}", None),
        ("PUT", "/addressbooks/{id}", {"name": "New"}),
        ("DELETE", "/addressbooks/{id}", None),
        ("GET", "/addressbooks/{id}/variables", None),
        ("GET", "/addressbooks/{id}/cost", None),
        ("GET", "/addressbooks/{id}/campaigns", None),
        ("GET", "/addressbooks/{id}/emails", None),
        ("GET", "/addressbooks/{id}/emails/total", None),
        ("POST", "/addressbooks/{id}/emails", {"emails": ["a@example.org"]}),
        ("DELETE", "/addressbooks/{id}/emails", {"emails": ["a@example.org"]}),
        ("POST", "/addressbooks/{id}/emails/unsubscribe", {"emails": ["a@example.org"]}),
        ("POST", "/addressbooks/{id}/emails/variable", {"email": "a@example.org", "variables": []}),
        ("PUT", "/addressbooks/{id}/phone", {"email": "a@example.org", "phone": "380971234567"}),
        ("GET", "/addressbooks/{id}/variables/city/Kyiv", None),
        ("GET", "/addressbooks/{id}/emails/a@example.org", None),
    ],
)
def test_unknown_mailing_list_is_not_found(api: Api, method: str, path: str, body: Any) -> None:
    for id in ("1", "99999999999999999999", "abc", "-1"):
        assert api.refuse(method, path.format(id=id), body) == BOOK_NOT_FOUND


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "message"),
    [
        ("POST", "/addressbooks", {}, 422, "Argument bookName missing"),
        ("POST", "/addressbooks", {"bookName": None}, 422, "Argument bookName missing"),
        ("POST", "/addressbooks", {"bookName": 5}, 422, "Argument bookName must be string"),
        ("POST", "/addressbooks", {"bookName": ["x"]}, 422, "Argument bookName must be string"),
        ("POST", "/addressbooks", {"bookName": "x" * 256}, 422, "Argument bookName is invalid"),
        ("POST", "/addressbooks", {"bookName": " "}, 201, "Empty mailing list name"),
        ("POST", "/addressbooks", {"bookName": "Taken"}, 203, "Name already in use"),
        ("PUT", "/addressbooks/{id}", {}, 422, "Argument name missing"),
        ("PUT", "/addressbooks/{id}", {"name": 5}, 422, "Argument name must be string"),
        ("PUT", "/addressbooks/{id}", {"name": ""}, 201, "Empty mailing list name"),
        ("PUT", "/addressbooks/{id}", {"name": "Taken"}, 203, "Name already in use"),
    ],
)
def test_mailing_list_name_is_validated(api: Api, method: str, path: str, body: Any, code: int, message: str) -> None:
    api.new_list("Taken")
    assert api.refuse(method, path.format(id=api.new_list("Mine")), body) == (422, code, message)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("limit", "ten", "must be integer"),
        ("limit", "1.5", "must be integer"),
        ("limit", "0", "must be at least 1"),
        ("limit", "101", "may not be greater than 100"),
        ("limit", "9" * 5000, "must be integer"),
        ("offset", "x", "must be integer"),
        ("offset", "-1", "must be at least 0"),
    ],
)
@pytest.mark.parametrize("path", ["/addressbooks", "/addressbooks/{id}/emails", "/addressbooks/{id}/campaigns"])
def test_limit_and_offset_are_validated(api: Api, path: str, name: str, value: str, complaint: str) -> None:
    path = path.format(id=api.new_list())
    assert api.refuse("GET", path, **{name: value}) == (422, 422, f"Argument {name} {complaint}")


def test_variables_have_the_type_of_their_first_value(api: Api) -> None:
    variables = {"city": "Kyiv", "age": 30, "score": 1.5, "born": "1996-02-29", "vip": True, "note": None}
    id = api.new_list("Readers", {"email": "a@example.org", "variables": variables})
    assert api.call("GET", f"/addressbooks/{id}/variables") == [
        {"name": "city", "type": "string"},
        {"name": "age", "type": "number"},
        {"name": "score", "type": "number"},
        {"name": "born", "type": "date"},
        {"name": "vip", "type": "string"},
        {"name": "note", "type": "string"},
    ]


def test_variable_becomes_text_once_a_value_does_not_fit(api: Api) -> None:
    id = api.new_list("Readers", {"email": "a@example.org", "variables": {"age": 30, "born": "1996-02-29"}})
    later = {"emails": [{"email": "b@example.org", "variables": {"age": "thirty", "born": "1996-02-30"}}]}
    api.call("POST", f"/addressbooks/{id}/emails", later)
    found = api.call("GET", f"/addressbooks/{id}/variables")
    assert [variable["type"] for variable in found] == ["string", "string"]


def test_text_that_is_a_number_fits_a_number(api: Api) -> None:
    id = api.new_list("Readers", {"email": "a@example.org", "variables": {"age": 30}})
    entries = [{"email": f"{number}@example.org", "variables": {"age": number}} for number in ("31", "1.5", "-2")]
    api.call("POST", f"/addressbooks/{id}/emails", {"emails": entries})
    assert [row["variables"]["age"] for row in api.call("GET", f"/addressbooks/{id}/emails")] == [30, 31, 1.5, -2]
    assert api.call("GET", f"/addressbooks/{id}/variables") == [{"name": "age", "type": "number"}]


def test_variables_of_mailing_list_are_limited(api: Api) -> None:
    many = {f"v{number}": "x" for number in range(250)}
    id = api.new_list("Readers", {"email": "a@example.org", "variables": many})
    body = {"emails": [{"email": "b@example.org", "variables": {"one_more": "x"}}]}
    api_error = (422, 422, "Argument emails.*.variables is invalid")
    assert api.refuse("POST", f"/addressbooks/{id}/emails", body) == api_error
    assert api.call("GET", f"/addressbooks/{id}/emails/total") == {"total": 1}


def test_campaign_cost_counts_active_emails(api: Api) -> None:
    id = api.new_list("Readers", "a@example.org", "b@example.org", "c@example.org")
    api.call("POST", f"/addressbooks/{id}/emails/unsubscribe", {"emails": ["c@example.org"]})
    plans.change(api.ctx, emails_left=1)
    assert api.call("GET", f"/addressbooks/{id}/cost") == {
        "cur": "USD",
        "sent_emails_qty": 2,
        "overdraftAllEmailsPrice": 0.0,
        "addressesDeltaFromBalance": 1,
        "addressesDeltaFromTariff": 1,
        "max_emails_per_task": 500,
        "result": True,
    }


def test_campaign_cost_of_empty_list_is_refused(api: Api) -> None:
    assert api.refuse("GET", f"/addressbooks/{api.new_list()}/cost") == (422, 211, "Addressbook is empty")


def test_campaign_cost_is_refused_once_the_plan_has_ended(api: Api) -> None:
    id = api.new_list("Readers", "a@example.org")
    plans.change(api.ctx, ends=NOW)
    assert api.refuse("GET", f"/addressbooks/{id}/cost") == (422, 422, "Your tariff plan ended")


def test_new_list_has_no_campaigns(api: Api) -> None:
    assert api.call("GET", f"/addressbooks/{api.new_list()}/campaigns") == []
