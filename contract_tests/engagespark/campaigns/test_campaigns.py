"""Campaigns: https://openapi.engagespark.com/#tag/Campaigns. They are made in the vendor's web application alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from contract_tests.engagespark.target import RECIPIENT
from sparkbox import World

pytestmark = pytest.mark.sandbox_only

HOUR = {"unit": "hour", "value": 1}


def subscribe(api: httpx.Client, org: str, campaign: int = 1001, **fields: Any) -> httpx.Response:
    return api.post(f"{org}/engagements/{campaign}/subscribe", json={"fullPhoneNumber": RECIPIENT} | fields)


@pytest.mark.documented("subscribe")
def test_subscription_starts_after_its_delay(
    api: httpx.Client, org: str, world: World, pass_time: Callable[[float], object]
) -> None:
    made = subscribe(api, org, delay=HOUR, contact={"firstName": "Wilma"}).raise_for_status().json()
    assert set(made) == {"runId", "contactId"}
    pass_time(3590)
    assert world.messages == []
    pass_time(20)
    assert [(message.to, message.text) for message in world.messages] == [(RECIPIENT, "Welcome, Wilma!")]


@pytest.mark.documented("subscribe")
@pytest.mark.parametrize(("days", "minutes"), [(0, 30), (1, 24 * 60 + 30)])
def test_zero_days_is_the_upcoming_time_and_one_day_tomorrows(
    api: httpx.Client, org: str, world: World, days: int, minutes: int
) -> None:
    world.clock.freeze(datetime(2035, 3, 1, 8, 30, tzinfo=UTC))
    subscribe(api, org, delay={"unit": "day", "value": days, "time": "9:00"}).raise_for_status()
    world.clock.advance(minutes * 60 - 1)
    assert world.messages == []
    world.clock.advance(1)
    assert len(world.messages) == 1


@pytest.mark.documented("subscribe")
@pytest.mark.parametrize(
    ("delay", "starts"),
    [
        ({"unit": "second", "value": 90}, "2035-03-01T08:31:30Z"),
        ({"unit": "minute", "value": 5}, "2035-03-01T08:35:00Z"),
        ({"unit": "hour", "value": 2}, "2035-03-01T10:30:00Z"),
        ({"unit": "day", "value": 0, "time": "09:00", "timezone": "Asia/Manila"}, "2035-03-02T01:00:00Z"),
        ({"unit": "day", "value": 0, "time": "09:00", "country": "PH"}, "2035-03-02T01:00:00Z"),
        ({"unit": "week", "value": 0, "time": "09:00", "daysOfWeek": {"monday": True}}, "2035-03-05T09:00:00Z"),
        ({"unit": "week", "value": 0, "time": "09:00", "dayOfWeek": "saturday"}, "2035-03-03T09:00:00Z"),
        ({"unit": "month", "value": 1}, "2035-04-01T08:30:00Z"),
        ({"unit": "at", "value": 0, "at": "2035-03-01T20:00:00+08:00"}, "2035-03-01T12:00:00Z"),
        ({"unit": "day", "value": 9, "time": "09:00", "at": "2035-03-01T12:00:00Z"}, "2035-03-01T12:00:00Z"),
    ],
)
def test_delay_may_be_counted_in_every_unit(
    api: httpx.Client, org: str, world: World, delay: dict[str, Any], starts: str
) -> None:
    world.clock.freeze(datetime(2035, 3, 1, 8, 30, tzinfo=UTC))
    subscribe(api, org, delay=delay).raise_for_status()
    until = datetime.fromisoformat(starts)
    world.clock.set(until - timedelta(seconds=1))
    assert world.messages == []
    world.clock.set(until)
    assert len(world.messages) == 1


@pytest.mark.documented("subscribe")
def test_contact_is_updated_before_it_is_subscribed(api: httpx.Client, org: str) -> None:
    known = api.post(f"{org}/contacts/", json={"fullPhoneNumber": RECIPIENT, "lastName": "Reyes", "groups": [1]}).json()
    fields = {"firstName": "Ana", "groups": ["2"], "customFieldsByName": {"color": "blue"}}
    made = api.post(f"{org}/engagements/1001/subscribe", json={"contactId": str(known["id"]), "contact": fields})
    assert made.raise_for_status().json()["contactId"] == known["id"]
    shown = api.get(f"{org}/contacts/{known['id']}/").json()
    assert (shown["firstName"], shown["lastName"], shown["groups"]) == ("Ana", "Reyes", [1, 2])
    assert list(shown["customFields"].values()) == ["blue"]


@pytest.mark.documented("unsubscribe")
def test_cancelled_subscription_is_an_error(api: httpx.Client, org: str) -> None:
    made = subscribe(api, org, delay=HOUR).json()
    path, body = f"{org}/engagements/1001/unsubscribe", {"contactId": str(made["contactId"])}
    assert api.post(path, json=body).json() == {"runId": made["runId"]}
    assert api.post(path, json=body).json() == {"runId": 0}
    query = {"subscriptionstatus": 1001}
    assert api.get(f"{org}/contacts/{made['contactId']}/", params=query).json()["subscription"]["errorCount"] == 1


@pytest.mark.documented("subscribe:already_subscribed", "subscribe:no_resubscribing")
def test_contact_has_one_active_subscription(api: httpx.Client, org: str, pass_time: Callable[[float], object]) -> None:
    subscribe(api, org).raise_for_status()
    assert subscribe(api, org).status_code == 400
    pass_time(60)
    assert subscribe(api, org, allowResubscribe=False).status_code == 400
    subscribe(api, org).raise_for_status()


@pytest.mark.documented("subscribe:stopped", "subscribe:not_launched", "subscribe:closed")
def test_campaign_must_take_subscriptions(api: httpx.Client, org: str) -> None:
    for campaign in (1003, 1004, 1005):
        response = subscribe(api, org, campaign)
        assert response.status_code == 400
        assert response.json()["error"]


@pytest.mark.documented("subscribe:invalid_delay")
@pytest.mark.parametrize(
    "delay", [{"unit": "hour"}, {"unit": "day", "value": 1}, {"unit": "week", "value": 1}, {"unit": "at"}]
)
def test_delay_needs_the_fields_of_its_unit(api: httpx.Client, org: str, delay: dict[str, Any]) -> None:
    assert subscribe(api, org, delay=delay).status_code == 400


@pytest.mark.observed("subscribe:invalid_number")
def test_invalid_number_is_an_error(api: httpx.Client, org: str) -> None:
    assert subscribe(api, org, fullPhoneNumber="6305").status_code == 400
