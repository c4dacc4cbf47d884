"""Starting afresh."""

from __future__ import annotations

from tests.control.harness import A, B, Harness


def fill(harness: Harness) -> None:
    for key in (A, B):
        harness.post(f"clock?account={key}", {"freeze": "2026-03-01T12:00:00Z"})
        harness.send(key=key)
        harness.post(f"faults?account={key}", {"status": 503}, status=201)
        harness.post(f"stubs?account={key}", {"status": 418}, status=201)
    harness.post("faults", {"latency": 0.5, "probability": 0}, status=201)
    harness.post("stubs", {"status": 418}, status=201)


def totals(harness: Harness, account: str) -> list[int]:
    names = ("messages", "requests", "events", "faults", "stubs", "limits")
    return [harness.get(f"{name}?account={account}")["total"] for name in names]


def test_a_reset_of_one_account_leaves_the_others_alone(harness: Harness) -> None:
    fill(harness)
    before = totals(harness, B)
    assert harness.post(f"reset?account={A}") == {"accounts": 1}
    assert totals(harness, A) == [0, 0, 0, 0, 0, 0]
    assert totals(harness, B) == before == [1, 1, 1, 1, 1, 1]
    assert harness.get("faults")["total"] == harness.get("stubs")["total"] == 2


def test_a_reset_account_has_its_initial_state_and_a_live_clock_without_jobs(harness: Harness) -> None:
    fill(harness)
    harness.delete("stubs")
    harness.post(f"reset?account={A}")
    letters = harness.call("GET", "/post/v1/letters", headers={"x-key": A}).json()["data"]
    clock = harness.get(f"clock?account={A}")
    assert [letter["to"] for letter in letters] == ["founder@example.com"]
    assert (clock["frozen"], clock["jobs"]) == (False, 0)


def test_a_reset_of_all_forgets_everything(harness: Harness) -> None:
    fill(harness)
    harness.call("GET", "/post/v1/letters")
    assert harness.post("reset") == {"accounts": 2}
    for name in ("accounts", "messages", "requests", "events", "faults", "stubs", "limits", "state"):
        assert harness.get(name)["total"] == 0


def test_a_reset_of_an_account_that_was_not_used_yet_is_none(harness: Harness) -> None:
    assert harness.post("reset?account=mock-new") == {"accounts": 0}


def test_a_key_that_was_made_in_an_account_is_gone_with_the_reset(harness: Harness) -> None:
    key = harness.call("POST", "/post/v1/keys", headers={"x-key": A}).json()["data"]["key"]
    assert harness.send(key=key).status_code == 201
    harness.post(f"reset?account={A}")
    assert harness.send(key=key).status_code == 401
