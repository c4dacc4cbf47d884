"""Insights, nudges, performance."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.sparked.api import Api, issues
from tests.services.view import NOW

PERFORMANCE = "/api/v1/pulse/cr_mock/performance"
INSIGHTS = "/api/v1/pulse/cr_mock/insights"
NUDGES = "/api/v1/pulse/cr_mock/nudges"
DAY = 86_400
METRICS = ("impressions", "views", "likes", "comments", "shares", "saves", "new_followers")


def test_performance_covers_thirty_days_by_default(api: Api) -> None:
    report = api.get(PERFORMANCE)
    assert (report["from"], report["to"], report["granularity"]) == ("2026-01-31", "2026-03-01", "day")
    assert [point["date"] for point in report["series"]][:2] == ["2026-01-31", "2026-02-01"]
    assert len(report["series"]) == 30


@pytest.mark.parametrize("granularity", ["day", "week", "month"])
def test_performance_points_add_up_to_the_totals(api: Api, granularity: str) -> None:
    report = api.get(PERFORMANCE, granularity=granularity, **{"from": "2025-11-12", "to": "2026-02-20"})
    for metric in METRICS:
        assert sum(point[metric] for point in report["series"]) == report["totals"][metric]
    assert report["totals"] == api.get(PERFORMANCE, **{"from": "2025-11-12", "to": "2026-02-20"})["totals"]


def test_performance_weeks_begin_on_monday_and_months_on_the_first(api: Api) -> None:
    period = {"from": "2025-12-30", "to": "2026-02-02"}
    weeks = api.get(PERFORMANCE, granularity="week", **period)["series"]
    assert [point["date"] for point in weeks] == [
        "2025-12-30", "2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02",
    ]  # fmt: skip
    months = api.get(PERFORMANCE, granularity="month", **period)["series"]
    assert [point["date"] for point in months] == ["2025-12-30", "2026-01-01", "2026-02-01"]


def test_performance_of_platforms_adds_up_to_the_whole(api: Api) -> None:
    whole = api.get(PERFORMANCE)
    parts = [api.get(PERFORMANCE, platform=platform) for platform in ("instagram", "tiktok", "youtube")]
    for metric in METRICS:
        assert sum(part["totals"][metric] for part in parts) == whole["totals"][metric]
    assert sum(part["followers"] for part in parts) == whole["followers"]


def test_performance_of_today_grows_with_the_clock(api: Api) -> None:
    today: list[dict[str, Any]] = []
    for _ in range(4):
        today.append(api.get(PERFORMANCE, **{"from": "2026-03-01", "to": "2026-03-01"})["totals"])
        api.clock.advance(3 * 3600)
    for metric in METRICS[:-1]:
        counts = [totals[metric] for totals in today]
        assert counts == sorted(counts)
        assert counts[0] < counts[-1]


def test_performance_of_a_past_day_does_not_change(api: Api) -> None:
    yesterday = {"from": "2026-02-28", "to": "2026-02-28"}
    before = api.get(PERFORMANCE, **yesterday)
    api.clock.advance(5 * DAY)
    after = api.get(PERFORMANCE, **yesterday)
    assert after["series"] == before["series"]
    assert api.get(PERFORMANCE)["to"] == "2026-03-06"


def test_new_followers_are_the_difference_of_followers(api: Api) -> None:
    api.clock.freeze(NOW // DAY * DAY)
    before = api.get(PERFORMANCE)["followers"]
    api.clock.advance(7 * DAY)
    week = api.get(PERFORMANCE, **{"from": "2026-03-01", "to": "2026-03-07"})
    assert week["totals"]["new_followers"] == week["followers"] - before


def test_performance_change_compares_with_as_many_days_before(api: Api) -> None:
    now = api.get(PERFORMANCE, **{"from": "2026-02-15", "to": "2026-02-21"})
    before = api.get(PERFORMANCE, **{"from": "2026-02-08", "to": "2026-02-14"})
    old, new = before["totals"]["views"], now["totals"]["views"]
    assert now["change"]["views"] == round(100 * (new - old) / old, 1)


def test_performance_of_the_future_is_empty(api: Api) -> None:
    assert api.get(PERFORMANCE, to="2027-01-01")["to"] == "2026-03-01"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-02-02", "to": "2026-02-01"}, "from"),
        ({"from": "2026-03-02"}, "from"),
        ({"from": "2025-02-27", "to": "2026-02-28"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"to": "20260228"}, "to"),
        ({"to": "1969-12-31"}, "to"),
        ({"granularity": "hour"}, "granularity"),
        ({"platform": "twitch"}, "platform"),
    ],
)
def test_invalid_period_is_refused(api: Api, query: dict[str, str], field: str) -> None:
    response = api.send("GET", PERFORMANCE, **query)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_request")
    assert list(issues(response)) == [field]


def test_period_can_have_a_year(api: Api) -> None:
    assert len(api.get(PERFORMANCE, **{"from": "2025-02-28", "to": "2026-02-28"})["series"]) == 366


def test_insights_come_daily(api: Api) -> None:
    before = api.get(INSIGHTS, limit=100)["data"]
    assert len(before) == 14
    assert all(insight["id"].startswith("ins_") and 0.5 < insight["confidence"] < 1 for insight in before)
    api.clock.advance(3 * DAY)
    after = api.get(INSIGHTS, limit=100)["data"]
    assert after[3:] == before
    days = [insight["created_at"][:10] for insight in after[:3]]
    assert len(set(days)) == 3
    emitted = [event.json() for event in api.events_of("pulse.insight")]
    assert [fields["data"]["insight_id"] for fields in emitted] == [insight["id"] for insight in reversed(after[:3])]
    assert [fields["created_at"] for fields in emitted] == [insight["created_at"] for insight in reversed(after[:3])]


def test_insight_brings_a_nudge(api: Api) -> None:
    before = api.get(NUDGES, limit=100)["data"]
    insight = api.simulate("insight")
    [nudge, *rest] = api.get(NUDGES, limit=100)["data"]
    assert rest == before
    assert (nudge["insight_id"], nudge["status"]) == (insight["id"], "sent")


def test_insights_and_nudges_can_be_filtered(api: Api) -> None:
    assert {row["platform"] for row in api.get(INSIGHTS, platform="tiktok")["data"]} == {"tiktok"}
    assert {row["status"] for row in api.get(NUDGES, status="acted")["data"]} == {"acted"}
    assert list(issues(api.send("GET", NUDGES, status="lost"))) == ["status"]


def test_insights_stop_without_requests_and_restart_with_one(api: Api) -> None:
    api.get(INSIGHTS)
    api.clock.advance(5_000 * DAY)
    assert len(api.events_of("pulse.insight")) == 90
    api.get(INSIGHTS)
    api.clock.advance(2 * DAY)
    assert len(api.events_of("pulse.insight")) == 92


def test_insights_come_daily_after_the_clock_was_set_back(api: Api) -> None:
    api.get(INSIGHTS)
    api.clock.freeze(NOW - 200 * DAY)
    api.get(INSIGHTS)
    api.clock.advance(3 * DAY)
    assert len(api.events_of("pulse.insight")) == 3
    api.clock.freeze(NOW + DAY)
    days = [event.json()["created_at"][:10] for event in api.events_of("pulse.insight")]
    assert len(days) == len(set(days)) == 90


def test_clock_can_be_advanced_to_its_end(api: Api) -> None:
    for creator in api.creators:
        api.grant(creator=creator)
    api.clock.freeze(221_845_392_000.0)
    assert api.get(INSIGHTS)["data"]
