"""What was asked and answered, as the control API shows it."""

from __future__ import annotations

import pytest

from sparkbox.core.logs.journal import Entry
from tests.control.desk import A, B, Desk


def fill(desk: Desk) -> None:
    desk.send("you@example.com", key=A)
    desk.send("full@example.com", key=B)
    desk.call("GET", "/post/v1/letters", headers={"x-key": A})
    desk.call("GET", "/post/v1/letters", headers={"x-key": "real-key"})
    desk.call("GET", "/post/v1/crash", headers={"x-key": B})


def ids(desk: Desk, query: str) -> list[str]:
    return [row["id"] for row in desk.get(f"requests?{query}")["requests"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["5", "4", "3", "2", "1"]),
        ("service=post&limit=1", ["5"]),
        ("service=other", []),
        ("operation=send_letter", ["2", "1"]),
        ("method=post", ["2", "1"]),
        ("path=crash", ["5"]),
        ("path=LETTERS&method=GET", ["4", "3"]),
        ("status=409", ["2"]),
        ("status=4xx", ["4", "2"]),
        ("status=5xx", ["5"]),
        ("error=box_full", ["2"]),
        ("since=3", ["5", "4"]),
        ("operation=POST /v1/letters", ["2", "1"]),
        ("operation=/v1/letters", []),
        ("contains=FULL@example", ["2"]),
        ("field=/to/address:you@example.com", ["1"]),
        ("field=/to/address", ["2", "1"]),
        ("field=/text:hello", ["2", "1"]),
        ("field=/to:{%22address%22:%22you@example.com%22}", ["1"]),
        ("field=/text:", []),
        ("field=/nowhere", []),
        (f"header=X-Key: {B}", ["5", "2"]),
        ("header=x-key:", []),
        (f"account={A}", ["3", "1"]),
        (f"account={B}&status=5xx", ["5"]),
    ],
)
def test_filters_pick_requests(desk: Desk, query: str, expected: list[str]) -> None:
    fill(desk)
    assert ids(desk, query) == expected


def test_requests_without_an_account_are_asked_for_by_an_empty_one(desk: Desk) -> None:
    fill(desk)
    assert ids(desk, "account=") == ["4"]
    assert desk.delete("requests?account=") == {"deleted": 1}
    assert ids(desk, "") == ["5", "3", "2", "1"]


@pytest.mark.parametrize("query", ["field=to", "header=x-key", "header=:a", "contain=x"])
def test_a_filter_that_cannot_be_read_is_refused(desk: Desk, query: str) -> None:
    assert desk.refused("GET", f"requests?{query}")[:2] == (422, "invalid")


def test_a_login_by_smtp_that_was_nobodys_is_no_request_of_a_service(desk: Desk) -> None:
    entry = Entry(1, 0.0, "smtp", "", "smtp", "SMTP", "AUTH", b"", b"", b"{}", 535, b"", b"", 0.0, "smtp_535")
    desk.sandbox.anonymous.requests.append(entry, entry.size)
    for query in ("field=/", "operation=POST /v1/letters"):
        assert ids(desk, query) == []
    assert ids(desk, "operation=smtp") == ["1"]


@pytest.mark.parametrize("status", ["600", "4x", "99", "ok"])
def test_a_status_that_is_none_is_refused(desk: Desk, status: str) -> None:
    assert desk.refused("GET", f"requests?status={status}")[:2] == (422, "invalid")


def test_a_request_is_shown_with_headers_and_bodies(desk: Desk) -> None:
    desk.send()
    entry = desk.get("requests/1")
    assert (entry["service"], entry["operation"], entry["status"]) == ("post", "send_letter", 201)
    assert ["x-key", A] in entry["request"]["headers"]
    assert '"you@example.com"' in entry["request"]["body"]
    assert ["content-type", "application/json"] in entry["response"]["headers"]
    assert '"ok":true' in entry["response"]["body"]


def test_a_request_that_was_dropped_is_gone() -> None:
    with Desk(most_requests=1) as desk:
        desk.send()
        desk.send()
        assert desk.refused("GET", "requests/1")[2].startswith("The request 1 is gone")
        assert desk.get("requests/2")["id"] == "2"


def test_one_request_or_one_accounts_or_all_are_deleted(desk: Desk) -> None:
    fill(desk)
    assert desk.delete("requests/3") == {"deleted": 1}
    assert desk.delete(f"requests?account={B}") == {"deleted": 2}
    assert ids(desk, "") == ["4", "1"]
    assert desk.delete("requests") == {"deleted": 2}
    assert ids(desk, "") == []


def test_every_answer_says_how_it_is_known(desk: Desk) -> None:
    fill(desk)
    service = desk.sandbox.service("post")
    for row in desk.get("requests")["requests"]:
        error = service.errors.get(row["error"]) if row["error"] else service.operations[row["operation"]]
        assert error is not None
        assert row["evidence"] == error.evidence
        assert desk.get(f"requests/{row['id']}")["evidence"] == row["evidence"]
    known = {row["id"]: row["evidence"] for row in desk.get("requests")["requests"]}
    for evidence in ("documented", "observed", "assumed"):
        assert ids(desk, f"evidence={evidence}") == [id for id, value in known.items() if value == evidence]
    assert desk.refused("GET", "requests?evidence=sure")[:2] == (422, "invalid")


def test_nobody_vouches_for_faults_and_stubs_and_what_there_is_not(desk: Desk) -> None:
    desk.post("faults", {"service": "post", "status": 503, "first": 1}, status=201)
    desk.call("GET", "/post/v1/letters", headers={"x-key": A})
    desk.post("stubs", {"service": "post", "path": "/v1/letters", "json": []}, status=201)
    desk.call("GET", "/post/v1/letters", headers={"x-key": A})
    desk.call("GET", "/post/v1/nowhere", headers={"x-key": A})
    assert [row["evidence"] for row in desk.get("requests")["requests"]] == [None, None, None]
    assert desk.get("requests/3")["docs"] is None


def test_a_request_leads_to_the_vendors_page(desk: Desk) -> None:
    desk.send()
    operation = desk.sandbox.service("post").operations["send_letter"]
    assert desk.get("requests/1")["docs"] == (operation.docs or None)
