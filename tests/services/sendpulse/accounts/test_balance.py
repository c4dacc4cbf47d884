"""Balance, plans and the user."""

from __future__ import annotations

import pytest

from sparkbox.services.sendpulse.accounts import plans
from tests.services.sendpulse.api import Api


def test_balance_is_in_the_accounts_currency(api: Api) -> None:
    assert api.call("GET", "/balance") == {"currency": "USD", "balance_currency": 100.0}
    assert api.call("GET", "/balance/") == {"currency": "USD", "balance_currency": 100.0}


@pytest.mark.parametrize(
    ("requested", "currency", "amount"),
    [("USD", "USD", 100.0), ("eur", "EUR", 92.0), ("rub", "RUR", 9200.0), ("RUR", "RUR", 9200.0)],
)
def test_balance_is_shown_in_other_currencies(api: Api, requested: str, currency: str, amount: float) -> None:
    assert api.call("GET", f"/balance/{requested}") == {"currency": currency, "balance_currency": amount}


def test_unknown_currency_is_refused(api: Api) -> None:
    assert api.refuse("GET", "/balance/XYZ") == (422, 422, "Argument currency is invalid")


def test_details_name_money_and_plans(api: Api) -> None:
    api.new_list("Readers", "a@example.org", "b@example.org")
    assert api.call("GET", "/user/balance/detail") == {
        "balance": {"main": "100.00", "bonus": "5.00", "currency": "USD"},
        "email": {
            "tariff_name": "Free",
            "finished_time": "2036-03-01 12:00:00",
            "emails_left": 15_000,
            "maximum_subscribers": 500,
            "current_subscribers": 2,
        },
        "smtp": {"tariff_name": "SMTP Free", "end_date": "2036-03-01 12:00:00", "auto_renew": 1},
        "push": {"tariff_name": "Push Free", "end_date": "2036-03-01", "auto_renew": 1},
    }


def test_changed_plan_shows_in_the_details(api: Api) -> None:
    plans.change(api.ctx, category="enterprise", main=936, emails_left=9_914)
    details = api.call("GET", "/user/balance/detail")
    assert details["balance"]["main"] == "9.36"
    assert (details["email"]["tariff_name"], details["email"]["emails_left"]) == ("Enterprise", 9_914)
    assert api.call("GET", "/balance")["balance_currency"] == 9.36


def test_user_info_tests_credentials(api: Api) -> None:
    info = api.call("GET", "/user/info")
    assert isinstance(info.pop("id"), int)
    assert info == {"email": "owner@example.com", "name": "Mock Owner", "tariff_name": "Free", "currency": "USD"}
    api.http.headers["Authorization"] = "Bearer wrong"
    assert api.refuse("GET", "/user/info") == (401, 401, "Unauthorized!")
