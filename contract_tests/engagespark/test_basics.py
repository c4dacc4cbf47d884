"""What holds for all of the API: tokens, what is not found, trouble on the server's side; and the balance."""

from __future__ import annotations

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.engagespark.target import Engagespark
from sparkbox import World


@pytest.mark.documented("get_balance")
def test_balance_is_shown_in_three_ways(api: httpx.Client, org: str) -> None:
    response = api.get(f"{org}/balance.json").raise_for_status().json()
    micro = response["balanceMicro"]
    assert response["balance"] == pytest.approx(micro / 1_000_000)
    whole, cents = response["balanceHuman"].split(".")
    assert len(cents) == 2
    assert int(whole) * 100 + int(cents) == micro // 10_000


@pytest.mark.documented("get_balance:unauthorized")
@pytest.mark.parametrize("header", [None, "Token wrong", "{token}", "Bearer {token}"])
def test_token_needs_the_word_token(api: httpx.Client, org: str, account: Engagespark, header: str | None) -> None:
    del api.headers["Authorization"]
    headers = {} if header is None else {"Authorization": header.format(token=account.token)}
    response = api.get(f"{org}/balance.json", headers=headers)
    assert (response.status_code, response.json()) == (401, {"error": "Invalid Token"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        case("get_sms:not_found", "GET", "messages/none/"),
        case("get_topup:not_found", "GET", "topups/none/"),
        case("get_whatsapp:not_found", "GET", "whatsapp/none/"),
        case("download_file:not_found", "GET", "files/contract-none.mp3"),
        case("update_file:not_found", "POST", "files/contract-none.mp3"),
        case("delete_file:not_found", "DELETE", "files/contract-none.mp3"),
    ],
)
def test_unknown_id_is_not_found(api: httpx.Client, org: str, method: str, path: str) -> None:
    response = api.request(method, f"{org}/{path}", json={} if method == "POST" else None)
    assert (response.status_code, response.json()) == (404, {"error": "Not found"})


@pytest.mark.observed("get_balance", "list_sms", "list_contacts")
def test_trailing_slash_makes_no_difference(api: httpx.Client, org: str) -> None:
    for path in ("balance.json", "messages", "contacts"):
        assert api.get(f"{org}/{path}").status_code == api.get(f"{org}/{path}/").status_code == 200


@pytest.mark.documented("get_balance:crashed")
@pytest.mark.sandbox_only
def test_internal_server_error_is_text(api: httpx.Client, org: str, world: World) -> None:
    world.faults.add("engagespark", status=500)
    response = api.get(f"{org}/balance.json")
    assert response.status_code == 500
    assert not response.headers["content-type"].startswith("application/json")
