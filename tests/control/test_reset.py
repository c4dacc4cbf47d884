"""Starting afresh."""

from __future__ import annotations

from tests.control.desk import A, B, Desk


def fill(desk: Desk) -> None:
    for key in (A, B):
        desk.post(f"clock?account={key}", {"freeze": "2026-03-01T12:00:00Z"})
        desk.send(key=key)
        desk.post(f"faults?account={key}", {"status": 503}, status=201)
        desk.post(f"stubs?account={key}", {"status": 418}, status=201)
    desk.post("faults", {"latency": 0.5, "probability": 0}, status=201)
    desk.post("stubs", {"status": 418}, status=201)


def totals(desk: Desk, account: str) -> list[int]:
    names = ("messages", "requests", "events", "faults", "stubs", "limits")
    return [desk.get(f"{name}?account={account}")["total"] for name in names]


def test_a_reset_of_one_account_leaves_the_others_alone(desk: Desk) -> None:
    fill(desk)
    before = totals(desk, B)
    assert desk.post(f"reset?account={A}") == {"accounts": 1}
    assert totals(desk, A) == [0, 0, 0, 0, 0, 0]
    assert totals(desk, B) == before == [1, 1, 1, 1, 1, 1]
    assert desk.get("faults")["total"] == desk.get("stubs")["total"] == 2


def test_a_reset_account_has_its_initial_state_and_a_live_clock_without_jobs(desk: Desk) -> None:
    fill(desk)
    desk.delete("stubs")
    desk.post(f"reset?account={A}")
    letters = desk.call("GET", "/post/v1/letters", headers={"x-key": A}).json()["data"]
    clock = desk.get(f"clock?account={A}")
    assert [letter["to"] for letter in letters] == ["founder@example.com"]
    assert (clock["frozen"], clock["jobs"]) == (False, 0)


def test_a_reset_of_all_forgets_everything(desk: Desk) -> None:
    fill(desk)
    desk.call("GET", "/post/v1/letters")
    assert desk.post("reset") == {"accounts": 2}
    for name in ("accounts", "messages", "requests", "events", "faults", "stubs", "limits", "state"):
        assert desk.get(name)["total"] == 0


def test_a_reset_of_an_account_that_was_not_used_yet_is_none(desk: Desk) -> None:
    assert desk.post("reset?account=mock-new") == {"accounts": 0}


def test_a_key_that_was_made_in_an_account_is_gone_with_the_reset(desk: Desk) -> None:
    key = desk.call("POST", "/post/v1/keys", headers={"x-key": A}).json()["data"]["key"]
    assert desk.send(key=key).status_code == 201
    desk.post(f"reset?account={A}")
    assert desk.send(key=key).status_code == 401
