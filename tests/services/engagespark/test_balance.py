"""The balance: how it is shown, what is taken from it, and what happens when it is gone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.services.engagespark import money

from .room import GLOBE, ORG, Room


def test_a_new_account_has_a_hundred_dollars(room: Room) -> None:
    assert room.call("GET", f"{ORG}/balance.json") == {
        "balance": 100.0,
        "balanceMicro": 100_000_000,
        "balanceHuman": "100.00",
        "autoRecharge": False,
        "autoRechargeThreshold": 50.0,
        "autoRechargeAmount": 100.0,
    }


def test_whole_dollars_are_whole_numbers(room: Room) -> None:
    assert b'"balance":100,' in room.send("GET", f"{ORG}/balance.json").content
    room.sms()
    assert b'"balance":99.98,' in room.send("GET", f"{ORG}/balance.json").content


def test_the_human_balance_is_rounded_down(room: Room) -> None:
    room.simulate("balance", balanceMicro=3_149_999)
    shown = room.call("GET", f"{ORG}/balance.json")
    assert (shown["balance"], shown["balanceHuman"]) == (3.149999, "3.14")


@given(st.integers(0, 10**12))
def test_cents_are_rounded_down_and_have_two_digits(micro: int) -> None:
    whole, cents = money.cents(micro).split(".")
    assert len(cents) == 2
    assert 0 <= micro - (int(whole) * 100 + int(cents)) * 10_000 < 10_000


@pytest.mark.parametrize(
    ("micro", "shown"), [(40_000, "0.04"), (8_500, "0.008500"), (0, "0.00"), (1_000_001, "1.000001")]
)
def test_an_exact_amount_has_six_digits_only_below_a_cent(micro: int, shown: str) -> None:
    assert money.exact(micro) == shown


def test_an_sms_is_paid_for_by_the_part(room: Room) -> None:
    sent = room.sms(message="a" * 161)
    assert (sent["estimateParts"], sent["estimateMicro"], sent["estimate"]) == (2, 20_000, "0.04")
    assert room.micro == 100_000_000 - 40_000


def test_cents_of_an_estimate_are_rounded_down(room: Room) -> None:
    sent = room.sms("12025550123", "a" * 161)
    assert (sent["estimateMicro"], sent["estimate"]) == (8_500, "0.01")
    shown = room.shown(sent["messageId"])
    assert (shown["chargedMicro"], shown["chargedHuman"]) == (17_000, "0.017000")


def test_the_last_money_can_be_spent_and_no_more(room: Room) -> None:
    room.simulate("balance", balanceMicro=59_999)
    room.sms()
    room.sms()
    body = {"orgId": 1, "message": "Hello", "to": GLOBE}
    answer = room.send("POST", "/v1/sms/phonenumber", body)
    assert (answer.status_code, answer.json()) == (402, {"error": "insufficient funds"})
    assert room.micro == 19_999
    assert len(room.messages) == 2


def test_nothing_is_left_behind_by_what_cannot_be_paid(room: Room) -> None:
    room.simulate("balance", balanceMicro=0)
    for path in ("/v1/sms/contact", "/v1/whatsapp/contact"):
        fields = {"orgId": 1, "from": "639189990000", "message": "Hello", "fullPhoneNumber": GLOBE}
        assert room.refuse("POST", path, fields)[0] == 402
    assert room.refuse("POST", f"{ORG}/topup/", {"maxAmount": 25, "fullPhoneNumber": GLOBE})[0] == 402
    assert room.call("GET", f"{ORG}/contacts/")["total"] == 0
    assert room.call("GET", f"{ORG}/messages/")["messages"] == []
    assert room.call("GET", f"{ORG}/topups/")["topups"] == []
    assert room.messages == []


def test_an_automatic_recharge_keeps_money_coming(room: Room) -> None:
    room.simulate(
        "balance", balanceMicro=50_010_000, autoRecharge=True, autoRechargeThreshold=50, autoRechargeAmount=10
    )
    room.sms()
    assert room.micro == 59_990_000
    room.sms()
    assert room.micro == 59_970_000


def test_another_organization_is_not_found(room: Room) -> None:
    for id in ("2", "01", "one", "%20"):
        answer = room.send("GET", f"/v1/organizations/{id}/balance.json")
        assert (answer.status_code, answer.json()) == (404, {"error": "Not found"})
