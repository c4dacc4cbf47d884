"""What was asked and answered, as the control API shows it."""

from __future__ import annotations

import pytest

from sparkbox.core.logs.journal import Entry
from tests.control.harness import A, B, Harness


def fill(harness: Harness) -> None:
    harness.send("you@example.com", key=A)
    harness.send("full@example.com", key=B)
    harness.call("GET", "/post/v1/letters", headers={"x-key": A})
    harness.call("GET", "/post/v1/letters", headers={"x-key": "real-key"})
    harness.call("GET", "/post/v1/crash", headers={"x-key": B})


def ids(harness: Harness, query: str) -> list[str]:
    return [row["id"] for row in harness.get(f"requests?{query}")["requests"]]


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
def test_filters_pick_requests(harness: Harness, query: str, expected: list[str]) -> None:
    fill(harness)
    assert ids(harness, query) == expected


def test_requests_without_an_account_are_listed_by_an_empty_account(harness: Harness) -> None:
    fill(harness)
    assert ids(harness, "account=") == ["4"]
    assert harness.delete("requests?account=") == {"deleted": 1}
    assert ids(harness, "") == ["5", "3", "2", "1"]


@pytest.mark.parametrize("query", ["field=to", "header=x-key", "header=:a", "contain=x"])
def test_a_filter_that_cannot_be_read_is_refused(harness: Harness, query: str) -> None:
    assert harness.refused("GET", f"requests?{query}")[:2] == (422, "invalid")


def test_refused_smtp_login_is_no_request_of_a_service(harness: Harness) -> None:
    entry = Entry(1, 0.0, "smtp", "", "smtp", "SMTP", "AUTH", b"", b"", b"{}", 535, b"", b"", 0.0, "smtp_535")
    harness.sandbox.anonymous.requests.append(entry, entry.size)
    for query in ("field=/", "operation=POST /v1/letters"):
        assert ids(harness, query) == []
    assert ids(harness, "operation=smtp") == ["1"]


@pytest.mark.parametrize("status", ["600", "4x", "99", "ok"])
def test_a_status_that_is_none_is_refused(harness: Harness, status: str) -> None:
    assert harness.refused("GET", f"requests?status={status}")[:2] == (422, "invalid")


def test_a_request_is_shown_with_headers_and_bodies(harness: Harness) -> None:
    harness.send()
    entry = harness.get("requests/1")
    assert (entry["service"], entry["operation"], entry["status"]) == ("post", "send_letter", 201)
    assert ["x-key", A] in entry["request"]["headers"]
    assert '"you@example.com"' in entry["request"]["body"]
    assert ["content-type", "application/json"] in entry["response"]["headers"]
    assert '"ok":true' in entry["response"]["body"]


def test_a_request_that_was_dropped_is_gone() -> None:
    with Harness(most_requests=1) as harness:
        harness.send()
        harness.send()
        assert harness.refused("GET", "requests/1")[2].startswith("The request 1 is gone")
        assert harness.get("requests/2")["id"] == "2"


def test_one_request_or_one_accounts_or_all_are_deleted(harness: Harness) -> None:
    fill(harness)
    assert harness.delete("requests/3") == {"deleted": 1}
    assert harness.delete(f"requests?account={B}") == {"deleted": 2}
    assert ids(harness, "") == ["4", "1"]
    assert harness.delete("requests") == {"deleted": 2}
    assert ids(harness, "") == []


def test_every_response_has_its_evidence(harness: Harness) -> None:
    fill(harness)
    service = harness.sandbox.service("post")
    for row in harness.get("requests")["requests"]:
        error = service.errors.get(row["error"]) if row["error"] else service.operations[row["operation"]]
        assert error is not None
        assert row["evidence"] == error.evidence
        assert harness.get(f"requests/{row['id']}")["evidence"] == row["evidence"]
    known = {row["id"]: row["evidence"] for row in harness.get("requests")["requests"]}
    for evidence in ("documented", "observed", "assumed"):
        assert ids(harness, f"evidence={evidence}") == [id for id, value in known.items() if value == evidence]
    assert harness.refused("GET", "requests?evidence=sure")[:2] == (422, "invalid")


def test_faults_stubs_and_unknown_operations_have_no_evidence(harness: Harness) -> None:
    harness.post("faults", {"service": "post", "status": 503, "first": 1}, status=201)
    harness.call("GET", "/post/v1/letters", headers={"x-key": A})
    harness.post("stubs", {"service": "post", "path": "/v1/letters", "json": []}, status=201)
    harness.call("GET", "/post/v1/letters", headers={"x-key": A})
    harness.call("GET", "/post/v1/nowhere", headers={"x-key": A})
    assert [row["evidence"] for row in harness.get("requests")["requests"]] == [None, None, None]
    assert harness.get("requests/3")["docs"] is None


def test_a_request_leads_to_the_vendors_page(harness: Harness) -> None:
    harness.send()
    operation = harness.sandbox.service("post").operations["send_letter"]
    assert harness.get("requests/1")["docs"] == (operation.docs or None)
