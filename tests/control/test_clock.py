"""Reading and turning the clock, of one account and of all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.control.desk import NOON, A, B, Desk


def shown(desk: Desk, account: str) -> tuple[str, bool]:
    clock = desk.get(f"clock?account={account}")
    return clock["now"], clock["frozen"]


def test_a_clock_is_shown_with_what_waits_for_it(desk: Desk) -> None:
    desk.post(f"clock?account={A}", {"freeze": NOON})
    desk.send()
    assert desk.get(f"clock?account={A}") == {
        "now": "2026-03-01T12:00:00.000Z",
        "unix": NOON,
        "frozen": True,
        "jobs": 1,
        "next_job": "2026-03-01T12:01:00.000Z",
    }


@pytest.mark.parametrize(
    "at", ["2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00", "2026-03-01 12:00", NOON, str(NOON)]
)
def test_a_clock_is_frozen_at_a_time(desk: Desk, at: Any) -> None:
    turned = desk.post(f"clock?account={A}", {"freeze": at})
    assert (turned["now"], turned["frozen"], turned["ran"]) == ("2026-03-01T12:00:00.000Z", True, 0)


def test_a_clock_is_frozen_where_it_is_and_resumed(desk: Desk) -> None:
    before = desk.get(f"clock?account={A}")["unix"]
    frozen = desk.post(f"clock?account={A}", {"freeze": True})
    assert frozen["unix"] >= before
    assert desk.get(f"clock?account={A}")["unix"] == frozen["unix"]
    resumed = desk.post(f"clock?account={A}", {"resume": True})
    assert (resumed["frozen"], resumed["unix"] >= frozen["unix"]) == (False, True)


def test_advancing_runs_what_falls_due_and_says_how_many_jobs_that_were(desk: Desk) -> None:
    desk.post(f"clock?account={A}", {"freeze": NOON})
    desk.send()
    desk.send()
    assert desk.post(f"clock?account={A}", {"advance": 59})["ran"] == 0
    turned = desk.post(f"clock?account={A}", {"advance": 1})
    assert (turned["ran"], turned["jobs"], turned["now"]) == (2, 0, "2026-03-01T12:01:00.000Z")
    assert [event["time"] for event in desk.get("events?type=delivered")["events"]] == ["2026-03-01T12:01:00.000Z"] * 2


@pytest.mark.parametrize("span", ["1h", "PT1H", "60m", 3600, "3600", "0.5h30m", "pt30m1800s"])
def test_a_span_is_said_in_many_ways(desk: Desk, span: Any) -> None:
    desk.post(f"clock?account={A}", {"freeze": NOON})
    assert desk.post(f"clock?account={A}", {"advance": span})["unix"] == NOON + 3600


def test_a_clock_is_set_forwards_and_back_and_stays_as_frozen_as_it_was(desk: Desk) -> None:
    desk.post(f"clock?account={A}", {"freeze": NOON})
    desk.send()
    assert desk.post(f"clock?account={A}", {"set": NOON + 3600})["ran"] == 1
    assert desk.post(f"clock?account={A}", {"set": "2020-01-01"})["frozen"] is True
    assert shown(desk, A) == ("2020-01-01T00:00:00.000Z", True)
    live = desk.post(f"clock?account={B}", {"set": "2020-01-01"})
    assert (live["frozen"], live["now"][:10]) == (False, "2020-01-01")


def test_put_does_what_post_does(desk: Desk) -> None:
    assert desk.ask("PUT", f"clock?account={A}", {"freeze": NOON})["unix"] == NOON


def test_an_accounts_clock_is_its_own(desk: Desk) -> None:
    desk.account(B)
    desk.post(f"clock?account={A}", {"freeze": NOON})
    assert shown(desk, B)[1] is False
    assert desk.get("clock")["frozen"] is False


def test_the_clock_of_an_account_is_set_before_its_first_request(desk: Desk) -> None:
    desk.post(f"clock?account={A}", {"freeze": NOON})
    desk.send()
    assert desk.get("messages/1")["time"] == "2026-03-01T12:00:00.000Z"


def test_a_clock_set_for_all_is_that_of_all_accounts_there_are_and_of_those_to_come(desk: Desk) -> None:
    desk.send(key=A)
    desk.post("clock", {"freeze": NOON})
    desk.send(key=B)
    assert shown(desk, A) == shown(desk, B) == shown(desk, "mock-new") == ("2026-03-01T12:00:00.000Z", True)


def test_turning_all_clocks_runs_the_jobs_of_all(desk: Desk) -> None:
    desk.post("clock", {"freeze": NOON})
    desk.send(key=A)
    desk.post(f"clock?account={B}", {"advance": 30})
    desk.send(key=B)
    clock = desk.get("clock")
    assert (clock["jobs"], clock["next_job"]) == (2, "2026-03-01T12:01:00.000Z")
    turned = desk.post("clock", {"advance": 60})
    assert (turned["ran"], turned["jobs"], turned["unix"]) == (2, 0, NOON + 60)
    assert [shown(desk, key)[0] for key in (A, B)] == ["2026-03-01T12:01:00.000Z", "2026-03-01T12:01:30.000Z"]


def test_a_reset_account_gets_the_clock_that_was_set_for_all(desk: Desk) -> None:
    desk.post("clock", {"freeze": NOON})
    desk.post(f"clock?account={A}", {"advance": 3600})
    desk.post(f"reset?account={A}")
    assert shown(desk, A) == ("2026-03-01T12:00:00.000Z", True)
    desk.post("reset")
    assert shown(desk, A)[1] is False


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
def test_a_turn_that_makes_no_sense_is_refused(desk: Desk, body: Any) -> None:
    status, code, message = desk.refused("POST", f"clock?account={A}", body)
    assert (status, code) == (422, "invalid")
    assert len(message) < 500


@pytest.mark.parametrize("body", [{"set": -1}, {"set": 1e18}, {"advance": 1e300}, {"freeze": "9999-12-31"}])
@pytest.mark.parametrize("query", ["", f"?account={A}"])
def test_a_time_that_is_no_date_is_refused_and_no_clock_is_turned(desk: Desk, body: Any, query: str) -> None:
    desk.post("clock", {"freeze": NOON})
    desk.account(B)
    words = "A clock shows times between the years 1970 and 9000."
    assert desk.refused("POST", f"clock{query}", body) == (422, "invalid", words)
    assert desk.get("clock")["unix"] == desk.get(f"clock?account={B}")["unix"] == NOON


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_a_number_that_is_none_is_refused(desk: Desk, number: bytes) -> None:
    for name in (b"set", b"advance", b"freeze"):
        response = desk.call("POST", "/_mock/clock", content=b'{"%s": %s}' % (name, number))
        assert response.status_code in (400, 422)
