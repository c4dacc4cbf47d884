"""Sending limits: 420 where a transmission would pass one, and then nothing is sent."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.services.sparkpost.api import Api

CONTENT = {"from": "The Shop <news@shop.example>", "subject": "Hello", "text": "Dear customer"}
HOUR, DAY = 3600.0, 86_400.0


def send(api: Api, count: int = 1, **fields: Any) -> httpx.Response:
    recipients = [{"address": f"ada{number}@mail.example"} for number in range(count)]
    return api.send("POST", "/transmissions", {"recipients": recipients, "content": CONTENT, **fields})


@pytest.mark.parametrize(
    ("name", "code", "seconds"), [("hourly", "2101", HOUR), ("daily", "2102", DAY), ("monthly", "2105", 31 * DAY)]
)
def test_transmission_beyond_the_sending_limit_is_refused(api: Api, name: str, code: str, seconds: float) -> None:
    api.simulate("sending-limits", **{name: 3})
    assert send(api, 2).status_code == 200
    response = send(api, 2)
    assert (response.status_code, response.json()) == (
        420,
        {"errors": [{"message": f"Exceed Sending Limit ({name})", "code": code}]},
    )
    assert len(api.account.messages) == 2
    assert send(api).status_code == 200
    api.account.clock.advance(seconds)
    assert send(api, 3).status_code == 200


def test_sending_limits_can_be_removed(api: Api) -> None:
    api.simulate("sending-limits", hourly=0)
    assert send(api).status_code == 420
    api.simulate("sending-limits")
    assert send(api).status_code == 200


def test_scheduled_transmission_counts_at_its_start(api: Api) -> None:
    api.simulate("sending-limits", hourly=1)
    assert send(api).status_code == 200
    later = {"start_time": "2026-03-01T12:30:00Z"}
    assert send(api, options=later).status_code == 200
    api.account.clock.advance(1800)
    assert [event.type for event in api.account.events.oldest()][-1] == "generation_failure"
    assert len(api.account.messages) == 1


def test_the_account_shows_its_limits(api: Api) -> None:
    api.simulate("sending-limits", daily=50, monthly=70)
    usage = api.call("GET", "/account?include=usage")["usage"]
    assert (usage["day"]["limit"], usage["month"]["limit"]) == (50, 70)


def test_a_suspended_account_sends_nothing(api: Api) -> None:
    api.account.suspended = True
    assert send(api).status_code == 403
    assert len(api.account.messages) == 0
