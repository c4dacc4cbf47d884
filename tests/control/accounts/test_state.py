"""Looking into what the services keep."""

from __future__ import annotations

from typing import Any

from sparkbox.core.state.store import Record
from tests.control.harness import A, B, Harness


class Thing(Record, frozen=True, gc=False):
    id: str
    value: Any = None


def kept(harness: Harness, value: Any) -> Any:
    harness.context().store[Thing].put(Thing("t", value))
    return harness.get("state?kind=Thing")["state"][0]["record"]["value"]


def test_records_are_listed_by_kind_with_their_parents_newest_first(harness: Harness) -> None:
    harness.send()
    harness.call("POST", "/post/v1/boxes/blue/notes/n1", {"text": "hi"}, headers={"x-key": A})
    found = harness.get("state")
    rows = [(row["account"], row["service"], row["kind"], row["parent"], row["record"]["id"]) for row in found["state"]]
    assert rows == [
        (A, "post", "Letter", None, 2),
        (A, "post", "Letter", None, 1),
        (A, "post", "Note", "blue", "n1"),
    ]
    assert found["total"] == 3
    assert found["state"][2]["record"] == {"id": "n1", "text": "hi"}


def test_filters_pick_records(harness: Harness) -> None:
    harness.send(key=A)
    harness.send(key=B)
    assert harness.get(f"state?account={A}")["total"] == 2
    assert harness.get("state?service=other")["total"] == 0
    assert harness.get("state?kind=letter")["total"] == 4
    assert harness.get("state?kind=Note")["total"] == 0


def test_the_parts_of_the_state_make_up_the_whole(harness: Harness) -> None:
    for key in (A, B):
        for _ in range(3):
            harness.send(key=key)
        harness.call("POST", "/post/v1/boxes/blue/notes/n1", {"text": "hi"}, headers={"x-key": key})
    whole = harness.get("state")["state"]
    assert len(whole) == 10
    for limit in (1, 3, 4):
        parts = [harness.get(f"state?limit={limit}&offset={offset}") for offset in range(0, 11, limit)]
        assert [row for part in parts for row in part["state"]] == whole
        assert {part["total"] for part in parts} == {10}


def test_bytes_are_text_where_they_are_and_base64_where_they_are_not(harness: Harness) -> None:
    assert kept(harness, "Grüße".encode()) == "Grüße"
    assert kept(harness, b"\xff\x00") == {"base64": "/wA=", "size": 2}


def test_long_values_are_cut(harness: Harness) -> None:
    assert kept(harness, "é" * 20_000) == "é" * 10_000 + "… (20000 characters)"
    assert kept(harness, ("é" * 20_000).encode()) == "é" * 10_000 + "… (20000 characters)"
    assert len(kept(harness, b"\xff" * 50_000)["base64"]) < 20_000


def test_whatever_a_record_holds_is_shown(harness: Harness) -> None:
    thing = Thing("inner", (1, 2.5, None, True))
    assert kept(harness, (thing, 2**80, {1: b"a"})) == [
        {"id": "inner", "value": [1, 2.5, None, True]},
        str(2**80),
        {"1": "a"},
    ]
