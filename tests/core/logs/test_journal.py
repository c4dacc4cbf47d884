"""What was asked and answered."""

from __future__ import annotations

from typing import cast

import pytest

from sparkbox.core.logs.journal import Entry, details, packed, summary
from tests.core import api
from tests.core.api import KEY
from tests.core.office import Office


@pytest.fixture
def office(frozen: Office) -> Office:
    return frozen


def entries(office: Office) -> list[Entry]:
    return list(office.sandbox.logs.requests.newest())


def test_each_request_is_kept_with_its_response(office: Office) -> None:
    response = office.send("ada@example.com")
    [entry] = entries(office)
    assert (entry.method, entry.path, entry.operation, entry.status) == ("POST", "/v1/letters", "send_letter", 201)
    assert b"ada@example.com" in entry.body
    assert (entry.response, entry.response_headers) == (response.body, response.headers)
    assert list(office.account().requests.oldest()) == [entry]


def test_a_summary_leaves_the_bodies_out(office: Office) -> None:
    office.call("GET", "/v1/letters?size=2&q=%C3%A9")
    shown = dict(summary(entries(office)[0]))
    assert cast(float, shown.pop("duration_ms")) >= 0
    assert shown == {
        "id": "1",
        "time": "2026-03-01T12:00:00.000Z",
        "service": "post",
        "account": KEY,
        "operation": "list_letters",
        "method": "GET",
        "path": "/v1/letters",
        "query": "size=2&q=%C3%A9",
        "status": 200,
        "error": None,
        "fault": None,
        "note": None,
    }


def test_details_have_both_sides(office: Office) -> None:
    office.call(
        "POST", "/v1/letters", body=b"\xff{", headers=[(b"content-type", b"application/json"), (b"x-b", b"\xe9")]
    )
    shown = details(entries(office)[0])
    assert shown["request"] == {
        "headers": [["x-key", KEY], ["content-type", "application/json"], ["x-b", "é"]],
        "body": "\ufffd{",
    }
    assert shown["response"]["body"] == entries(office)[0].response.decode()
    assert ["x-post", "post"] in shown["response"]["headers"]
    assert shown["error"] == "malformed"


def test_a_request_without_an_account_is_kept_with_none(office: Office) -> None:
    office.call("GET", "/v1/letters", key=None)
    assert [(entry.account, entry.error) for entry in entries(office)] == [("", "unauthorized")]
    assert len(office.sandbox.anonymous.requests) == 1


def test_an_entry_weighs_what_it_holds(office: Office) -> None:
    def weight(path: str = "/", body: bytes = b"", query: bytes = b"", **more: object) -> int:
        head = packed(more.get("headers", []))  # type: ignore[arg-type]
        response = more.get("response", b"")
        return Entry(1, 0.0, "", "", "", "GET", path, query, head, body, 200, b"", response, 0.0).size  # type: ignore[arg-type]

    light = weight()
    assert weight(body=b"x" * 5000) - light == 5000
    assert weight(response=b"x" * 5000) - light == 5000
    assert weight(path="/" + "x" * 5000) - light == 5000
    assert weight(query=b"x" * 5000) - light == 5000
    assert weight(headers=[(b"x" * 1000, b"x" * 3999)]) - light == 5000


def test_the_journal_keeps_the_newest_requests() -> None:
    office = Office(most_requests=3)
    for number in range(10):
        office.call("GET", f"/v1/boxes/{number}/notes")
    assert [entry.path for entry in entries(office)] == [f"/v1/boxes/{number}/notes" for number in (9, 8, 7)]
    assert office.sandbox.logs.requests.dropped == 7


def test_the_journal_keeps_so_many_bytes() -> None:
    office = Office(most_request_bytes=50_000)
    for _ in range(50):
        office.send(text="x" * 4000)
    logs = office.sandbox.logs.requests
    assert logs.bytes <= 50_000
    assert 3 <= len(logs) <= 8


def test_all_accounts_share_the_bound() -> None:
    office = Office(most_requests=10)
    for number in range(100):
        office.call("GET", "/v1/letters", key=f"mock-{number}")
    assert len(office.sandbox.logs.requests) == 10
    assert len(office.account("mock-0").requests) == 0
    assert office.account("mock-0").requests.dropped == 1
    assert len(office.account("mock-99").requests) == 1


def test_numbers_are_those_of_the_sandbox(office: Office) -> None:
    for key in (KEY, "mock-other", KEY):
        office.call("GET", "/v1/letters", key=key)
    assert [entry.number for entry in office.account().requests.oldest()] == [1, 3]
    assert office.account("mock-other").requests.get(2) is not None


def test_an_error_is_named_as_its_row(office: Office) -> None:
    office.send("full@example.com")
    assert entries(office)[0].error == api.BOX_FULL.name
