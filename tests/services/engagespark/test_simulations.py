"""What can be brought about: messages that come in and are forwarded, money, campaigns."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from sparkbox.app import Application
from sparkbox.services.engagespark import SERVICE
from sparkbox.testing.transport import Transport
from tests.core.target import Target, response
from tests.services.engagespark.api import GLOBE, ORG, TOKEN, Api


def test_incoming_sms_is_listed_and_makes_a_contact(api: Api) -> None:
    shown = api.simulate("inbound-sms", from_=f"+{GLOBE}", message="Hi")
    assert shown == {
        "id": "SMS20260301T120000-500001-1",
        "direction": "ingress",
        "created": "2026-03-01T12:00:00Z",
        "sender": GLOBE,
        "recipient": "639189990001",
        "contactId": 100_001,
        "pricePerPart": 0,
        "done": True,
        "successPartCount": 0,
        "message": "Hi",
        "error": "",
        "deliveryError": "",
        "deliveredToTelco": False,
        "deliveredToPhone": "unknown",
        "client_ref": "",
        "chargedMicro": 0,
        "chargedHuman": "0.00",
    }
    assert api.shown(shown["id"]) == shown
    assert api.call("GET", f"{ORG}/contacts/100001/")["fullPhoneNumber"] == GLOBE
    assert [event.type for event in api.events] == ["received"]
    assert (api.messages, api.deliveries, api.micro) == ([], [], 100_000_000)


def test_incoming_whatsapp_message_may_have_files_and_a_location(api: Api) -> None:
    api.upload(("cat.jpg", b"x"))
    place = {"latitude": "43.58", "longitude": "1.44", "label": "Tower"}
    shown = api.simulate("inbound-whatsapp", from_=GLOBE, image="cat.jpg", location=place)
    assert shown["imageFiles"] == ["cat.jpg"]
    assert shown["location"] == place | {"address": ""}
    assert api.call("GET", f"{ORG}/whatsapp/{shown['id']}/") == shown
    assert api.call("GET", f"{ORG}/contacts/{shown['contactId']}/")["withBsuid"] is True
    api.simulate("inbound-whatsapp", 422, from_=GLOBE, document="none.pdf")


@pytest.mark.parametrize("name", ["sms", "whatsapp"])
def test_incoming_message_is_forwarded_with_retries(app: Application, name: str) -> None:
    async def forward() -> None:
        api = Api(app)
        path = "/_mock/services/engagespark/simulations/"
        async with (
            Target(response(500), response(200)) as target,
            httpx.AsyncClient(
                transport=Transport(app), base_url="http://localhost", params={"account": TOKEN}
            ) as control,
        ):
            configured = await control.post(path + "webhooks", json={name: target.url})
            assert configured.json()[name] == target.url
            shown = (await control.post(f"{path}inbound-{name}", json={"from": GLOBE, "message": "Hi"})).json()
            await app.sandbox.worker.advance(api.account, 60)
            assert [json.loads(body) for body in target.bodies] == [shown, shown]
            assert [(d.event, d.status) for d in api.deliveries] == [(f"inbound_{name}", "delivered")]
        await app.close()

    asyncio.run(forward())


def test_incoming_message_is_forwarded_to_its_own_url(api: Api) -> None:
    api.simulate("webhooks", sms="http://localhost:9/usual")
    api.simulate("inbound-sms", from_=GLOBE, message="a", url="http://localhost:9/other")
    api.simulate("inbound-sms", from_=GLOBE, message="b")
    api.simulate("webhooks", sms="")
    api.simulate("inbound-sms", from_=GLOBE, message="c")
    assert [delivery.url for delivery in api.deliveries] == ["http://localhost:9/other", "http://localhost:9/usual"]
    api.simulate("webhooks", 422, whatsapp="nowhere")


def test_stop_word_ends_all_subscriptions(api: Api) -> None:
    delay = {"unit": "hour", "value": 1}
    for campaign in (1001, 1002):
        api.call("POST", f"{ORG}/engagements/{campaign}/subscribe", {"fullPhoneNumber": GLOBE, "delay": delay})
    api.simulate("inbound-sms", from_=GLOBE, message=" Stop\n")
    api.clock.advance(7200)
    assert api.messages == []
    shown = api.call("GET", f"{ORG}/contacts/100001/", subscriptionstatus="1002")["subscription"]
    assert (shown["unsubbedCount"], shown["inProgressCount"]) == (1, 0)


def test_campaign_is_made_changed_and_stopped(api: Api) -> None:
    made = api.simulate("campaign", id=42, name="Mine", message="Hello {{contact.lastName}}", from_="ME")
    assert made == {
        "id": 42,
        "name": "Mine",
        "message": "Hello {{contact.lastName}}",
        "state": "launched",
        "open": True,
    }
    subscribe = f"{ORG}/engagements/42/subscribe"
    api.call("POST", subscribe, {"fullPhoneNumber": GLOBE, "contact": {"lastName": "Sue"}})
    api.clock.advance(1)
    assert [(message.sender, message.text) for message in api.messages] == [("ME", "Hello Sue")]
    assert api.simulate("campaign", id=42, open=False)["name"] == "Mine"
    api.clock.advance(10)
    assert api.refuse("POST", subscribe, {"fullPhoneNumber": GLOBE})[:2] == (400, "campaign.closed")


def test_balance_can_be_set(api: Api) -> None:
    shown = api.simulate("balance", balanceMicro=5, autoRecharge=True, autoRechargeThreshold=1.5)
    assert shown == api.call("GET", f"{ORG}/balance.json")
    assert (shown["balanceMicro"], shown["autoRechargeThreshold"], shown["autoRechargeAmount"]) == (5, 1.5, 100)
    assert api.simulate("balance") == shown


def test_incoming_message_needs_a_valid_number(api: Api) -> None:
    api.simulate("inbound-sms", from_="631234567890", message="Hi")
    api.simulate("inbound-sms", 422, from_="6312", message="Hi")


def test_every_simulation_is_in_the_docs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "engagespark-outcomes.md").read_text("utf-8")
    assert SERVICE.all_simulations
    for operation in SERVICE.all_simulations:
        assert f"\n- `{operation.path[1:]}`: " in page
