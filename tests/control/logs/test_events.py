"""What happened to what was sent, as the control API shows it."""

from __future__ import annotations

import pytest

from tests.control.harness import A, B, Harness


def fill(harness: Harness) -> None:
    harness.send(key=A)
    harness.send(key=B)
    harness.post(f"clock?account={A}", {"advance": 60})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["3", "2", "1"]),
        ("type=delivered", ["3"]),
        ("type=accepted", ["2", "1"]),
        ("message=1", ["3", "1"]),
        ("service=post&limit=1&offset=1", ["2"]),
        ("service=other", []),
        ("since=1", ["3", "2"]),
        (f"account={B}", ["2"]),
    ],
)
def test_filters_pick_events(harness: Harness, query: str, expected: list[str]) -> None:
    fill(harness)
    assert [event["id"] for event in harness.get(f"events?{query}")["events"]] == expected


def test_an_event_is_shown(harness: Harness) -> None:
    fill(harness)
    event = harness.get("events/3")
    assert (event["service"], event["account"], event["type"], event["message"]) == ("post", A, "delivered", "1")
    assert event["data"] == {"id": 2, "to": "you@example.com"}
    assert harness.refused("GET", "events/4")[:2] == (404, "not_found")


def test_events_are_deleted(harness: Harness) -> None:
    fill(harness)
    assert harness.delete(f"events?account={A}") == {"deleted": 2}
    assert harness.delete("events") == {"deleted": 1}
    assert harness.get("events")["total"] == 0
