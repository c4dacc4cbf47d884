"""Rendering: states on the clock, events, captured messages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from sparkbox.app import Application
from sparkbox.services.sendspark.videos import outcomes
from sparkbox.services.sendspark.webhooks.events import EVENT_TYPES
from tests.services.sendspark.api import KEY, LONG_ENOUGH, Api
from tests.services.view import NOW

GUIDE = Path(__file__).parents[4] / "docs" / "sendspark-outcomes.md"
STATES = ["saved", "queued", "videotrimmed", "lipsynced", "processing", "completed"]


def states(api: Api, campaign: str, email: str = "ann@acme.example", seconds: int = 100) -> list[str]:
    """Return every state that a request each second sees."""
    seen = []
    for _ in range(seconds):
        found = api.find(campaign, email)
        if found["status"] not in seen:
            seen.append(found["status"])
        assert (found["shareUrl"] is None) == (found["status"] != "completed")
        assert (found["embedUrl"] is None) == (found["status"] != "completed")
        api.clock.advance(1)
    return seen


def test_prospect_passes_all_states_and_has_links_in_the_last(api: Api, campaign: str) -> None:
    api.add(campaign)
    assert states(api, campaign) == STATES


def test_rendering_takes_forty_to_eighty_seconds(api: Api, campaign: str) -> None:
    emails = [f"p{number}@acme.example" for number in range(20)]
    for email in emails:
        api.add(campaign, email)
    api.clock.advance(39.9)
    assert not api.messages
    api.clock.advance(40.2)
    assert sorted(message.to for message in api.messages) == sorted(emails)
    assert len({message.time for message in api.messages}) == 20


def test_rendering_takes_the_same_time_for_the_same_seed(app: Application) -> None:
    times = []
    for _ in range(2):
        api = Api(app)
        api.shared(api.new_campaign())
        times.append((api.messages[0].time - NOW, api.messages[0].vendor_id))
        api.http.close()
        app.sandbox.accounts.drop(api.account)
    assert times[0] == times[1]


def test_completed_video_is_captured_as_a_message(api: Api, campaign: str) -> None:
    url = api.shared(campaign, contactName="Ann Example")
    [message] = api.messages
    assert (message.channel, message.to, message.to_name) == ("video", "ann@acme.example", "Ann Example")
    assert (message.subject, message.text, message.status) == ("Spring", url, "completed")
    assert message.vendor_id == api.find(campaign)["id"]
    assert message.html == api.find(campaign, include="emailEmbedHTML")["emailEmbedHTML"]
    assert json.loads(message.metadata)["shareUrl"] == url


def test_video_events_are_in_order(api: Api, campaign: str) -> None:
    api.add(campaign)
    api.clock.advance(10)
    assert api.event_types == ["video_request_received"]
    api.clock.advance(LONG_ENOUGH)
    assert api.event_types == ["video_request_received", "video_generated_dv", "video_mp4_ready"]
    assert [event.message for event in api.events] == [0, 1, 1]
    assert api.events[2].time == pytest.approx(api.events[1].time + 10)


def test_error_address_fails(api: Api, campaign: str) -> None:
    api.add(campaign, "error+1@acme.example")
    assert states(api, campaign, "error+1@acme.example") == ["saved", "queued", "videotrimmed", "errored"]
    assert api.event_types == ["video_request_received", "video_generated_error"]
    assert api.events[1].json()["videoLink"] is None
    assert api.messages == []
    assert api.find(campaign, "error+1@acme.example")["valid"] is True
    resources = api.members(campaign)[0]["resourcesStatus"]
    assert resources["lipSync"] == {"enable": False, "status": "errored"}


def test_slow_address_takes_five_times_as_long(api: Api, campaign: str) -> None:
    api.add(campaign, "slow@acme.example")
    api.clock.advance(199)
    assert api.messages == []
    api.clock.advance(202)
    assert api.find(campaign, "slow@acme.example")["status"] == "completed"


def test_guide_has_every_test_address(api: Api, campaign: str) -> None:
    rows = re.findall(r"^\| (`\S+@.*?) \| (.*?) \|$", GUIDE.read_text("utf-8"), re.MULTILINE)
    ends = {email: meaning for emails, meaning in rows for email in re.findall(r"`(.+?)`", emails)}
    assert {outcomes.of(email) for email in ends} == set(get_args(outcomes.Outcome)) - {"completed"}
    for email in ends:
        api.add(campaign, email)
    api.clock.advance(LONG_ENOUGH)
    for email, meaning in ends.items():
        state = api.find(campaign, email)["status"]
        assert (state == "errored") == ("`errored`" in meaning)
        assert state != "completed"


def test_guide_has_every_state_and_event() -> None:
    page = GUIDE.read_text("utf-8")
    assert [name for name in (*STATES, *EVENT_TYPES) if f"`{name}`" not in page] == []


def test_video_rendered_again_is_not_completed_by_the_first_render(api: Api, campaign: str) -> None:
    api.add(campaign)
    api.clock.advance(30)
    api.add(campaign, contactName="Bob")
    assert api.find(campaign)["status"] == "saved"
    api.clock.advance(LONG_ENOUGH)
    assert [message.to_name for message in api.messages] == ["Bob"]


def test_rendering_one_of_a_list_again_leaves_the_others_alone(api: Api, campaign: str) -> None:
    api.add_list(campaign, [{"contactEmail": f"p{number}@acme.example"} for number in range(3)])
    api.clock.advance(30)
    api.add(campaign, "p0@acme.example")
    api.clock.advance(LONG_ENOUGH)
    assert sorted(message.to for message in api.messages) == [f"p{number}@acme.example" for number in range(3)]
    api.add(campaign, "p0@acme.example")
    assert api.find(campaign, "p1@acme.example")["status"] == "completed"


def test_replaced_prospect_gets_no_video(api: Api, campaign: str) -> None:
    api.add(campaign, contactName="Old")
    api.add(campaign, contactName="New", prospectDepurationConfig={"forceCreation": True})
    api.clock.advance(LONG_ENOUGH)
    assert [message.to_name for message in api.messages] == ["New"]


def test_prospects_of_a_list_share_a_bulk_id(api: Api, campaign: str) -> None:
    response = api.add_list(campaign, [{"contactEmail": f"p{number}@acme.example"} for number in range(3)])
    assert len({one["bulkId"] for one in response["prospectList"]}) == 1
    assert api.add(campaign, "x@acme.example")["bulkId"] != response["prospectList"][0]["bulkId"]


def test_fork_renders_its_own_videos(app: Application, api: Api, campaign: str) -> None:
    api.add(campaign)
    app.sandbox.accounts.fork(api.account, "mock-fork")
    fork = Api(app, "mock-fork")
    fork.clock.advance(LONG_ENOUGH)
    assert fork.find(campaign)["status"] == "completed"
    assert api.find(campaign)["status"] == "saved"
    api.clock.advance(LONG_ENOUGH)
    url, own = fork.find(campaign)["shareUrl"], api.find(campaign)["shareUrl"]
    assert url != own
    api.visit(url)
    assert "video_viewed" in fork.event_types
    assert "video_viewed" not in api.event_types
    assert app.sandbox.accounts.find(KEY) is api.account
    fork.http.close()
