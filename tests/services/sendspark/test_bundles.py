"""Minute bundles: list, add minutes, cancel; and the balance."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.sendspark.api import WORKSPACE, Api

PATH = f"{WORKSPACE}/dvm-bundles"
CUSTOM = f"{PATH}/prod_mockCustomMinutes"
DAYS = 86_400
INVALID = (400, "S400-AHVE", "Invalid request payload input")
NOT_FOUND = (404, None, "Resource not found or invalid access")


def balance(api: Api) -> Any:
    return api.call("GET", PATH)["balance"]


@pytest.fixture
def api(api: Api) -> Api:
    api.call("GET", "/v1/workspaces")
    return api


def test_bundle_list_has_packs_custom_bundle_and_active_bundles(api: Api) -> None:
    found = api.call("GET", PATH)
    assert [pack["minutes"] for pack in found["bundles"]] == [30, 100, 300]
    assert all(pack["totalPriceCents"] == pack["minutes"] * pack["unitPriceCents"] for pack in found["bundles"])
    assert found["customBundleConfig"]["tiersMode"] == "volume"
    assert [(bundle["type"], bundle["status"]) for bundle in found["activeBundles"]] == [
        ("custom", "active"),
        ("recurring", "active"),
    ]


def test_videos_use_minutes_and_then_overage(api: Api) -> None:
    campaign = api.new_campaign()
    assert balance(api)["remainingMinutes"] == balance(api)["totalMinutes"] == 330
    api.add(campaign)
    api.add(campaign, "bad", backgroundUrl="nowhere")
    api.add(campaign)
    assert balance(api)["usedMinutes"] == 2
    api.add_list(campaign, [{"contactEmail": f"p{number}@acme.example"} for number in range(340)])
    assert {name: balance(api)[name] for name in ("usedMinutes", "remainingMinutes", "overageMinutes")} == {
        "usedMinutes": 342,
        "remainingMinutes": 0,
        "overageMinutes": 12,
    }


def test_new_billing_period_starts_without_usage(api: Api) -> None:
    api.add(api.new_campaign())
    assert balance(api)["usedMinutes"] == 1
    api.clock.advance(30 * DAYS)
    assert balance(api)["usedMinutes"] == 0


def test_minutes_added_to_the_custom_bundle_are_charged_for_the_rest_of_the_period(api: Api) -> None:
    api.clock.advance(15 * DAYS)
    added = api.call("PATCH", CUSTOM, {"addMinutes": 50})
    assert added == {
        "bundle": {
            "bundleId": "prod_mockCustomMinutes",
            "subscriptionItemId": "si_mockCustomMinutes",
            "minutesPerBundle": 100,
            "label": "Custom DVM Minutes - Growth",
            "unitPriceCents": 90.0,
            "totalPriceCents": 9000,
        },
        "addedMinutes": 50,
        "previousTotalMinutes": 50,
        "newTotalMinutes": 100,
        "additionalChargeCents": 2250,
        "balance": "380",
    }
    assert balance(api)["bundleMinutes"] == 130


@pytest.mark.parametrize("minutes", [0, -10, 5, 1000, "many", None, 1.5])
def test_minutes_beyond_step_or_maximum_are_refused(api: Api, minutes: Any) -> None:
    assert api.refuse("PATCH", CUSTOM, {"addMinutes": minutes}) == INVALID
    assert balance(api)["bundleMinutes"] == 80


def test_unknown_bundle_is_not_found_and_pack_cannot_be_changed(api: Api) -> None:
    assert api.refuse("PATCH", f"{PATH}/prod_nothing", {"addMinutes": 10}) == NOT_FOUND
    refused = api.refuse("PATCH", f"{PATH}/prod_mockThirtyMinutes", {"addMinutes": 10})
    assert refused == (403, "S403-UPLD", "Only custom bundles can be changed")


def test_cancelled_bundle_counts_until_the_period_ends(api: Api) -> None:
    cancelled = api.call("POST", f"{PATH}/cancel", {"subscriptionItemId": "si_mockCustomMinutes"})
    assert (cancelled["status"], cancelled["endsAt"]) == ("canceling", "2026-03-31T12:00:00.000Z")
    [custom, _] = api.call("GET", PATH)["activeBundles"]
    assert (custom["status"], custom["isCanceling"], custom["endsAt"]) == ("canceling", True, cancelled["endsAt"])
    assert balance(api)["bundleMinutes"] == 80
    api.clock.advance(30 * DAYS)
    assert [bundle["type"] for bundle in api.call("GET", PATH)["activeBundles"]] == ["recurring"]
    assert balance(api)["bundleMinutes"] == 30


def test_cancelled_bundle_cannot_be_cancelled_or_changed(api: Api) -> None:
    body = {"subscriptionItemId": "si_mockCustomMinutes"}
    api.call("POST", f"{PATH}/cancel", body)
    refused = api.refuse("POST", f"{PATH}/cancel", body)
    assert refused == (403, "S403-UPLD", "The subscription item is canceled already")
    assert api.refuse("PATCH", CUSTOM, {"addMinutes": 10}) == (403, "S403-UPLD", "The bundle is canceled")


def test_cancelling_needs_a_known_bundle(api: Api) -> None:
    assert api.refuse("POST", f"{PATH}/cancel", {"subscriptionItemId": "si_nothing"}) == NOT_FOUND
    assert api.refuse("POST", f"{PATH}/cancel", {}) == INVALID
