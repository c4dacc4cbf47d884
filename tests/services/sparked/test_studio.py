"""Assets in Studio."""

from __future__ import annotations

from tests.services.sparked.api import Api, issues

ASSETS = "/api/v1/studio/cr_mock/assets"


def test_demo_assets_have_every_type(api: Api) -> None:
    assets = api.get(ASSETS, limit=100)["data"]
    assert {asset["type"] for asset in assets} == {"image", "video", "audio", "document"}
    for asset in assets:
        assert asset["id"].startswith("asset_")
        assert asset["size_bytes"] > 0
        assert asset["tags"]
        assert (asset["width"] is not None) == (asset["type"] in ("image", "video"))
        assert (asset["duration_seconds"] is not None) == (asset["type"] in ("video", "audio"))
    times = [asset["created_at"] for asset in assets]
    assert times == sorted(times, reverse=True)
    assert times[0] <= "2026-03-01T12:00:00Z"


def test_asset_url_shows_a_picture(api: Api) -> None:
    asset = api.get(ASSETS, limit=1)["data"][0]
    picture = api.http.get(asset["url"])
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert asset["title"].lower().replace("-", " ")[:10] in picture.text


def test_picture_name_is_escaped(api: Api) -> None:
    picture = api.http.get("/media/assets/%3Cscript%3Ealert(1)%3C%2Fscript%3E.svg")
    assert "<script" not in picture.text
    assert "default-src 'none'" in picture.headers["content-security-policy"]
    assert api.http.get("/media/avatars/" + "x" * 5_000).status_code == 200


def test_assets_can_be_filtered_by_type(api: Api) -> None:
    assert {asset["type"] for asset in api.get(ASSETS, type="audio")["data"]} == {"audio"}
    assert list(issues(api.send("GET", ASSETS, type="hologram"))) == ["type"]


def test_new_asset_is_first_and_emits_an_event(api: Api) -> None:
    made = api.simulate("asset", {"type": "video", "title": "Teaser", "tags": ["spring"]})
    first = api.get(ASSETS, limit=1)["data"][0]
    assert (first["id"], first["title"], first["tags"], first["source"]) == (made["id"], "Teaser", ["spring"], "studio")
    [event] = api.events_of("asset.created")
    emitted = {"asset_id": made["id"], "type": "video", "title": "Teaser", "source": "studio"}
    assert event.json()["data"] == emitted
