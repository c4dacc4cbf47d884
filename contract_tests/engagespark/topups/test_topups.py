"""Top-ups: https://openapi.engagespark.com/#tag/Top-Up. A test costs nothing, and says what would have been done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

GLOBE, SMART = "639171234567", "639181234567"


@pytest.mark.documented("send_topup")
@pytest.mark.parametrize(
    ("number", "fields", "sent"),
    [
        (GLOBE, {"maxAmount": 25}, 25),
        (SMART, {"maxAmount": 25}, 20),
        (SMART, {"desiredAmount": 20, "maxAmount": 30}, 20),
        (GLOBE, {"desiredAmount": 20, "maxAmount": 30}, 25),
        (GLOBE, {"desiredAmount": "20", "maxAmount": "30"}, 25),
    ],
)
def test_amount_is_one_that_the_operator_offers(
    api: httpx.Client, org: str, number: str, fields: dict[str, Any], sent: int
) -> None:
    body = {"fullPhoneNumber": number, "test": True} | fields
    response = api.post(f"{org}/topup/", json=body).raise_for_status().json()
    assert (response["amountSent"], response["currency"]) == (sent, "PHP")


@pytest.mark.documented("send_topup:nothing_offered")
def test_topup_below_all_offers_is_an_error(api: httpx.Client, org: str) -> None:
    response = api.post(f"{org}/topup/", json={"fullPhoneNumber": GLOBE, "maxAmount": 1, "test": True})
    assert response.status_code == 400
    assert response.json()["error"]


@pytest.mark.observed("send_topup:invalid_number")
def test_invalid_number_is_an_error(api: httpx.Client, org: str) -> None:
    body = {"fullPhoneNumber": "6305", "maxAmount": 25, "test": True}
    assert api.post(f"{org}/topup/", json=body).status_code == 400


@pytest.mark.sandbox_only
@pytest.mark.documented("send_topup:insufficient_funds")
def test_nothing_is_sent_without_funds(api: httpx.Client, org: str, simulate: Callable[..., None]) -> None:
    simulate("balance", balanceMicro=0)
    response = api.post(f"{org}/topup/", json={"fullPhoneNumber": GLOBE, "maxAmount": 25})
    assert (response.status_code, response.json()["error"]) == (402, "insufficient funds")


@pytest.mark.charges
@pytest.mark.documented("send_topup", "get_topup", "list_topups")
def test_queued_topup_is_done_in_the_end(
    api: httpx.Client,
    org: str,
    account: Any,
    name: Callable[[str], str],
    eventually: Callable[[Callable[[], Any]], Any],
) -> None:
    reference = name("topup")
    body = {"fullPhoneNumber": account.recipient, "maxAmount": 25, "async": True, "clientRef": reference}
    response = api.post(f"{org}/topup/", json=body)
    assert (response.status_code, response.json()["queued"]) == (202, True)

    def done() -> Any:
        shown = api.get(f"{org}/topups/{response.json()['id']}/").raise_for_status().json()
        return shown if shown["done"] else None

    shown = eventually(done)
    assert (shown["success"], shown["topupReceived"], shown["clientRef"]) == (
        True,
        response.json()["amountSent"],
        reference,
    )
    listed = api.get(f"{org}/topups/", params={"limit": 10}).raise_for_status().json()
    assert reference in [topup["clientRef"] for topup in listed["topups"]]


@pytest.mark.sandbox_only
@pytest.mark.documented("send_topup", "get_topup")
def test_topup_that_fails_is_retried_and_given_up(
    api: httpx.Client, org: str, pass_time: Callable[[float], object]
) -> None:
    response = api.post(f"{org}/topup/", json={"fullPhoneNumber": "639175550024", "maxAmount": 25})
    assert (response.status_code, response.json()["queued"]) == (202, True)
    path = f"{org}/topups/{response.json()['id']}/"
    pass_time(3.5 * 3600)
    assert api.get(path).json()["done"] is False
    pass_time(1.5 * 3600)
    given_up = api.get(path).json()
    assert (given_up["done"], given_up["success"], given_up["priceCharged"]) == (True, False, 0)
