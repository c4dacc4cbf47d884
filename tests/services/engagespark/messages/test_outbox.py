"""SMS on their way: outcomes by number, what the network loses, retries until the deadline, receipts pushed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from sparkbox.app import Application
from sparkbox.services.engagespark.messages import outcomes
from sparkbox.services.engagespark.messages.models import Sms
from sparkbox.services.engagespark.messages.outcomes import DELIVERY_ERRORS
from tests.core.target import Target, response
from tests.services.engagespark.api import GLOBE, ORG, Api
from tests.services.view import NOW

MAGIC = "639175550"


def standing(api: Api, message_id: str) -> tuple[bool, bool, str, str, str]:
    """Done, with the telco, with the phone, and the two errors."""
    sms = api.shown(message_id)
    return sms["done"], sms["deliveredToTelco"], sms["deliveredToPhone"], sms["error"], sms["deliveryError"]


def test_sms_goes_to_the_telco_and_then_to_the_phone(api: Api) -> None:
    id = api.sms()["messageId"]
    assert standing(api, id) == (False, False, "unknown", "", "")
    api.clock.advance(1)
    assert standing(api, id) == (True, True, "unknown", "", "")
    api.clock.advance(2)
    assert standing(api, id) == (True, True, "confirmed", "", "")
    assert [event.type for event in api.events] == ["accepted", "sent", "delivered"]
    assert api.messages[0].status == "delivered"


@pytest.mark.parametrize(("code", "error"), list(enumerate(DELIVERY_ERRORS, 1)))
def test_each_delivery_error_has_a_test_number(api: Api, code: int, error: str) -> None:
    id = api.sms(f"{MAGIC}0{code:02d}")["messageId"]
    api.clock.advance(3)
    assert standing(api, id) == (True, True, "failed", "", error)
    assert api.messages[0].status == "undelivered"
    assert api.shown(id)["chargedMicro"] == 20_000


def test_test_numbers_work_in_any_country(api: Api) -> None:
    id = api.sms("12025550002")["messageId"]
    api.clock.advance(3)
    assert standing(api, id)[4] == "blocked"


def test_undelivered_sms_is_refunded(api: Api) -> None:
    id = api.sms(f"{MAGIC}020")["messageId"]
    api.clock.advance(3)
    assert standing(api, id) == (True, False, "unknown", "rejected by the telco", "")
    sms = api.shown(id)
    assert (sms["chargedMicro"], sms["chargedHuman"], sms["successPartCount"]) == (0, "0.00", 0)
    assert "successT" not in sms
    assert api.micro == 100_000_000
    assert api.messages[0].status == "failed"


def test_slow_receipt_takes_an_hour(api: Api) -> None:
    id = api.sms(f"{MAGIC}021")["messageId"]
    api.clock.advance(3600)
    assert standing(api, id)[2] == "unknown"
    api.clock.advance(1)
    assert standing(api, id)[2] == "confirmed"


def test_receipt_may_never_come(api: Api) -> None:
    id = api.sms(f"{MAGIC}022")["messageId"]
    api.clock.advance(100 * 3600)
    assert standing(api, id) == (True, True, "unknown", "", "")


def test_failed_handover_is_retried(api: Api) -> None:
    id = api.sms(f"{MAGIC}023")["messageId"]
    api.clock.advance(600)
    assert standing(api, id) == (False, False, "unknown", "", "")
    api.clock.advance(3)
    assert standing(api, id) == (True, True, "confirmed", "", "")


def test_retries_end_at_the_deadline(api: Api) -> None:
    sent = api.sms(f"{MAGIC}024")
    api.clock.set(NOW + 24 * 3600 - 1, frozen=True)
    assert standing(api, sent["messageId"])[0] is False
    api.clock.advance(1)
    assert standing(api, sent["messageId"]) == (True, False, "unknown", "expired", "")
    assert api.micro == 100_000_000
    assert api.clock.waiting == 0


def test_sixth_sms_to_a_number_within_a_minute_is_lost(api: Api) -> None:
    ids = [api.sms()["messageId"] for _ in range(7)]
    other = api.sms("639181234567")["messageId"]
    api.clock.advance(10)
    assert [standing(api, id)[2] for id in ids] == ["confirmed"] * 5 + ["failed"] * 2
    assert standing(api, ids[5])[4] == "network error"
    assert standing(api, other)[2] == "confirmed"


def test_limit_of_five_sms_counts_a_sliding_minute(api: Api) -> None:
    for _ in range(5):
        api.sms()
        api.clock.advance(12)
    id = api.sms()["messageId"]
    api.clock.advance(10)
    assert standing(api, id)[2] == "confirmed"


def test_limit_of_five_sms_ignores_number_formats(api: Api) -> None:
    for _ in range(5):
        api.sms(f"+{GLOBE}")
    id = api.sms(path="/v1/sms/contact")["messageId"]
    api.clock.advance(10)
    assert standing(api, id)[2] == "failed"


def test_receipts_are_posted_and_retried(app: Application) -> None:
    async def follow() -> None:
        api = Api(app)
        async with Target(response(503), response(200)) as target:
            sent = api.sms(clientPushURL=target.url, clientRef="ref")
            worker = app.sandbox.worker
            await worker.advance(api.account, 3)
            assert len(target.hits) == 1
            await worker.advance(api.account, 10)
            assert len(target.hits) == 2
            await worker.advance(api.account, 24 * 3600)
            assert len(target.hits) == 2
            assert json.loads(target.bodies[1]) == api.shown(sent["messageId"])
            assert json.loads(target.bodies[1])["deliveredToPhone"] == "confirmed"
            assert target.hits[1].line.startswith("POST ")
            assert target.hits[1].headers["content-type"] == "application/json"
            assert [(d.event, d.status) for d in api.deliveries] == [("delivery_receipt", "delivered")]
        await app.close()

    asyncio.run(follow())


def test_failed_delivery_is_posted_too_and_a_missing_receipt_is_not(api: Api) -> None:
    for code in ("003", "020", "022"):
        api.sms(f"{MAGIC}{code}", clientPushURL="http://localhost:9/dlr")
    api.clock.advance(10)
    assert [json.loads(delivery.body)["deliveryError"] for delivery in api.deliveries] == ["contact absent"]


def leave_all_unfinished(api: Api) -> None:
    """An SMS, a WhatsApp message, a top-up and a subscription, none of which is done yet."""
    api.sms(clientPushURL="http://localhost:9/dlr", clientDedup="once")
    body = {"orgId": 1, "from": "639189990000", "message": "Hello", "fullPhoneNumber": GLOBE}
    api.call("POST", "/v1/whatsapp/contact", body)
    api.topup("639175550023", status=202)
    delay = {"unit": "minute", "value": 5}
    api.call("POST", f"{ORG}/engagements/1001/subscribe", {"fullPhoneNumber": GLOBE, "delay": delay})


def finished(api: Api) -> tuple[list[str], list[bool], list[bool]]:
    """What became of the SMS, whether the WhatsApp messages were read, and whether the top-ups were done."""
    return (
        [sms["deliveredToPhone"] for sms in api.call("GET", f"{ORG}/messages/")["messages"]],
        [message["read"] for message in api.call("GET", f"{ORG}/whatsapp/")["messages"]],
        [topup["success"] for topup in api.call("GET", f"{ORG}/topups/")["topups"]],
    )


def test_fork_continues_unfinished_deliveries(app: Application, api: Api) -> None:
    leave_all_unfinished(api)
    app.sandbox.accounts.fork(api.account, "mock-copy")
    copy = Api(app, "mock-copy")
    copy.clock.advance(3600)
    assert finished(copy) == (["confirmed", "confirmed"], [True], [True])
    assert [delivery.event for delivery in copy.deliveries] == ["delivery_receipt"]
    again = {"orgId": 1, "message": "x", "to": GLOBE, "clientDedup": "once"}
    assert copy.refuse("POST", "/v1/sms/contact", again)[0] == 409
    assert finished(api) == (["unknown"], [False], [False])
    assert (api.deliveries, api.clock.now()) == ([], NOW)
    api.clock.advance(3600)
    assert finished(api) == finished(copy)
    assert api.micro == copy.micro
    copy.http.close()


def test_reset_ends_all_deliveries(app: Application, api: Api) -> None:
    leave_all_unfinished(api)
    app.sandbox.accounts.reset(api.account)
    api.clock.freeze(NOW)
    api.clock.advance(24 * 3600)
    assert finished(api) == ([], [], [])
    assert (api.messages, api.deliveries, api.clock.waiting) == ([], [], 0)
    assert api.micro == 100_000_000
    assert api.sms(clientDedup="once")["messageId"] == "SMS20260302T120000-500001-1"
    assert api.call("GET", f"{ORG}/contacts/")["total"] == 0


def test_deliveries_continue_when_captured_messages_are_dropped(api: Api) -> None:
    api.sms()
    api.ctx.store[Sms].clear()
    api.clock.advance(10)
    assert api.call("GET", f"{ORG}/messages/")["messages"] == []


def test_every_outcome_is_listed_in_the_docs() -> None:
    page = (Path(__file__).parents[4] / "docs" / "engagespark-outcomes.md").read_text("utf-8")
    for code, outcome in outcomes.OUTCOMES.items():
        assert f"| `…{outcomes.MARK}{code}` | {outcome.meaning} |" in page
