"""Campaigns: who may be subscribed, what a subscription does on the clock, how it is cancelled and reported."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.state.config import Profile, Settings
from sparkbox.services.engagespark.campaigns.models import Run
from tests.services.engagespark.api import GLOBE, ORG, SMART, Api

SUBSCRIBE = f"{ORG}/engagements/1001/subscribe"
UNSUBSCRIBE = f"{ORG}/engagements/1001/unsubscribe"
HOUR = {"unit": "hour", "value": 1}


def status(api: Api, contact: int, campaign: int = 1001) -> dict[str, int]:
    shown = api.call("GET", f"{ORG}/contacts/{contact}/", subscriptionstatus=str(campaign))
    subscription: dict[str, int] = shown["subscription"]
    return {name: count for name, count in subscription.items() if count}


def subscribe(api: Api, number: str = GLOBE, **fields: Any) -> Any:
    return api.call("POST", SUBSCRIBE, {"fullPhoneNumber": number} | fields)


def test_subscription_sends_its_message_and_is_done(api: Api) -> None:
    made = subscribe(api, contact={"firstName": "Mary"})
    assert made == {"runId": 700_001, "contactId": 100_001}
    assert status(api, 100_001) == {"totalCount": 1, "inProgressCount": 1, "activeId": 700_001, "lastId": 700_001}
    api.clock.advance(10)
    message = api.messages[0]
    assert (message.channel, message.to, message.text, message.status) == ("sms", GLOBE, "Welcome, Mary!", "delivered")
    assert status(api, 100_001) == {"totalCount": 1, "doneCount": 1, "lastId": 700_001}
    assert api.micro == 99_980_000


def test_delayed_subscription_waits(api: Api) -> None:
    subscribe(api, delay=HOUR)
    api.clock.advance(3599)
    assert api.messages == []
    api.clock.advance(1)
    assert api.messages[0].time == api.clock.now()


def test_contact_never_subscribed_has_no_last_subscription(api: Api) -> None:
    id = api.contact()["id"]
    shown = api.call("GET", f"{ORG}/contacts/", subscriptionstatus="1001")["contacts"][0]
    assert shown["id"] == id
    assert shown["subscription"] == {
        "totalCount": 0,
        "inProgressCount": 0,
        "doneCount": 0,
        "unsubbedCount": 0,
        "errorCount": 0,
        "withFailuresCount": 0,
        "activeId": 0,
    }
    assert "subscription" not in api.call("GET", f"{ORG}/contacts/{id}/")


def test_active_subscription_prevents_another(api: Api) -> None:
    subscribe(api)
    assert api.refuse("POST", SUBSCRIBE, {"fullPhoneNumber": GLOBE})[:2] == (400, "subscription.active")
    api.call("POST", f"{ORG}/engagements/1002/subscribe", {"fullPhoneNumber": GLOBE})
    api.clock.advance(10)
    subscribe(api)


def test_resubscribing_may_be_disallowed(api: Api) -> None:
    subscribe(api, allowResubscribe=False)
    api.clock.advance(10)
    body = {"fullPhoneNumber": GLOBE, "allowResubscribe": False}
    assert api.refuse("POST", SUBSCRIBE, body)[:2] == (400, "subscription.exists")
    subscribe(api, allowResubscribe=None)
    assert status(api, 100_001)["totalCount"] == 2


def test_cancelled_subscription_sends_nothing_and_is_an_error(api: Api) -> None:
    made = subscribe(api, delay=HOUR)
    assert api.call("POST", UNSUBSCRIBE, {"contactId": str(made["contactId"])}) == {"runId": made["runId"]}
    api.clock.advance(7200)
    assert api.messages == []
    assert status(api, made["contactId"]) == {"totalCount": 1, "errorCount": 1, "lastId": made["runId"]}


def test_cancelling_without_subscription_succeeds(api: Api) -> None:
    id = api.contact()["id"]
    assert api.call("POST", UNSUBSCRIBE, {"contactId": id}) == {"runId": 0}
    subscribe(api)
    api.clock.advance(10)
    assert api.call("POST", UNSUBSCRIBE, {"contactId": id}) == {"runId": 0}


def test_cancelling_needs_a_known_contact(api: Api) -> None:
    assert api.refuse("POST", UNSUBSCRIBE, {})[:2] == (400, "request.missing")
    assert api.refuse("POST", UNSUBSCRIBE, {"contactId": 77})[:2] == (400, "contact.notfound")
    assert api.refuse("POST", f"{ORG}/engagements/x/unsubscribe", {"contactId": 77})[:2] == (404, None)


@pytest.mark.parametrize(
    ("campaign", "code"), [(1003, "campaign.stopped"), (1004, "campaign.notlaunched"), (1005, "campaign.closed")]
)
def test_campaign_must_take_subscriptions(api: Api, campaign: int, code: str) -> None:
    path = f"{ORG}/engagements/{campaign}/subscribe"
    assert api.refuse("POST", path, {"fullPhoneNumber": GLOBE})[:2] == (400, code)
    assert api.call("GET", f"{ORG}/contacts/")["total"] == 0


@pytest.mark.parametrize("profile", ["easy", "strict"])
def test_unknown_campaign_is_not_found(api: Api, profile: Profile) -> None:
    api.account.profile = profile
    for id in ("99", "x"):
        assert api.refuse("POST", f"{ORG}/engagements/{id}/subscribe", {"fullPhoneNumber": GLOBE})[:2] == (404, None)
    api.call("POST", f"{ORG}/engagements/287096/subscribe", {"fullPhoneNumber": GLOBE})


def test_contact_is_updated_before_it_is_subscribed(api: Api) -> None:
    id = api.contact(firstName="Mary", lastName="Sue", groups=[1], customFields={"120": "blue"})["id"]
    fields = {
        "firstName": "Jane",
        "groups": ["2", 1],
        "customFields": {"120": ""},
        "customFieldsByName": {"produce": "rice"},
    }
    made = api.call("POST", f"{ORG}/engagements/1002/subscribe", {"contactId": id, "contact": fields})
    assert made["contactId"] == id
    contact = api.call("GET", f"{ORG}/contacts/{id}/")
    assert (contact["firstName"], contact["lastName"], contact["groups"]) == ("Jane", "Sue", [1, 2])
    assert contact["customFields"] == {"121": "rice"}
    api.clock.advance(1)
    assert api.messages[0].text == "Jane, your rice can be sold on Monday."


def test_failed_subscription_changes_nothing(api: Api) -> None:
    id = api.contact(firstName="Mary")["id"]
    body = {"contactId": id, "contact": {"firstName": "Jane"}, "delay": {"unit": "day", "value": 1}}
    assert api.refuse("POST", SUBSCRIBE, body)[:2] == (400, "subscription.delay")
    assert api.call("GET", f"{ORG}/contacts/{id}/")["firstName"] == "Mary"


@pytest.mark.parametrize(
    "fields",
    [
        {"timeZone": "Mars/Olympus"},
        {"timeZone": "../etc/passwd"},
        {"args": []},
        {"args": {"x": 10**30}},
        {"args": {"x": "y" * 100_001}},
        {"delay": "soon"},
        {"delay": {"unit": "fortnight", "value": 1}},
        {"contact": {"groups": ["x"]}},
        {"allowResubscribe": "perhaps"},
    ],
)
def test_invalid_fields_are_an_error(api: Api, fields: dict[str, Any]) -> None:
    assert api.refuse("POST", SUBSCRIBE, {"fullPhoneNumber": GLOBE} | fields)[:2] == (400, "request.invalid")


def test_args_and_time_zone_of_a_subscription_are_stored(api: Api) -> None:
    made = subscribe(api, timeZone="Asia/Bangkok", args={"lesson": 3}, delay=HOUR | {"relative": "previous"})
    run = api.ctx.store[Run].get(made["runId"])
    assert run is not None
    assert (run.time_zone, run.args, run.relative) == ("Asia/Bangkok", b'{"lesson":3}', "previous")


def test_contacts_are_filtered_by_subscription(api: Api) -> None:
    past = subscribe(api)["contactId"]
    api.clock.advance(10)
    present = subscribe(api, SMART, delay=HOUR)["contactId"]
    never = api.contact("639191234567")["id"]

    def found(which: str) -> list[int]:
        shown = api.call("GET", f"{ORG}/contacts/", subscriptionstatus="1001", subscriptionfilter=which)
        return [contact["id"] for contact in shown["contacts"]]

    assert found("is") == [present]
    assert found("isnot") == [past, never]
    assert found("was") == [past]


def test_message_that_does_not_arrive_is_a_failure(api: Api) -> None:
    made = subscribe(api, "639175550003")
    api.clock.advance(10)
    assert status(api, made["contactId"]) == {
        "totalCount": 1,
        "doneCount": 1,
        "withFailuresCount": 1,
        "lastId": made["runId"],
    }


@pytest.mark.parametrize("trouble", ["money", "stopped", "deleted", "length"])
def test_run_that_cannot_send_ends_as_an_error(api: Api, trouble: str) -> None:
    made = subscribe(api, delay=HOUR)
    if trouble == "money":
        api.simulate("balance", balanceMicro=0)
    elif trouble == "stopped":
        api.simulate("campaign", id=1001, state="stopped")
    elif trouble == "length":
        api.simulate("campaign", id=1001, message="a" * 2000)
    else:
        api.call("DELETE", f"{ORG}/contacts/{made['contactId']}/")
    api.clock.advance(3700)
    assert api.messages == []
    ended = [event.json() for event in api.events if event.type == "subscription_ended"]
    assert [(event["runId"], event["end"]) for event in ended] == [(made["runId"], "error")]


def test_another_organizations_campaigns_are_not_found(api: Api) -> None:
    path = "/v1/organizations/2/engagements/1001/subscribe"
    assert api.refuse("POST", path, {"fullPhoneNumber": GLOBE})[:2] == (404, None)


FAILS = "639175550003"
deeds = st.one_of(
    st.tuples(st.just("subscribe"), st.sampled_from([GLOBE, FAILS]), st.booleans(), st.sampled_from([0, 3600])),
    st.tuples(st.just("unsubscribe"), st.sampled_from([GLOBE, FAILS])),
    st.tuples(st.just("stop"), st.sampled_from([GLOBE, FAILS])),
    st.tuples(st.just("wait"), st.sampled_from([1, 10, 3700])),
)


class Model:
    """Each contact's subscriptions as pairs of when they are done by themselves and how they ended before, if so."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.ids = {number: api.contact(number)["id"] for number in (GLOBE, FAILS)}
        self.runs: dict[str, list[tuple[float, str]]] = {GLOBE: [], FAILS: []}

    def active(self, number: str) -> bool:
        runs = self.runs[number]
        return bool(runs) and runs[-1][1] == "" and self.api.clock.now() < runs[-1][0]

    def end(self, number: str, how: str) -> bool:
        active = self.active(number)
        if active:
            self.runs[number][-1] = (self.runs[number][-1][0], how)
        return active

    def subscribe(self, number: str, again: bool, seconds: int) -> None:
        delay = {"unit": "second", "value": seconds}
        body = {"fullPhoneNumber": number, "allowResubscribe": again, "delay": delay}
        response = self.api.send("POST", SUBSCRIBE, body)
        if self.active(number) or (self.runs[number] and not again):
            code = "subscription.active" if self.active(number) else "subscription.exists"
            assert (response.status_code, response.json()["errorCode"]) == (400, code)
        else:
            assert (response.status_code, response.json()["contactId"]) == (200, self.ids[number])
            self.runs[number].append((self.api.clock.now() + seconds + 5, ""))

    def unsubscribe(self, number: str) -> None:
        cancelled = self.api.call("POST", UNSUBSCRIBE, {"contactId": self.ids[number]})["runId"]
        assert (cancelled != 0) == self.end(number, "error")

    def stop(self, number: str) -> None:
        self.api.simulate("inbound-sms", from_=number, message="STOP")
        self.end(number, "unsubscribed")

    def wait(self, seconds: int) -> None:
        self.api.clock.advance(seconds)

    def check(self) -> None:
        for number, runs in self.runs.items():
            found = status(self.api, self.ids[number])
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
def test_subscription_status_matches_a_model(sequence: list[tuple[Any, ...]]) -> None:
    api = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
    model = Model(api)
    for deed, *what in sequence:
        getattr(model, deed)(*what)
        model.check()
    api.http.close()
