"""Reading and turning the clock, of one account and of all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.control.harness import NOON, A, B, Harness


def shown(harness: Harness, account: str) -> tuple[str, bool]:
    clock = harness.get(f"clock?account={account}")
    return clock["now"], clock["frozen"]


def test_a_clock_is_shown_with_what_waits_for_it(harness: Harness) -> None:
    harness.post(f"clock?account={A}", {"freeze": NOON})
    harness.send()
    assert harness.get(f"clock?account={A}") == {
        "now": "2026-03-01T12:00:00.000Z",
        "unix": NOON,
        "frozen": True,
        "jobs": 1,
        "next_job": "2026-03-01T12:01:00.000Z",
    }


@pytest.mark.parametrize(
    "at", ["2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00", "2026-03-01 12:00", NOON, str(NOON)]
)
def test_a_clock_is_frozen_at_a_time(harness: Harness, at: Any) -> None:
    turned = harness.post(f"clock?account={A}", {"freeze": at})
    assert (turned["now"], turned["frozen"], turned["ran"]) == ("2026-03-01T12:00:00.000Z", True, 0)


def test_a_clock_is_frozen_where_it_is_and_resumed(harness: Harness) -> None:
    before = harness.get(f"clock?account={A}")["unix"]
    frozen = harness.post(f"clock?account={A}", {"freeze": True})
    assert frozen["unix"] >= before
    assert harness.get(f"clock?account={A}")["unix"] == frozen["unix"]
    resumed = harness.post(f"clock?account={A}", {"resume": True})
    assert (resumed["frozen"], resumed["unix"] >= frozen["unix"]) == (False, True)


def test_advancing_runs_what_falls_due_and_says_how_many_jobs_that_were(harness: Harness) -> None:
    harness.post(f"clock?account={A}", {"freeze": NOON})
    harness.send()
    harness.send()
    assert harness.post(f"clock?account={A}", {"advance": 59})["ran"] == 0
    turned = harness.post(f"clock?account={A}", {"advance": 1})
    assert (turned["ran"], turned["jobs"], turned["now"]) == (2, 0, "2026-03-01T12:01:00.000Z")
    assert [event["time"] for event in harness.get("events?type=delivered")["events"]] == [
        "2026-03-01T12:01:00.000Z"
    ] * 2


@pytest.mark.parametrize("span", ["1h", "PT1H", "60m", 3600, "3600", "0.5h30m", "pt30m1800s"])
def test_a_span_is_said_in_many_ways(harness: Harness, span: Any) -> None:
    harness.post(f"clock?account={A}", {"freeze": NOON})
    assert harness.post(f"clock?account={A}", {"advance": span})["unix"] == NOON + 3600


def test_a_clock_is_set_forwards_and_back_and_stays_as_frozen_as_it_was(harness: Harness) -> None:
    harness.post(f"clock?account={A}", {"freeze": NOON})
    harness.send()
    assert harness.post(f"clock?account={A}", {"set": NOON + 3600})["ran"] == 1
    assert harness.post(f"clock?account={A}", {"set": "2020-01-01"})["frozen"] is True
    assert shown(harness, A) == ("2020-01-01T00:00:00.000Z", True)
    live = harness.post(f"clock?account={B}", {"set": "2020-01-01"})
    assert (live["frozen"], live["now"][:10]) == (False, "2020-01-01")


def test_put_does_what_post_does(harness: Harness) -> None:
    assert harness.ask("PUT", f"clock?account={A}", {"freeze": NOON})["unix"] == NOON


def test_an_accounts_clock_is_its_own(harness: Harness) -> None:
    harness.account(B)
    harness.post(f"clock?account={A}", {"freeze": NOON})
    assert shown(harness, B)[1] is False
    assert harness.get("clock")["frozen"] is False


def test_the_clock_of_an_account_is_set_before_its_first_request(harness: Harness) -> None:
    harness.post(f"clock?account={A}", {"freeze": NOON})
    harness.send()
    assert harness.get("messages/1")["time"] == "2026-03-01T12:00:00.000Z"


def test_a_clock_set_for_all_is_that_of_all_accounts_there_are_and_of_those_to_come(harness: Harness) -> None:
    harness.send(key=A)
    harness.post("clock", {"freeze": NOON})
    harness.send(key=B)
    assert shown(harness, A) == shown(harness, B) == shown(harness, "mock-new") == ("2026-03-01T12:00:00.000Z", True)


def test_turning_all_clocks_runs_the_jobs_of_all(harness: Harness) -> None:
    harness.post("clock", {"freeze": NOON})
    harness.send(key=A)
    harness.post(f"clock?account={B}", {"advance": 30})
    harness.send(key=B)
    clock = harness.get("clock")
    assert (clock["jobs"], clock["next_job"]) == (2, "2026-03-01T12:01:00.000Z")
    turned = harness.post("clock", {"advance": 60})
    assert (turned["ran"], turned["jobs"], turned["unix"]) == (2, 0, NOON + 60)
    assert [shown(harness, key)[0] for key in (A, B)] == ["2026-03-01T12:01:00.000Z", "2026-03-01T12:01:30.000Z"]


def test_a_reset_account_gets_the_clock_that_was_set_for_all(harness: Harness) -> None:
    harness.post("clock", {"freeze": NOON})
    harness.post(f"clock?account={A}", {"advance": 3600})
    harness.post(f"reset?account={A}")
    assert shown(harness, A) == ("2026-03-01T12:00:00.000Z", True)
    harness.post("reset")
    assert shown(harness, A)[1] is False


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"freeze": True, "advance": 5},
        {"freeze": False},
        {"resume": False},
        {"freeze": "tomorrow"},
        {"freeze": None},
        {"set": True},
        {"set": "9" * 5000},
        {"set": []},
        {"advance": -1},
        {"advance": "-1h"},
        {"advance": "P1M"},
        {"advance": "1 fortnight"},
        {"advance": ""},
        {"advance": True},
        {"advance": {}},
        {"go": 1},
        [],
        "freeze",
    ],
)
def test_a_turn_that_makes_no_sense_is_refused(harness: Harness, body: Any) -> None:
    status, code, message = harness.refused("POST", f"clock?account={A}", body)
    assert (status, code) == (422, "invalid")
    assert len(message) < 500


@pytest.mark.parametrize("body", [{"set": -1}, {"set": 1e18}, {"advance": 1e300}, {"freeze": "9999-12-31"}])
@pytest.mark.parametrize("query", ["", f"?account={A}"])
def test_a_time_that_is_no_date_is_refused_and_no_clock_is_turned(harness: Harness, body: Any, query: str) -> None:
    harness.post("clock", {"freeze": NOON})
    harness.account(B)
    words = "A clock shows times between the years 1970 and 9000."
    assert harness.refused("POST", f"clock{query}", body) == (422, "invalid", words)
    assert harness.get("clock")["unix"] == harness.get(f"clock?account={B}")["unix"] == NOON


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_a_number_that_is_none_is_refused(harness: Harness, number: bytes) -> None:
    for name in (b"set", b"advance", b"freeze"):
        response = harness.call("POST", "/_mock/clock", content=b'{"%s": %s}' % (name, number))
        assert response.status_code in (400, 422)
