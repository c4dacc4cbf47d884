"""Videos in the making: their states by the clock, their events, the messages that are captured."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from sparkbox.app import Application
from sparkbox.services.sendspark.videos import outcomes
from sparkbox.services.sendspark.webhooks.events import EVENT_TYPES
from tests.services.sendspark.room import KEY, LONG_ENOUGH, Room
from tests.services.view import NOW

GUIDE = Path(__file__).parents[3] / "docs" / "sendspark-outcomes.md"
STATES = ["saved", "queued", "videotrimmed", "lipsynced", "processing", "completed"]


def states(room: Room, campaign: str, email: str = "ann@acme.example", seconds: int = 100) -> list[str]:
    """Every state that somebody sees who asks each second."""
    seen = []
    for _ in range(seconds):
        found = room.find(campaign, email)
        if found["status"] not in seen:
            seen.append(found["status"])
        assert (found["shareUrl"] is None) == (found["status"] != "completed")
        assert (found["embedUrl"] is None) == (found["status"] != "completed")
        room.clock.advance(1)
    return seen


def test_a_prospect_goes_through_its_states_and_has_links_in_the_last(room: Room, campaign: str) -> None:
    room.add(campaign)
    assert states(room, campaign) == STATES


def test_it_takes_forty_to_eighty_seconds(room: Room, campaign: str) -> None:
    emails = [f"p{number}@acme.example" for number in range(20)]
    for email in emails:
        room.add(campaign, email)
    room.clock.advance(39.9)
    assert not room.messages
    room.clock.advance(40.2)
    assert sorted(message.to for message in room.messages) == sorted(emails)
    assert len({message.time for message in room.messages}) == 20


def test_the_same_seed_takes_the_same_time(app: Application) -> None:
    times = []
    for _ in range(2):
        room = Room(app)
        room.shared(room.new_campaign())
        times.append((room.messages[0].time - NOW, room.messages[0].vendor_id))
        room.http.close()
        app.sandbox.accounts.drop(room.account)
    assert times[0] == times[1]


def test_a_completed_video_is_captured_as_a_message(room: Room, campaign: str) -> None:
    url = room.shared(campaign, contactName="Ann Example")
    [message] = room.messages
    assert (message.channel, message.to, message.to_name) == ("video", "ann@acme.example", "Ann Example")
    assert (message.subject, message.text, message.status) == ("Spring", url, "completed")
    assert message.vendor_id == room.find(campaign)["id"]
    assert message.html == room.find(campaign, include="emailEmbedHTML")["emailEmbedHTML"]
    assert json.loads(message.metadata)["shareUrl"] == url


def test_the_events_of_a_video_come_in_order(room: Room, campaign: str) -> None:
    room.add(campaign)
    room.clock.advance(10)
    assert room.event_types == ["video_request_received"]
    room.clock.advance(LONG_ENOUGH)
    assert room.event_types == ["video_request_received", "video_generated_dv", "video_mp4_ready"]
    assert [event.message for event in room.events] == [0, 1, 1]
    assert room.events[2].time == pytest.approx(room.events[1].time + 10)


def test_an_address_that_asks_for_it_fails(room: Room, campaign: str) -> None:
    room.add(campaign, "error+1@acme.example")
    assert states(room, campaign, "error+1@acme.example") == ["saved", "queued", "videotrimmed", "errored"]
    assert room.event_types == ["video_request_received", "video_generated_error"]
    assert room.events[1].json()["videoLink"] is None
    assert room.messages == []
    assert room.find(campaign, "error+1@acme.example")["valid"] is True
    resources = room.members(campaign)[0]["resourcesStatus"]
    assert resources["lipSync"] == {"enable": False, "status": "errored"}


def test_an_address_that_asks_for_it_is_slow(room: Room, campaign: str) -> None:
    room.add(campaign, "slow@acme.example")
    room.clock.advance(199)
    assert room.messages == []
    room.clock.advance(202)
    assert room.find(campaign, "slow@acme.example")["status"] == "completed"


def test_the_guide_has_every_address_that_asks_for_an_outcome(room: Room, campaign: str) -> None:
    rows = re.findall(r"^\| (`\S+@.*?) \| (.*?) \|$", GUIDE.read_text("utf-8"), re.MULTILINE)
    ends = {email: meaning for emails, meaning in rows for email in re.findall(r"`(.+?)`", emails)}
    assert {outcomes.of(email) for email in ends} == set(get_args(outcomes.Outcome)) - {"completed"}
    for email in ends:
        room.add(campaign, email)
    room.clock.advance(LONG_ENOUGH)
    for email, meaning in ends.items():
        state = room.find(campaign, email)["status"]
        assert (state == "errored") == ("`errored`" in meaning)
        assert state != "completed"


def test_the_guide_tells_of_every_state_and_event() -> None:
    page = GUIDE.read_text("utf-8")
    assert [name for name in (*STATES, *EVENT_TYPES) if f"`{name}`" not in page] == []


def test_a_video_that_is_made_again_is_not_finished_by_the_first_attempt(room: Room, campaign: str) -> None:
    room.add(campaign)
    room.clock.advance(30)
    room.add(campaign, contactName="Bob")
    assert room.find(campaign)["status"] == "saved"
    room.clock.advance(LONG_ENOUGH)
    assert [message.to_name for message in room.messages] == ["Bob"]


def test_one_of_a_list_that_is_made_again_leaves_the_others_alone(room: Room, campaign: str) -> None:
    room.add_list(campaign, [{"contactEmail": f"p{number}@acme.example"} for number in range(3)])
    room.clock.advance(30)
    room.add(campaign, "p0@acme.example")
    room.clock.advance(LONG_ENOUGH)
    assert sorted(message.to for message in room.messages) == [f"p{number}@acme.example" for number in range(3)]
    room.add(campaign, "p0@acme.example")
    assert room.find(campaign, "p1@acme.example")["status"] == "completed"


def test_a_prospect_that_was_replaced_gets_no_video(room: Room, campaign: str) -> None:
    room.add(campaign, contactName="Old")
    room.add(campaign, contactName="New", prospectDepurationConfig={"forceCreation": True})
    room.clock.advance(LONG_ENOUGH)
    assert [message.to_name for message in room.messages] == ["New"]


def test_a_list_shares_an_id_for_the_lot(room: Room, campaign: str) -> None:
    answer = room.add_list(campaign, [{"contactEmail": f"p{number}@acme.example"} for number in range(3)])
    assert len({one["bulkId"] for one in answer["prospectList"]}) == 1
    assert room.add(campaign, "x@acme.example")["bulkId"] != answer["prospectList"][0]["bulkId"]


def test_a_fork_goes_on_with_its_own_videos(app: Application, room: Room, campaign: str) -> None:
    room.add(campaign)
    app.sandbox.accounts.fork(room.account, "mock-fork")
    fork = Room(app, "mock-fork")
    fork.clock.advance(LONG_ENOUGH)
    assert fork.find(campaign)["status"] == "completed"
    assert room.find(campaign)["status"] == "saved"
    room.clock.advance(LONG_ENOUGH)
    url, own = fork.find(campaign)["shareUrl"], room.find(campaign)["shareUrl"]
    assert url != own
    room.visit(url)
    assert "video_viewed" in fork.event_types
    assert "video_viewed" not in room.event_types
    assert app.sandbox.accounts.find(KEY) is room.account
    fork.http.close()
