"""Pulse analytics: https://sparked.com/integration."""

from __future__ import annotations

import httpx
import pytest

from contract_tests.sparked.responses import api_error, data, fields_of, time_of
from contract_tests.sparked.target import Sparked
from sparkbox import World

NOON = 1_772_366_400.0
"""2026-03-01 12:00:00 UTC."""


@pytest.fixture
def path(account: Sparked) -> str:
    return f"/api/v1/pulse/{account.creator}"


@pytest.mark.documented("list_insights", "list_nudges", "get_performance")
@pytest.mark.parametrize("part", ["insights", "nudges", "performance"])
def test_pulse_has_insights_nudges_and_performance(api: httpx.Client, path: str, part: str) -> None:
    for name in (part, *({"insights", "nudges", "performance"} - {part})):
        assert data(api.get(f"{path}/{name}"))


@pytest.mark.assumed("list_insights", "list_nudges")
def test_insights_and_nudges_are_newest_first(api: httpx.Client, path: str) -> None:
    for part, field in (("insights", "created_at"), ("nudges", "sent_at")):
        times = [time_of(row[field]) for row in data(api.get(f"{path}/{part}"))["data"]]
        assert times == sorted(times, reverse=True)


@pytest.mark.assumed("get_performance")
def test_performance_series_adds_up_to_the_totals(api: httpx.Client, path: str) -> None:
    performance = data(api.get(f"{path}/performance"))
    assert len(performance["series"]) == 30
    for metric in ("impressions", "views", "likes", "comments", "shares", "saves", "new_followers"):
        assert sum(point[metric] for point in performance["series"]) == performance["totals"][metric]


@pytest.mark.assumed("get_performance:invalid_query")
@pytest.mark.parametrize(
    ("query", "field"),
    [({"platform": "fax"}, "platform"), ({"from": "2026-02-30"}, "from"), ({"from": "2999-01-01"}, "from")],
)
def test_period_is_validated(api: httpx.Client, path: str, query: dict[str, str], field: str) -> None:
    response = api.get(f"{path}/performance", params=query)
    assert api_error(response) == (400, "invalid_request")
    assert fields_of(response) == [field]


@pytest.mark.assumed("get_performance")
@pytest.mark.sandbox_only
def test_performance_of_today_grows_with_the_clock(api: httpx.Client, path: str, world: World) -> None:
    world.clock.freeze(NOON)
    views = []
    for _ in range(3):
        token = world.simulate("sparked", "grant")["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        views.append(data(api.get(f"{path}/performance?from=2026-03-01", headers=headers))["totals"]["views"])
        world.clock.advance(3 * 3600)
    assert views == sorted(set(views))
