"""Setting, listing and taking back stubs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparkbox.core.testing.stubs import MOST_STUBS, make_stub
from tests.control.harness import A, B, Harness


def stub(harness: Harness, body: dict[str, Any], query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = harness.post(f"stubs{query}", body, status=201)
    return found


def letters(harness: Harness, key: str = A) -> int:
    return harness.call("GET", "/post/v1/letters", headers={"x-key": key}).status_code


def test_stub_answers_and_counts_its_hits(harness: Harness) -> None:
    set_up = stub(harness, {"service": "post", "operation": "list_letters", "status": 410, "json": {"gone": True}})
    response = harness.call("GET", "/post/v1/letters", headers={"x-key": A})
    assert (response.status_code, response.json()) == (410, {"gone": True})
    assert harness.send().status_code == 201
    shown = harness.get(f"stubs/{set_up['id']}")
    assert shown == {**set_up, "hits": 1}
    assert harness.get("stubs") == {"stubs": [shown], "total": 1}


def test_a_stub_is_shown_whole(harness: Harness) -> None:
    conditions = {
        "service": "post", "operation": "POST /v1/letters", "method": "POST", "path": "/v1/*", "query": {"a": "b"},
        "headers": {"x-key": A}, "contains": "hello", "fields": {"/text": "hello"},
    }  # fmt: skip
    rules = {"times": 2, "scenario": "s", "state": "started", "next_state": "over"}
    shown = stub(
        harness, {**conditions, **rules, "status": 202, "text": "ok", "response_headers": {"x-a": "b"}}, f"?account={A}"
    )
    assert shown == {
        **conditions, **rules, "id": "1", "account": A, "status": 202, "body": "ok", "envelope": False, "hits": 0,
        "response_headers": {"x-a": "b", "Content-Type": "text/plain; charset=utf-8"}, "scenario_state": "started",
    }  # fmt: skip


def test_stub_matches_requests_by_their_contents(harness: Harness) -> None:
    stub(harness, {"fields": {"/to/address": "you@example.com"}, "status": 418})
    assert [harness.send(to).status_code for to in ("you@example.com", "me@example.com")] == [418, 201]


def test_a_scenario_shows_where_it_stands(harness: Harness) -> None:
    set_up = stub(harness, {"scenario": "s", "state": "started", "next_state": "over", "status": 418})
    assert [letters(harness), letters(harness)] == [418, 200]
    assert harness.get(f"stubs/{set_up['id']}")["scenario_state"] == "over"


def test_a_stub_of_one_account_spares_the_others(harness: Harness) -> None:
    assert stub(harness, {"status": 418}, f"?account={A}")["account"] == A
    assert [letters(harness, A), letters(harness, B)] == [418, 200]


def test_stubs_are_listed_in_the_order_in_which_they_are_tried(harness: Harness) -> None:
    general = [stub(harness, {"status": 418})["id"] for _ in range(2)]
    counted = [stub(harness, {"status": 418, "times": 1})["id"] for _ in range(2)]
    mine = stub(harness, {"status": 418}, f"?account={A}")["id"]
    order = [mine, *counted, *reversed(general)]
    assert [row["id"] for row in harness.get("stubs")["stubs"]] == order
    assert [row["id"] for row in harness.get("stubs?limit=2&offset=1")["stubs"]] == order[1:3]
    assert [row["id"] for row in harness.get(f"stubs?account={A}")["stubs"]] == [mine]


@pytest.mark.parametrize("query", ["", f"?account={A}"])
def test_a_stub_is_taken_back_by_its_id(harness: Harness, query: str) -> None:
    set_up = stub(harness, {"status": 418}, query)
    assert harness.delete(f"stubs/{set_up['id']}{query}") == {"deleted": 1}
    assert letters(harness) == 200


def test_a_stub_that_is_none_is_refused(harness: Harness) -> None:
    words = "There is no stub '7'; GET /_mock/stubs lists those that are set."
    for method in ("GET", "DELETE"):
        assert harness.refused(method, "stubs/7") == (404, "not_found", words)


def test_a_stub_of_another_account_is_not_taken_back(harness: Harness) -> None:
    harness.account(B)
    set_up = stub(harness, {"status": 418}, f"?account={A}")
    assert harness.refused("DELETE", f"stubs/{set_up['id']}?account={B}")[:2] == (404, "not_found")
    assert letters(harness) == 418


def test_all_stubs_or_one_accounts_are_taken_back(harness: Harness) -> None:
    for query in ("", f"?account={A}", f"?account={B}"):
        stub(harness, {"status": 418}, query)
    assert harness.delete(f"stubs?account={A}") == {"deleted": 1}
    assert harness.delete("stubs") == {"deleted": 2}
    assert [letters(harness, A), letters(harness, B)] == [200, 200]


def test_a_stub_never_locks_the_control_api_out(harness: Harness) -> None:
    stub(harness, {"status": 418})
    stub(harness, {"path": "/_mock/stubs", "status": 418})
    assert harness.delete("stubs") == {"deleted": 2}


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
        ({"response_headers": {"Connection": "close"}}, "the connection's own business"),
        ({"response_headers": {"a": "b\n"}}, "no header"),
        ({"headers": {"a": 1}}, "headers.a: "),
        ({"query": []}, "query: "),
        ({"hits": 1}, "hits: unknown field"),
    ],
)
def test_a_stub_that_makes_no_sense_is_refused(harness: Harness, body: dict[str, Any], words: str) -> None:
    status, code, message = harness.refused("POST", "stubs", body)
    assert (status, code) == (422, "invalid")
    assert words in message
    assert len(message) < 500
    assert harness.get("stubs")["total"] == 0


def test_a_stub_of_an_unknown_service_is_refused(harness: Harness) -> None:
    words = "There is no service 'pots'; there are post."
    assert harness.refused("POST", "stubs", {"service": "pots"}) == (404, "not_found", words)


def test_there_are_not_more_stubs_than_can_be_kept(harness: Harness) -> None:
    for _ in range(MOST_STUBS):
        harness.sandbox.add_stub(make_stub())
    assert harness.refused("POST", "stubs", {}) == (
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
        "response_headers": st.dictionaries(TEXTS, TEXTS, max_size=2),
        "envelope": st.booleans(),
        "times": st.integers(1, 3),
        "scenario": TEXTS,
        "state": TEXTS | st.just("started"),
        "next_state": TEXTS,
    },
)


@given(STUBS, ANYTHING)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_set_is_refused_or_answers_as_it_says(harness: Harness, body: dict[str, Any], sent: Any) -> None:
    harness.post("reset")
    created = harness.call("POST", "/_mock/stubs", body)
    assert created.status_code in (201, 422), created.text
    for method in ("GET", "POST"):
        response = harness.call(method, "/post/v1/letters", sent, headers={"x-key": A})
        stubbed = harness.get("requests?limit=1")["requests"][0]["note"] is not None
        assert (
            response.status_code == body.get("status", 200)
            if stubbed
            else response.status_code in (200, 201, 400, 415, 422)
        )
