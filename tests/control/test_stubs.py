"""Setting, listing and taking back stubs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparkbox.core.testing.stubs import MOST_STUBS, make_stub
from tests.control.desk import A, B, Desk


def stub(desk: Desk, body: dict[str, Any], query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = desk.post(f"stubs{query}", body, status=201)
    return found


def letters(desk: Desk, key: str = A) -> int:
    return desk.call("GET", "/post/v1/letters", headers={"x-key": key}).status_code


def test_a_stub_answers_and_counts_what_it_answered(desk: Desk) -> None:
    set_up = stub(desk, {"service": "post", "operation": "list_letters", "status": 410, "json": {"gone": True}})
    response = desk.call("GET", "/post/v1/letters", headers={"x-key": A})
    assert (response.status_code, response.json()) == (410, {"gone": True})
    assert desk.send().status_code == 201
    shown = desk.get(f"stubs/{set_up['id']}")
    assert shown == {**set_up, "hits": 1}
    assert desk.get("stubs") == {"stubs": [shown], "total": 1}


def test_a_stub_is_shown_whole(desk: Desk) -> None:
    conditions = {
        "service": "post", "operation": "POST /v1/letters", "method": "POST", "path": "/v1/*", "query": {"a": "b"},
        "headers": {"x-key": A}, "contains": "hello", "fields": {"/text": "hello"},
    }  # fmt: skip
    rules = {"times": 2, "scenario": "s", "state": "started", "next_state": "over"}
    shown = stub(
        desk, {**conditions, **rules, "status": 202, "text": "ok", "answer_headers": {"x-a": "b"}}, f"?account={A}"
    )
    assert shown == {
        **conditions, **rules, "id": "1", "account": A, "status": 202, "body": "ok", "envelope": False, "hits": 0,
        "answer_headers": {"x-a": "b", "Content-Type": "text/plain; charset=utf-8"}, "scenario_state": "started",
    }  # fmt: skip


def test_a_stub_picks_requests_by_what_is_in_them(desk: Desk) -> None:
    stub(desk, {"fields": {"/to/address": "you@example.com"}, "status": 418})
    assert [desk.send(to).status_code for to in ("you@example.com", "me@example.com")] == [418, 201]


def test_a_scenario_shows_where_it_stands(desk: Desk) -> None:
    set_up = stub(desk, {"scenario": "s", "state": "started", "next_state": "over", "status": 418})
    assert [letters(desk), letters(desk)] == [418, 200]
    assert desk.get(f"stubs/{set_up['id']}")["scenario_state"] == "over"


def test_a_stub_of_one_account_spares_the_others(desk: Desk) -> None:
    assert stub(desk, {"status": 418}, f"?account={A}")["account"] == A
    assert [letters(desk, A), letters(desk, B)] == [418, 200]


def test_stubs_are_listed_in_the_order_in_which_they_are_asked(desk: Desk) -> None:
    general = [stub(desk, {"status": 418})["id"] for _ in range(2)]
    counted = [stub(desk, {"status": 418, "times": 1})["id"] for _ in range(2)]
    mine = stub(desk, {"status": 418}, f"?account={A}")["id"]
    order = [mine, *counted, *reversed(general)]
    assert [row["id"] for row in desk.get("stubs")["stubs"]] == order
    assert [row["id"] for row in desk.get("stubs?limit=2&offset=1")["stubs"]] == order[1:3]
    assert [row["id"] for row in desk.get(f"stubs?account={A}")["stubs"]] == [mine]


@pytest.mark.parametrize("query", ["", f"?account={A}"])
def test_a_stub_is_taken_back_by_its_id(desk: Desk, query: str) -> None:
    set_up = stub(desk, {"status": 418}, query)
    assert desk.delete(f"stubs/{set_up['id']}{query}") == {"deleted": 1}
    assert letters(desk) == 200


def test_a_stub_that_is_none_is_refused(desk: Desk) -> None:
    words = "There is no stub '7'; GET /_mock/stubs lists those that are set."
    for method in ("GET", "DELETE"):
        assert desk.refused(method, "stubs/7") == (404, "not_found", words)


def test_a_stub_of_another_account_is_not_taken_back(desk: Desk) -> None:
    desk.account(B)
    set_up = stub(desk, {"status": 418}, f"?account={A}")
    assert desk.refused("DELETE", f"stubs/{set_up['id']}?account={B}")[:2] == (404, "not_found")
    assert letters(desk) == 418


def test_all_stubs_or_one_accounts_are_taken_back(desk: Desk) -> None:
    for query in ("", f"?account={A}", f"?account={B}"):
        stub(desk, {"status": 418}, query)
    assert desk.delete(f"stubs?account={A}") == {"deleted": 1}
    assert desk.delete("stubs") == {"deleted": 2}
    assert [letters(desk, A), letters(desk, B)] == [200, 200]


def test_a_stub_never_locks_the_control_api_out(desk: Desk) -> None:
    stub(desk, {"status": 418})
    stub(desk, {"path": "/_mock/stubs", "status": 418})
    assert desk.delete("stubs") == {"deleted": 2}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"status": 199}, "status: "),
        ({"status": 600}, "status: "),
        ({"times": 0}, "times: "),
        ({"json": 1, "text": "1"}, "JSON or a text, not both"),
        ({"envelope": True}, "name the operation"),
        ({"state": "over"}, "name the scenario"),
        ({"path": "v1"}, "begins with a slash"),
        ({"fields": {"text": 1}}, "no JSON pointer"),
        ({"operation": "list_letters"}, "name the service"),
        ({"service": "post", "operation": "list_leters"}, "(such as list_letters"),
        ({"answer_headers": {"Connection": "close"}}, "the connection's own business"),
        ({"answer_headers": {"a": "b\n"}}, "no header"),
        ({"headers": {"a": 1}}, "headers.a: "),
        ({"query": []}, "query: "),
        ({"hits": 1}, "hits: unknown field"),
    ],
)
def test_a_stub_that_makes_no_sense_is_refused(desk: Desk, body: dict[str, Any], words: str) -> None:
    status, code, message = desk.refused("POST", "stubs", body)
    assert (status, code) == (422, "invalid")
    assert words in message
    assert len(message) < 500
    assert desk.get("stubs")["total"] == 0


def test_a_stub_of_an_unknown_service_is_refused(desk: Desk) -> None:
    words = "There is no service 'pots'; there are post."
    assert desk.refused("POST", "stubs", {"service": "pots"}) == (404, "not_found", words)


def test_there_are_not_more_stubs_than_can_be_kept(desk: Desk) -> None:
    for _ in range(MOST_STUBS):
        desk.sandbox.add_stub(make_stub())
    assert desk.refused("POST", "stubs", {}) == (
        409,
        "too_many_stubs",
        "1000 stubs are set already; take some back with DELETE /_mock/stubs.",
    )


TEXTS = st.text(max_size=6)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=5,
)
STUBS = st.fixed_dictionaries(
    {},
    optional={
        "service": st.just("post"),
        "operation": st.sampled_from(["send_letter", "GET /v1/letters"]),
        "method": TEXTS | st.just("GET"),
        "path": TEXTS.map("/".__add__),
        "query": st.dictionaries(TEXTS, TEXTS, max_size=2),
        "headers": st.dictionaries(TEXTS, TEXTS, max_size=2),
        "contains": TEXTS,
        "fields": st.dictionaries(TEXTS.map("/".__add__), ANYTHING, max_size=2),
        "status": st.integers(200, 599),
        "json": ANYTHING,
        "answer_headers": st.dictionaries(TEXTS, TEXTS, max_size=2),
        "envelope": st.booleans(),
        "times": st.integers(1, 3),
        "scenario": TEXTS,
        "state": TEXTS | st.just("started"),
        "next_state": TEXTS,
    },
)


@given(STUBS, ANYTHING)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_set_is_refused_or_answers_as_it_says(desk: Desk, body: dict[str, Any], sent: Any) -> None:
    desk.post("reset")
    response = desk.call("POST", "/_mock/stubs", body)
    assert response.status_code in (201, 422), response.text
    for method in ("GET", "POST"):
        answer = desk.call(method, "/post/v1/letters", sent, headers={"x-key": A})
        stubbed = desk.get("requests?limit=1")["requests"][0]["note"] is not None
        assert (
            answer.status_code == body.get("status", 200)
            if stubbed
            else answer.status_code in (200, 201, 400, 415, 422)
        )
