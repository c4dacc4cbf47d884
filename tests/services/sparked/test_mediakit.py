"""Media kits, their public pages and views."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.app import Application
from tests.services.sparked.api import Api, api_error, issues
from tests.services.view import NOW

KIT = "/api/v1/mediakit/cr_mock"
GENERATE = f"{KIT}/generate"
VIEWS = f"{KIT}/views"
DAY = 86_400


def views(api: Api, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(VIEWS, limit=100, **query)["data"]
    return found


def test_creator_starts_with_a_media_kit(api: Api) -> None:
    kit = api.get(KIT)
    assert kit["id"].startswith("kit_")
    assert kit["number"] == 2
    assert kit["view_count"] == len(views(api, kit_id=kit["id"])) > 0
    assert len(kit["daily_views"]) == 30
    assert sum(kit["daily_views"]) == kit["totals"]["views"]
    assert sum(channel["followers"] for channel in kit["channels"]) == kit["totals"]["followers"]
    assert all(rate["amount"] >= 50 and rate["currency"] == "USD" for rate in kit["rates"])


def test_generated_snapshot_becomes_the_media_kit(api: Api) -> None:
    response = api.send("POST", GENERATE)
    assert response.status_code == 201
    kit = response.json()
    assert (kit["number"], kit["view_count"], kit["generated_at"]) == (3, 0, "2026-03-01T12:00:00Z")
    assert kit["period"] == {"from": "2026-01-30", "to": "2026-02-28"}
    assert api.get(KIT) == kit


def test_later_snapshot_of_the_same_time_is_the_media_kit(api: Api) -> None:
    made = [api.call("POST", GENERATE) for _ in range(3)]
    assert [kit["number"] for kit in made] == [3, 4, 5]
    assert api.get(KIT)["id"] == made[-1]["id"]


def test_snapshot_does_not_change_with_time(api: Api) -> None:
    kit = api.call("POST", GENERATE)
    api.clock.advance(20 * DAY)
    assert api.get(KIT) == kit
    assert api.call("POST", GENERATE)["totals"] != kit["totals"]


def test_snapshot_has_the_numbers_of_the_performance(api: Api) -> None:
    kit = api.call("POST", GENERATE)
    report = api.get("/api/v1/pulse/cr_mock/performance", **kit["period"])
    assert kit["totals"]["views"] == report["totals"]["views"]
    assert kit["daily_views"] == [point["views"] for point in report["series"]]


def test_snapshot_can_have_a_title_and_some_platforms(api: Api) -> None:
    kit = api.call("POST", GENERATE, {"title": "For Acme", "platforms": ["tiktok"]})
    assert kit["title"] == "For Acme"
    assert [channel["platform"] for channel in kit["channels"]] == ["tiktok"]
    assert {rate["platform"] for rate in kit["rates"]} == {"tiktok"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": ""}, "title"),
        ({"platforms": ["tiktok", "twitch"]}, "platforms[1]"),
        ({"platforms": "x"}, "platforms"),
    ],
)
def test_snapshot_is_validated(api: Api, body: dict[str, Any], field: str) -> None:
    response = api.send("POST", GENERATE, body)
    assert (response.status_code, list(issues(response))) == (422, [field])


def test_kit_page_shows_the_kit(api: Api) -> None:
    kit, profile = api.get(KIT), api.get("/api/v1/creators/cr_mock")
    page = api.http.get(kit["url"])
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for text in (profile["name"], profile["bio"], f"{kit['channels'][0]['followers']:,}", *kit["topics"]):
        assert text in page.text
    for channel in kit["channels"]:
        assert f"@{channel['handle']}" in page.text
    assert "form-action 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text


def test_kit_page_is_found_below_the_services_prefix(api: Api) -> None:
    url = api.get(KIT)["url"]
    below = url.replace("https://api.sparked.com/", "http://sandbox/sparked/")
    assert below != url
    assert api.http.get(below).status_code == 200


def test_opening_the_kit_page_is_a_view(api: Api) -> None:
    kit, before = api.get(KIT), views(api)
    headers = {"referer": "https://mail.acme.example/", "user-agent": "Mozilla/5.0 (iPhone; Mobile)"}
    api.http.get(kit["url"], params={"brand": " Acme "}, headers=headers)
    [view, *rest] = views(api)
    assert rest == before
    assert view["id"].startswith("view_")
    assert (view["kit_id"], view["brand"], view["device"]) == (kit["id"], "Acme", "mobile")
    assert (view["referrer"], view["viewed_at"]) == ("https://mail.acme.example/", "2026-03-01T12:00:00Z")
    assert api.get(KIT)["view_count"] == kit["view_count"] + 1
    [event] = api.events_of("mediakit.viewed")
    assert event.json()["data"] == {
        "view_id": view["id"], "kit_id": kit["id"], "brand": "Acme",
        "referrer": "https://mail.acme.example/", "device": "mobile",
    }  # fmt: skip


def test_view_has_the_accounts_time(api: Api) -> None:
    url = api.get(KIT)["url"]
    api.clock.freeze(NOW + DAY)
    api.http.get(url)
    assert views(api)[0]["viewed_at"] == "2026-03-02T12:00:00Z"


def test_head_request_or_prefetch_is_not_a_view(api: Api) -> None:
    url, before = api.get(KIT)["url"], len(views(api))
    assert api.http.head(url).status_code == 200
    assert api.http.get(url, headers={"sec-purpose": "prefetch"}).status_code == 200
    assert len(views(api)) == before


def test_newest_snapshot_is_the_last_generated_even_if_the_clock_was_set_back(api: Api) -> None:
    api.get(KIT)
    api.clock.freeze(NOW - 400 * DAY)
    made = api.call("POST", GENERATE)
    assert api.get(KIT) == made


def test_old_snapshots_keep_their_pages_and_views(api: Api) -> None:
    old = api.get(KIT)
    new = api.call("POST", GENERATE)
    for url in (old["url"], new["url"], new["url"]):
        api.http.get(url)
    assert len(views(api, kit_id=new["id"])) == 2
    assert len(views(api, kit_id=old["id"])) == old["view_count"] + 1


@pytest.mark.parametrize("id", ["kit_unknown", "x", "%00", "..%2f..", "mock-partner", "sparked:kit"])
def test_unknown_kit_gets_an_error_page(api: Api, id: str) -> None:
    page = api.http.get(f"/kit/{id}")
    assert page.status_code == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "no media kit at this address" in page.text


def test_token_does_not_open_a_kit_page(api: Api) -> None:
    assert api.http.get(f"/kit/{api.grant()['access_token']}").status_code == 404


def test_kit_page_is_gone_after_a_reset(app: Application, api: Api) -> None:
    url = api.call("POST", GENERATE)["url"]
    app.sandbox.accounts.reset(api.account)
    assert api.http.get(url).status_code == 404


def test_brand_name_is_escaped(api: Api) -> None:
    kit = api.call("POST", GENERATE, {"title": "<script>alert(1)</script>"})
    page = api.http.get(kit["url"], params={"brand": "<b>" + "x" * 500})
    assert "<script" not in page.text
    assert views(api)[0]["brand"] == "<b>" + "x" * 97


def test_kit_id_is_not_a_credential(api: Api) -> None:
    id = api.get(KIT)["id"]
    response = api.http.get(KIT, headers={"authorization": f"Bearer {id}"})
    assert api_error(response) == (401, "unauthorized")
