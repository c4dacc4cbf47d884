"""Media kits: https://sparked.com/integration."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from contract_tests.sparked.responses import api_error, data, fields_of, time_of
from contract_tests.sparked.target import Sparked
from sparkbox import World


@pytest.fixture
def path(account: Sparked) -> str:
    return f"/api/v1/mediakit/{account.creator}"


@pytest.mark.documented("generate_media_kit", "get_media_kit")
def test_media_kit_can_be_generated_and_read(api: httpx.Client, path: str, name: Callable[[str], str]) -> None:
    title = name("kit")
    assert api.post(f"{path}/generate", json={"title": title}).is_success
    assert data(api.get(path))["title"] == title


@pytest.mark.assumed("generate_media_kit")
def test_new_kit_is_the_newest_with_its_own_page(api: httpx.Client, path: str, name: Callable[[str], str]) -> None:
    before = data(api.get(path))
    made = data(api.post(f"{path}/generate", json={"title": name("kit")}), 201)
    assert (made["number"], made["view_count"]) == (before["number"] + 1, 0)
    assert made["url"] != before["url"]
    assert data(api.get(path)) == made


@pytest.mark.assumed("generate_media_kit:validation_failed")
def test_kit_takes_connected_platforms_only(api: httpx.Client, path: str) -> None:
    response = api.post(f"{path}/generate", json={"platforms": ["fax"]})
    assert api_error(response) == (422, "validation_failed")
    assert fields_of(response) == ["platforms[0]"]


@pytest.mark.documented("list_views")
def test_media_kit_has_views(api: httpx.Client, path: str) -> None:
    assert isinstance(data(api.get(f"{path}/views"))["data"], list)


@pytest.mark.assumed("list_views")
def test_views_are_newest_first(api: httpx.Client, path: str) -> None:
    times = [time_of(row["viewed_at"]) for row in data(api.get(f"{path}/views"))["data"]]
    assert times == sorted(times, reverse=True)


@pytest.mark.assumed("open_kit", "list_views")
@pytest.mark.sandbox_only
def test_opening_the_kit_page_is_a_view(api: httpx.Client, path: str, world: World) -> None:
    kit = data(api.get(path))
    page = httpx.get(kit["url"], params={"brand": "Acme"}, trust_env=False)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    newest = data(api.get(f"{path}/views"))["data"][0]
    assert (newest["kit_id"], newest["brand"]) == (kit["id"], "Acme")
    assert [event.type for event in world.events][-1] == "mediakit.viewed"


@pytest.mark.assumed("open_kit:kit_page")
@pytest.mark.sandbox_only
def test_unknown_kit_page_gets_an_error_page(anonymous: httpx.Client) -> None:
    page = anonymous.get("/kit/kit_contract")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
