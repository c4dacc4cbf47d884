"""https://sendpulse.com/integrations/api/bulk-email#balance"""

from __future__ import annotations

import httpx
import pytest

from contract_tests.sendpulse.responses import api_error, result


@pytest.mark.documented("get_balance")
def test_balance_has_a_currency(api: httpx.Client) -> None:
    balance = result(api.get("/balance"))
    assert len(balance["currency"]) == 3
    assert balance["balance_currency"] >= 0


@pytest.mark.observed("get_balance_in")
def test_balance_in_roubles_has_currency_rur(api: httpx.Client) -> None:
    assert result(api.get("/balance/rub"))["currency"] == "RUR"


@pytest.mark.documented("get_balance_in")
def test_balance_is_shown_in_another_currency(api: httpx.Client) -> None:
    assert result(api.get("/balance/eur"))["currency"] == "EUR"


@pytest.mark.observed("get_balance_details")
def test_balance_details_have_money_as_text(api: httpx.Client) -> None:
    details = result(api.get("/user/balance/detail"))
    assert isinstance(details["balance"]["main"], str)
    assert details["email"]["maximum_subscribers"] >= details["email"]["current_subscribers"]


@pytest.mark.assumed("get_user_info")
@pytest.mark.sandbox_only
def test_user_info_tests_credentials(api: httpx.Client) -> None:
    assert "@" in result(api.get("/user/info"))["email"]


@pytest.mark.documented("get_balance_in:argument_invalid")
def test_unknown_currency_is_refused(api: httpx.Client) -> None:
    assert api_error(api.get("/balance/xyz")) == (422, 422, "Argument currency is invalid")
