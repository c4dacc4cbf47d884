"""Top-ups: which amount is sent, at once or from the queue, and what becomes of it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from sparkbox.services.engagespark.accounts.money import MICRO
from sparkbox.services.engagespark.topups import operators
from sparkbox.services.engagespark.topups.operators import ANY, OPERATORS
from tests.services.engagespark.api import GLOBE, ORG, SMART, Api
from tests.services.view import NOW

TOPUP = f"{ORG}/topup/"
FAILS_ONCE, FAILS, REFUSED = "639175550023", "639175550024", "639175550020"


@pytest.mark.parametrize(
    ("number", "fields", "sent"),
    [
        (GLOBE, {"maxAmount": 25}, 25),
        (SMART, {"maxAmount": 25}, 20),
        (SMART, {"maxAmount": 30, "desiredAmount": 20}, 20),
        (GLOBE, {"maxAmount": 30, "desiredAmount": 20}, 25),
        (GLOBE, {"maxAmount": "25"}, 25),
        (SMART, {"maxAmount": "30", "desiredAmount": "20"}, 20),
        (GLOBE, {"maxAmount": 24.99}, 15),
        (GLOBE, {"maxAmount": "25.00"}, 25),
        (GLOBE, {"maxAmount": 20, "desiredAmount": 16}, 15),
        (GLOBE, {"maxAmount": 30, "desiredAmount": 40}, 25),
        (GLOBE, {"maxAmount": 30, "desiredAmount": ""}, 25),
    ],
)
def test_amounts_are_as_documented(api: Api, number: str, fields: dict[str, Any], sent: int) -> None:
    response = api.call("POST", TOPUP, {"fullPhoneNumber": number} | fields)
    assert (response["amountSent"], response["currency"], response["queued"]) == (sent, "PHP", False)
    assert response["price"] == sent * 0.02


amounts = st.lists(st.integers(1, 10_000), max_size=12)
wishes = st.decimals(0, 20_000, places=2)


@given(amounts, wishes, st.none() | wishes)
def test_chosen_amount_is_offered_and_at_most_the_maximum(
    offered: list[int], most: Decimal, desired: Decimal | None
) -> None:
    chosen = operators.choose(offered, most, desired)
    affordable = [amount for amount in offered if amount <= most]
    if chosen is None:
        assert affordable == []
        return
    assert chosen in affordable
    enough = [amount for amount in affordable if desired is not None and amount >= desired]
    assert chosen == (min(enough) if enough else max(affordable))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [GLOBE, SMART, "639921234567", "254712345678", "2348031234567", "919876543210", "12025550123"]
            ),
            st.integers(0, 1100),
            st.none() | st.integers(1, 1100),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_request_sends_an_amount_of_the_operator(requests: list[tuple[str, int, int | None]]) -> None:
    api = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
    api.simulate("balance", balanceMicro=10**12)
    for number, most, desired in requests:
        body = {"fullPhoneNumber": number, "maxAmount": most, "desiredAmount": desired}
        response = api.send("POST", TOPUP, body)
        offered = operators.of(number).amounts
        if most < min(offered):
            assert (response.status_code, response.json()["errorCode"]) == (400, "topup.amount")
            continue
        sent = api.call("GET", f"{ORG}/topups/{response.json()['id']}/")["topupReceived"]
        assert sent == response.json()["amountSent"]
        assert sent in offered
        assert sent <= most
        between = [amount for amount in offered if min(sent, desired or most) < amount < max(sent, desired or most)]
        assert not [amount for amount in between if amount <= most], "another amount would have been closer"
    api.http.close()


@given(st.sampled_from([*OPERATORS.values(), ANY]), st.integers(0, 2_000_000))
def test_chosen_amount_is_correct_for_every_operator(operator: operators.Operator, most: int) -> None:
    chosen = operators.choose(operator.amounts, Decimal(most))
    assert chosen is None or (chosen in operator.amounts and chosen <= most)
    assert list(operator.amounts) == sorted(set(operator.amounts))


def test_every_operator_is_in_the_docs() -> None:
    page = (Path(__file__).parents[4] / "docs" / "engagespark-outcomes.md").read_text("utf-8")
    tables = {", ".join(filter(None, (region, name or "others"))): table for (region, name), table in OPERATORS.items()}
    for who, table in {**tables, "anywhere else": ANY}.items():
        price = f"{Decimal(table.rate) / MICRO:f}"
        columns = f"{table.currency} | {', '.join(map(str, table.amounts))} | {price}"
        assert f"| {who} | {columns} |" in page or f"| {who.removesuffix(', others')} | {columns} |" in page


def test_other_countries_have_tables_or_dollars(api: Api) -> None:
    assert api.topup("254712345678", 60)["currency"] == "KES"
    sent = api.topup("12025550123", 7)
    assert (sent["currency"], sent["amountSent"]) == ("USD", 5)


def test_topup_below_all_offers_is_an_error(api: Api) -> None:
    refused = api.refuse("POST", TOPUP, {"fullPhoneNumber": GLOBE, "maxAmount": 9})
    assert refused == (400, "topup.amount", "Globe offers no top-up of 9 PHP or less")
    assert api.refuse("POST", TOPUP, {"fullPhoneNumber": GLOBE, "maxAmount": 0})[:2] == (400, "topup.amount")
    assert api.call("GET", f"{ORG}/contacts/")["total"] == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"maxAmount": "x"},
        {"maxAmount": -1},
        {"maxAmount": True},
        {"maxAmount": []},
        {"maxAmount": "1e999"},
        {"maxAmount": ""},
        {"maxAmount": 25, "desiredAmount": "NaN"},
        {"maxAmount": 25, "async": "perhaps"},
        {"maxAmount": float("1e300")},
    ],
)
def test_invalid_fields_are_an_error(api: Api, fields: dict[str, Any]) -> None:
    assert api.refuse("POST", TOPUP, {"fullPhoneNumber": GLOBE} | fields)[:2] == (400, "request.invalid")


def test_max_amount_is_required(api: Api) -> None:
    assert api.refuse("POST", TOPUP, {"fullPhoneNumber": GLOBE}) == (
        400,
        "request.missing",
        "missing field 'maxAmount'",
    )


def test_topup_done_at_once_is_shown_with_all_fields(api: Api) -> None:
    api.contact(firstName="Mary", lastName="Sue")
    id = api.topup(clientRef="ref")["id"]
    assert api.call("GET", f"{ORG}/topups/{id}/") == {
        "id": id,
        "done": True,
        "success": True,
        "error": "",
        "clientRef": "ref",
        "topupCurrency": "PHP",
        "topupReceived": 25,
        "priceCharged": 0.5,
        "firstName": "Mary",
        "lastName": "Sue",
    }
    assert api.micro == 99_500_000
    message = api.messages[0]
    assert (message.channel, message.to, message.subject, message.status) == ("topup", GLOBE, "PHP 25", "delivered")
    assert json.loads(message.metadata) == {
        "contactId": 100_001,
        "amount": 25,
        "currency": "PHP",
        "operator": "Globe",
        "price": 0.5,
        "clientRef": "ref",
    }


def test_test_topup_sends_nothing(api: Api) -> None:
    response = api.topup(test=True)
    assert response == {"id": "", "currency": "PHP", "amountSent": 25, "price": 0.5, "queued": False}
    assert api.micro == 100_000_000
    assert api.messages == []
    assert api.call("GET", f"{ORG}/topups/")["topups"] == []
    assert api.call("GET", f"{ORG}/contacts/")["total"] == 0


def test_asynchronous_topup_is_queued_and_then_done(api: Api) -> None:
    response = api.topup(status=202, async_=True)
    assert (response["queued"], response["amountSent"], response["price"]) == (True, 25, 0.5)
    path = f"{ORG}/topups/{response['id']}/"
    waiting = api.call("GET", path)
    assert (waiting["done"], waiting["success"], waiting["topupReceived"], waiting["priceCharged"]) == (
        False,
        False,
        0,
        0,
    )
    api.clock.advance(2)
    done = api.call("GET", path)
    assert (done["done"], done["success"], done["topupReceived"]) == (True, True, 25)


def tries(api: Api) -> list[int]:
    """How many seconds after the first request the queue was looked at, as long as there is something in it."""
    found = []
    while (due := api.clock.next_at) is not None:
        found.append(round(due - NOW))
        api.clock.set(due, frozen=True)
    return found


def test_topup_that_fails_at_first_is_queued_and_retried(api: Api) -> None:
    id = api.topup(FAILS_ONCE, status=202)["id"]
    assert tries(api) == [60]
    assert api.call("GET", f"{ORG}/topups/{id}/")["success"] is True


def test_topup_retries_follow_the_documented_schedule(api: Api) -> None:
    id = api.topup(FAILS, status=202)["id"]
    assert tries(api) == [60, 180, 480, 2280, 5880, 13_080]
    given_up = api.call("GET", f"{ORG}/topups/{id}/")
    assert (given_up["done"], given_up["success"], given_up["error"]) == (True, False, "operator unavailable")
    assert (given_up["topupReceived"], given_up["priceCharged"]) == (0, 0)
    assert api.micro == 100_000_000
    assert api.messages[0].status == "failed"


def test_asynchronous_topups_have_the_same_retry_schedule(api: Api) -> None:
    api.topup(FAILS, status=202, async_=True)
    assert tries(api) == [2, 62, 182, 482, 2282, 5882, 13_082]


def test_topup_that_the_operator_rejects_is_not_retried(api: Api) -> None:
    id = api.topup(REFUSED, status=202)["id"]
    assert tries(api) == [60]
    assert api.call("GET", f"{ORG}/topups/{id}/")["error"] == "rejected by the operator"


@pytest.mark.parametrize("id", ["x", "TOPUP-1", "TOPUP-1-1", "TOPUP20260301T120000-2-1", "TOPUP-９-1"])
def test_unknown_topup_is_not_found(api: Api, id: str) -> None:
    api.topup()
    assert api.refuse("GET", f"{ORG}/topups/{id}/") == (404, None, "Not found")


def test_another_organization_is_not_found(api: Api) -> None:
    body = {"fullPhoneNumber": GLOBE, "maxAmount": 25}
    assert api.refuse("POST", TOPUP.replace("/1/", "/2/"), body) == (404, None, "Not found")
