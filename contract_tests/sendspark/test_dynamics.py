"""Dynamics campaigns: create in both versions, read, change, list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.sendspark.target import Sendspark

REQUIRED = {"combinedVideo", "dynamicBackground", "status", "creator", "folder", "workspace", "createdAt"}


@pytest.mark.documented("create_dynamics", "get_workspace_dynamics")
def test_campaign_can_be_created_and_read(api: httpx.Client, workspace: str, name: Callable[[str], str]) -> None:
    word = name("campaign")
    created = api.post(f"{workspace}/dynamics", json={"name": word})
    assert created.status_code == 200
    assert set(created.json()) >= REQUIRED | {"_id", "videoProperties", "metadata"}
    found = api.get(f"{workspace}/dynamics/{created.json()['_id']}").raise_for_status().json()
    assert (found["_id"], found["name"]) == (created.json()["_id"], word)


@pytest.mark.documented("create_dynamics_by_steps")
def test_campaign_of_version_2_has_id(
    api: httpx.Client, v2: str, workspace: str, account: Sendspark, name: Callable[[str], str]
) -> None:
    body = {"name": name("steps"), "languageCode": "en", "voiceCloning": False, "multivariable": False}
    created = api.post(f"{v2}/dynamics", json=body).raise_for_status().json()
    assert set(created) >= REQUIRED | {"id", "languageCode"}
    assert created["name"] == body["name"]
    assert api.get(f"{workspace}/dynamics/{created['id']}").json()["name"] == body["name"]


@pytest.mark.observed("get_dynamics_list")
def test_campaign_list_has_data_pages_and_links(api: httpx.Client, workspace: str, campaign: str) -> None:
    found = api.get(f"{workspace}/dynamics").raise_for_status().json()["response"]
    assert set(found) >= {"data", "pagination", "links"}
    assert (found["pagination"]["limit"], found["pagination"]["offset"]) == (10, 0)
    assert campaign in [row["_id"] for row in found["data"]]


@pytest.mark.documented("get_dynamics_list")
def test_campaign_list_is_searched_sorted_and_paged(
    api: httpx.Client, workspace: str, campaign: str, name: Callable[[str], str]
) -> None:
    own = api.get(f"{workspace}/dynamics/{campaign}").json()["name"]
    path = f"{workspace}/dynamics"
    for order in ("asc", "desc"):
        query = {"search": own, "sortOrder": order, "limit": 1, "offset": 0, "prospectOnly": "false"}
        found = api.get(path, params=query).raise_for_status().json()["response"]
        assert [row["_id"] for row in found["data"]] == [campaign]
        assert found["pagination"] == {"limit": 1, "offset": 0, "total": 1}
    beyond = api.get(path, params={"search": own, "offset": 1}).json()["response"]
    assert (beyond["data"], beyond["pagination"]["total"]) == ([], 1)
    assert api.get(path, params={"search": name("nothing")}).json()["response"]["data"] == []


@pytest.mark.documented("get_dynamics_list")
@pytest.mark.parametrize("projection", ["DEFAULT", "DETAILED", "MINIMAL"])
def test_every_projection_has_id_and_name(api: httpx.Client, workspace: str, campaign: str, projection: str) -> None:
    query: dict[str, str | int] = {"projectionType": projection, "limit": 1}
    [row] = api.get(f"{workspace}/dynamics", params=query).raise_for_status().json()["response"]["data"]
    assert set(row) >= {"_id", "name"}


@pytest.mark.documented("get_dynamics_list")
def test_dropdown_has_ids_and_names(api: httpx.Client, workspace: str, campaign: str) -> None:
    query = {"dropdownRendering": "true"}
    rows = api.get(f"{workspace}/dynamics", params=query).raise_for_status().json()["response"]["data"]
    assert campaign in [row["_id"] for row in rows]
    assert all(row["name"] for row in rows)


@pytest.mark.assumed("get_dynamics_list")
@pytest.mark.sandbox_only
@pytest.mark.parametrize("filters", ['{"status": "pending"}', "status:pending"])
def test_campaign_list_is_filtered(
    api: httpx.Client, workspace: str, campaign: str, add: Callable[..., Any], filters: str
) -> None:
    def found() -> list[str]:
        rows = api.get(f"{workspace}/dynamics", params={"filters": filters}).json()["response"]["data"]
        return [row["_id"] for row in rows]

    assert found() == [campaign]
    add()
    assert found() == []


@pytest.mark.documented("get_dynamics_settings")
def test_dynamics_settings_have_languages_with_placeholders(api: httpx.Client, workspace: str) -> None:
    settings = api.get(f"{workspace}/dynamics/settings").raise_for_status().json()
    english = settings["languages"]["en"]
    assert english["name"] == "English"
    assert all({"word", "replace"} <= set(placeholder) for placeholder in english["placeholders"])


@pytest.mark.documented("modify_dynamic_settings")
@pytest.mark.parametrize("use", [True, False])
def test_fallback_data_can_be_turned_on(api: httpx.Client, workspace: str, campaign: str, use: bool) -> None:
    response = api.patch(f"{workspace}/dynamics/{campaign}/settings", json={"useFallbackData": use})
    assert response.status_code == 200
    assert isinstance(response.json(), dict)


@pytest.mark.documented("modify_dynamics_v2")
def test_share_page_can_be_changed(api: httpx.Client, v2: str, campaign: str) -> None:
    changes: dict[str, Any] = {
        "title": "Hello there!",
        "message": "Welcome to my dynamic campaign",
        "buttons": [{"position": 1, "label": "More", "link": "https://example.com/more"}],
        "calendar": {"provider": "calendly", "link": "https://example.com/calendar"},
        "videoUrl": "https://example.com/share/video",
    }
    changed = api.patch(f"{v2}/dynamics/{campaign}", json=changes).raise_for_status().json()
    page = changed["videoProperties"]["sharePage"]
    assert (page["title"], page["message"]) == (changes["title"], changes["message"])
    assert page["buttons"] == changes["buttons"]
    assert changed["_id"] == campaign
