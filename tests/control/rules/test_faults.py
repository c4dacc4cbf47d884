"""Setting, listing and taking back faults."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.core.testing.faults import MOST_FAULTS, Fault
from tests.control.harness import A, B, Harness


def fault(harness: Harness, body: dict[str, Any], query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = harness.post(f"faults{query}", body, status=201)
    return found


def letters(harness: Harness, key: str = A) -> int:
    return harness.call("GET", "/post/v1/letters", headers={"x-key": key}).status_code


def test_fault_spoils_responses_and_counts_them(harness: Harness) -> None:
    set_up = fault(harness, {"service": "post", "status": 503, "first": 1})
    assert [letters(harness), letters(harness)] == [503, 200]
    row = harness.get(f"faults/{set_up['id']}")
    assert (row["account"], row["seen"], row["hits"]) == (None, 2, 1)
    assert harness.get("faults")["faults"] == [row]


def test_a_named_error_is_the_services_own(harness: Harness) -> None:
    fault(harness, {"service": "post", "operation": "list_letters", "error": "closed"})
    response = harness.call("GET", "/post/v1/letters", headers={"x-key": A})
    assert (response.status_code, response.json()["error"]["name"]) == (503, "closed")
    assert harness.send().status_code == 201


def test_a_faults_headers_are_sent_and_shown(harness: Harness) -> None:
    set_up = fault(harness, {"service": "post", "status": 503, "headers": {"Retry-After": "7"}})
    assert harness.call("GET", "/post/v1/letters", headers={"x-key": A}).headers["retry-after"] == "7"
    assert harness.get(f"faults/{set_up['id']}")["headers"] == {"Retry-After": "7"}


def test_an_operation_is_named_by_method_and_path_too(harness: Harness) -> None:
    fault(harness, {"service": "post", "operation": "POST /v1/letters", "status": 500})
    assert harness.send().status_code == 500
    assert letters(harness) == 200


def test_a_fault_of_one_account_spares_the_others(harness: Harness) -> None:
    set_up = fault(harness, {"status": 500}, f"?account={A}")
    assert set_up["account"] == A
    assert [letters(harness, A), letters(harness, B)] == [500, 200]


def test_faults_are_listed_newest_first(harness: Harness) -> None:
    ids = [fault(harness, {"status": 500})["id"] for _ in range(3)]
    mine = fault(harness, {"status": 501}, f"?account={A}")["id"]
    assert [row["id"] for row in harness.get("faults")["faults"]] == [*reversed(ids), mine]
    assert [row["id"] for row in harness.get(f"faults?account={A}")["faults"]] == [mine]
    assert [row["id"] for row in harness.get("faults?limit=1&offset=1")["faults"]] == [ids[1]]
    assert len({*ids, mine}) == 4


@pytest.mark.parametrize("query", ["", f"?account={A}"])
def test_a_fault_is_taken_back_by_its_id(harness: Harness, query: str) -> None:
    set_up = fault(harness, {"status": 500}, f"?account={A}")
    assert harness.delete(f"faults/{set_up['id']}{query}") == {"deleted": 1}
    assert letters(harness) == 200


def test_a_fault_that_is_none_is_refused(harness: Harness) -> None:
    words = "There is no fault '7'; GET /_mock/faults lists those that are set."
    for method in ("GET", "DELETE"):
        assert harness.refused(method, "faults/7") == (404, "not_found", words)


def test_a_fault_of_another_account_is_not_taken_back(harness: Harness) -> None:
    harness.account(B)
    set_up = fault(harness, {"status": 500}, f"?account={A}")
    assert harness.refused("DELETE", f"faults/{set_up['id']}?account={B}")[:2] == (404, "not_found")
    assert letters(harness) == 500


def test_all_faults_or_one_accounts_are_taken_back(harness: Harness) -> None:
    for query in ("", f"?account={A}", f"?account={B}"):
        fault(harness, {"status": 500}, query)
    assert harness.delete(f"faults?account={A}") == {"deleted": 1}
    assert harness.delete("faults") == {"deleted": 2}
    assert [letters(harness, A), letters(harness, B)] == [200, 200]


def test_a_fault_never_locks_the_control_api_out(harness: Harness) -> None:
    fault(harness, {"drop": True, "status": 500, "garbage": True})
    assert harness.get("faults")["total"] == 1
    assert harness.delete("faults") == {"deleted": 1}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "say what is to happen"),
        ({"service": "post"}, "say what is to happen"),
        ({"latency": 0, "drop": False, "garbage": False}, "say what is to happen"),
        ({"status": 199}, "status: "),
        ({"status": 600}, "status: "),
        ({"status": "teapot"}, "status: "),
        ({"status": 500, "probability": 1.1}, "probability: "),
        ({"status": 500, "probability": -0.1}, "probability: "),
        ({"latency": 301}, "latency: "),
        ({"latency": -1}, "latency: "),
        ({"truncate": -1}, "truncate: "),
        ({"status": 500, "first": 0}, "first: "),
        ({"status": 500, "every": 0}, "every: "),
        ({"status": 500, "every": 2**40}, "every: "),
        ({"status": 500, "seed": -1}, "seed: "),
        ({"error": "closed"}, "name the service, too"),
        ({"operation": "list_letters", "status": 500}, "name the service, too"),
        ({"service": "post", "error": "close"}, "The Post Office has no error 'close'"),
        ({"service": "post", "error": "x" * 10_000}, "The Post Office has no error 'xxx"),
        ({"service": "post", "operation": "list_leters", "status": 500}, "(such as list_letters"),
        ({"service": "post", "operation": "PUT /v1/letters", "status": 500}, "The Post Office has no operation"),
        ({"status": 500, "hits": 3}, "hits: unknown field"),
        ({"headers": {}}, "say what is to happen"),
        ({"headers": {"X-A": "a\r\nb"}}, "is no header that can be sent"),
        ({"headers": {"Transfer-Encoding": "chunked"}}, "the connection's own business"),
        ({"headers": {"X-A": 1}}, "headers.X-A: "),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(harness: Harness, body: dict[str, Any], words: str) -> None:
    status, code, message = harness.refused("POST", "faults", body)
    assert (status, code) == (422, "invalid")
    assert words in message
    assert len(message) < 500
    assert harness.get("faults")["total"] == 0


def test_a_fault_of_an_unknown_service_is_refused(harness: Harness) -> None:
    words = "There is no service 'pots'; there are post."
    assert harness.refused("POST", "faults", {"service": "pots", "status": 500}) == (404, "not_found", words)


def test_latency_is_not_a_number_is_refused(harness: Harness) -> None:
    response = harness.call("POST", "/_mock/faults", content=b'{"latency": NaN}')
    assert response.status_code in (400, 422)


def test_there_are_not_more_faults_than_can_be_kept(harness: Harness) -> None:
    for _ in range(MOST_FAULTS):
        harness.sandbox.faults.add(Fault(status=500))
    assert harness.refused("POST", "faults", {"status": 500})[:2] == (409, "too_many_faults")


@pytest.mark.parametrize("status", [200, 204, 304, 418, 599])
def test_a_status_is_answered_whatever_it_is(harness: Harness, status: int) -> None:
    fault(harness, {"status": status})
    assert letters(harness) == status
