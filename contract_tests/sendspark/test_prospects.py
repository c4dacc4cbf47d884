"""Prospects: consent, depuration, states, links, backgrounds. Videos cost minutes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from sparkbox import World

FORBIDDEN = {
    "statusCode": 403, "code": "S403-UPLD", "error": "Forbidden", "message": "Invalid request payload input",
}  # fmt: skip
STATES = ["saved", "queued", "videotrimmed", "lipsynced", "processing", "completed"]


@pytest.mark.documented("add_prospect:charge_not_authorized")
@pytest.mark.parametrize("consent", [{}, {"processAndAuthorizeCharge": False}])
def test_prospect_needs_consent_to_the_charge(
    api: httpx.Client, workspace: str, campaign: str, prospect: dict[str, Any], consent: dict[str, bool]
) -> None:
    response = api.post(f"{workspace}/dynamics/{campaign}/prospect", json={"prospect": prospect, **consent})
    assert response.status_code == 403
    assert set(response.json()) == set(FORBIDDEN)
    assert response.json()["code"] == "S403-UPLD"


@pytest.mark.documented("add_prospects:charge_not_authorized")
def test_bulk_list_needs_consent_to_the_charge(
    add_list: Callable[[Any], httpx.Response], prospect: dict[str, Any]
) -> None:
    response = add_list({"prospectList": [prospect]})
    assert (response.status_code, response.json()) == (403, FORBIDDEN)


@pytest.mark.documented("generate_videos:charge_not_authorized", "generate_videos_v2:charge_not_authorized")
@pytest.mark.sandbox_only
def test_refused_charge_generates_nothing(api: httpx.Client, workspace: str, campaign: str) -> None:
    for path in (f"{workspace}/dynamics/{campaign}/bulk", f"/dv-v2/workspaces/mock-workspace/dynamics/{campaign}/bulk"):
        response = api.post(path, json={"processAndAuthorizeCharge": False})
        assert (response.status_code, response.json()) == (403, FORBIDDEN)


@pytest.mark.charges
@pytest.mark.observed("add_prospect")
def test_adding_a_prospect_returns_the_campaign_with_it(
    add: Callable[..., Any], campaign: str, prospect: dict[str, Any]
) -> None:
    response = add()
    assert response["_id"] == campaign
    added = next(one for one in response["prospectList"] if one["contactEmail"] == prospect["contactEmail"])
    assert len(added["_id"]) == 32
    assert added["status"] == "saved"
    assert added["backgroundUrl"] == "https://example.com/"
    assert set(added["resourcesStatus"]) >= {"video", "campaign", "lipSync", "audioCloning", "screenshot"}


@pytest.mark.charges
@pytest.mark.observed("get_prospect")
def test_prospect_passes_its_states_and_then_has_links(
    api: httpx.Client,
    workspace: str,
    campaign: str,
    add: Callable[..., Any],
    prospect: dict[str, Any],
    eventually: Callable[[Callable[[], Any]], Any],
) -> None:
    added = add()["prospectList"][0]
    path = f"{workspace}/dynamics/{campaign}/prospects/{prospect['contactEmail']}"
    begun = api.get(path).raise_for_status().json()
    assert begun["id"] == added["_id"]
    assert "_id" not in begun
    assert begun["status"] in STATES

    def ready() -> Any:
        found = api.get(path, params={"include": "emailEmbedHTML,fields"}).raise_for_status().json()
        assert found["status"] in STATES
        return found["shareUrl"] and found

    found = eventually(ready)
    assert "/share/" in found["shareUrl"]
    assert "/embed/" in found["embedUrl"]
    assert found["shareUrl"] in found["emailEmbedHTML"]


@pytest.mark.sandbox_only
@pytest.mark.observed("get_prospect")
def test_prospect_states_are_in_order(
    api: httpx.Client, workspace: str, campaign: str, add: Callable[..., Any], prospect: dict[str, Any], world: World
) -> None:
    world.clock.freeze()
    add()
    seen: list[str] = []
    for _ in range(90):
        found = api.get(f"{workspace}/dynamics/{campaign}/prospects/{prospect['contactEmail']}").json()
        seen += [found["status"]] if found["status"] not in seen else []
        world.clock.advance(1)
    assert seen == STATES


@pytest.mark.charges
@pytest.mark.observed("add_prospect")
def test_posting_an_address_again_keeps_the_prospect(
    api: httpx.Client, workspace: str, campaign: str, add: Callable[..., Any], prospect: dict[str, Any]
) -> None:
    first, again = (add()["prospectList"][0] for _ in range(2))
    assert again["_id"] == first["_id"]
    members = api.get(f"{workspace}/dynamics/{campaign}").json()["prospectList"]
    assert [one["contactEmail"] for one in members].count(prospect["contactEmail"]) == 1


@pytest.mark.charges
@pytest.mark.documented("add_prospect")
def test_force_creation_creates_a_prospect_again(add: Callable[..., Any]) -> None:
    def id_with(**config: Any) -> str:
        id: str = add(prospectDepurationConfig=config)["prospectList"][0]["_id"]
        return id

    first = id_with(forceCreation=True)
    assert id_with(forceCreation=False, payloadDepurationStrategy="keep-first-valid") == first
    assert id_with(forceCreation=False, payloadDepurationStrategy="keep-last-valid") == first
    assert id_with(forceCreation=True) != first


@pytest.mark.sandbox_only
@pytest.mark.documented("add_prospect")
def test_concurrent_requests_make_one_prospect_per_address(
    api: httpx.Client, workspace: str, campaign: str, add: Callable[..., Any], prospect: dict[str, Any]
) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = {response["prospectList"][0]["_id"] for response in pool.map(lambda _: add(), range(24))}
    assert len(ids) == 1
    assert len(api.get(f"{workspace}/dynamics/{campaign}").json()["prospectList"]) == 1


@pytest.mark.charges
@pytest.mark.documented("add_prospects")
@pytest.mark.parametrize(("strategy", "company"), [("keep-first-valid", "First"), ("keep-last-valid", "Last")])
def test_depuration_keeps_one_of_a_lists_duplicates(
    add_list: Callable[[Any], httpx.Response], prospect: dict[str, Any], strategy: str, company: str
) -> None:
    rows = [
        {**prospect, "company": "Bad", "backgroundUrl": "nowhere"},
        {**prospect, "company": "First"},
        {**prospect, "company": "Last"},
    ]
    config = {"forceCreation": True, "payloadDepurationStrategy": strategy}
    body = {"processAndAuthorizeCharge": True, "prospectDepurationConfig": config, "prospectList": rows}
    response = add_list(body).raise_for_status().json()
    kept = [one for one in response["prospectList"] if one.get("valid")]
    assert {one["company"] for one in kept} == {company}


@pytest.mark.charges
@pytest.mark.documented("add_prospects")
def test_invalid_row_does_not_affect_others(
    add_list: Callable[[Any], httpx.Response], prospect: dict[str, Any]
) -> None:
    rows = [{"contactName": "Nobody"}, {**prospect, "contactEmail": "nobody"}, prospect]
    response = add_list({"processAndAuthorizeCharge": True, "prospectList": rows}).raise_for_status().json()
    valid = {one.get("contactEmail"): one["valid"] for one in response["prospectList"]}
    assert valid == {"": False, "nobody": False, prospect["contactEmail"]: True}


@pytest.mark.documented("add_prospect")
def test_invalid_background_makes_the_prospect_invalid(
    api: httpx.Client, workspace: str, campaign: str, prospect: dict[str, Any]
) -> None:
    wrong = {**prospect, "contactEmail": "nobody", "backgroundUrl": "nowhere"}
    body = {"processAndAuthorizeCharge": True, "prospect": wrong}
    response = api.post(f"{workspace}/dynamics/{campaign}/prospect", json=body).raise_for_status().json()
    [added] = response["prospectList"]
    assert added["valid"] is False
    assert "backgroundUrl" in added["validationDetails"]


@pytest.mark.sandbox_only
@pytest.mark.documented("get_prospect")
def test_invalid_prospect_lists_validation_details(
    api: httpx.Client, workspace: str, campaign: str, add: Callable[..., Any], prospect: dict[str, Any]
) -> None:
    add(prospect={**prospect, "backgroundUrl": "nowhere"})
    found = api.get(f"{workspace}/dynamics/{campaign}/prospects/{prospect['contactEmail']}").json()
    assert found["valid"] is False
    [finding] = found["validationDetails"]
    assert set(finding) == {"validationField", "validationMessage", "validationCode"}
    assert finding["validationField"] == "backgroundUrl"


@pytest.mark.charges
@pytest.mark.documented("modify_dynamics_v2", "generate_videos", "generate_videos_v2")
def test_persisted_list_is_generated_on_request(
    api: httpx.Client, v2: str, workspace: str, campaign: str, prospect: dict[str, Any]
) -> None:
    config = {"forceCreation": True}
    body = {"prospectList": [prospect], "prospectDepurationConfig": config}
    for path in (f"{workspace}/dynamics/{campaign}/bulk", f"{v2.replace('/v2', '/dv-v2', 1)}/dynamics/{campaign}/bulk"):
        saved = api.patch(f"{v2}/dynamics/{campaign}", json=body).raise_for_status().json()
        assert [one["status"] for one in saved["prospectList"]] == ["saved"]
        api.post(path).raise_for_status()


@pytest.mark.charges
@pytest.mark.documented("update_prospect_urls")
def test_backgrounds_can_follow_address_domains(
    api: httpx.Client, workspace: str, campaign: str, add: Callable[..., Any], prospect: dict[str, Any]
) -> None:
    add(prospect={**prospect, "backgroundUrl": "https://elsewhere.example.com/"})
    path = f"{workspace}/dynamics/{campaign}/prospects/urls/bulk"
    set_to_domain = api.patch(path, json={"extractUrlFromEmail": True}).raise_for_status().json()
    assert set_to_domain["updatedCount"] >= 1
    assert set_to_domain["totalCount"] >= set_to_domain["updatedCount"]
    domain = prospect["contactEmail"].partition("@")[2]
    found = api.get(f"{workspace}/dynamics/{campaign}/prospects/{prospect['contactEmail']}").json()
    assert found["backgroundUrl"] == f"https://{domain}/"
    taken_away = api.patch(path, json={"extractUrlFromEmail": False}).raise_for_status().json()
    assert taken_away == set_to_domain
