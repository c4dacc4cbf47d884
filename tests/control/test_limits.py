"""Where accounts stand with the rate limits, and setting these."""

from __future__ import annotations

from typing import Any

import pytest

from tests.control.desk import NOON, A, B, Desk

ONE = {"service": "post", "name": "per_minute", "amount": 1}


def test_a_limit_is_shown_once_it_was_counted_against(desk: Desk) -> None:
    desk.post(f"clock?account={A}", {"freeze": NOON})
    desk.send()
    assert desk.get("limits")["limits"] == [
        {
            "account": A,
            "service": "post",
            "operation": "",
            "name": "per_minute",
            "enabled": True,
            "amount": 100,
            "used": 1,
            "remaining": 99,
            "seconds": 60,
            "window": "sliding",
            "resets_at": "2026-03-01T12:01:00.000Z",
        }
    ]


def test_limits_that_count_each_operation_by_itself_say_which(desk: Desk) -> None:
    desk.call("GET", "/post/v1/letters/1", headers={"x-key": A})
    rows = {row["name"]: row["operation"] for row in desk.get("limits")["limits"]}
    assert rows == {"per_minute": "", "reads": "get_letter"}


def test_limits_are_listed_by_account_and_service(desk: Desk) -> None:
    desk.send(key=A)
    desk.send(key=B)
    assert [row["account"] for row in desk.get("limits")["limits"]] == [B, A]
    assert [row["account"] for row in desk.get(f"limits?account={A}")["limits"]] == [A]
    assert desk.get("limits?service=other")["total"] == 0


def test_an_amount_is_set_for_one_account(desk: Desk) -> None:
    assert desk.ask("PUT", f"limits?account={A}", ONE) == {"accounts": 1}
    assert [desk.send(key=A).status_code for _ in range(2)] == [201, 429]
    assert [desk.send(key=B).status_code for _ in range(2)] == [201, 201]


def test_an_amount_set_for_all_holds_for_those_to_come(desk: Desk) -> None:
    desk.account(A)
    assert desk.ask("PUT", "limits", ONE) == {"accounts": 1}
    for key in (A, B):
        assert [desk.send(key=key).status_code for _ in range(2)] == [201, 429]


def test_an_amount_is_shown_before_anything_was_counted(desk: Desk) -> None:
    desk.ask("PUT", f"limits?account={A}", ONE)
    row = desk.get("limits")["limits"][0]
    assert (row["name"], row["amount"], row["used"], row["remaining"]) == ("per_minute", 1, 0, 1)


def test_null_takes_an_amount_back(desk: Desk) -> None:
    desk.ask("PUT", f"limits?account={A}", ONE)
    desk.ask("PUT", f"limits?account={A}", {**ONE, "amount": None})
    assert [desk.send().status_code for _ in range(2)] == [201, 201]
    assert desk.get("limits")["limits"][0]["amount"] == 100


def test_limits_are_switched_off_and_on_while_an_amount_is_set(desk: Desk) -> None:
    desk.ask("PUT", "limits", {"enabled": False, **ONE})
    assert [desk.send().status_code for _ in range(3)] == [201, 201, 201]
    desk.ask("PUT", "limits", {"enabled": True})
    assert [desk.send().status_code for _ in range(2)] == [201, 429]
    assert desk.get("limits")["limits"][0]["enabled"] is True


def test_counts_are_forgotten_and_amounts_stay(desk: Desk) -> None:
    desk.ask("PUT", f"limits?account={A}", ONE)
    assert [desk.send().status_code for _ in range(2)] == [201, 429]
    assert desk.post(f"limits/reset?account={A}") == {"accounts": 1}
    assert [desk.send().status_code for _ in range(2)] == [201, 429]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, 'give "enabled"'),
        ({"enabled": None}, 'give "enabled"'),
        ({"service": "post", "name": "per_minute"}, "one limit needs all of"),
        ({"service": "post", "amount": 1}, "one limit needs all of"),
        ({"name": "per_minute", "amount": 1}, "one limit needs all of"),
        ({**ONE, "amount": -1}, "amount: "),
        ({**ONE, "amount": 10**13}, "amount: "),
        ({**ONE, "amount": 1.5}, "amount: "),
        ({**ONE, "name": "per_second"}, "it has per_minute, reads, a_day"),
        ({"enabled": "perhaps"}, "enabled: "),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(desk: Desk, body: dict[str, Any], words: str) -> None:
    status, code, message = desk.refused("PUT", "limits", body)
    assert (status, code) == (422, "invalid")
    assert words in message


def test_a_limit_of_an_unknown_service_is_refused(desk: Desk) -> None:
    assert desk.refused("PUT", "limits", {**ONE, "service": "pots"})[:2] == (404, "not_found")
