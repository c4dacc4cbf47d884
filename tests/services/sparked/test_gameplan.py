"""The content plan: read it, add slots, publish them."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.services.sparked.times import stamp
from tests.services.sparked.api import Api, issues
from tests.services.view import NOW

PLAN = "/api/v1/gameplan/cr_mock"
SLOTS = f"{PLAN}/slots"
DAY = 86_400


def slot(**changes: Any) -> dict[str, Any]:
    fields = {"platform": "instagram", "scheduled_at": "2026-03-04T09:00:00Z", "title": "Spring"}
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def everything(api: Api, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(PLAN, limit=100, **query)["data"]
    return found


def test_plan_has_past_and_future_slots(api: Api) -> None:
    slots = everything(api)
    times = [slot["scheduled_at"] for slot in slots]
    assert times == sorted(times)
    assert times[0] < "2026-02-05"
    assert times[-1] > "2026-03-25"
    for slot in slots:
        assert (slot["status"] == "published") == (slot["scheduled_at"] <= "2026-03-01T12:00:00Z")
        assert (slot["published_at"] is not None) == (slot["status"] == "published")
        assert slot["caption"].startswith(slot["title"])
    assert {slot["status"] for slot in slots} == {"published", "scheduled", "draft"}


def test_plan_can_be_filtered(api: Api) -> None:
    span = everything(api, **{"from": "2026-03-01T12:00:00Z", "to": "2026-03-11T14:00:00+02:00"})
    assert span
    assert all("2026-03-01T12:00:00Z" <= slot["scheduled_at"] < "2026-03-11T12:00:00Z" for slot in span)
    assert {slot["status"] for slot in everything(api, status="draft")} == {"draft"}
    assert {slot["platform"] for slot in everything(api, platform="tiktok")} == {"tiktok"}


def test_slot_can_be_added(api: Api) -> None:
    response = api.send(
        "POST", SLOTS, slot(content_type="reel", caption="#spring", scheduled_at="2026-03-04T09:00:00+02:00")
    )
    assert response.status_code == 201
    added = response.json()
    assert added["id"].startswith("slot_")
    assert added["scheduled_at"] == "2026-03-04T07:00:00Z"
    assert (added["status"], added["origin"], added["content_type"]) == ("scheduled", "partner", "reel")
    assert added in everything(api)


def test_content_type_defaults_to_the_platforms_first(api: Api) -> None:
    assert api.call("POST", SLOTS, slot(platform="tiktok"))["content_type"] == "video"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"platform": None}, "platform"),
        ({"platform": "myspace"}, "platform"),
        ({"platform": "twitch"}, "platform"),
        ({"scheduled_at": None}, "scheduled_at"),
        ({"scheduled_at": "tomorrow"}, "scheduled_at"),
        ({"scheduled_at": "2026-03-04T09:00:00"}, "scheduled_at"),
        ({"scheduled_at": "2026-03-01T12:00:00Z"}, "scheduled_at"),
        ({"scheduled_at": "2027-03-03T12:00:00Z"}, "scheduled_at"),
        ({"scheduled_at": "0001-01-01T00:00:00+23:59"}, "scheduled_at"),
        ({"scheduled_at": "9999-12-31T23:59:59-23:59"}, "scheduled_at"),
        ({"scheduled_at": 1_772_500_000}, "scheduled_at"),
        ({"title": None}, "title"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": 5}, "title"),
        ({"caption": "x" * 2_201}, "caption"),
        ({"content_type": "short"}, "content_type"),
        ({"asset_ids": ["asset_none"]}, "asset_ids[0]"),
        ({"asset_ids": "asset_none"}, "asset_ids"),
        ({"asset_ids": ["x"] * 21}, "asset_ids"),
        ({"status": "published"}, "status"),
    ],
)
def test_slot_is_validated(api: Api, changes: dict[str, Any], field: str) -> None:
    fields = {**slot(), **changes}
    response = api.send("POST", SLOTS, {name: value for name, value in fields.items() if value is not None})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "validation_failed")
    assert list(issues(response)) == [field]
    assert everything(api, **{"from": "2026-03-04T08:00:00Z", "to": "2026-03-04T10:00:00Z"}) == []


def test_slot_errors_are_reported_together(api: Api) -> None:
    response = api.send("POST", SLOTS, {"platform": 1, "title": "", "scheduled_at": "x"})
    assert issues(response) == {
        "platform": "must be 'instagram', 'tiktok', 'youtube', 'x', 'linkedin', 'pinterest' or 'twitch'",
        "scheduled_at": "must be a time like 2026-03-01T12:00:00Z",
        "title": "must have at least 1 characters",
    }
    assert response.json()["error"]["message"] == "The body has 3 fields that make no sense."


def test_slot_takes_only_the_creators_assets(api: Api) -> None:
    other = api.creators[1]
    mine = api.get("/api/v1/studio/cr_mock/assets")["data"][0]["id"]
    token = api.grant("read:assets", creator=other)["access_token"]
    theirs = api.get(f"/api/v1/studio/{other}/assets", token=token)["data"][0]["id"]
    assert api.call("POST", SLOTS, slot(asset_ids=[mine]))["asset_ids"] == [mine]
    response = api.send("POST", SLOTS, slot(asset_ids=[theirs], platform="tiktok"))
    assert list(issues(response)) == ["asset_ids[0]"]


def test_slots_of_a_platform_cannot_share_a_minute(api: Api) -> None:
    first = api.call("POST", SLOTS, slot())
    response = api.send("POST", SLOTS, slot(title="Again", scheduled_at="2026-03-04T09:00:30Z"))
    assert (response.status_code, response.json()["error"]["code"]) == (409, "conflict")
    assert first["id"] in response.json()["error"]["message"]
    assert api.send("POST", SLOTS, slot(scheduled_at="2026-03-04T09:01:00Z")).status_code == 201
    assert api.send("POST", SLOTS, slot(platform="youtube")).status_code == 201


def test_batch_reports_each_slot(api: Api) -> None:
    batch = [slot(), slot(), slot(title=""), "nonsense", slot(platform="tiktok")]
    response = api.send("POST", SLOTS, {"slots": batch})
    assert response.status_code == 207
    verdicts = response.json()
    assert (verdicts["created"], verdicts["failed"]) == (2, 3)
    assert [verdict["index"] for verdict in verdicts["results"]] == [0, 1, 2, 3, 4]
    assert [verdict["status"] for verdict in verdicts["results"]] == [201, 409, 422, 422, 201]
    assert [verdict.get("error", {}).get("code") for verdict in verdicts["results"]] == [
        None, "conflict", "validation_failed", "validation_failed", None,
    ]  # fmt: skip
    ids = {verdict["slot"]["id"] for verdict in verdicts["results"] if "slot" in verdict}
    assert ids <= {slot["id"] for slot in everything(api)}


def test_valid_batch_returns_201(api: Api) -> None:
    batch = [slot(scheduled_at=f"2026-03-04T10:{minute:02}:00Z") for minute in range(50)]
    response = api.send("POST", SLOTS, {"slots": batch})
    assert response.status_code == 201
    assert (response.json()["created"], response.json()["failed"]) == (50, 0)


@pytest.mark.parametrize("slots", [[], "x", None, {}, [slot()] * 51])
def test_batch_has_one_to_fifty_slots(api: Api, slots: Any) -> None:
    response = api.send("POST", SLOTS, {"slots": slots})
    assert (response.status_code, list(issues(response))) == (422, ["slots"])
    assert api.events_of("gameplan.updated") == []


def test_one_request_emits_one_gameplan_update(api: Api) -> None:
    batch = api.call("POST", SLOTS, {"slots": [slot(), slot(platform="tiktok"), slot(title="")]})
    [event] = api.events_of("gameplan.updated")
    added = [verdict["slot"]["id"] for verdict in batch["results"] if "slot" in verdict]
    assert event.json()["data"] == {"change": "slots_added", "slot_ids": added}


def test_plan_holds_a_thousand_upcoming_slots(api: Api) -> None:
    minutes = iter(range(int(NOW) // 60 + 1, 10**9))
    upcoming = sum(slot["scheduled_at"] > "2026-03-01T12:00:00Z" for slot in everything(api))
    left = 1_000 - upcoming
    added = 0
    while added < left:
        times = [stamp(next(minutes) * 60) for _ in range(min(50, left - added))]
        verdicts = api.call("POST", SLOTS, {"slots": [slot(scheduled_at=time) for time in times]})
        added += verdicts["created"]
    response = api.send("POST", SLOTS, slot(scheduled_at="2026-06-01T00:00:00Z"))
    assert (response.status_code, response.json()["error"]["code"]) == (409, "conflict")
    assert "1000 upcoming slots" in response.json()["error"]["message"]


def test_slot_is_published_at_its_time(api: Api) -> None:
    id = api.call("POST", SLOTS, slot(content_type="reel"))["id"]
    api.clock.freeze(NOW + 2 * DAY)
    api.clock.set(NOW + 3 * DAY - 3 * 3600 - 1, frozen=True)
    assert [slot["status"] for slot in everything(api) if slot["id"] == id] == ["scheduled"]
    api.clock.advance(1)
    [published] = [slot for slot in everything(api) if slot["id"] == id]
    assert published["status"] == "published"
    assert published["published_at"] == "2026-03-04T09:00:00Z"
    emitted = [event.json() for event in api.events_of("content.published") if event.json()["data"]["slot_id"] == id]
    assert [fields["created_at"] for fields in emitted] == ["2026-03-04T09:00:00Z"]
    assert emitted[0]["data"]["post_url"] == published["post_url"]


def test_published_slot_makes_an_asset(api: Api) -> None:
    id = api.call("POST", SLOTS, slot(content_type="reel"))["id"]
    api.clock.advance(3 * DAY)
    [asset] = [asset for asset in api.get("/api/v1/studio/cr_mock/assets")["data"] if asset["slot_id"] == id]
    assert (asset["type"], asset["source"], asset["title"]) == ("video", "published", "Spring")
    emitted = [event.json()["data"] for event in api.events_of("asset.created")]
    assert {
        "asset_id": asset["id"],
        "type": "video",
        "title": "Spring",
        "source": "published",
        "slot_id": id,
    } in emitted
    [published] = [slot for slot in everything(api) if slot["id"] == id]
    assert published["asset_ids"] == [asset["id"]]


def test_draft_is_not_published(api: Api) -> None:
    id = api.call("POST", SLOTS, slot(status="draft"))["id"]
    api.clock.advance(30 * DAY)
    assert [slot["status"] for slot in everything(api) if slot["id"] == id] == ["draft"]
    assert all(event.json()["data"]["slot_id"] != id for event in api.events_of("content.published"))


def test_creators_own_slots_are_published_too(api: Api) -> None:
    planned = {slot["id"] for slot in everything(api, status="scheduled")}
    api.clock.advance(60 * DAY)
    assert {event.json()["data"]["slot_id"] for event in api.events_of("content.published")} == planned
    assert everything(api, status="scheduled") == []
