"""Fixtures: a campaign, and parts of requests to a workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.pace import let_pass
from contract_tests.sendspark.target import Sendspark

Send = Callable[..., httpx.Response]

_MADE: dict[str, str] = {}
"""The campaign of this run in a real workspace, where campaigns cannot be removed."""


@pytest.fixture
def workspace(account: Sendspark) -> str:
    """The start of the workspace's paths."""
    return f"/v1/workspaces/{account.workspace}"


@pytest.fixture
def v2(account: Sendspark) -> str:
    """The start of the workspace's paths in version 2."""
    return f"/v2/workspaces/{account.workspace}"


@pytest.fixture
def campaign(api: httpx.Client, workspace: str, name: Callable[[str], str], real: bool) -> str:
    """A campaign's id."""
    if not real or api.base_url.host not in _MADE:
        response = api.post(f"{workspace}/dynamics", json={"name": name("campaign")}).raise_for_status()
        _MADE[api.base_url.host] = response.json()["_id"]
    return _MADE[api.base_url.host]


@pytest.fixture
def prospect(account: Sendspark) -> dict[str, Any]:
    """A prospect of the suite's own."""
    return {
        "contactName": "Ann Example",
        "contactEmail": account.prospect,
        "company": "Example Inc",
        "jobTitle": "Tester",
        "backgroundUrl": "https://example.com",
    }


@pytest.fixture
def add(api: httpx.Client, workspace: str, campaign: str, prospect: dict[str, Any]) -> Callable[..., Any]:
    """Add the prospect to the campaign and return the response: ``add(prospectDepurationConfig={…})``."""

    def post(**more: Any) -> Any:
        body = {"processAndAuthorizeCharge": True, "prospect": prospect, **more}
        return api.post(f"{workspace}/dynamics/{campaign}/prospect", json=body).raise_for_status().json()

    return post


@pytest.fixture
def send(api: httpx.Client, real: bool) -> Send:
    """``send(method, path, body)`` sends a request and waits while a real service limits the rate."""

    def request(method: str, path: str, body: Any = None) -> httpx.Response:
        response = api.request(method, path, json=body)
        while real and response.status_code == 429:
            let_pass(float(response.headers.get("retry-after", 60)) + 1)
            response = api.request(method, path, json=body)
        return response

    return request


@pytest.fixture
def add_list(send: Send, workspace: str, campaign: str) -> Callable[[Any], httpx.Response]:
    """Add prospects in bulk."""
    return lambda body: send("POST", f"{workspace}/dynamics/{campaign}/prospects/bulk", body)
