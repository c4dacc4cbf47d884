"""Campaigns: who may be subscribed, what a subscription does on the clock, how it is cancelled and reported."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.state.config import Profile, Settings
from sparkbox.services.engagespark.campaigns.runs import Run
from tests.services.engagespark.room import GLOBE, ORG, SMART, Room

SUBSCRIBE = f"{ORG}/engagements/1001/subscribe"
UNSUBSCRIBE = f"{ORG}/engagements/1001/unsubscribe"
HOUR = {"unit": "hour", "value": 1}


def status(room: Room, contact: int, campaign: int = 1001) -> dict[str, int]:
    shown = room.call("GET", f"{ORG}/contacts/{contact}/", subscriptionstatus=str(campaign))
    subscription: dict[str, int] = shown["subscription"]
    return {name: count for name, count in subscription.items() if count}


def subscribe(room: Room, number: str = GLOBE, **fields: Any) -> Any:
    return room.call("POST", SUBSCRIBE, {"fullPhoneNumber": number} | fields)


def test_a_subscription_sends_its_message_and_is_done(room: Room) -> None:
    made = subscribe(room, contact={"firstName": "Mary"})
    assert made == {"runId": 700_001, "contactId": 100_001}
    assert status(room, 100_001) == {
        "totalCount": 1, "inProgressCount": 1, "activeId": 700_001, "lastId": 700_001
    }  # fmt: skip
    room.clock.advance(10)
    message = room.messages[0]
    assert (message.channel, message.to, message.text, message.status) == ("sms", GLOBE, "Welcome, Mary!", "delivered")
    assert status(room, 100_001) == {"totalCount": 1, "doneCount": 1, "lastId": 700_001}
    assert room.micro == 99_980_000


def test_a_delayed_subscription_waits(room: Room) -> None:
    subscribe(room, delay=HOUR)
    room.clock.advance(3599)
    assert room.messages == []
    room.clock.advance(1)
    assert room.messages[0].time == room.clock.now()


def test_a_contact_never_subscribed_has_no_last_subscription(room: Room) -> None:
    id = room.contact()["id"]
    shown = room.call("GET", f"{ORG}/contacts/", subscriptionstatus="1001")["contacts"][0]
    assert shown["id"] == id
    assert shown["subscription"] == {
        "totalCount": 0, "inProgressCount": 0, "doneCount": 0, "unsubbedCount": 0, "errorCount": 0,
        "withFailuresCount": 0, "activeId": 0,
    }  # fmt: skip
    assert "subscription" not in room.call("GET", f"{ORG}/contacts/{id}/")


def test_an_active_subscription_is_in_the_way_of_another(room: Room) -> None:
    subscribe(room)
    assert room.refuse("POST", SUBSCRIBE, {"fullPhoneNumber": GLOBE})[:2] == (400, "subscription.active")
    room.call("POST", f"{ORG}/engagements/1002/subscribe", {"fullPhoneNumber": GLOBE})
    room.clock.advance(10)
    subscribe(room)


def test_resubscribing_may_be_disallowed(room: Room) -> None:
    subscribe(room, allowResubscribe=False)
    room.clock.advance(10)
    body = {"fullPhoneNumber": GLOBE, "allowResubscribe": False}
    assert room.refuse("POST", SUBSCRIBE, body)[:2] == (400, "subscription.exists")
    subscribe(room, allowResubscribe=None)
    assert status(room, 100_001)["totalCount"] == 2


def test_a_cancelled_subscription_sends_nothing_and_is_an_error(room: Room) -> None:
    made = subscribe(room, delay=HOUR)
    assert room.call("POST", UNSUBSCRIBE, {"contactId": str(made["contactId"])}) == {"runId": made["runId"]}
    room.clock.advance(7200)
    assert room.messages == []
    assert status(room, made["contactId"]) == {"totalCount": 1, "errorCount": 1, "lastId": made["runId"]}


def test_cancelling_nothing_is_fine(room: Room) -> None:
    id = room.contact()["id"]
    assert room.call("POST", UNSUBSCRIBE, {"contactId": id}) == {"runId": 0}
    subscribe(room)
    room.clock.advance(10)
    assert room.call("POST", UNSUBSCRIBE, {"contactId": id}) == {"runId": 0}


def test_cancelling_needs_a_contact_that_there_is(room: Room) -> None:
    assert room.refuse("POST", UNSUBSCRIBE, {})[:2] == (400, "request.missing")
    assert room.refuse("POST", UNSUBSCRIBE, {"contactId": 77})[:2] == (400, "contact.notfound")
    assert room.refuse("POST", f"{ORG}/engagements/x/unsubscribe", {"contactId": 77})[:2] == (404, None)


@pytest.mark.parametrize(
    ("campaign", "code"), [(1003, "campaign.stopped"), (1004, "campaign.notlaunched"), (1005, "campaign.closed")]
)
def test_a_campaign_must_take_subscriptions(room: Room, campaign: int, code: str) -> None:
    path = f"{ORG}/engagements/{campaign}/subscribe"
    assert room.refuse("POST", path, {"fullPhoneNumber": GLOBE})[:2] == (400, code)
    assert room.call("GET", f"{ORG}/contacts/")["total"] == 0


@pytest.mark.parametrize("profile", ["easy", "strict"])
def test_an_unknown_campaign_is_not_found(room: Room, profile: Profile) -> None:
    room.account.profile = profile
    for id in ("99", "x"):
        assert room.refuse("POST", f"{ORG}/engagements/{id}/subscribe", {"fullPhoneNumber": GLOBE})[:2] == (404, None)
    room.call("POST", f"{ORG}/engagements/287096/subscribe", {"fullPhoneNumber": GLOBE})


def test_the_contact_is_updated_before_it_is_subscribed(room: Room) -> None:
    id = room.contact(firstName="Mary", lastName="Sue", groups=[1], customFields={"120": "blue"})["id"]
    fields = {
        "firstName": "Jane",
        "groups": ["2", 1],
        "customFields": {"120": ""},
        "customFieldsByName": {"produce": "rice"},
    }
    made = room.call("POST", f"{ORG}/engagements/1002/subscribe", {"contactId": id, "contact": fields})
    assert made["contactId"] == id
    contact = room.call("GET", f"{ORG}/contacts/{id}/")
    assert (contact["firstName"], contact["lastName"], contact["groups"]) == ("Jane", "Sue", [1, 2])
    assert contact["customFields"] == {"121": "rice"}
    room.clock.advance(1)
    assert room.messages[0].text == "Jane, your rice can be sold on Monday."


def test_a_refused_subscription_changes_nothing(room: Room) -> None:
    id = room.contact(firstName="Mary")["id"]
    body = {"contactId": id, "contact": {"firstName": "Jane"}, "delay": {"unit": "day", "value": 1}}
    assert room.refuse("POST", SUBSCRIBE, body)[:2] == (400, "subscription.delay")
    assert room.call("GET", f"{ORG}/contacts/{id}/")["firstName"] == "Mary"


@pytest.mark.parametrize(
    "fields",
    [{"timeZone": "Mars/Olympus"}, {"timeZone": "../etc/passwd"}, {"args": []},
     {"args": {"x": 10**30}}, {"args": {"x": "y" * 100_001}},
     {"delay": "soon"}, {"delay": {"unit": "fortnight", "value": 1}}, {"contact": {"groups": ["x"]}},
     {"allowResubscribe": "perhaps"}],
)  # fmt: skip
def test_fields_that_make_no_sense_are_refused(room: Room, fields: dict[str, Any]) -> None:
    assert room.refuse("POST", SUBSCRIBE, {"fullPhoneNumber": GLOBE} | fields)[:2] == (400, "request.invalid")


def test_arguments_and_the_time_zone_are_kept(room: Room) -> None:
    made = subscribe(room, timeZone="Asia/Bangkok", args={"lesson": 3}, delay=HOUR | {"relative": "previous"})
    run = room.ctx.store[Run].get(made["runId"])
    assert run is not None
    assert (run.time_zone, run.args, run.relative) == ("Asia/Bangkok", b'{"lesson":3}', "previous")


def test_contacts_are_filtered_by_subscription(room: Room) -> None:
    past = subscribe(room)["contactId"]
    room.clock.advance(10)
    present = subscribe(room, SMART, delay=HOUR)["contactId"]
    never = room.contact("639191234567")["id"]

    def found(which: str) -> list[int]:
        query = {"subscriptionstatus": "1001", "subscriptionfilter": which}
        return [contact["id"] for contact in room.call("GET", f"{ORG}/contacts/", **query)["contacts"]]

    assert found("is") == [present]
    assert found("isnot") == [past, never]
    assert found("was") == [past]


def test_a_message_that_does_not_arrive_is_a_failure(room: Room) -> None:
    made = subscribe(room, "639175550003")
    room.clock.advance(10)
    assert status(room, made["contactId"]) == {
        "totalCount": 1, "doneCount": 1, "withFailuresCount": 1, "lastId": made["runId"]
    }  # fmt: skip


@pytest.mark.parametrize("trouble", ["money", "stopped", "deleted", "length"])
def test_a_run_that_cannot_send_ends_as_an_error(room: Room, trouble: str) -> None:
    made = subscribe(room, delay=HOUR)
    if trouble == "money":
        room.simulate("balance", balanceMicro=0)
    elif trouble == "stopped":
        room.simulate("campaign", id=1001, state="stopped")
    elif trouble == "length":
        room.simulate("campaign", id=1001, message="a" * 2000)
    else:
        room.call("DELETE", f"{ORG}/contacts/{made['contactId']}/")
    room.clock.advance(3700)
    assert room.messages == []
    ended = [event.json() for event in room.events if event.type == "subscription_ended"]
    assert [(event["runId"], event["end"]) for event in ended] == [(made["runId"], "error")]


def test_another_organizations_campaigns_are_not_found(room: Room) -> None:
    path = "/v1/organizations/2/engagements/1001/subscribe"
    assert room.refuse("POST", path, {"fullPhoneNumber": GLOBE})[:2] == (404, None)


FAILS = "639175550003"
deeds = st.one_of(
    st.tuples(st.just("subscribe"), st.sampled_from([GLOBE, FAILS]), st.booleans(), st.sampled_from([0, 3600])),
    st.tuples(st.just("unsubscribe"), st.sampled_from([GLOBE, FAILS])),
    st.tuples(st.just("stop"), st.sampled_from([GLOBE, FAILS])),
    st.tuples(st.just("wait"), st.sampled_from([1, 10, 3700])),
)


class Model:
    """Each contact's subscriptions as pairs of when they are done by themselves and how they ended before, if so."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.ids = {number: room.contact(number)["id"] for number in (GLOBE, FAILS)}
        self.runs: dict[str, list[tuple[float, str]]] = {GLOBE: [], FAILS: []}

    def active(self, number: str) -> bool:
        runs = self.runs[number]
        return bool(runs) and runs[-1][1] == "" and self.room.clock.now() < runs[-1][0]

    def end(self, number: str, how: str) -> bool:
        active = self.active(number)
        if active:
            self.runs[number][-1] = (self.runs[number][-1][0], how)
        return active

    def subscribe(self, number: str, again: bool, seconds: int) -> None:
        delay = {"unit": "second", "value": seconds}
        body = {"fullPhoneNumber": number, "allowResubscribe": again, "delay": delay}
        answer = self.room.send("POST", SUBSCRIBE, body)
        if self.active(number) or (self.runs[number] and not again):
            code = "subscription.active" if self.active(number) else "subscription.exists"
            assert (answer.status_code, answer.json()["errorCode"]) == (400, code)
        else:
            assert (answer.status_code, answer.json()["contactId"]) == (200, self.ids[number])
            self.runs[number].append((self.room.clock.now() + seconds + 5, ""))

    def unsubscribe(self, number: str) -> None:
        cancelled = self.room.call("POST", UNSUBSCRIBE, {"contactId": self.ids[number]})["runId"]
        assert (cancelled != 0) == self.end(number, "error")

    def stop(self, number: str) -> None:
        self.room.simulate("inbound-sms", **{"from": number, "message": "STOP"})
        self.end(number, "unsubscribed")

    def wait(self, seconds: int) -> None:
        self.room.clock.advance(seconds)

    def check(self) -> None:
        for number, runs in self.runs.items():
            found = status(self.room, self.ids[number])
            ends = [end for _, end in runs]
            active = self.active(number)
            done = ends.count("") - active
            assert found.get("totalCount", 0) == len(runs)
            assert (found.get("inProgressCount", 0), "activeId" in found) == (int(active), active)
            assert found.get("doneCount", 0) == done
            assert found.get("errorCount", 0) == ends.count("error")
            assert found.get("unsubbedCount", 0) == ends.count("unsubscribed")
            assert number == GLOBE or found.get("withFailuresCount", 0) == done


@settings(max_examples=50, deadline=None)
@given(st.lists(deeds, max_size=12))
def test_a_contact_stands_with_a_campaign_as_what_happened_says(sequence: list[tuple[Any, ...]]) -> None:
    room = Room(create_app(Settings(validate_answers=True, rate_limits=False)))
    model = Model(room)
    for deed, *what in sequence:
        getattr(model, deed)(*what)
        model.check()
    room.http.close()
