"""Rate limits: ten requests a second, and the plan's quotas a minute and a day."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from sparkbox.services.sendpulse.accounts import plans
from sparkbox.testing.transport import Transport
from tests.services.sendpulse.api import Api


@pytest.fixture
def limited() -> Iterator[Api]:
    api = Api(create_app(Settings(validate_responses=True, rate_limits=True)))
    yield api
    api.http.close()


def test_eleventh_request_within_a_second_is_refused(limited: Api) -> None:
    for _ in range(10):
        limited.call("GET", "/balance")
    assert limited.refuse("GET", "/senders") == (429, 2020202020, "More than 10 requests per second")
    limited.clock.advance(0.99)
    assert limited.refuse("GET", "/balance")[1] == 2020202020
    limited.clock.advance(0.02)
    assert limited.call("GET", "/balance")


def test_free_plan_has_a_thousand_requests_a_minute(limited: Api) -> None:
    limited.account.buckets.set_amount("sendpulse", "second", 10_000)
    for _ in range(1_000):
        limited.call("GET", "/smtp/ips")
    assert limited.refuse("GET", "/smtp/ips") == (429, 429, "Too many requests")
    limited.clock.advance(60)
    assert limited.call("GET", "/smtp/ips")


def test_limited_response_has_no_rate_limit_headers(limited: Api) -> None:
    for _ in range(10):
        limited.call("GET", "/balance")
    headers = limited.send("GET", "/balance").headers
    assert set(headers) == {"content-type", "content-length"}


def test_token_requests_do_not_count_against_limits(limited: Api) -> None:
    with httpx.Client(transport=Transport(limited.app), base_url="https://api.sendpulse.com") as http:
        fields = {"grant_type": "client_credentials", "client_id": "mock-key", "client_secret": "mock-secret"}
        responses = [http.post("/oauth/access_token", json=fields) for _ in range(12)]
    assert {response.status_code for response in responses} == {200}


def test_larger_plan_has_larger_quotas(limited: Api) -> None:
    limited.account.buckets.set_amount("sendpulse", "second", 10_000)
    plans.change(limited.ctx, category="standard")
    for _ in range(2_000):
        limited.call("GET", "/smtp/ips")
    assert limited.refuse("GET", "/smtp/ips") == (429, 429, "Too many requests")
    limited.clock.advance(60)
    assert limited.call("GET", "/smtp/ips")


def test_daily_quota_is_separate(limited: Api) -> None:
    limited.account.buckets.set_amount("sendpulse", "day", 3)
    for _ in range(3):
        limited.call("GET", "/smtp/ips")
    limited.clock.advance(3600)
    assert limited.refuse("GET", "/smtp/ips") == (429, 429, "Too many requests")
    limited.clock.advance(86_400)
    assert limited.call("GET", "/smtp/ips")


def test_sending_keeps_overridden_limits(limited: Api) -> None:
    limited.account.buckets.set_amount("sendpulse", "minute", 2)
    limited.mail()
    limited.mail()
    assert limited.refuse("GET", "/smtp/ips") == (429, 429, "Too many requests")
