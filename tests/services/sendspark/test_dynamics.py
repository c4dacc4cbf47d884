"""Campaigns: create in both versions, read, change, list."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.services.sendspark.api import WORKSPACE, Api

V2 = "/v2/workspaces/mock-workspace"
DOCUMENTED = {
    "name", "videoProperties", "metadata", "combinedVideo", "dynamicBackground", "status", "creator", "folder",
    "workspace", "videosAssets", "createdAt",
}  # fmt: skip


def names(api: Api, **query: Any) -> list[str]:
    return [campaign["name"] for campaign in api.call("GET", f"{WORKSPACE}/dynamics", **query)["response"]["data"]]


def page(api: Api, **query: Any) -> Any:
    return api.call("GET", f"{WORKSPACE}/dynamics", **query)["response"]


def test_created_campaign_has_the_documented_fields(api: Api) -> None:
    created = api.call("POST", f"{WORKSPACE}/dynamics", {"name": " Spring "})
    assert set(created) >= {*DOCUMENTED, "_id"}
    assert created["name"] == "Spring"
    assert created["status"] == "pending"
    assert created["createdAt"] == "2026-03-01T12:00:00.000Z"
    assert len(created["_id"]) == 24
    assert int(created["_id"], 16)
    assert len(created["creator"]) == len(created["folder"]) == 32


def test_campaign_of_version_2_has_id_instead_of_underscored_id(api: Api) -> None:
    body = {"name": "Steps", "languageCode": "es", "voiceCloning": True, "videoUrl": "https://example.com/v"}
    created = api.call("POST", f"{V2}/dynamics", body)
    assert set(created) >= {*DOCUMENTED, "id"}
    assert "_id" not in created
    assert (created["languageCode"], created["voiceCloning"], created["videoUrl"]) == ("es", True, body["videoUrl"])
    found = api.call("GET", f"{WORKSPACE}/dynamics/{created['id']}")
    assert found["_id"] == created["id"]
    assert found["languageCode"] == "es"


def test_campaign_has_its_prospects(api: Api, campaign: str) -> None:
    api.add(campaign)
    found = api.call("GET", f"{WORKSPACE}/dynamics/{campaign}")
    assert found["prospectCount"] == 1
    assert [prospect["contactEmail"] for prospect in found["prospectList"]] == ["ann@acme.example"]


def test_campaign_is_active_after_the_first_requested_video(api: Api, campaign: str) -> None:
    assert api.call("GET", f"{WORKSPACE}/dynamics/{campaign}")["status"] == "pending"
    api.add(campaign)
    assert api.call("GET", f"{WORKSPACE}/dynamics/{campaign}")["status"] == "active"


def test_unknown_campaign_is_not_found(api: Api) -> None:
    expected = (404, None, "Resource not found or invalid access")
    assert api.refuse("GET", f"{WORKSPACE}/dynamics/63f6a4145a5e755e2e8fe19d") == expected
    assert api.refuse("PATCH", f"{V2}/dynamics/63f6a4145a5e755e2e8fe19d", {"name": "x"}) == expected
    assert api.refuse("PATCH", f"{WORKSPACE}/dynamics/63f6a4145a5e755e2e8fe19d/settings", {}) == expected


def test_campaign_list_starts_with_the_newest_ten(api: Api) -> None:
    for number in range(12):
        api.new_campaign(f"C{number}")
    found = page(api)
    assert [campaign["name"] for campaign in found["data"]] == [f"C{number}" for number in range(11, 1, -1)]
    assert found["pagination"] == {"limit": 10, "offset": 0, "total": 12}


def test_campaign_list_links_lead_through_all_pages_and_back(api: Api) -> None:
    for number in range(5):
        api.new_campaign(f"C{number}")
    seen, query, links = [], {"limit": "2", "sortOrder": "asc", "search": "c"}, {}
    url = f"{WORKSPACE}/dynamics?limit=2&sortOrder=asc&search=c"
    while url:
        response = api.http.get(url).json()["response"]
        seen.append([campaign["name"] for campaign in response["data"]])
        links = response["links"]
        url = links["next"]
    assert seen == [["C0", "C1"], ["C2", "C3"], ["C4"]]
    assert all(f"{name}={value}" in urlsplit(links["previous"]).query for name, value in query.items())
    back = api.http.get(links["previous"]).json()["response"]
    assert [campaign["name"] for campaign in back["data"]] == ["C2", "C3"]
    assert page(api, limit=2)["links"]["previous"] is None


def test_campaign_list_search_ignores_case(api: Api) -> None:
    for name in ("Spring sale", "Summer", "spring cleaning"):
        api.new_campaign(name)
    assert names(api, search="SPRING") == ["spring cleaning", "Spring sale"]
    assert page(api, search="nothing") == {
        "data": [],
        "pagination": {"limit": 10, "offset": 0, "total": 0},
        "links": {"next": None, "previous": None},
    }


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ('{"status": "active"}', ["Used"]),
        ('{"status": ["active", "pending"]}', ["Used", "New"]),
        ("status:pending", ["New"]),
        ("status:pending, languageCode:en", ["New"]),
        ("languageCode:es", []),
        ("name:Used", ["Used"]),
    ],
)
def test_campaign_list_is_filtered(api: Api, filters: str, expected: list[str]) -> None:
    api.new_campaign("New")
    api.add(api.new_campaign("Used"))
    assert names(api, filters=filters) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"filters": "{"},
        {"filters": "{}x"},
        {"filters": "colour:red"},
        {"filters": "status"},
        {"limit": 0},
        {"limit": 10_001},
        {"dropdownRendering": "1"},
        {"limit": "ten"},
        {"offset": -1},
        {"sortOrder": "up"},
        {"projectionType": "FULL"},
        {"prospectOnly": "maybe"},
    ],
    ids=str,
)
def test_campaign_list_refuses_invalid_queries(api: Api, query: dict[str, Any]) -> None:
    expected = (400, "S400-AHVE", "Invalid request payload input")
    assert api.refuse("GET", f"{WORKSPACE}/dynamics", **query) == expected


def test_campaign_list_page_has_the_requested_length(api: Api) -> None:
    for number in range(120):
        api.new_campaign(f"C{number}")
    found = page(api, limit=500)
    assert len(found["data"]) == 120
    assert found["pagination"] == {"limit": 500, "offset": 0, "total": 120}


def test_prospect_only_omits_campaigns_without_prospects(api: Api) -> None:
    api.new_campaign("Empty")
    api.add(api.new_campaign("Used"))
    assert names(api, prospectOnly="true") == ["Used"]
    assert names(api, prospectOnly="false") == ["Used", "Empty"]


def test_projections_omit_fields(api: Api, campaign: str) -> None:
    api.add(campaign)
    rows = {
        name: page(api, **query)["data"][0]
        for name, query in {
            "dropdown": {"dropdownRendering": "true"},
            "minimal": {"projectionType": "MINIMAL"},
            "default": {"projectionType": "DEFAULT"},
            "detailed": {"projectionType": "DETAILED"},
        }.items()
    }
    assert set(rows["dropdown"]) == {"_id", "name"}
    assert set(rows["minimal"]) == {"_id", "name", "status", "createdAt"}
    assert set(rows["default"]) >= DOCUMENTED
    assert "prospectList" not in rows["default"]
    assert [prospect["contactEmail"] for prospect in rows["detailed"]["prospectList"]] == ["ann@acme.example"]


def test_dynamics_settings_have_placeholders_by_language(api: Api) -> None:
    settings = api.call("GET", f"{WORKSPACE}/dynamics/settings")
    assert set(settings["languages"]) == {"en", "es", "de"}
    english = settings["languages"]["en"]
    assert english["name"] == "English"
    assert english["placeholders"][0]["replace"] == "{{firstname | there}}"


def test_campaign_changes_keep_other_fields(api: Api, campaign: str) -> None:
    changes = {
        "title": "Hello there!",
        "message": "Welcome",
        "buttons": [{"position": 1, "label": "Talk to us", "link": "https://acme.example/talk"}],
        "calendar": {"provider": "calendly", "link": "https://cal.example/us"},
        "videoUrl": "https://example.com/video",
        "voiceCloning": {"voice": "mine"},
        "fields": {"season": "spring"},
    }
    changed = api.call("PATCH", f"{V2}/dynamics/{campaign}", changes)
    assert changed["_id"] == campaign
    assert changed["name"] == "Spring"
    share_page = changed["videoProperties"]["sharePage"]
    assert share_page["title"] == "Hello there!"
    assert share_page["buttons"] == changes["buttons"]
    assert share_page["calendar"] == changes["calendar"]
    assert (changed["voiceCloning"], changed["fields"]) == ({"voice": "mine"}, {"season": "spring"})
    again = api.call("PATCH", f"{V2}/dynamics/{campaign}", {"name": "Summer"})
    assert again["name"] == "Summer"
    assert again["videoProperties"] == changed["videoProperties"]


@pytest.mark.parametrize(
    "changes",
    [
        {"videoUrl": "nowhere"},
        {"buttons": [{"label": "x", "link": "javascript:alert(1)"}]},
        {"buttons": [{"label": "x"}]},
        {"buttons": [{"label": "x", "link": ""}]},
        {"calendar": {"link": "data:text/html,x"}},
        {"name": ""},
        {"prospectList": []},
        {"prospectList": [1]},
        {"fields": {"x": "y" * 20_000}},
    ],
    ids=str,
)
def test_invalid_campaign_changes_change_nothing(api: Api, campaign: str, changes: dict[str, Any]) -> None:
    before = api.call("GET", f"{WORKSPACE}/dynamics/{campaign}")
    refused = api.refuse("PATCH", f"{V2}/dynamics/{campaign}", {"title": "Changed", **changes})
    assert refused == (400, "S400-AHVE", "Invalid request payload input")
    assert api.call("GET", f"{WORKSPACE}/dynamics/{campaign}") == before


def test_fallback_data_can_be_turned_on_and_off(api: Api, campaign: str) -> None:
    path = f"{WORKSPACE}/dynamics/{campaign}/settings"
    assert api.call("PATCH", path, {"useFallbackData": True})["useFallbackData"] is True
    assert api.call("PATCH", path, {})["useFallbackData"] is True
    assert api.call("PATCH", path, {"useFallbackData": False})["useFallbackData"] is False
    assert api.call("PATCH", path, {"useFallbackData": "true"})["useFallbackData"] is True
    invalid: list[Any] = ["perhaps", "yes", 1, 0, 1.0, [], "", "1"]
    for neither in invalid:
        assert api.refuse("PATCH", path, {"useFallbackData": neither})[0] == 400
