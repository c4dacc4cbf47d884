"""Access: tokens, scopes, creators. RFC 6750."""

from __future__ import annotations

import httpx
import pytest

from sparkbox.app import Application
from sparkbox.core.state.config import Profile
from sparkbox.core.testing.faults import Fault
from sparkbox.services.sparked.oauth.scopes import NAMES
from sparkbox.testing.transport import Transport
from tests.services.sparked.api import ID, Api, api_error

OPERATIONS = [
    ("GET", "/api/v1/creators/{}", "read:profile"),
    ("GET", "/api/v1/creators/{}/accounts", "read:profile"),
    ("GET", "/api/v1/creators/{}/insights", "read:insights"),
    ("GET", "/api/v1/gameplan/{}", "read:gameplan"),
    ("POST", "/api/v1/gameplan/{}/slots", "write:gameplan"),
    ("GET", "/api/v1/studio/{}/assets", "read:assets"),
    ("GET", "/api/v1/pulse/{}/insights", "read:insights"),
    ("GET", "/api/v1/pulse/{}/nudges", "read:insights"),
    ("GET", "/api/v1/pulse/{}/performance", "read:insights"),
    ("GET", "/api/v1/mediakit/{}", "read:mediakit"),
    ("POST", "/api/v1/mediakit/{}/generate", "read:mediakit"),
    ("GET", "/api/v1/mediakit/{}/views", "read:mediakit"),
]
SLOT = {"platform": "instagram", "scheduled_at": "2026-03-05T09:00:00Z", "title": "Hello"}


@pytest.mark.parametrize(("method", "path", "scope"), OPERATIONS)
def test_operation_requires_exactly_its_scope(api: Api, method: str, path: str, scope: str) -> None:
    body = SLOT if method == "POST" else None
    enough = api.grant(scope)["access_token"]
    assert api.send(method, path.format("cr_mock"), body, token=enough).is_success
    others = api.grant(" ".join(name for name in NAMES if name != scope))["access_token"]
    response = api.send(method, path.format("cr_mock"), body, token=others)
    assert api_error(response) == (403, "insufficient_scope")
    assert scope in response.json()["error"]["message"]
    challenge = response.headers["www-authenticate"]
    assert challenge.startswith("Bearer ")
    assert 'error="insufficient_scope"' in challenge
    assert f'scope="{scope}"' in challenge


@pytest.mark.parametrize(("method", "path", "scope"), OPERATIONS)
def test_token_sees_only_its_creator(api: Api, method: str, path: str, scope: str) -> None:
    mine, other = api.creators[:2]
    token = api.grant(creator=other)["access_token"]
    body = SLOT if method == "POST" else None
    assert api.send(method, path.format(other), body, token=token).is_success
    for creator in (mine, "cr_nobody"):
        assert api.refuse(method, path.format(creator), body, token=token) == (404, "not_found")


def test_missing_token_gets_a_bare_challenge(api: Api) -> None:
    response = api.http.get("/api/v1/creators/cr_mock")
    assert api_error(response) == (401, "unauthorized")
    assert response.headers["www-authenticate"] == 'Bearer realm="Sparked"'


@pytest.mark.parametrize(
    "authorization",
    ["Bearer sk_live_1", "Bearer spk_at_0unknown", "Bearer spk_at_ü", "bearer x", "Bearer sparked:spk_at_0"],
)
def test_unknown_token_is_invalid(api: Api, authorization: str) -> None:
    headers = {b"authorization": authorization.encode()}
    response = api.http.get("/api/v1/creators/cr_mock", headers=headers)
    assert api_error(response) == (401, "unauthorized")
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


@pytest.mark.parametrize("authorization", ["", "Bearer", "Basic x", "Token abc", "Basic bW9jay1wYXJ0bmVyOm1vY2steA=="])
def test_other_authentication_counts_as_missing_token(api: Api, authorization: str) -> None:
    response = api.http.get("/api/v1/creators/cr_mock", headers={"authorization": authorization})
    assert api_error(response) == (401, "unauthorized")


def test_bearer_scheme_is_read_in_any_case(api: Api) -> None:
    token = api.grant()["access_token"]
    headers = {"authorization": f"bearer {token}"}
    assert api.http.get("/api/v1/creators/cr_mock", headers=headers).status_code == 200


def test_client_id_is_a_token_of_the_ready_creator(api: Api) -> None:
    assert api.get("/api/v1/creators/cr_mock")["id"] == "cr_mock"
    assert api.refuse("GET", f"/api/v1/creators/{api.creators[1]}") == (404, "not_found")


@pytest.mark.parametrize("profile", ["easy", "strict"])
def test_client_id_is_a_token_in_both_profiles(api: Api, profile: Profile) -> None:
    api.account.profile = profile
    assert api.send("GET", "/api/v1/creators/cr_mock").is_success
    assert api.send("GET", "/api/v1/creators/cr_mock", token=api.simulate("grant")["access_token"]).is_success


