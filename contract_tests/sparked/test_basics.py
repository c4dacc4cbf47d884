"""All operations: tokens, scopes, limits, errors. No error is documented."""

from __future__ import annotations

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sparked.responses import api_error, challenge, data, fields_of
from contract_tests.sparked.target import Sparked
from sparkbox import World
from sparkbox.services import load
from sparkbox.services.sparked.oauth.scopes import BY_NAME

NOON = 1_772_366_400.0
"""2026-03-01 12:00:00 UTC."""
OPERATIONS = [operation for operation in load("sparked").operations.values() if not operation.public]
SCOPED = [(operation, tag) for operation in OPERATIONS for tag in operation.tags if tag in BY_NAME]


def filled(path: str, creator: str) -> str:
    """Return a path for the creator, or for an unknown webhook."""
    id = "wh_none" if "/webhooks" in path else creator
    return path.replace("{id}", id).replace("{creator_id}", creator)


@pytest.mark.assumed("get_creator:unauthorized")
def test_missing_token_gets_a_challenge(anonymous: httpx.Client, account: Sparked) -> None:
    response = anonymous.get(f"/api/v1/creators/{account.creator}")
    assert api_error(response) == (401, "unauthorized")
    # RFC 6750, section 3: without a token there is no error code.
    assert "error" not in challenge(response)


@pytest.mark.assumed("*:token_invalid")
def test_unknown_token_is_invalid(anonymous: httpx.Client, account: Sparked) -> None:
    headers = {"Authorization": "Bearer spk_at_contract"}
    response = anonymous.get(f"/api/v1/creators/{account.creator}", headers=headers)
    assert api_error(response) == (401, "unauthorized")
    assert challenge(response)["error"] == "invalid_token"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        case(f"{operation.id}:unauthorized", operation.method, operation.path, evidence="assumed", sandbox_only=True)
        for operation in OPERATIONS
        if "/webhooks" not in operation.path
    ],
)
def test_every_operation_requires_a_token(anonymous: httpx.Client, account: Sparked, method: str, path: str) -> None:
    response = anonymous.request(method, filled(path, account.creator))
    assert api_error(response) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        case(
            f"{operation.id}:insufficient_scope", operation.method, operation.path, scope,
            evidence="assumed", sandbox_only=True,
        )
        for operation, scope in SCOPED
    ],
)  # fmt: skip
def test_every_operation_requires_its_scope(
    anonymous: httpx.Client, account: Sparked, world: World, method: str, path: str, scope: str
) -> None:
    others = [name for name in BY_NAME if name != scope]
    token = world.simulate("sparked", "grant", scopes=others)["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    response = anonymous.request(method, filled(path, account.creator), headers=headers)
    assert api_error(response) == (403, "insufficient_scope")
    assert scope in response.json()["error"]["message"]
    assert (challenge(response)["error"], challenge(response)["scope"]) == ("insufficient_scope", scope)


@pytest.mark.assumed("get_creator:creator_not_found")
def test_creator_without_consent_is_not_found(api: httpx.Client) -> None:
    assert api_error(api.get("/api/v1/creators/cr_contract")) == (404, "not_found")


@pytest.mark.assumed("get_creator:creator_not_found")
@pytest.mark.sandbox_only
def test_token_sees_only_its_creator(api: httpx.Client, world: World) -> None:
    other = world.simulate("sparked", "creators")["creators"][1]["id"]
    world.simulate("sparked", "grant", creator_id=other)
    assert api_error(api.get(f"/api/v1/creators/{other}")) == (404, "not_found")


@pytest.mark.assumed("*:not_found")
def test_unknown_path_is_not_found(api: httpx.Client) -> None:
    assert api_error(api.get("/api/v1/contract")) == (404, "not_found")


@pytest.mark.assumed("*:method_not_allowed")
def test_unknown_method_is_not_allowed(api: httpx.Client, account: Sparked) -> None:
    response = api.put(f"/api/v1/creators/{account.creator}")
    assert api_error(response) == (405, "method_not_allowed")
    assert "GET" in response.headers["allow"]


@pytest.mark.assumed("add_slots:invalid_request")
def test_body_that_is_not_json_is_refused(api: httpx.Client, account: Sparked) -> None:
    headers = {"Content-Type": "application/json"}
    response = api.post(f"/api/v1/gameplan/{account.creator}/slots", content=b"{", headers=headers)
    assert api_error(response) == (400, "invalid_request")


@pytest.mark.assumed("list_assets:invalid_query")
def test_invalid_query_is_refused(api: httpx.Client, account: Sparked) -> None:
    response = api.get(f"/api/v1/studio/{account.creator}/assets", params={"limit": 101})
    assert api_error(response) == (400, "invalid_request")
    assert fields_of(response) == ["limit"]


@pytest.mark.documented("get_creator")
def test_responses_have_rate_limit_headers(api: httpx.Client, account: Sparked) -> None:
    headers = api.get(f"/api/v1/creators/{account.creator}").headers
    assert int(headers["x-ratelimit-remaining"]) >= 0
    assert headers["x-ratelimit-reset"]


@pytest.mark.assumed("get_creator")
def test_rate_limit_reset_is_in_unix_seconds(api: httpx.Client, account: Sparked) -> None:
    headers = api.get(f"/api/v1/creators/{account.creator}").headers
    assert int(headers["x-ratelimit-remaining"]) <= int(headers["x-ratelimit-limit"])
    assert int(headers["x-ratelimit-reset"]) > 1_700_000_000


@pytest.mark.documented("get_creator")
@pytest.mark.sandbox_only
def test_standard_tier_has_1000_requests_an_hour_for_all_tokens(api: httpx.Client, world: World) -> None:
    world.limits.enable()
    world.clock.freeze(NOON)
    left = [int(api.get("/api/v1/creators/cr_mock").headers["x-ratelimit-remaining"])]
    other = world.simulate("sparked", "grant")["access_token"]
    response = api.get("/api/v1/creators/cr_mock", headers={"Authorization": f"Bearer {other}"})
    left.append(int(response.headers["x-ratelimit-remaining"]))
    assert left == [999, 998]


@pytest.mark.assumed("get_creator:rate_limited")
@pytest.mark.sandbox_only
def test_rate_limited_response_has_retry_after(api: httpx.Client, world: World) -> None:
    world.limits.enable()
    world.clock.freeze(NOON + 3540)
    world.simulate("sparked", "tier", tier="enterprise", requests_per_hour=1, burst_per_second=0)
    data(api.get("/api/v1/creators/cr_mock"))
    response = api.get("/api/v1/creators/cr_mock")
    assert api_error(response) == (429, "rate_limited")
    assert (response.headers["retry-after"], response.headers["x-ratelimit-remaining"]) == ("60", "0")
    world.clock.advance(60)
    data(api.get("/api/v1/creators/cr_mock"))
