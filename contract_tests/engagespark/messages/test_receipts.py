"""What becomes of an SMS, and what is posted of it: https://openapi.engagespark.com/#operation/getSms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from contract_tests.receiver import Receiver
from sparkbox import World

pytestmark = pytest.mark.sandbox_only

Send = Callable[..., Any]

ERRORS = (
    "anti-spam filter",
    "blocked",
    "contact absent",
    "contact absent - permanent",
    "contact absent - temporary",
    "contact error",
    "contact phone issue",
    "expired",
    "message error",
    "network error",
    "no route",
    "not mobile number",
    "opted out of promotional messaging",
    "unknown",
    "unreachable",
)
"""As the documentation lists them; the sandbox's numbers for them go in this order."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def send(api: httpx.Client, sms: dict[str, Any]) -> Send:
    """Send an SMS and return its id; ``outcome`` are the last two digits of the number."""

    def post(outcome: str = "00", **fields: Any) -> Any:
        body = sms | {"fullPhoneNumber": f"6391755500{outcome}"} | fields
        return api.post("/v1/sms/phonenumber", json=body).raise_for_status().json()["messageId"]

    return post


@pytest.mark.documented("send_sms_to_number")
def test_receipt_is_posted_as_it_comes_in(
    api: httpx.Client, org: str, send: Send, receiver: Receiver, world: World
) -> None:
    id = send(clientPushURL=receiver.url, clientRef="mine")
    world.clock.advance(1)
    assert receiver.deliveries == []
    world.clock.advance(10)
    (delivery,) = receiver.deliveries
    assert delivery.headers["content-type"] == "application/json"
    assert (delivery.body["id"], delivery.body["client_ref"]) == (id, "mine")
    assert delivery.body == api.get(f"{org}/messages/{id}/").json()


@pytest.mark.assumed("send_sms_to_number")
def test_receipt_is_retried(send: Send, receiver: Receiver, world: World) -> None:
    receiver.status = 503
    send(clientPushURL=receiver.url)
    world.clock.advance(60)
    receiver.status = 200
    world.clock.advance(24 * 3600)
    assert len(receiver.deliveries) == 3
    assert receiver.deliveries[0].body == receiver.deliveries[2].body


@pytest.mark.documented("get_sms")
@pytest.mark.parametrize(("outcome", "error"), [(f"{number:02d}", error) for number, error in enumerate(ERRORS, 1)])
def test_receipt_has_the_delivery_error(
    api: httpx.Client, org: str, send: Send, world: World, outcome: str, error: str
) -> None:
    id = send(outcome)
    world.clock.advance(10)
    shown = api.get(f"{org}/messages/{id}/").json()
    assert (shown["deliveredToTelco"], shown["deliveredToPhone"]) == (True, "failed")
    assert (shown["deliveryError"], shown["error"]) == (error, "")


@pytest.mark.documented("get_sms", "list_sms")
def test_sms_that_the_telco_rejects_fails_and_is_refunded(
    api: httpx.Client, org: str, send: Send, world: World
) -> None:
    before = api.get(f"{org}/balance.json").json()["balanceMicro"]
    refused, undelivered = send("20"), send("03")
    world.clock.advance(10)
    shown = api.get(f"{org}/messages/{refused}/").json()
    assert (shown["done"], shown["deliveredToTelco"], shown["deliveredToPhone"]) == (True, False, "unknown")
    assert (shown["deliveryError"], shown["chargedMicro"]) == ("", 0)
    assert shown["error"]
    assert before - api.get(f"{org}/balance.json").json()["balanceMicro"] == 20_000
    for failed, ids in (("true", [refused]), ("false", [undelivered]), ("all", [undelivered, refused])):
        listed = api.get(f"{org}/messages/", params={"failed": failed}).json()["messages"]
        assert [message["id"] for message in listed] == ids


@pytest.mark.documented("get_sms")
def test_sms_is_retried_for_a_day(api: httpx.Client, org: str, send: Send, world: World) -> None:
    id = send("24")
    world.clock.advance(23.9 * 3600)
    assert api.get(f"{org}/messages/{id}/").json()["done"] is False
    world.clock.advance(3600)
    shown = api.get(f"{org}/messages/{id}/").json()
    assert (shown["done"], shown["deliveredToTelco"]) == (True, False)


@pytest.mark.documented("get_sms")
def test_charge_is_shown_in_cents_or_with_six_digits(api: httpx.Client, org: str, send: Send, world: World) -> None:
    two_cents, less = send(), send(fullPhoneNumber="12025550123")
    for id, micro, human in ((two_cents, 20_000, "0.02"), (less, 8_500, "0.008500")):
        shown = api.get(f"{org}/messages/{id}/").json()
        assert (shown["pricePerPart"], shown["chargedMicro"], shown["chargedHuman"]) == (micro, micro, human)


@pytest.mark.assumed("list_sms")
@pytest.mark.parametrize(("kind", "path"), [("sms", "messages"), ("whatsapp", "whatsapp")])
def test_incoming_message_is_listed_and_forwarded(
    api: httpx.Client, org: str, simulate: Callable[..., None], receiver: Receiver, world: World, kind: str, path: str
) -> None:
    simulate("webhooks", **{kind: receiver.url})
    simulate(f"inbound-{kind}", **{"from": "639171234567", "message": "Hello yourself"})
    world.clock.advance(1)
    (message,) = api.get(f"{org}/{path}/", params={"dir": "inbound"}).json()["messages"]
    assert (message["direction"], message["sender"], message["message"]) == (
        "ingress",
        "639171234567",
        "Hello yourself",
    )
    assert [delivery.body for delivery in receiver.deliveries] == [message]
    assert api.get(f"{org}/messages/", params={"dir": "outbound"}).json()["messages"] == []
