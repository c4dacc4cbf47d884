"""What happened to what was sent, as the control API shows it."""

from __future__ import annotations

import pytest

from tests.control.desk import A, B, Desk


def fill(desk: Desk) -> None:
    desk.send(key=A)
    desk.send(key=B)
    desk.post(f"clock?account={A}", {"advance": 60})


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
def test_filters_pick_events(desk: Desk, query: str, expected: list[str]) -> None:
    fill(desk)
    assert [event["id"] for event in desk.get(f"events?{query}")["events"]] == expected


def test_an_event_is_shown(desk: Desk) -> None:
    fill(desk)
    event = desk.get("events/3")
    assert (event["service"], event["account"], event["type"], event["message"]) == ("post", A, "delivered", "1")
    assert event["data"] == {"id": 2, "to": "you@example.com"}
    assert desk.refused("GET", "events/4")[:2] == (404, "not_found")


def test_events_are_deleted(desk: Desk) -> None:
    fill(desk)
    assert desk.delete(f"events?account={A}") == {"deleted": 2}
    assert desk.delete("events") == {"deleted": 1}
    assert desk.get("events")["total"] == 0
