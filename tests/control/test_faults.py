"""Setting, listing and taking back faults."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.core.testing.faults import MOST_FAULTS, Fault
from tests.control.desk import A, B, Desk


def fault(desk: Desk, body: dict[str, Any], query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = desk.post(f"faults{query}", body, status=201)
    return found


def letters(desk: Desk, key: str = A) -> int:
    return desk.call("GET", "/post/v1/letters", headers={"x-key": key}).status_code


def test_a_fault_spoils_answers_and_counts_them(desk: Desk) -> None:
    set_up = fault(desk, {"service": "post", "status": 503, "first": 1})
    assert [letters(desk), letters(desk)] == [503, 200]
    row = desk.get(f"faults/{set_up['id']}")
    assert (row["account"], row["seen"], row["hits"]) == (None, 2, 1)
    assert desk.get("faults")["faults"] == [row]


def test_a_named_error_is_the_services_own(desk: Desk) -> None:
    fault(desk, {"service": "post", "operation": "list_letters", "error": "closed"})
    response = desk.call("GET", "/post/v1/letters", headers={"x-key": A})
    assert (response.status_code, response.json()["error"]["name"]) == (503, "closed")
    assert desk.send().status_code == 201


def test_a_faults_headers_are_sent_and_shown(desk: Desk) -> None:
    set_up = fault(desk, {"service": "post", "status": 503, "headers": {"Retry-After": "7"}})
    assert desk.call("GET", "/post/v1/letters", headers={"x-key": A}).headers["retry-after"] == "7"
    assert desk.get(f"faults/{set_up['id']}")["headers"] == {"Retry-After": "7"}


def test_an_operation_is_named_by_method_and_path_too(desk: Desk) -> None:
    fault(desk, {"service": "post", "operation": "POST /v1/letters", "status": 500})
    assert desk.send().status_code == 500
    assert letters(desk) == 200


def test_a_fault_of_one_account_spares_the_others(desk: Desk) -> None:
    set_up = fault(desk, {"status": 500}, f"?account={A}")
    assert set_up["account"] == A
    assert [letters(desk, A), letters(desk, B)] == [500, 200]


def test_faults_are_listed_newest_first(desk: Desk) -> None:
    ids = [fault(desk, {"status": 500})["id"] for _ in range(3)]
    mine = fault(desk, {"status": 501}, f"?account={A}")["id"]
    assert [row["id"] for row in desk.get("faults")["faults"]] == [*reversed(ids), mine]
    assert [row["id"] for row in desk.get(f"faults?account={A}")["faults"]] == [mine]
    assert [row["id"] for row in desk.get("faults?limit=1&offset=1")["faults"]] == [ids[1]]
    assert len({*ids, mine}) == 4


@pytest.mark.parametrize("query", ["", f"?account={A}"])
def test_a_fault_is_taken_back_by_its_id(desk: Desk, query: str) -> None:
    set_up = fault(desk, {"status": 500}, f"?account={A}")
    assert desk.delete(f"faults/{set_up['id']}{query}") == {"deleted": 1}
    assert letters(desk) == 200


def test_a_fault_that_is_none_is_refused(desk: Desk) -> None:
    words = "There is no fault '7'; GET /_mock/faults lists those that are set."
    for method in ("GET", "DELETE"):
        assert desk.refused(method, "faults/7") == (404, "not_found", words)


def test_a_fault_of_another_account_is_not_taken_back(desk: Desk) -> None:
    desk.account(B)
    set_up = fault(desk, {"status": 500}, f"?account={A}")
    assert desk.refused("DELETE", f"faults/{set_up['id']}?account={B}")[:2] == (404, "not_found")
    assert letters(desk) == 500


def test_all_faults_or_one_accounts_are_taken_back(desk: Desk) -> None:
    for query in ("", f"?account={A}", f"?account={B}"):
        fault(desk, {"status": 500}, query)
    assert desk.delete(f"faults?account={A}") == {"deleted": 1}
    assert desk.delete("faults") == {"deleted": 2}
    assert [letters(desk, A), letters(desk, B)] == [200, 200]


def test_a_fault_never_locks_the_control_api_out(desk: Desk) -> None:
    fault(desk, {"drop": True, "status": 500, "garbage": True})
    assert desk.get("faults")["total"] == 1
    assert desk.delete("faults") == {"deleted": 1}


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
def test_a_fault_that_makes_no_sense_is_refused(desk: Desk, body: dict[str, Any], words: str) -> None:
    status, code, message = desk.refused("POST", "faults", body)
    assert (status, code) == (422, "invalid")
    assert words in message
    assert len(message) < 500
    assert desk.get("faults")["total"] == 0


def test_a_fault_of_an_unknown_service_is_refused(desk: Desk) -> None:
    words = "There is no service 'pots'; there are post."
    assert desk.refused("POST", "faults", {"service": "pots", "status": 500}) == (404, "not_found", words)


def test_latency_is_not_a_number_is_refused(desk: Desk) -> None:
    response = desk.call("POST", "/_mock/faults", content=b'{"latency": NaN}')
    assert response.status_code in (400, 422)


def test_there_are_not_more_faults_than_can_be_kept(desk: Desk) -> None:
    for _ in range(MOST_FAULTS):
        desk.sandbox.faults.add(Fault(status=500))
    assert desk.refused("POST", "faults", {"status": 500})[:2] == (409, "too_many_faults")


@pytest.mark.parametrize("status", [200, 204, 304, 418, 599])
def test_a_status_is_answered_whatever_it_is(desk: Desk, status: int) -> None:
    fault(desk, {"status": status})
    assert letters(desk) == status