def test_token_opens_no_other_service(app: Application, api: Api) -> None:
    token = api.grant()["access_token"]
    with httpx.Client(transport=Transport(app)) as http:
        response = http.get("https://api.sparkpost.com/api/v1/account", headers={"authorization": token})
    assert response.status_code == 401
    assert api.get("/api/v1/creators/cr_mock", token=token)["id"] == "cr_mock"


def test_partners_are_separate(app: Application, api: Api) -> None:
    other = Api(app, "mock-other", "mock-other-secret")
    token = api.grant()["access_token"]
    api.call("POST", "/api/v1/gameplan/cr_mock/slots", SLOT, token=token)
    assert other.get("/api/v1/creators/cr_mock")["name"] != api.get("/api/v1/creators/cr_mock")["name"]
    titles = [slot["title"] for slot in other.get("/api/v1/gameplan/cr_mock", limit=100)["data"]]
    assert "Hello" not in titles


def test_fork_has_the_consents_but_no_tokens(app: Application, api: Api) -> None:
    tokens = api.grant()
    app.sandbox.accounts.fork(api.account, "mock-fork")
    fork = Api(app, "mock-fork", "mock-fork-secret")
    renewed = fork.refresh(tokens["refresh_token"]).json()
    assert fork.get("/api/v1/creators/cr_mock", token=renewed["access_token"])["id"] == "cr_mock"
    assert fork.refresh(tokens["refresh_token"]).status_code == 400
    assert api.refresh(tokens["refresh_token"]).status_code == 200


def test_fork_issues_its_own_tokens(app: Application, api: Api) -> None:
    app.sandbox.accounts.fork(api.account, "mock-fork")
    fork = Api(app, "mock-fork", "mock-fork-secret")
    tokens = [each.grant()["access_token"] for each in (api, fork)]
    assert tokens[0] != tokens[1]
    api.call("POST", "/api/v1/gameplan/cr_mock/slots", SLOT, token=tokens[0])
    for token, count in zip(tokens, (1, 0), strict=True):
        plan = api.get("/api/v1/gameplan/cr_mock", limit=100, token=token)["data"]
        assert [slot["title"] for slot in plan].count("Hello") == count


def test_fork_has_its_own_media_kit_pages(app: Application, api: Api) -> None:
    before = api.get("/api/v1/mediakit/cr_mock")
    app.sandbox.accounts.fork(api.account, "mock-fork")
    fork = Api(app, "mock-fork", "mock-fork-secret")
    copy = fork.get("/api/v1/mediakit/cr_mock")
    assert (copy["id"], copy["url"] == before["url"]) == (before["id"], False)
    assert api.http.get(copy["url"]).status_code == 200
    assert api.http.get(before["url"]).status_code == 200
    for each in (api, fork):
        assert each.get("/api/v1/mediakit/cr_mock")["view_count"] == before["view_count"] + 1
        assert [event.type for event in each.events_of()] == ["mediakit.viewed"]


def test_journal_names_the_creator_of_a_request(api: Api) -> None:
    token = api.grant("read:profile")["access_token"]
    api.get("/api/v1/creators/cr_mock", token=token)
    entry = list(api.account.requests.oldest())[-1]
    assert entry.account == ID
    assert entry.note == "for cr_mock with read:profile"


def test_unknown_path_and_method_have_the_error_envelope(api: Api) -> None:
    assert api.refuse("GET", "/api/v1/nowhere") == (404, "not_found")
    assert api_error(api.http.get("/")) == (404, "not_found")
    response = api.send("DELETE", "/api/v1/creators/cr_mock")
    assert api_error(response) == (405, "method_not_allowed")
    assert response.headers["allow"] == "GET"


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/kit", "//kit//kit_1", "/oauth", "//oauth/token", "//api/v1/nowhere"]
)
def test_unknown_path_outside_of_the_api_has_no_rate_limit_headers(api: Api, path: str) -> None:
    response = api.send("GET", f"https://api.sparked.com{path}")
    assert api_error(response) == (404, "not_found")
    assert "x-ratelimit-limit" not in response.headers
    assert "x-ratelimit-limit" in api.send("GET", "/api/v1/nowhere").headers


@pytest.mark.parametrize("path", ["/oauth/authorize", "/kit/kit_1"])
def test_page_that_refuses_a_credential_has_a_challenge(app: Application, path: str) -> None:
    app.sandbox.faults.add(Fault("sparked", status=401))
    response = Api(app).http.get(path)
    assert (response.status_code, response.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert response.headers["www-authenticate"] == 'Bearer realm="Sparked"'
