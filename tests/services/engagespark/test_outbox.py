"""SMS on their way: outcomes by number, what the network loses, retries until the deadline, receipts pushed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from sparkbox.app import Application
from sparkbox.services.engagespark.messages import outcomes
from sparkbox.services.engagespark.messages.outbox import Sms
from sparkbox.services.engagespark.messages.outcomes import DELIVERY_ERRORS
from tests.core.target import Target, answer
from tests.services.engagespark.room import GLOBE, ORG, Room
from tests.services.view import NOW

MAGIC = "639175550"


def standing(room: Room, message_id: str) -> tuple[bool, bool, str, str, str]:
    """Done, with the telco, with the phone, and the two errors."""
    sms = room.shown(message_id)
    return sms["done"], sms["deliveredToTelco"], sms["deliveredToPhone"], sms["error"], sms["deliveryError"]


def test_an_sms_goes_to_the_telco_and_then_to_the_phone(room: Room) -> None:
    id = room.sms()["messageId"]
    assert standing(room, id) == (False, False, "unknown", "", "")
    room.clock.advance(1)
    assert standing(room, id) == (True, True, "unknown", "", "")
    room.clock.advance(2)
    assert standing(room, id) == (True, True, "confirmed", "", "")
    assert [event.type for event in room.events] == ["accepted", "sent", "delivered"]
    assert room.messages[0].status == "delivered"


@pytest.mark.parametrize(("code", "error"), list(enumerate(DELIVERY_ERRORS, 1)))
def test_each_delivery_error_has_a_number(room: Room, code: int, error: str) -> None:
    id = room.sms(f"{MAGIC}0{code:02d}")["messageId"]
    room.clock.advance(3)
    assert standing(room, id) == (True, True, "failed", "", error)
    assert room.messages[0].status == "undelivered"
    assert room.shown(id)["chargedMicro"] == 20_000


def test_the_numbers_work_in_any_country(room: Room) -> None:
    id = room.sms("12025550002")["messageId"]
    room.clock.advance(3)
    assert standing(room, id)[4] == "blocked"


def test_an_undelivered_sms_is_refunded(room: Room) -> None:
    id = room.sms(f"{MAGIC}020")["messageId"]
    room.clock.advance(3)
    assert standing(room, id) == (True, False, "unknown", "rejected by the telco", "")
    sms = room.shown(id)
    assert (sms["chargedMicro"], sms["chargedHuman"], sms["successPartCount"]) == (0, "0.00", 0)
    assert "successT" not in sms
    assert room.micro == 100_000_000
    assert room.messages[0].status == "failed"


def test_a_slow_receipt_takes_an_hour(room: Room) -> None:
    id = room.sms(f"{MAGIC}021")["messageId"]
    room.clock.advance(3600)
    assert standing(room, id)[2] == "unknown"
    room.clock.advance(1)
    assert standing(room, id)[2] == "confirmed"


def test_a_receipt_may_never_come(room: Room) -> None:
    id = room.sms(f"{MAGIC}022")["messageId"]
    room.clock.advance(100 * 3600)
    assert standing(room, id) == (True, True, "unknown", "", "")


def test_a_failed_try_is_repeated(room: Room) -> None:
    id = room.sms(f"{MAGIC}023")["messageId"]
    room.clock.advance(600)
    assert standing(room, id) == (False, False, "unknown", "", "")
    room.clock.advance(3)
    assert standing(room, id) == (True, True, "confirmed", "", "")


def test_tries_end_at_the_deadline(room: Room) -> None:
    sent = room.sms(f"{MAGIC}024")
    room.clock.set(NOW + 24 * 3600 - 1, frozen=True)
    assert standing(room, sent["messageId"])[0] is False
    room.clock.advance(1)
    assert standing(room, sent["messageId"]) == (True, False, "unknown", "expired", "")
    assert room.micro == 100_000_000
    assert room.clock.waiting == 0


def test_the_sixth_sms_to_a_number_within_a_minute_is_lost(room: Room) -> None:
    ids = [room.sms()["messageId"] for _ in range(7)]
    other = room.sms("639181234567")["messageId"]
    room.clock.advance(10)
    assert [standing(room, id)[2] for id in ids] == ["confirmed"] * 5 + ["failed"] * 2
    assert standing(room, ids[5])[4] == "network error"
    assert standing(room, other)[2] == "confirmed"


def test_the_minute_slides(room: Room) -> None:
    for _ in range(5):
        room.sms()
        room.clock.advance(12)
    id = room.sms()["messageId"]
    room.clock.advance(10)
    assert standing(room, id)[2] == "confirmed"


def test_another_number_format_is_the_same_number(room: Room) -> None:
    for _ in range(5):
        room.sms(f"+{GLOBE}")
    id = room.sms(path="/v1/sms/contact")["messageId"]
    room.clock.advance(10)
    assert standing(room, id)[2] == "failed"


def test_receipts_are_posted_and_retried(app: Application) -> None:
    async def follow() -> None:
        room = Room(app)
        async with Target(answer(503), answer(200)) as target:
            sent = room.sms(clientPushURL=target.url, clientRef="ref")
            courier = app.sandbox.courier
            await courier.advance(room.account, 3)
            assert len(target.hits) == 1
            await courier.advance(room.account, 10)
            assert len(target.hits) == 2
            await courier.advance(room.account, 24 * 3600)
            assert len(target.hits) == 2
            assert json.loads(target.bodies[1]) == room.shown(sent["messageId"])
            assert json.loads(target.bodies[1])["deliveredToPhone"] == "confirmed"
            assert target.hits[1].line.startswith("POST ")
            assert target.hits[1].headers["content-type"] == "application/json"
            assert [(d.event, d.status) for d in room.deliveries] == [("delivery_receipt", "delivered")]
        await app.close()

    asyncio.run(follow())


def test_a_failed_delivery_is_posted_too_and_a_missing_receipt_is_not(room: Room) -> None:
    for code in ("003", "020", "022"):
        room.sms(f"{MAGIC}{code}", clientPushURL="http://localhost:9/dlr")
    room.clock.advance(10)
    assert [json.loads(delivery.body)["deliveryError"] for delivery in room.deliveries] == ["contact absent"]


def leave_all_unfinished(room: Room) -> None:
    """An SMS, a WhatsApp message, a top-up and a subscription, none of which is done yet."""
    room.sms(clientPushURL="http://localhost:9/dlr", clientDedup="once")
    body = {"orgId": 1, "from": "639189990000", "message": "Hello", "fullPhoneNumber": GLOBE}
    room.call("POST", "/v1/whatsapp/contact", body)
    room.topup("639175550023", status=202)
    delay = {"unit": "minute", "value": 5}
    room.call("POST", f"{ORG}/engagements/1001/subscribe", {"fullPhoneNumber": GLOBE, "delay": delay})


def finished(room: Room) -> tuple[list[str], list[bool], list[bool]]:
    """What became of the SMS, whether the WhatsApp messages were read, and whether the top-ups were done."""
    return (
        [sms["deliveredToPhone"] for sms in room.call("GET", f"{ORG}/messages/")["messages"]],
        [message["read"] for message in room.call("GET", f"{ORG}/whatsapp/")["messages"]],
        [topup["success"] for topup in room.call("GET", f"{ORG}/topups/")["topups"]],
    )


def test_a_copy_of_a_world_goes_on_by_itself(app: Application, room: Room) -> None:
    leave_all_unfinished(room)
    app.sandbox.accounts.fork(room.account, "mock-copy")
    copy = Room(app, "mock-copy")
    copy.clock.advance(3600)
    assert finished(copy) == (["confirmed", "confirmed"], [True], [True])
    assert [delivery.event for delivery in copy.deliveries] == ["delivery_receipt"]
    again = {"orgId": 1, "message": "x", "to": GLOBE, "clientDedup": "once"}
    assert copy.refuse("POST", "/v1/sms/contact", again)[0] == 409
    assert finished(room) == (["unknown"], [False], [False])
    assert (room.deliveries, room.clock.now()) == ([], NOW)
    room.clock.advance(3600)
    assert finished(room) == finished(copy)
    assert room.micro == copy.micro
    copy.http.close()


def test_a_reset_leaves_nothing_to_come(app: Application, room: Room) -> None:
    leave_all_unfinished(room)
    app.sandbox.accounts.reset(room.account)
    room.clock.freeze(NOW)
    room.clock.advance(24 * 3600)
    assert finished(room) == ([], [], [])
    assert (room.messages, room.deliveries, room.clock.waiting) == ([], [], 0)
    assert room.micro == 100_000_000
    assert room.sms(clientDedup="once")["messageId"] == "SMS20260302T120000-500001-1"
    assert room.call("GET", f"{ORG}/contacts/")["total"] == 0


def test_messages_that_were_dropped_stop_nothing(room: Room) -> None:
    room.sms()
    room.ctx.store[Sms].clear()
    room.clock.advance(10)
    assert room.call("GET", f"{ORG}/messages/")["messages"] == []


def test_every_outcome_is_listed_in_the_docs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "engagespark-outcomes.md").read_text("utf-8")
    for code, outcome in outcomes.OUTCOMES.items():
        assert f"| `…{outcomes.MARK}{code}` | {outcome.meaning} |" in page
