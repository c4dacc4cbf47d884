"""Gameplan: https://sparked.com/integration. Only drafts are added, so nothing is published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from contract_tests.sparked.responses import api_error, data, fields_of, time_of
from contract_tests.sparked.target import Sparked
from sparkbox import World

Draft = Callable[..., dict[str, Any]]


@pytest.fixture
def path(account: Sparked) -> str:
    return f"/api/v1/gameplan/{account.creator}"


@pytest.fixture
def draft(api: httpx.Client, account: Sparked, name: Callable[[str], str]) -> Draft:
    """``draft(3, caption="…")`` returns a valid slot, two hundred days and three minutes ahead."""
    platform = data(api.get(f"/api/v1/creators/{account.creator}/accounts"))["data"][0]["platform"]
    ahead = datetime.now(UTC) + timedelta(days=200)

    def make(minutes: int, **more: Any) -> dict[str, Any]:
        when = (ahead + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"platform": platform, "scheduled_at": when, "title": name("slot"), "status": "draft", **more}

    return make


@pytest.mark.documented("get_gameplan")
def test_creator_has_a_content_plan(api: httpx.Client, path: str) -> None:
    assert isinstance(data(api.get(path))["data"], list)


@pytest.mark.assumed("get_gameplan")
def test_plan_is_sorted_across_pages(api: httpx.Client, path: str) -> None:
    first = data(api.get(path, params={"limit": 3}))
    second = data(api.get(path, params={"limit": 3, "cursor": first["next_cursor"]})) if first["next_cursor"] else None
    rows = first["data"] + (second["data"] if second else [])
    times = [time_of(row["scheduled_at"]) for row in rows]
    assert times == sorted(times)
    assert len({row["id"] for row in rows}) == len(rows)


@pytest.mark.documented("add_slots")
def test_slot_can_be_added(api: httpx.Client, path: str, draft: Draft) -> None:
    new = draft(0, caption="A contract test")
    response = api.post(f"{path}/slots", json=new)
    assert response.is_success, response.text
    time = time_of(new["scheduled_at"])
    query = {"from": time.isoformat(), "to": (time + timedelta(seconds=1)).isoformat()}
    assert new["title"] in [row["title"] for row in data(api.get(path, params=query))["data"]]


@pytest.mark.assumed("add_slots")
def test_new_slot_is_returned_as_in_the_plan(api: httpx.Client, path: str, draft: Draft) -> None:
    new = draft(10)
    made = data(api.post(f"{path}/slots", json=new), 201)
    assert made["id"].startswith("slot_")
    assert {field: made[field] for field in new} == new
    assert (made["origin"], made["published_at"], made["post_url"]) == ("partner", None, None)


@pytest.mark.assumed("add_slots:slot_taken")
def test_slots_of_a_platform_in_one_minute_conflict(api: httpx.Client, path: str, draft: Draft) -> None:
    made = data(api.post(f"{path}/slots", json=draft(20)), 201)
    response = api.post(f"{path}/slots", json=draft(20))
    assert api_error(response) == (409, "conflict")
    assert made["id"] in response.json()["error"]["message"]


@pytest.mark.assumed("add_slots")
def test_batch_reports_each_slot(api: httpx.Client, path: str, draft: Draft) -> None:
    batch = [draft(30), draft(30), {"platform": "fax"}]
    verdicts = data(api.post(f"{path}/slots", json={"slots": batch}), 207)
    assert [row["status"] for row in verdicts["results"]] == [201, 409, 422]
    assert [row["error"]["code"] for row in verdicts["results"][1:]] == ["conflict", "validation_failed"]
    assert (verdicts["created"], verdicts["failed"]) == (1, 2)


@pytest.mark.assumed("add_slots:validation_failed")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"platform": "fax"}, "platform"),
        ({"scheduled_at": "soon"}, "scheduled_at"),
        ({"scheduled_at": "2020-01-01T00:00:00Z"}, "scheduled_at"),
        ({"title": ""}, "title"),
        ({"caption": 5}, "caption"),
        ({"asset_ids": ["asset_contract"]}, "asset_ids[0]"),
    ],
)
@pytest.mark.sandbox_only
def test_slot_is_validated(api: httpx.Client, path: str, draft: Draft, changes: dict[str, Any], field: str) -> None:
    response = api.post(f"{path}/slots", json=draft(40, **changes))
    assert api_error(response) == (422, "validation_failed")
    assert fields_of(response) == [field]


@pytest.mark.assumed("add_slots:validation_failed")
@pytest.mark.parametrize("count", [0, 51])
def test_batch_has_one_to_fifty_slots(api: httpx.Client, path: str, count: int) -> None:
    response = api.post(f"{path}/slots", json={"slots": [{"title": "contract"}] * count})
    assert api_error(response) == (422, "validation_failed")
    assert fields_of(response) == ["slots"]


@pytest.mark.assumed("get_gameplan")
@pytest.mark.sandbox_only
def test_slot_is_published_at_its_time(api: httpx.Client, path: str, draft: Draft, world: World) -> None:
    made = data(api.post(f"{path}/slots", json=draft(50, status="scheduled")), 201)
    world.clock.advance(200 * 86_400 + 3600)
    token = world.simulate("sparked", "grant")["access_token"]
    query = {"from": made["scheduled_at"], "limit": 1, "status": "published"}
    [slot] = data(api.get(path, params=query, headers={"Authorization": f"Bearer {token}"}))["data"]
    assert (slot["id"], slot["published_at"]) == (made["id"], made["scheduled_at"])
    assert slot["post_url"].startswith("https://")
