"""Studio: https://sparked.com/integration."""

from __future__ import annotations

import httpx
import pytest

from contract_tests.sparked.responses import data, time_of
from contract_tests.sparked.target import Sparked
from sparkbox import World


@pytest.mark.documented("list_assets")
def test_creator_has_assets(api: httpx.Client, account: Sparked) -> None:
    assert isinstance(data(api.get(f"/api/v1/studio/{account.creator}/assets"))["data"], list)


@pytest.mark.assumed("list_assets")
def test_assets_are_newest_first(api: httpx.Client, account: Sparked) -> None:
    rows = data(api.get(f"/api/v1/studio/{account.creator}/assets"))["data"]
    times = [time_of(row["created_at"]) for row in rows]
    assert times == sorted(times, reverse=True)


@pytest.mark.assumed("list_assets")
@pytest.mark.sandbox_only
def test_cursor_returns_each_asset_once_while_others_are_added(
    api: httpx.Client, account: Sparked, world: World
) -> None:
    path = f"/api/v1/studio/{account.creator}/assets"
    there = [row["id"] for row in data(api.get(path, params={"limit": 100}))["data"]]
    first = data(api.get(path, params={"limit": 5}))
    world.simulate("sparked", "asset")
    second = data(api.get(path, params={"limit": 100, "cursor": first["next_cursor"]}))
    assert [row["id"] for row in first["data"] + second["data"]] == there
