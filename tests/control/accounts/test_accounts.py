"""Accounts: listing, making, copying, changing and forgetting them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.control.harness import A, B, Harness


def credentials(harness: Harness) -> list[str]:
    return [row["credential"] for row in harness.get("accounts")["accounts"]]


def test_an_account_is_listed_with_what_is_in_it(harness: Harness) -> None:
    harness.send()
    row: dict[str, Any] = harness.get("accounts")["accounts"][0]
    assert row["credential"] == A
    assert (row["services"], row["state"]) == (["post"], {"post": {"Letter": 2}})
    assert (row["messages"], row["requests"], row["events"], row["webhooks"], row["faults"]) == (1, 1, 1, 0, 0)
    assert (row["profile"], row["suspended"], row["rate_limits"]) == ("easy", False, True)
    assert row["idle"] >= 0
    assert (row["clock"]["frozen"], row["clock"]["jobs"]) == (False, 1)


def test_accounts_are_listed_the_last_used_first(harness: Harness) -> None:
    for key in (A, B, A):
        harness.send(key=key)
    assert credentials(harness) == [A, B]
    assert harness.get("accounts?limit=1&offset=1")["accounts"][0]["credential"] == B
    assert harness.get(f"accounts?account={B}")["total"] == 1


def test_an_account_is_made_with_its_settings(harness: Harness) -> None:
    row = harness.post("accounts", {"credential": A, "profile": "strict", "rate_limits": False}, status=201)
    assert (row["credential"], row["profile"], row["suspended"], row["rate_limits"]) == (A, "strict", False, False)
    assert credentials(harness) == [A]


def test_a_copy_has_the_state_and_none_of_the_messages(harness: Harness) -> None:
    harness.send()
    row = harness.post("accounts", {"credential": B, "from": A}, status=201)
    assert (row["state"], row["messages"], row["clock"]["jobs"]) == ({"post": {"Letter": 2}}, 0, 1)
    harness.post(f"reset?account={A}")
    letters = harness.call("GET", "/post/v1/letters", headers={"x-key": B}).json()["data"]
    assert len(letters) == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"credential": "real"}, 422, "invalid"),
        ({"credential": ""}, 422, "invalid"),
        ({"credential": "mock-" + "x" * 4096}, 422, "invalid"),
        ({}, 422, "invalid"),
        ({"credential": A}, 409, "account_exists"),
        ({"credential": B, "from": "mock-nobody"}, 404, "not_found"),
        ({"credential": B, "profile": "lax"}, 422, "invalid"),
    ],
)
def test_an_account_that_cannot_be_made_is_refused(harness: Harness, body: Any, status: int, code: str) -> None:
    harness.account(A)
    assert harness.refused("POST", "accounts", body)[:2] == (status, code)
    assert credentials(harness) == [A]


def test_one_account_is_changed(harness: Harness) -> None:
    harness.account(B)
    assert harness.ask("PATCH", f"accounts?account={A}", {"suspended": True, "profile": "strict"}) == {"changed": 1}
    rows = {row["credential"]: (row["suspended"], row["profile"]) for row in harness.get("accounts")["accounts"]}
    assert rows == {A: (True, "strict"), B: (False, "easy")}


def test_what_is_changed_for_all_holds_for_those_to_come(harness: Harness) -> None:
    harness.account(A)
    assert harness.ask("PATCH", "accounts", {"profile": "strict", "rate_limits": False}) == {"changed": 1}
    harness.account(B)
    rows = harness.get("accounts")["accounts"]
    assert [(row["profile"], row["rate_limits"]) for row in rows] == [("strict", False)] * 2


def test_switched_off_rate_limits_no_longer_refuse(harness: Harness) -> None:
    harness.ask("PUT", f"limits?account={A}", {"service": "post", "name": "per_minute", "amount": 0})
    assert harness.send().status_code == 429
    harness.ask("PATCH", f"accounts?account={A}", {"rate_limits": False})
    assert harness.send().status_code == 201


def test_an_account_is_forgotten_with_all_that_is_in_it(harness: Harness) -> None:
    harness.send(key=A)
    harness.send(key=B)
    assert harness.delete(f"accounts?account={A}") == {"deleted": 1}
    assert credentials(harness) == [B]
    assert [row["account"] for row in harness.get("messages")["messages"]] == [B]


def test_all_accounts_are_forgotten(harness: Harness) -> None:
    harness.send(key=A)
    harness.send(key=B)
    assert harness.delete("accounts") == {"deleted": 2}
    assert harness.get("messages")["total"] == 0


def test_forgetting_an_account_that_was_not_used_yet_is_refused(harness: Harness) -> None:
    assert harness.refused("DELETE", "accounts?account=mock-new")[:2] == (404, "not_found")
