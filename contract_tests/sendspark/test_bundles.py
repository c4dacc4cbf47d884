"""Minute bundles. Changes cost money, so they are tested in the sandbox only."""

from __future__ import annotations

import httpx
import pytest

CUSTOM, CUSTOM_ITEM = "prod_mockCustomMinutes", "si_mockCustomMinutes"


@pytest.mark.documented("get_dvm_bundles")
def test_bundle_list_has_the_balance(api: httpx.Client, workspace: str) -> None:
    found = api.get(f"{workspace}/dvm-bundles").raise_for_status().json()
    assert set(found) >= {"bundles", "balance"}
    assert all(
        {"id", "priceId", "minutes", "label", "unitPriceCents", "totalPriceCents", "sortOrder"} <= set(bundle)
        for bundle in found["bundles"]
    )


@pytest.mark.sandbox_only
@pytest.mark.documented("update_dvm_bundle")
def test_minutes_can_be_added_to_a_custom_bundle(api: httpx.Client, workspace: str) -> None:
    added = api.patch(f"{workspace}/dvm-bundles/{CUSTOM}", json={"addMinutes": 50}).raise_for_status().json()
    assert added["newTotalMinutes"] == added["previousTotalMinutes"] + added["addedMinutes"]
    assert added["bundle"]["minutesPerBundle"] == added["newTotalMinutes"]
    assert isinstance(added["balance"], str)


@pytest.mark.sandbox_only
@pytest.mark.documented("update_dvm_bundle:invalid_payload")
@pytest.mark.parametrize("minutes", [5, 5000])
def test_minutes_beyond_step_or_maximum_are_refused(api: httpx.Client, workspace: str, minutes: int) -> None:
    assert api.patch(f"{workspace}/dvm-bundles/{CUSTOM}", json={"addMinutes": minutes}).status_code == 400


@pytest.mark.sandbox_only
@pytest.mark.documented("cancel_dvm_bundle", "cancel_dvm_bundle:provider_error", "update_dvm_bundle:provider_error")
def test_bundle_can_be_cancelled_once(api: httpx.Client, workspace: str) -> None:
    body = {"subscriptionItemId": CUSTOM_ITEM}
    cancelled = api.post(f"{workspace}/dvm-bundles/cancel", json=body).raise_for_status().json()
    assert cancelled["status"] == "canceling"
    assert set(cancelled) >= {"endsAt", "message"}
    again = api.post(f"{workspace}/dvm-bundles/cancel", json=body)
    changed = api.patch(f"{workspace}/dvm-bundles/{CUSTOM}", json={"addMinutes": 10})
    for refused in (again, changed):
        assert refused.status_code == refused.json()["statusCode"] == 403
        assert refused.json()["code"] == "S403-UPLD"
