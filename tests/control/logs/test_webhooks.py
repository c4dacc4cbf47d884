"""Webhook deliveries, as the control API shows and replays them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from sparkbox.core.logs.deliveries import Retries
from tests.control.harness import NOON, A, B, Harness
from tests.core.target import Target, hang, response

ONCE = Retries()
THRICE = Retries(gaps=(3600.0, 7200.0))


@pytest.fixture
def target(harness: Harness) -> Iterator[Target]:
    target = Target()
    harness.run(target.__aenter__())
    yield target
    harness.run(target.__aexit__())


def post(harness: Harness, target: Target, *, key: str = A, retries: Retries = ONCE, event: str = "delivered") -> str:
    context = harness.context(key)
    return str(context.post(target.url, b'{"a":1}', retries=retries, subscription="w1", event=event).number)


def test_a_delivery_is_listed_and_shown_with_its_attempt(harness: Harness, target: Target) -> None:
    id = post(harness, target)
    assert harness.post("webhooks/drain") == {"drained": True}
    row = harness.get("webhooks")["webhooks"][0]
    assert (row["id"], row["status"], row["attempt_count"], row["response_status"]) == (id, "delivered", 1, 200)
    shown = harness.get(f"webhooks/{id}")
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
def test_filters_pick_deliveries(harness: Harness, target: Target, query: str, expected: list[str]) -> None:
    post(harness, target)
    post(harness, target, event="bounced")
    post(harness, target, key=B)
    harness.post("webhooks/drain")
    assert [row["id"] for row in harness.get(f"webhooks?{query}")["webhooks"]] == expected


def test_advancing_the_clock_makes_all_retries_on_the_way_each_at_its_own_time(
    harness: Harness, target: Target
) -> None:
    target.script = [response(500)]
    harness.post(f"clock?account={A}", {"freeze": NOON})
    id = post(harness, target, retries=THRICE)
    turned = harness.post(f"clock?account={A}", {"advance": "8h"})
    assert turned["ran"] == 2
    shown = harness.get(f"webhooks/{id}")
    assert shown["status"] == "failed"
    assert [attempt["time"] for attempt in shown["attempts"]] == [
        "2026-03-01T12:00:00.000Z",
        "2026-03-01T13:00:00.000Z",
        "2026-03-01T15:00:00.000Z",
    ]


def test_setting_the_clock_for_all_makes_all_retries_too(harness: Harness, target: Target) -> None:
    target.script = [response(500)]
    harness.post("clock", {"freeze": NOON})
    for key in (A, B):
        post(harness, target, key=key, retries=THRICE)
    assert harness.post("clock", {"set": "2026-03-02"})["ran"] == 4
    assert [row["status"] for row in harness.get("webhooks")["webhooks"]] == ["failed", "failed"]
    assert len(target.hits) == 6


def test_a_delivery_is_replayed_as_a_new_one(harness: Harness, target: Target) -> None:
    id = post(harness, target)
    harness.post("webhooks/drain")
    again = harness.post(f"webhooks/{id}/replay", status=201)
    harness.post(f"webhooks/drain?account={A}")
    assert (again["id"], again["status"], again["event"]) == ("2", "pending", "delivered")
    assert [hit.body for hit in target.hits] == [b'{"a":1}', b'{"a":1}']
    assert harness.get("webhooks/2")["status"] == "delivered"


def test_replaying_what_is_not_there_is_refused(harness: Harness) -> None:
    assert harness.refused("POST", "webhooks/1/replay")[:2] == (404, "not_found")


def test_draining_gives_up_after_its_time_out(harness: Harness, target: Target) -> None:
    target.script = [hang]
    post(harness, target)
    assert harness.post("webhooks/drain?timeout=0.01") == {"drained": False}
    target.gate.set()
    assert harness.post("webhooks/drain?timeout=60") == {"drained": True}


def test_draining_an_account_that_was_not_used_yet_takes_no_time(harness: Harness) -> None:
    assert harness.post("webhooks/drain?account=mock-new") == {"drained": True}


def test_a_deleted_delivery_is_attempted_no_more(harness: Harness, target: Target) -> None:
    target.script = [response(500)]
    id = post(harness, target, retries=THRICE)
    harness.post("webhooks/drain")
    assert harness.delete(f"webhooks/{id}") == {"deleted": 1}
    harness.post("clock", {"advance": "1d"})
    assert len(target.hits) == 1


def test_all_deliveries_are_deleted(harness: Harness, target: Target) -> None:
    post(harness, target)
    post(harness, target, key=B)
    harness.post("webhooks/drain")
    assert harness.delete(f"webhooks?account={A}") == {"deleted": 1}
    assert harness.delete("webhooks") == {"deleted": 1}


def test_other_calls_are_answered_while_one_waits(harness: Harness, target: Target) -> None:
    target.script = [hang]
    post(harness, target)

    async def both() -> tuple[str, dict[str, bool]]:
        draining = asyncio.create_task(harness.client.post("/_mock/webhooks/drain?timeout=60"))
        health = await harness.client.get("/_mock/health")
        target.gate.set()
        return health.json()["status"], (await draining).json()

    assert harness.run(both()) == ("ok", {"drained": True})
