"""Simulations over the control API: listed, brought about in one account, refused with a reason."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from sparkbox.app import Application, create_app
from sparkbox.core.state.config import Settings
from sparkbox.testing.transport import Transport
from tests.control.harness import Harness

PATH = "/_mock/services/engagespark/simulations"
MARY = {"from": "639171234567", "message": "Hi"}


@pytest.fixture
def app() -> Application:
    return create_app(Settings(validate_responses=True))


@pytest.fixture
def client(app: Application) -> Iterator[httpx.Client]:
    with httpx.Client(transport=Transport(app), base_url="http://localhost") as client:
        yield client


def test_simulations_of_a_service_are_listed(client: httpx.Client) -> None:
    response = client.get(PATH).json()
    names = [simulation["name"] for simulation in response["simulations"]]
    assert names == ["balance", "inbound-sms", "inbound-whatsapp", "webhooks", "campaign"]
    assert response["total"] == 5
    inbound = response["simulations"][1]
    assert inbound["summary"].startswith("Receive an SMS")
    assert inbound["fields"]["required"] == ["from"]


def test_a_service_may_declare_none(harness: Harness) -> None:
    assert harness.get("services/post/simulations") == {"simulations": [], "total": 0}


def test_a_simulation_happens_in_the_account_named_and_makes_it(app: Application, client: httpx.Client) -> None:
    response = client.post(PATH + "/inbound-sms", params={"account": "mock-a"}, json=MARY)
    assert (response.status_code, response.json()["direction"]) == (200, "ingress")
    account = app.sandbox.accounts.find("mock-a")
    assert account is not None
    assert [event.type for event in account.events.oldest()] == ["received"]
    assert app.sandbox.accounts.find("mock-b") is None


def test_a_body_may_be_left_out(client: httpx.Client) -> None:
    response = client.post(PATH + "/balance", params={"account": "mock-a"})
    assert response.json()["balanceHuman"] == "100.00"


@pytest.mark.parametrize(
    ("path", "account", "body", "status", "part"),
    [
        (PATH + "/inbound-sms", None, MARY, 422, "account: is required"),
        (PATH + "/inbound-sms", "real-key", MARY, 404, "No account can be called 'real-key'"),
        (PATH + "/earthquake", "mock-a", {}, 404, "engagespark has no simulation 'earthquake'"),
        ("/_mock/services/nobody/simulations/x", "mock-a", {}, 404, "There is no service 'nobody'"),
        (PATH + "/inbound-sms", "mock-a", {}, 422, "from: is required"),
        (PATH + "/inbound-sms", "mock-a", {"from": "12"}, 422, "It cannot happen: invalid 'to' number"),
        (PATH + "/inbound-sms", "mock-a", MARY | {"url": "ftp://x/"}, 422, "It cannot happen: invalid 'url'"),
        (PATH + "/balance", "mock-a", {"balanceMicro": -1}, 422, "balanceMicro: "),
        (PATH + "/balance", "mock-a", [], 422, "should be an object"),
    ],
)
def test_impossible_simulation_is_refused_with_a_reason(
    client: httpx.Client, path: str, account: str | None, body: object, status: int, part: str
) -> None:
    response = client.post(path, params={} if account is None else {"account": account}, json=body)
    assert response.status_code == status
    assert part in response.json()["error"]["message"]
