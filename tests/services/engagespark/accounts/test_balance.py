"""The balance: how it is shown, what is taken from it, and what happens when it is gone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from sparkbox.services.engagespark.accounts import money
from tests.services.engagespark.api import GLOBE, ORG, Api


def test_new_account_has_a_hundred_dollars(api: Api) -> None:
    assert api.call("GET", f"{ORG}/balance.json") == {
        "balance": 100.0,
        "balanceMicro": 100_000_000,
        "balanceHuman": "100.00",
        "autoRecharge": False,
        "autoRechargeThreshold": 50.0,
        "autoRechargeAmount": 100.0,
    }


def test_whole_dollars_are_whole_numbers(api: Api) -> None:
    assert b'"balance":100,' in api.send("GET", f"{ORG}/balance.json").content
    api.sms()
    assert b'"balance":99.98,' in api.send("GET", f"{ORG}/balance.json").content


def test_human_balance_is_rounded_down(api: Api) -> None:
    api.simulate("balance", balanceMicro=3_149_999)
    shown = api.call("GET", f"{ORG}/balance.json")
    assert (shown["balance"], shown["balanceHuman"]) == (3.149999, "3.14")


@given(st.integers(0, 10**12))
def test_cents_are_rounded_down_and_have_two_digits(micro: int) -> None:
    whole, cents = money.cents(micro).split(".")
    assert len(cents) == 2
    assert 0 <= micro - (int(whole) * 100 + int(cents)) * 10_000 < 10_000


@pytest.mark.parametrize(
    ("micro", "shown"), [(40_000, "0.04"), (8_500, "0.008500"), (0, "0.00"), (1_000_001, "1.000001")]
)
def test_exact_amount_has_six_digits_only_below_a_cent(micro: int, shown: str) -> None:
    assert money.exact(micro) == shown


def test_sms_is_paid_for_by_the_part(api: Api) -> None:
    sent = api.sms(message="a" * 161)
    assert (sent["estimateParts"], sent["estimateMicro"], sent["estimate"]) == (2, 20_000, "0.04")
    assert api.micro == 100_000_000 - 40_000


def test_cents_of_an_estimate_are_rounded_down(api: Api) -> None:
    sent = api.sms("12025550123", "a" * 161)
    assert (sent["estimateMicro"], sent["estimate"]) == (8_500, "0.01")
    shown = api.shown(sent["messageId"])
    assert (shown["chargedMicro"], shown["chargedHuman"]) == (17_000, "0.017000")


def test_balance_can_be_spent_to_zero_and_no_further(api: Api) -> None:
    api.simulate("balance", balanceMicro=59_999)
    api.sms()
    api.sms()
    body = {"orgId": 1, "message": "Hello", "to": GLOBE}
    response = api.send("POST", "/v1/sms/phonenumber", body)
    assert (response.status_code, response.json()) == (402, {"error": "insufficient funds"})
    assert api.micro == 19_999
    assert len(api.messages) == 2


def test_request_without_funds_changes_nothing(api: Api) -> None:
    api.simulate("balance", balanceMicro=0)
    for path in ("/v1/sms/contact", "/v1/whatsapp/contact"):
        fields = {"orgId": 1, "from": "639189990000", "message": "Hello", "fullPhoneNumber": GLOBE}
        assert api.refuse("POST", path, fields)[0] == 402
    assert api.refuse("POST", f"{ORG}/topup/", {"maxAmount": 25, "fullPhoneNumber": GLOBE})[0] == 402
    assert api.call("GET", f"{ORG}/contacts/")["total"] == 0
    assert api.call("GET", f"{ORG}/messages/")["messages"] == []
    assert api.call("GET", f"{ORG}/topups/")["topups"] == []
    assert api.messages == []


numbers = st.sampled_from(
    [GLOBE, "12025550123", *(f"6391755500{code}" for code in ("00", "03", "20", "22", "23", "24"))]
)
deeds = st.one_of(
    st.tuples(st.sampled_from(["sms", "whatsapp", "topup", "queued", "campaign", "many"]), numbers),
    st.tuples(st.just("wait"), st.sampled_from([1, 3, 61, 3600, 90_000])),
)


def do(api: Api, deed: str, value: Any) -> None:
    """One thing that costs, or some time."""
    fields = {"orgId": 1, "from": "639189990000", "message": "a" * 161, "fullPhoneNumber": value}
    requests: dict[str, tuple[str, Any]] = {
        "sms": ("/v1/sms/contact", fields),
        "whatsapp": ("/v1/whatsapp/contact", fields),
        "topup": (f"{ORG}/topup/", {"fullPhoneNumber": value, "maxAmount": 30}),
        "queued": (f"{ORG}/topup/", {"fullPhoneNumber": value, "maxAmount": 300, "async": True}),
        "campaign": (f"{ORG}/engagements/1001/subscribe", {"fullPhoneNumber": value}),
        "many": ("/api/v1/messages/sms", {"organization_id": 1, "mobile_numbers": [value, GLOBE], "message": "Hi"}),
    }
    if deed == "wait":
        api.clock.advance(value)
    else:
        assert api.send("POST", *requests[deed]).status_code in (200, 202, 400, 402)


@settings(max_examples=40, deadline=None)
@given(st.lists(deeds, max_size=12), st.sampled_from([100_000_000, 10_000_000, 100_000, 0]))
def test_balance_equals_what_was_charged(sequence: list[tuple[str, Any]], beginning: int) -> None:
    api = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
    api.simulate("balance", balanceMicro=beginning)
    for deed, value in sequence:
        do(api, deed, value)
        assert 0 <= api.micro <= beginning
    api.clock.advance(48 * 3600)
    charged = sum(sms["chargedMicro"] for sms in api.call("GET", f"{ORG}/messages/")["messages"])
    charged += sum(message["charged"] for message in api.call("GET", f"{ORG}/whatsapp/")["messages"])
    topups = api.call("GET", f"{ORG}/topups/")["topups"]
    charged += sum(round(topup["priceCharged"] * money.MICRO) for topup in topups)
    assert api.micro == beginning - charged
    assert all(topup["done"] for topup in topups)
    api.http.close()


def test_automatic_recharge_raises_the_balance(api: Api) -> None:
    api.simulate("balance", balanceMicro=50_010_000, autoRecharge=True, autoRechargeThreshold=50, autoRechargeAmount=10)
    api.sms()
    assert api.micro == 59_990_000
    api.sms()
    assert api.micro == 59_970_000


def test_another_organization_is_not_found(api: Api) -> None:
    for id in ("2", "01", "one", "%20"):
        response = api.send("GET", f"/v1/organizations/{id}/balance.json")
        assert (response.status_code, response.json()) == (404, {"error": "Not found"})
