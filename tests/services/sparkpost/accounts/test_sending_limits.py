"""Sending limits: 420 where a transmission would pass one, and then nothing is sent."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.services.sparkpost.account_client import AccountClient

CONTENT = {"from": "The Shop <news@shop.example>", "subject": "Hello", "text": "Dear customer"}
HOUR, DAY = 3600.0, 86_400.0


@pytest.fixture
def client() -> AccountClient:
    return AccountClient()


def limit(client: AccountClient, **amounts: Any) -> httpx.Response:
    """Sets the limits as a user does, by the control API."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8025") as http:
            path = "/_mock/services/sparkpost/simulations/sending-limits"
            return await http.post(path, params={"account": client.account.credential}, json=amounts)

    return asyncio.run(ask())


def send(client: AccountClient, count: int = 1, **fields: Any) -> httpx.Response:
    recipients = [{"address": f"ada{number}@mail.example"} for number in range(count)]
    return client.send("POST", "/transmissions", {"recipients": recipients, "content": CONTENT, **fields})


@pytest.mark.parametrize(
    ("name", "code", "seconds"), [("hourly", "2101", HOUR), ("daily", "2102", DAY), ("monthly", "2105", 31 * DAY)]
)
def test_a_transmission_beyond_the_limit_is_refused_until_time_has_passed(
    client: AccountClient, name: str, code: str, seconds: float
) -> None:
    assert limit(client, **{name: 3}).status_code == 200
    assert send(client, 2).status_code == 200
    response = send(client, 2)
    assert (response.status_code, response.json()) == (
        420,
        {"errors": [{"message": f"Exceed Sending Limit ({name})", "code": code}]},
    )
    assert len(client.account.messages) == 2
    assert send(client).status_code == 200
    client.account.clock.advance(seconds)
    assert send(client, 3).status_code == 200


def test_limits_are_taken_back(client: AccountClient) -> None:
    limit(client, hourly=0)
    assert send(client).status_code == 420
    limit(client)
    assert send(client).status_code == 200


def test_what_is_sent_later_counts_later(client: AccountClient) -> None:
    limit(client, hourly=1)
    assert send(client).status_code == 200
    later = {"start_time": "2026-03-01T12:30:00Z"}
    assert send(client, options=later).status_code == 200
    client.account.clock.advance(1800)
    assert [event.type for event in client.account.events.oldest()][-1] == "generation_failure"
    assert len(client.account.messages) == 1


def test_the_account_shows_its_limits(client: AccountClient) -> None:
    limit(client, daily=50, monthly=70)
    usage = client.call("GET", "/account?include=usage")["usage"]
    assert (usage["day"]["limit"], usage["month"]["limit"]) == (50, 70)


def test_a_suspended_account_sends_nothing(client: AccountClient) -> None:
    client.account.suspended = True
    assert send(client).status_code == 403
    assert len(client.account.messages) == 0
