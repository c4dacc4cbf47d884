"""Prospects: add one by one, in bulk and as a persisted list; read; generate videos; backgrounds."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from sparkbox import Sparkbox
from sparkbox.app import create_app
from sparkbox.core.state.config import Profile, Settings
from tests.services.sendspark.api import LONG_ENOUGH, WORKSPACE, Api

V2 = "/v2/workspaces/mock-workspace"
INVALID = (400, "S400-AHVE", "Invalid request payload input")
FORBIDDEN = (403, "S403-UPLD", "Invalid request payload input")
NOT_FOUND = (404, None, "Resource not found or invalid access")


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"contactName": f"P {number}", "contactEmail": f"p{number}@acme.example", **more}


def test_adding_a_prospect_returns_the_campaign_with_it(api: Api, campaign: str) -> None:
    api.add(campaign, "first@acme.example")
    prospect = {
        "contactName": "Ann Example",
        "contactEmail": "ann@acme.example",
        "company": "Acme",
        "jobTitle": "Buyer",
        "backgroundUrl": "https://acme.example",
    }
    body = {"processAndAuthorizeCharge": True, "prospect": prospect}
    response = api.call("POST", f"{WORKSPACE}/dynamics/{campaign}/prospect", body)
    assert (response["_id"], response["name"], response["prospectCount"]) == (campaign, "Spring", 2)
    [added] = response["prospectList"]
    assert {name: added[name] for name in prospect} == prospect | {"backgroundUrl": "https://acme.example/"}
    assert len(added["_id"]) == 32
    assert added["campaign"] == campaign
    assert (added["status"], added["valid"], added["regenerationCount"]) == ("saved", True, 0)
    pending = {"status": "pending"}
    assert added["resourcesStatus"] == {
        "video": pending,
        "campaign": pending,
        "lipSync": {"enable": False, **pending},
        "audioCloning": {"enable": False, **pending},
        "screenshot": {"enable": True, **pending},
    }


def test_prospect_by_address_has_id_and_no_links_yet(api: Api, campaign: str) -> None:
    added = api.add(campaign, backgroundUrl="https://acme.example", fields={"colour": "red"})
    found = api.find(campaign)
    assert found["id"] == added["_id"]
    assert "_id" not in found
    assert (found["shareUrl"], found["embedUrl"], found["validationDetails"]) == (None, None, [])
    assert {"emailEmbedHTML", "fields"}.isdisjoint(found)
    more = api.find(campaign, include="emailEmbedHTML, fields,other")
    assert (more["emailEmbedHTML"], more["fields"]) == (None, {"colour": "red"})


@pytest.mark.parametrize("address", ["ANN@acme.example", "Ann@Acme.Example", "ann%40acme.example"])
def test_prospect_is_found_by_address_in_any_case(api: Api, campaign: str, address: str) -> None:
    api.add(campaign)
    assert api.find(campaign, address)["contactEmail"] == "ann@acme.example"


def test_unknown_address_is_not_found_and_invalid_one_is_refused(api: Api, campaign: str) -> None:
    path = f"{WORKSPACE}/dynamics/{campaign}/prospects"
    assert api.refuse("GET", f"{path}/bob@acme.example") == NOT_FOUND
    assert api.refuse("GET", f"{path}/bob") == INVALID


@pytest.mark.parametrize("given", [{}, {"processAndAuthorizeCharge": False}])
@pytest.mark.parametrize("bulk", [False, True])
def test_prospects_need_consent_to_the_charge(api: Api, campaign: str, given: dict[str, Any], bulk: bool) -> None:
    path = f"{WORKSPACE}/dynamics/{campaign}/prospect" + ("s/bulk" if bulk else "")
    body = {"prospectList": [row(1)]} if bulk else {"prospect": row(1)}
    assert api.refuse("POST", path, {**body, **given}) == FORBIDDEN
    assert api.members(campaign) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"prospect": None},
        {"prospect": [row(1)]},
        {"contactName": "Ann", "contactEmail": "ann@acme.example"},
        {"prospect": row(1), "contactEmail": "ann@acme.example"},
        {"prospect": row(1, contactName=1)},
        {"prospect": row(1, screenshotUrl="nowhere")},
        {"prospect": row(1, webhookUrl="ftp://example.com/")},
        {"prospect": row(1, audioUrl="https://")},
        {"prospect": row(1, fields=[])},
        {"prospect": row(1), "prospectDepurationConfig": {"payloadDepurationStrategy": "keep-all"}},
        {"prospect": row(1), "prospectDepurationConfig": {"forceCreation": "perhaps"}},
        {"prospect": row(1), "processAndAuthorizeCharge": "perhaps"},
        {"prospect": row(1), "processAndAuthorizeCharge": 1},
    ],
    ids=str,
)
def test_invalid_body_adds_no_prospect(api: Api, campaign: str, body: dict[str, Any]) -> None:
    path = f"{WORKSPACE}/dynamics/{campaign}/prospect"
    assert api.refuse("POST", path, {"processAndAuthorizeCharge": True, **body}) == INVALID
    assert api.members(campaign) == []


@pytest.mark.parametrize("url", ["acme", "acme.example", "ftp://acme.example", "https://", "https://a b/", "http://[x"])
def test_invalid_background_makes_a_prospect_invalid(api: Api, campaign: str, url: str) -> None:
    added = api.add(campaign, backgroundUrl=url)
    assert (added["valid"], added["status"]) == (False, "errored")
    assert added["validationDetails"] == "backgroundUrl: Invalid URL"
    assert added["depurationStatus"] == "invalid"
    found = api.find(campaign)
    assert found["valid"] is False
    assert found["validationDetails"] == [
        {"validationField": "backgroundUrl", "validationMessage": "Invalid URL", "validationCode": "400"}
    ]
    assert found["originalBackgroundUrl"] == url
    api.clock.advance(LONG_ENOUGH)
    assert api.events == []


@pytest.mark.parametrize(
    ("email", "finding"),
    [
        ("ann", "Invalid email"),
        ("ann@localhost", "Invalid email"),
        ("ann..example@acme.example", "Invalid email"),
        ("ann@-acme.example", "Invalid email"),
        ("", "Email is required"),
    ],
)
def test_prospect_with_invalid_address_is_returned_but_not_stored(
    api: Api, campaign: str, email: str, finding: str
) -> None:
    added = api.add(campaign, email)
    assert (added["valid"], added["validationDetails"]) == (False, f"contactEmail: {finding}")
    assert "_id" not in added
    assert (added["campaign"], added["status"]) == (campaign, "errored")
    assert {part["status"] for part in added["resourcesStatus"].values()} == {"pending"}
    assert api.members(campaign) == []


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://acme.example", "https://acme.example/"),
        ("HTTPS://Acme.Example:443/Path?q=1#x", "https://acme.example/Path?q=1#x"),
        (" http://acme.example:8080 ", "http://acme.example:8080/"),
        ("https://acme.example/path", "https://acme.example/path"),
        ("http://[::1]:80/", "http://[::1]/"),
    ],
)
def test_background_is_shown_as_a_browser_writes_it(api: Api, campaign: str, given: str, shown: str) -> None:
    added = api.add(campaign, backgroundUrl=given)
    assert added["backgroundUrl"] == shown
    assert added["originalBackgroundUrl"] == given.strip()


@pytest.mark.parametrize("profile", ["easy", "strict"])
def test_empty_background_is_the_workspaces(api: Api, campaign: str, profile: Profile) -> None:
    api.account.profile = profile
    assert api.add(campaign, backgroundUrl="")["backgroundUrl"] == "https://www.example.com/"
    assert api.add(campaign)["backgroundUrl"] == "https://www.example.com/"


def test_background_from_address_if_requested(api: Api, campaign: str) -> None:
    body = {"processAndAuthorizeCharge": True, "prospect": row(1), "fallbackToEmailDomainForBackground": True}
    [added] = api.call("POST", f"{WORKSPACE}/dynamics/{campaign}/prospect", body)["prospectList"]
    assert added["backgroundUrl"] == "https://acme.example/"


def test_fallback_data_replace_missing_data(api: Api, campaign: str) -> None:
    api.call("PATCH", f"{WORKSPACE}/dynamics/{campaign}/settings", {"useFallbackData": True})
    added = api.add(campaign, contactName="", backgroundUrl="nowhere")
    assert (added["valid"], added["fallbackDataUsed"]) == (True, True)
    assert (added["contactName"], added["backgroundUrl"]) == ("there", "https://www.example.com/")
    whole = api.add(campaign, "bob@acme.example", backgroundUrl="https://acme.example/")
    assert whole["fallbackDataUsed"] is False
    assert api.add(campaign, "bad")["valid"] is False


def test_rare_fields_are_stored(api: Api, campaign: str) -> None:
    more = {
        "customField": "x",
        "screenshotUrl": "https://acme.example/shot.png",
        "webhookUrl": "https://acme.example/hook",
        "webhookEvents": ["video_liked"],
        "audioUrl": "https://acme.example/voice.mp3",
        "fields": {"n": [1, None, {"deep": True}]},
        "hash": "63f6a4145a5e755e2e8fe19d",
    }
    api.add(campaign, **more)
    [kept] = api.members(campaign)
    assert {name: kept[name] for name in more} == more


# In bulk.


def test_bulk_response_has_a_prospect_and_its_outcome_for_each_row(api: Api, campaign: str) -> None:
    api.add(campaign, "p1@acme.example")
    rows = [row(1), row(2), row(2), row(3, backgroundUrl="nowhere"), row(4, company=5), {"contactName": "Nobody"}]
    response = api.add_list(campaign, rows)
    found = [(one["contactEmail"], one["depurationStatus"], one["valid"]) for one in response["prospectList"]]
    assert found == [
        ("p1@acme.example", "depurated", True),
        ("p2@acme.example", "created", True),
        ("p2@acme.example", "depurated", True),
        ("p3@acme.example", "invalid", False),
        ("p4@acme.example", "invalid", False),
        ("", "invalid", False),
    ]
    assert response["depuration"] == {"created": 1, "updated": 0, "depurated": 2, "invalid": 3}
    assert response["prospectList"][4]["validationDetails"] == "company: Input should be a valid string"
    kept = {one["contactEmail"]: one["valid"] for one in api.members(campaign)}
    assert kept == {
        "p1@acme.example": True,
        "p2@acme.example": True,
        "p3@acme.example": False,
        "p4@acme.example": False,
    }


def test_existing_prospect_is_kept_by_default(api: Api, campaign: str) -> None:
    added = api.add(campaign, company="Acme")
    again = {"contactEmail": "ANN@acme.example", "company": "Other"}
    [returned] = api.add_list(campaign, [again])["prospectList"]
    assert (returned["_id"], returned["company"], returned["regenerationCount"]) == (added["_id"], "Acme", 0)


def test_keep_last_valid_updates_a_prospect(api: Api, campaign: str) -> None:
    added = api.add(campaign, company="Acme")
    rows = [{"contactEmail": "ann@acme.example", "company": company} for company in ("One", "Two")]
    response = api.add_list(campaign, rows, payloadDepurationStrategy="keep-last-valid")
    assert [one["depurationStatus"] for one in response["prospectList"]] == ["depurated", "updated"]
    assert {(one["_id"], one["company"]) for one in response["prospectList"]} == {(added["_id"], "Two")}
    assert len(api.members(campaign)) == 1


def test_force_creation_replaces_the_prospect(api: Api, campaign: str) -> None:
    url = api.shared(campaign)
    old = api.find(campaign)
    new = api.add(campaign, company="New", prospectDepurationConfig={"forceCreation": True})
    assert new["_id"] != old["id"]
    assert [one["_id"] for one in api.members(campaign)] == [new["_id"]]
    assert api.find(campaign)["id"] == new["_id"]
    assert api.visit(url).status_code == 200


def test_posting_an_address_again_renders_its_video_again(api: Api, campaign: str) -> None:
    url = api.shared(campaign)
    before = api.find(campaign)
    again = api.add(campaign, company="Newer")
    assert (again["_id"], again["status"], again["regenerationCount"]) == (before["id"], "saved", 1)
    assert api.find(campaign)["shareUrl"] is None
    assert api.visit(url).status_code == 404
    api.clock.advance(LONG_ENOUGH)
    assert api.find(campaign)["shareUrl"] == url
    assert api.event_types.count("video_generated_dv") == 2
    assert len(api.members(campaign)) == 1


def test_keep_first_valid_leaves_a_reposted_prospect_alone(api: Api, campaign: str) -> None:
    api.shared(campaign)
    before = api.find(campaign)
    config = {"forceCreation": False, "payloadDepurationStrategy": "keep-first-valid"}
    again = api.add(campaign, company="Newer", prospectDepurationConfig=config)
    assert (again["depurationStatus"], again["company"]) == ("depurated", "Acme")
    assert api.find(campaign) == before


def test_invalid_row_keeps_the_prospect_and_valid_row_repairs_it(api: Api, campaign: str) -> None:
    bad = api.add(campaign, backgroundUrl="nowhere")
    good = api.add(campaign, backgroundUrl="https://acme.example/")
    assert (good["_id"], good["valid"], good["depurationStatus"]) == (bad["_id"], True, "updated")
    assert api.add(campaign, backgroundUrl="nowhere")["valid"] is False
    assert api.find(campaign)["backgroundUrl"] == "https://acme.example/"


def test_bulk_list_has_one_to_ten_thousand_rows(api: Api, campaign: str) -> None:
    path = f"{WORKSPACE}/dynamics/{campaign}/prospects/bulk"
    lists: list[Any] = [[], [{}] * 10_001, None, {}, [row(1), 2]]
    for rows in lists:
        assert api.refuse("POST", path, {"processAndAuthorizeCharge": True, "prospectList": rows}) == INVALID
    assert api.refuse("POST", path, {"processAndAuthorizeCharge": True}) == INVALID


def test_ten_thousand_prospects_take_twenty_jobs(api: Api, campaign: str) -> None:
    response = api.add_list(campaign, [row(number) for number in range(10_000)])
    assert response["depuration"] == {"created": 10_000, "updated": 0, "depurated": 0, "invalid": 0}
    assert len({one["_id"] for one in response["prospectList"]}) == 10_000
    assert api.clock.waiting == 20
    api.clock.advance(LONG_ENOUGH)
    assert {one["status"] for one in api.members(campaign)} == {"completed"}
    assert api.clock.waiting == 0


def test_bulk_memory_grows_linearly_with_rows() -> None:
    api = Api(create_app(Settings(rate_limits=False)))
    rows = [row(number, company="Acme", backgroundUrl="https://acme.example/") for number in range(4000)]
    api.add_list(api.new_campaign(), rows[:100])
    peaks, kept = {}, {}
    for count in (1000, 2000, 4000):
        campaign = api.new_campaign()
        tracemalloc.start()
        api.add_list(campaign, rows[:count])
        kept[count], peaks[count] = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    api.http.close()
    for taken in (peaks, kept):
        assert taken[4000] - taken[2000] < 2.5 * (taken[2000] - taken[1000])


def test_concurrent_requests_make_one_prospect_per_address() -> None:
    with Sparkbox() as server:
        world = server.world()
        world.clock.freeze()
        with httpx.Client(base_url=world.sendspark.url, headers=world.sendspark.headers, trust_env=False) as client:
            campaign = client.post(f"{WORKSPACE}/dynamics", json={"name": "x"}).json()["_id"]
            body = {"processAndAuthorizeCharge": True, "prospect": {"contactEmail": "ann@acme.example"}}
            forced = {**body, "prospectDepurationConfig": {"forceCreation": True}}

            def add(number: int) -> int:
                path = f"{WORKSPACE}/dynamics/{campaign}/prospect"
                return client.post(path, json=forced if number % 5 == 0 else body).status_code

            with ThreadPoolExecutor(8) as pool:
                assert set(pool.map(add, range(40))) == {200}
            found = client.get(f"{WORKSPACE}/dynamics/{campaign}").json()
        assert [one["contactEmail"] for one in found["prospectList"]] == ["ann@acme.example"]
        world.clock.advance(LONG_ENOUGH)
        assert [message.to for message in world.messages] == ["ann@acme.example"]


# Persisted lists, and their videos.


def test_persisted_list_waits_until_videos_are_requested(api: Api, campaign: str) -> None:
    response = api.call("PATCH", f"{V2}/dynamics/{campaign}", {"prospectList": [row(1), row(2, backgroundUrl="x")]})
    assert [one["status"] for one in response["prospectList"]] == ["saved", "errored"]
    api.clock.advance(LONG_ENOUGH)
    assert api.events == []
    generated = api.call("POST", f"/dv-v2/workspaces/mock-workspace/dynamics/{campaign}/bulk")
    assert [one["contactEmail"] for one in generated["prospectList"]] == ["p1@acme.example"]
    assert generated["status"] == "active"
    api.clock.advance(LONG_ENOUGH)
    assert api.find(campaign, "p1@acme.example")["status"] == "completed"
    assert api.find(campaign, "p2@acme.example")["status"] == "errored"


def test_persisted_list_with_consent_is_processed_at_once(api: Api, campaign: str) -> None:
    body = {"prospectList": [row(1)], "processAndAuthorizeCharge": True}
    api.call("PATCH", f"{V2}/dynamics/{campaign}", body)
    api.clock.advance(LONG_ENOUGH)
    assert api.find(campaign, "p1@acme.example")["status"] == "completed"


@pytest.mark.parametrize("version", ["v1", "dv-v2"])
def test_only_missing_and_failed_videos_are_generated(api: Api, campaign: str, version: str) -> None:
    api.add(campaign)
    api.add(campaign, "error@acme.example")
    api.clock.advance(LONG_ENOUGH)
    api.call("PATCH", f"{V2}/dynamics/{campaign}", {"prospectList": [row(1)]})
    path = f"/{version}/workspaces/mock-workspace/dynamics/{campaign}/bulk"
    generated = api.call("POST", path)["prospectList"]
    assert [(one["contactEmail"], one["regenerationCount"]) for one in generated] == [
        ("error@acme.example", 1),
        ("p1@acme.example", 0),
    ]
    assert api.call("POST", path, {})["prospectList"] == []
    assert api.refuse("POST", path, {"processAndAuthorizeCharge": False}) == FORBIDDEN
    assert api.refuse("POST", path, []) == INVALID


# Backgrounds.


def test_backgrounds_are_set_to_address_domains_and_removed(api: Api, campaign: str) -> None:
    api.add(campaign, backgroundUrl="https://elsewhere.example/")
    api.add(campaign, "bob@other.example")
    path = f"{WORKSPACE}/dynamics/{campaign}/prospects/urls/bulk"
    assert api.call("PATCH", path, {"extractUrlFromEmail": True}) == {"updatedCount": 2, "totalCount": 2}
    shown = [one["backgroundUrl"] for one in api.members(campaign)]
    assert shown == ["https://acme.example/", "https://other.example/"]
    assert api.call("PATCH", path, {"extractUrlFromEmail": True}) == {"updatedCount": 0, "totalCount": 2}
    api.add(campaign, "eve@third.example", backgroundUrl="https://www.third.example/about")
    api.add(campaign, "dan@third.example", backgroundUrl="https://third.example.org/")
    assert api.call("PATCH", path, {"extractUrlFromEmail": False}) == {"updatedCount": 3, "totalCount": 4}
    assert [one["backgroundUrl"] for one in api.members(campaign)][3] == "https://third.example.org/"
    assert api.refuse("PATCH", path, {}) == INVALID
