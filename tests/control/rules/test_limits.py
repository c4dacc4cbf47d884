"""Where accounts stand with the rate limits, and setting these."""

from __future__ import annotations

from typing import Any

import pytest

from tests.control.harness import NOON, A, B, Harness

ONE = {"service": "post", "name": "per_minute", "amount": 1}


def test_a_limit_is_shown_once_it_was_counted_against(harness: Harness) -> None:
    harness.post(f"clock?account={A}", {"freeze": NOON})
    harness.send()
    assert harness.get("limits")["limits"] == [
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


def test_limits_that_count_each_operation_by_itself_say_which(harness: Harness) -> None:
    harness.call("GET", "/post/v1/letters/1", headers={"x-key": A})
    rows = {row["name"]: row["operation"] for row in harness.get("limits")["limits"]}
    assert rows == {"per_minute": "", "reads": "get_letter"}


def test_limits_are_listed_by_account_and_service(harness: Harness) -> None:
    harness.send(key=A)
    harness.send(key=B)
    assert [row["account"] for row in harness.get("limits")["limits"]] == [B, A]
    assert [row["account"] for row in harness.get(f"limits?account={A}")["limits"]] == [A]
    assert harness.get("limits?service=other")["total"] == 0


def test_an_amount_is_set_for_one_account(harness: Harness) -> None:
    assert harness.ask("PUT", f"limits?account={A}", ONE) == {"accounts": 1}
    assert [harness.send(key=A).status_code for _ in range(2)] == [201, 429]
    assert [harness.send(key=B).status_code for _ in range(2)] == [201, 201]


def test_an_amount_set_for_all_holds_for_those_to_come(harness: Harness) -> None:
    harness.account(A)
    assert harness.ask("PUT", "limits", ONE) == {"accounts": 1}
    for key in (A, B):
        assert [harness.send(key=key).status_code for _ in range(2)] == [201, 429]


def test_an_amount_is_shown_before_anything_was_counted(harness: Harness) -> None:
    harness.ask("PUT", f"limits?account={A}", ONE)
    row = harness.get("limits")["limits"][0]
    assert (row["name"], row["amount"], row["used"], row["remaining"]) == ("per_minute", 1, 0, 1)


def test_null_takes_an_amount_back(harness: Harness) -> None:
    harness.ask("PUT", f"limits?account={A}", ONE)
    harness.ask("PUT", f"limits?account={A}", {**ONE, "amount": None})
    assert [harness.send().status_code for _ in range(2)] == [201, 201]
    assert harness.get("limits")["limits"][0]["amount"] == 100


def test_limits_are_switched_off_and_on_while_an_amount_is_set(harness: Harness) -> None:
    harness.ask("PUT", "limits", {"enabled": False, **ONE})
    assert [harness.send().status_code for _ in range(3)] == [201, 201, 201]
    harness.ask("PUT", "limits", {"enabled": True})
    assert [harness.send().status_code for _ in range(2)] == [201, 429]
    assert harness.get("limits")["limits"][0]["enabled"] is True


def test_counts_are_forgotten_and_amounts_stay(harness: Harness) -> None:
    harness.ask("PUT", f"limits?account={A}", ONE)
    assert [harness.send().status_code for _ in range(2)] == [201, 429]
    assert harness.post(f"limits/reset?account={A}") == {"accounts": 1}
    assert [harness.send().status_code for _ in range(2)] == [201, 429]


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
def test_a_limit_that_makes_no_sense_is_refused(harness: Harness, body: dict[str, Any], words: str) -> None:
    status, code, message = harness.refused("PUT", "limits", body)
    assert (status, code) == (422, "invalid")
    assert words in message


def test_a_limit_of_an_unknown_service_is_refused(harness: Harness) -> None:
    assert harness.refused("PUT", "limits", {**ONE, "service": "pots"})[:2] == (404, "not_found")
