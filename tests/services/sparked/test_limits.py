"""Rate limits by tier."""

from __future__ import annotations

import httpx
import pytest

from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from tests.services.sparked.api import Api, api_error
from tests.services.view import NOW

PROFILE = "/api/v1/creators/cr_mock"


@pytest.fixture
def limited() -> Api:
    return Api(create_app(Settings(validate_responses=True, rate_limits=True)))


def standing(response: httpx.Response) -> tuple[int, int, int]:
    limit, remaining, reset = (response.headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining", "reset"))
    return int(limit), int(remaining), int(reset)


def test_responses_have_rate_limit_headers(limited: Api) -> None:
    assert standing(limited.send("GET", PROFILE)) == (1000, 999, NOW + 3600)
    assert standing(limited.send("GET", "/api/v1/creators/cr_other")) == (1000, 998, NOW + 3600)
    limited.clock.advance(1800)
    assert standing(limited.send("GET", PROFILE)) == (1000, 997, NOW + 3600)


def test_rate_limit_headers_are_sent_while_limits_are_off(api: Api) -> None:
    for _ in range(2):
        assert standing(api.send("GET", PROFILE)) == (1000, 1000, NOW + 3600)


def test_standard_tier_has_1000_requests_an_hour(limited: Api) -> None:
    limited.clock.advance(600.5)
    for _ in range(1_000):
        assert limited.send("GET", PROFILE).status_code == 200
    response = limited.send("GET", PROFILE)
    assert api_error(response) == (429, "rate_limited")
    assert standing(response) == (1000, 0, NOW + 3600)
    assert response.headers["retry-after"] == "3000"
    limited.clock.advance(2999.5)
    assert limited.send("GET", PROFILE).status_code == 200


def test_tokens_of_an_integration_share_the_limit(limited: Api) -> None:
    tokens = [limited.grant(creator=creator)["access_token"] for creator in limited.creators[:2]]
    limited.simulate("tier", {"tier": "enterprise", "requests_per_hour": 4, "burst_per_second": 0})
    for index in range(4):
        creator = limited.creators[index % 2]
        assert limited.send("GET", f"/api/v1/creators/{creator}", token=tokens[index % 2]).status_code == 200
    for token in tokens:
        assert limited.send("GET", PROFILE, token=token).status_code == 429


def test_partners_have_separate_limits(limited: Api) -> None:
    limited.simulate("tier", {"tier": "enterprise", "requests_per_hour": 0, "burst_per_second": 0})
    assert limited.send("GET", PROFILE).status_code == 429
    assert Api(limited.app, "mock-other").send("GET", PROFILE).status_code == 200


def test_partner_tier_has_10000_requests_an_hour_and_then_100_a_second(limited: Api) -> None:
    assert limited.simulate("tier", {"tier": "partner"}) == {
        "tier": "partner", "requests_per_hour": 10_000, "burst_per_second": 100,
    }  # fmt: skip
    limited.account.buckets.set_amount("sparked", "hour", 3)
    for _ in range(3):
        assert limited.send("GET", PROFILE).status_code == 200
    for _ in range(100):
        response = limited.send("GET", PROFILE)
        assert response.status_code == 200
        assert standing(response)[1] == 0
    refused = limited.send("GET", PROFILE)
    assert api_error(refused) == (429, "rate_limited")
    assert refused.headers["retry-after"] == "1"
    limited.clock.advance(1)
    assert limited.send("GET", PROFILE).status_code == 200


def test_tier_can_be_changed_back(limited: Api) -> None:
    limited.simulate("tier", {"tier": "partner"})
    assert standing(limited.send("GET", PROFILE))[0] == 10_000
    limited.simulate("tier", {"tier": "enterprise", "requests_per_hour": 50})
    assert standing(limited.send("GET", PROFILE))[0] == 50
    limited.simulate("tier", {"tier": "standard"})
    assert standing(limited.send("GET", PROFILE))[0] == 1_000


def test_requests_with_invalid_tokens_do_not_count(limited: Api) -> None:
    token = limited.grant("read:profile")["access_token"]
    assert limited.send("GET", "/api/v1/creators/cr_mock/insights", token=token).status_code == 403
    assert limited.send("GET", PROFILE, token="spk_at_0unknown").status_code == 401
    assert standing(limited.send("GET", PROFILE, token=token))[1] == 999


def test_oauth_and_pages_do_not_count(limited: Api) -> None:
    url = limited.get("/api/v1/mediakit/cr_mock")["url"]
    limited.grant()
    limited.http.get(url)
    assert standing(limited.send("GET", PROFILE))[1] == 998
