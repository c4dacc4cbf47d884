"""Rate limits: thirty requests a minute, one in bulk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from tests.services.sendspark.api import WORKSPACE, Api


@pytest.fixture
def limited() -> Iterator[Api]:
    api = Api(create_app(Settings(validate_responses=True, rate_limits=True)))
    yield api
    api.http.close()


def test_thirty_first_request_in_a_minute_is_refused(limited: Api) -> None:
    for _ in range(30):
        limited.call("GET", "/v1/workspaces")
    response = limited.send("GET", "/v1/workspaces")
    assert (response.status_code, response.headers["retry-after"]) == (429, "60")
    assert response.json() == {"statusCode": 429, "error": "Too Many Requests", "message": "Rate limit exceeded"}
    limited.clock.advance(59.5)
    assert limited.send("GET", "/v1/workspaces").headers["retry-after"] == "1"
    limited.clock.advance(1)
    assert limited.call("GET", "/v1/workspaces")


def test_rate_limit_counts_each_operation(limited: Api) -> None:
    for _ in range(30):
        limited.call("GET", "/v1/workspaces")
    assert limited.call("GET", f"{WORKSPACE}/dynamics")


def test_bulk_rate_limit_is_one_request_a_minute(limited: Api) -> None:
    campaign = limited.new_campaign()
    rows = [{"contactEmail": "ann@acme.example"}]
    limited.add_list(campaign, rows)
    body = {"processAndAuthorizeCharge": True, "prospectList": rows}
    refused = limited.refuse("POST", f"{WORKSPACE}/dynamics/{campaign}/prospects/bulk", body)
    assert refused == (429, None, "Rate limit exceeded")
    limited.add(campaign, "bob@acme.example")
    limited.clock.advance(60.5)
    limited.add_list(campaign, rows)


def test_rate_limit_ignores_share_pages(limited: Api) -> None:
    url = limited.shared(limited.new_campaign())
    assert {limited.visit(url).status_code for _ in range(40)} == {200}
