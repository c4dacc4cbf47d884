"""https://developers.sparkpost.com/api/account/"""

from __future__ import annotations

import httpx
import pytest

from contract_tests.sparkpost.responses import INVALID, api_error, error, results

PATH = "/api/v1/account"


@pytest.mark.documented("retrieve_account")
def test_an_account_shows_its_plan_and_its_options(api: httpx.Client) -> None:
    account = results(api.get(PATH))
    assert account["status"] in ("active", "suspended", "pending")
    assert account["subscription"]["plan_volume"] >= 0
    assert account["options"]["smtp_tracking_default"] in (True, False)
    assert "usage" not in account


@pytest.mark.documented("retrieve_account")
def test_usage_is_included_on_request(api: httpx.Client) -> None:
    usage = results(api.get(PATH, params={"include": "usage"}))["usage"]
    assert 0 <= usage["day"]["used"] <= usage["month"]["used"]
    assert usage["month"]["start"] < usage["month"]["end"]


@pytest.mark.documented("update_account", "retrieve_account")
@pytest.mark.sandbox_only
def test_account_options_can_be_changed_one_by_one(api: httpx.Client) -> None:
    changed = results(api.put(PATH, json={"company_name": "Example Inc", "options": {"smtp_tracking_default": True}}))
    assert changed == {"message": "Account has been updated"}
    account = results(api.get(PATH))
    assert account["company_name"] == "Example Inc"
    assert (account["options"]["smtp_tracking_default"], account["options"]["rest_tracking_default"]) == (True, True)


@pytest.mark.documented("update_account:invalid_data")
def test_account_option_must_be_a_boolean(api: httpx.Client) -> None:
    response = api.put(PATH, json={"options": {"smtp_tracking_default": "yes"}})
    field = "options.smtp_tracking_default"
    text = f"field '{field}' is of type 'string', but needs to be of type 'boolean'"
    assert api_error(response) == (422, error(INVALID, "1300", text))
