"""Webhook deliveries, as the control API shows and replays them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from sparkbox.core.logs.deliveries import Retries
from tests.control.desk import NOON, A, B, Desk
from tests.core.target import Target, answer, hang

ONCE = Retries()
THRICE = Retries(gaps=(3600.0, 7200.0))


@pytest.fixture
def target(desk: Desk) -> Iterator[Target]:
    target = Target()
    desk.run(target.__aenter__())
    yield target
    desk.run(target.__aexit__())


def post(desk: Desk, target: Target, *, key: str = A, retries: Retries = ONCE, event: str = "delivered") -> str:
    context = desk.context(key)
    return str(context.post(target.url, b'{"a":1}', retries=retries, subscription="w1", event=event).number)


def test_a_delivery_is_listed_and_shown_with_its_attempt(desk: Desk, target: Target) -> None:
    id = post(desk, target)
    assert desk.post("webhooks/drain") == {"drained": True}
    row = desk.get("webhooks")["webhooks"][0]
    assert (row["id"], row["status"], row["attempt_count"], row["response_status"]) == (id, "delivered", 1, 200)
    shown = desk.get(f"webhooks/{id}")
    assert shown["request"]["body"] == '{"a":1}'
    assert [attempt["status"] for attempt in shown["attempts"]] == [200]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["3", "2", "1"]),
        ("service=post", ["3", "2", "1"]),
        ("service=other", []),
        ("status=delivered", ["3", "2", "1"]),
        ("status=pending", []),
        ("event=bounced", ["2"]),
        ("subscription=w1&limit=1", ["3"]),
        ("subscription=w2", []),
        ("url=127.0.0.1", ["3", "2", "1"]),
        ("url=example.com", []),
        ("since=2", ["3"]),
        (f"account={B}", ["3"]),
    ],
)
def test_filters_pick_deliveries(desk: Desk, target: Target, query: str, expected: list[str]) -> None:
    post(desk, target)
    post(desk, target, event="bounced")
    post(desk, target, key=B)
    desk.post("webhooks/drain")
    assert [row["id"] for row in desk.get(f"webhooks?{query}")["webhooks"]] == expected


def test_advancing_the_clock_makes_all_retries_on_the_way_each_at_its_own_time(desk: Desk, target: Target) -> None:
    target.script = [answer(500)]
    desk.post(f"clock?account={A}", {"freeze": NOON})
    id = post(desk, target, retries=THRICE)
    turned = desk.post(f"clock?account={A}", {"advance": "8h"})
    assert turned["ran"] == 2
    shown = desk.get(f"webhooks/{id}")
    assert shown["status"] == "failed"
    assert [attempt["time"] for attempt in shown["attempts"]] == [
        "2026-03-01T12:00:00.000Z",
        "2026-03-01T13:00:00.000Z",
        "2026-03-01T15:00:00.000Z",
    ]


def test_setting_the_clock_for_all_makes_all_retries_too(desk: Desk, target: Target) -> None:
    target.script = [answer(500)]
    desk.post("clock", {"freeze": NOON})
    for key in (A, B):
        post(desk, target, key=key, retries=THRICE)
    assert desk.post("clock", {"set": "2026-03-02"})["ran"] == 4
    assert [row["status"] for row in desk.get("webhooks")["webhooks"]] == ["failed", "failed"]
    assert len(target.hits) == 6


def test_a_delivery_is_replayed_as_a_new_one(desk: Desk, target: Target) -> None:
    id = post(desk, target)
    desk.post("webhooks/drain")
    again = desk.post(f"webhooks/{id}/replay", status=201)
    desk.post(f"webhooks/drain?account={A}")
    assert (again["id"], again["status"], again["event"]) == ("2", "pending", "delivered")
    assert [hit.body for hit in target.hits] == [b'{"a":1}', b'{"a":1}']
    assert desk.get("webhooks/2")["status"] == "delivered"


def test_replaying_what_is_not_there_is_refused(desk: Desk) -> None:
    assert desk.refused("POST", "webhooks/1/replay")[:2] == (404, "not_found")


def test_draining_gives_up_after_its_time_out(desk: Desk, target: Target) -> None:
    target.script = [hang]
    post(desk, target)
    assert desk.post("webhooks/drain?timeout=0.01") == {"drained": False}
    target.gate.set()
    assert desk.post("webhooks/drain?timeout=60") == {"drained": True}


def test_draining_an_account_that_was_not_used_yet_takes_no_time(desk: Desk) -> None:
    assert desk.post("webhooks/drain?account=mock-new") == {"drained": True}


def test_a_deleted_delivery_is_attempted_no_more(desk: Desk, target: Target) -> None:
    target.script = [answer(500)]
    id = post(desk, target, retries=THRICE)
    desk.post("webhooks/drain")
    assert desk.delete(f"webhooks/{id}") == {"deleted": 1}
    desk.post("clock", {"advance": "1d"})
    assert len(target.hits) == 1


def test_all_deliveries_are_deleted(desk: Desk, target: Target) -> None:
    post(desk, target)
    post(desk, target, key=B)
    desk.post("webhooks/drain")
    assert desk.delete(f"webhooks?account={A}") == {"deleted": 1}
    assert desk.delete("webhooks") == {"deleted": 1}


def test_other_calls_are_answered_while_one_waits(desk: Desk, target: Target) -> None:
    target.script = [hang]
    post(desk, target)

    async def both() -> tuple[str, dict[str, bool]]:
        draining = asyncio.create_task(desk.client.post("/_mock/webhooks/drain?timeout=60"))
        health = await desk.client.get("/_mock/health")
        target.gate.set()
        return health.json()["status"], (await draining).json()

    assert desk.run(both()) == ("ok", {"drained": True})
