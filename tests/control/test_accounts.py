"""Accounts: listing, making, copying, changing and forgetting them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.control.desk import A, B, Desk


def credentials(desk: Desk) -> list[str]:
    return [row["credential"] for row in desk.get("accounts")["accounts"]]


def test_an_account_is_listed_with_what_is_in_it(desk: Desk) -> None:
    desk.send()
    row: dict[str, Any] = desk.get("accounts")["accounts"][0]
    assert row["credential"] == A
    assert (row["services"], row["state"]) == (["post"], {"post": {"Letter": 2}})
    assert (row["messages"], row["requests"], row["events"], row["webhooks"], row["faults"]) == (1, 1, 1, 0, 0)
    assert (row["profile"], row["suspended"], row["rate_limits"]) == ("easy", False, True)
    assert row["idle"] >= 0
    assert (row["clock"]["frozen"], row["clock"]["jobs"]) == (False, 1)


def test_accounts_are_listed_the_last_used_first(desk: Desk) -> None:
    for key in (A, B, A):
        desk.send(key=key)
    assert credentials(desk) == [A, B]
    assert desk.get("accounts?limit=1&offset=1")["accounts"][0]["credential"] == B
    assert desk.get(f"accounts?account={B}")["total"] == 1


def test_an_account_is_made_with_its_settings(desk: Desk) -> None:
    row = desk.post("accounts", {"credential": A, "profile": "strict", "rate_limits": False}, status=201)
    assert (row["credential"], row["profile"], row["suspended"], row["rate_limits"]) == (A, "strict", False, False)
    assert credentials(desk) == [A]


def test_a_copy_has_the_state_and_none_of_the_messages(desk: Desk) -> None:
    desk.send()
    row = desk.post("accounts", {"credential": B, "from": A}, status=201)
    assert (row["state"], row["messages"], row["clock"]["jobs"]) == ({"post": {"Letter": 2}}, 0, 1)
    desk.post(f"reset?account={A}")
    letters = desk.call("GET", "/post/v1/letters", headers={"x-key": B}).json()["data"]
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
def test_an_account_that_cannot_be_made_is_refused(desk: Desk, body: Any, status: int, code: str) -> None:
    desk.account(A)
    assert desk.refused("POST", "accounts", body)[:2] == (status, code)
    assert credentials(desk) == [A]


def test_one_account_is_changed(desk: Desk) -> None:
    desk.account(B)
    assert desk.ask("PATCH", f"accounts?account={A}", {"suspended": True, "profile": "strict"}) == {"changed": 1}
    rows = {row["credential"]: (row["suspended"], row["profile"]) for row in desk.get("accounts")["accounts"]}
    assert rows == {A: (True, "strict"), B: (False, "easy")}


def test_what_is_changed_for_all_holds_for_those_to_come(desk: Desk) -> None:
    desk.account(A)
    assert desk.ask("PATCH", "accounts", {"profile": "strict", "rate_limits": False}) == {"changed": 1}
    desk.account(B)
    rows = desk.get("accounts")["accounts"]
    assert [(row["profile"], row["rate_limits"]) for row in rows] == [("strict", False)] * 2


def test_switched_off_rate_limits_no_longer_refuse(desk: Desk) -> None:
    desk.ask("PUT", f"limits?account={A}", {"service": "post", "name": "per_minute", "amount": 0})
    assert desk.send().status_code == 429
    desk.ask("PATCH", f"accounts?account={A}", {"rate_limits": False})
    assert desk.send().status_code == 201


def test_an_account_is_forgotten_with_all_that_is_in_it(desk: Desk) -> None:
    desk.send(key=A)
    desk.send(key=B)
    assert desk.delete(f"accounts?account={A}") == {"deleted": 1}
    assert credentials(desk) == [B]
    assert [row["account"] for row in desk.get("messages")["messages"]] == [B]


def test_all_accounts_are_forgotten(desk: Desk) -> None:
    desk.send(key=A)
    desk.send(key=B)
    assert desk.delete("accounts") == {"deleted": 2}
    assert desk.get("messages")["total"] == 0


def test_forgetting_an_account_that_was_not_used_yet_is_refused(desk: Desk) -> None:
    assert desk.refused("DELETE", "accounts?account=mock-new")[:2] == (404, "not_found")
