"""OAuth 2.0: https://sparked.com/integration#authentication. Only the code flow is documented, without details.

The details are those of RFC 6749, 6750, 7009, 7636 and 9700. Creators decide in the sandbox only.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sparked.responses import api_error, data, oauth_error
from contract_tests.sparked.target import Sparked
from sparkbox import World

BACK = "http://127.0.0.1:4711/callback"
VERIFIER = "contract-" + "v" * 40
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def authorization_request(account: Sparked, **changes: str) -> dict[str, str]:
    usual = {"response_type": "code", "client_id": account.client_id, "redirect_uri": BACK, "state": "s t&u"}
    return {**usual, "scope": "read:profile read:insights", **changes}


def decided(browser: httpx.Client, page: httpx.Response, decision: str, *scopes: str) -> dict[str, str]:
    """Return what the browser brings back to the partner after the creator's decision."""
    form: dict[str, Any] = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page.text))
    target = re.search(r'action="([^"]+)"', page.text)
    assert target is not None
    form |= {"decision": decision, "scope": list(scopes), "creator": "cr_mock"}
    return brought(browser.post(f"/oauth/{target[1]}", data=form))


def brought(response: httpx.Response) -> dict[str, str]:
    assert response.status_code in (302, 303), response.text
    location = response.headers["location"]
    assert location.startswith(f"{BACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def exchange(partner: httpx.Client, code: str, **changes: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **changes}
    return partner.post("/oauth/token", data=form)


@pytest.mark.assumed("authorize", "decide", "create_token")
@pytest.mark.sandbox_only
def test_consent_gives_the_partner_tokens(anonymous: httpx.Client, partner: httpx.Client, account: Sparked) -> None:
    page = anonymous.get("/oauth/authorize", params=authorization_request(account, **PKCE))
    assert "Your name, handle, avatar and bio" in page.text
    back = decided(anonymous, page, "approve", "read:profile", "read:insights")
    assert back["state"] == "s t&u"
    response = exchange(partner, back["code"], code_verifier=VERIFIER)
    tokens = data(response)
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    assert tokens["scope"] == "read:profile read:insights"
    assert (response.headers["cache-control"], response.headers["pragma"]) == ("no-store", "no-cache")
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert data(anonymous.get("/api/v1/creators/cr_mock", headers=headers))["id"] == "cr_mock"


@pytest.mark.assumed("decide", "create_token")
@pytest.mark.sandbox_only
def test_creator_can_untick_a_scope(anonymous: httpx.Client, partner: httpx.Client, account: Sparked) -> None:
    page = anonymous.get("/oauth/authorize", params=authorization_request(account))
    tokens = data(exchange(partner, decided(anonymous, page, "approve", "read:profile")["code"]))
    assert tokens["scope"] == "read:profile"
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    response = anonymous.get("/api/v1/creators/cr_mock/insights", headers=headers)
    assert api_error(response) == (403, "insufficient_scope")


@pytest.mark.assumed("decide:access_denied")
@pytest.mark.sandbox_only
@pytest.mark.parametrize(("decision", "scopes"), [("deny", ["read:profile"]), ("approve", [])])
def test_creator_can_deny(anonymous: httpx.Client, account: Sparked, decision: str, scopes: list[str]) -> None:
    page = anonymous.get("/oauth/authorize", params=authorization_request(account))
    back = decided(anonymous, page, decision, *scopes)
    assert (back["error"], back["state"]) == ("access_denied", "s t&u")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        case(f"authorize:{row}", changes, error, evidence="assumed", sandbox_only=True, id=id)
        for row, changes, error, id in [
            ("unsupported_response_type", {"response_type": "token"}, "unsupported_response_type", "token"),
            ("authorize_invalid_request", {"response_type": ""}, "invalid_request", "none"),
            ("authorize_invalid_scope", {"scope": "read:mail"}, "invalid_scope", "unknown"),
            ("authorize_invalid_scope", {"scope": ""}, "invalid_scope", "none"),
            ("authorize_invalid_request", {**PKCE, "code_challenge_method": "plain"}, "invalid_request", "plain"),
        ]
    ],
)
def test_authorization_errors_redirect_to_the_partner(
    anonymous: httpx.Client, account: Sparked, changes: dict[str, str], error: str
) -> None:
    back = brought(anonymous.get("/oauth/authorize", params=authorization_request(account, **changes)))
    assert (back["error"], back["state"]) == (error, "s t&u")


@pytest.mark.parametrize(
    "changes",
    [
        case("authorize:redirect_page", {"redirect_uri": "https://evil.example/"}, evidence="assumed"),
        case("authorize:unknown_client_page", {"client_id": "contract"}, evidence="assumed"),
    ],
)
def test_wrong_client_or_redirect_uri_gets_an_error_page(
    anonymous: httpx.Client, account: Sparked, changes: dict[str, str]
) -> None:
    page = anonymous.get("/oauth/authorize", params=authorization_request(account, **changes))
    assert page.status_code == 400
    assert "location" not in page.headers


@pytest.mark.assumed("create_token:invalid_grant")
@pytest.mark.sandbox_only
def test_code_used_twice_ends_the_authorization(anonymous: httpx.Client, partner: httpx.Client, world: World) -> None:
    code = world.simulate("sparked", "consent", redirect_uri=BACK)["code"]
    tokens = data(exchange(partner, code))
    assert oauth_error(exchange(partner, code)) == (400, "invalid_grant")
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert api_error(anonymous.get("/api/v1/creators/cr_mock", headers=headers)) == (401, "unauthorized")


@pytest.mark.assumed("create_token:invalid_grant")
@pytest.mark.sandbox_only
@pytest.mark.parametrize(
    ("seconds", "changes"),
    [(600, {}), (0, {"redirect_uri": f"{BACK}/"}), (0, {"code_verifier": "w" * 43}), (0, {"code_verifier": ""})],
)
def test_code_requires_ten_minutes_redirect_uri_and_verifier(
    partner: httpx.Client, world: World, seconds: int, changes: dict[str, str]
) -> None:
    code = world.simulate("sparked", "consent", redirect_uri=BACK, code_challenge=CHALLENGE)["code"]
    world.clock.advance(seconds)
    response = exchange(partner, code, **{"code_verifier": VERIFIER, **changes})
    assert oauth_error(response) == (400, "invalid_grant")


@pytest.mark.assumed("create_token", "create_token:invalid_grant")
@pytest.mark.sandbox_only
def test_refresh_token_used_twice_ends_the_authorization(
    anonymous: httpx.Client, partner: httpx.Client, account: Sparked
) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token}
    tokens = data(partner.post("/oauth/token", data=form))
    assert tokens["refresh_token"] != account.refresh_token
    assert oauth_error(partner.post("/oauth/token", data=form)) == (400, "invalid_grant")
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert api_error(anonymous.get("/api/v1/creators/cr_mock", headers=headers)) == (401, "unauthorized")


@pytest.mark.assumed("create_token:invalid_scope")
@pytest.mark.sandbox_only
def test_refreshing_cannot_add_scopes(partner: httpx.Client, world: World) -> None:
    granted = world.simulate("sparked", "grant", scopes=["read:profile"])
    form = {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"], "scope": "read:insights"}
    assert oauth_error(partner.post("/oauth/token", data=form)) == (400, "invalid_scope")


@pytest.mark.assumed("get_creator:token_expired")
@pytest.mark.sandbox_only
def test_access_token_expires_after_an_hour(api: httpx.Client, account: Sparked, world: World) -> None:
    world.clock.freeze()
    world.clock.advance(3_590)
    data(api.get(f"/api/v1/creators/{account.creator}"))
    world.clock.advance(10)
    assert api_error(api.get(f"/api/v1/creators/{account.creator}")) == (401, "unauthorized")


@pytest.mark.assumed("create_token:invalid_client")
def test_wrong_client_secret_is_invalid_client(anonymous: httpx.Client, account: Sparked) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "contract"}
    response = anonymous.post("/oauth/token", data=form, auth=(account.client_id, "guessed"))
    assert oauth_error(response) == (401, "invalid_client")
    assert response.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        case(f"create_token:{row}", form, error, evidence="assumed", id=id)
        for row, form, error, id in [
            ("oauth_invalid_request", {}, "invalid_request", "no-grant"),
            ("oauth_invalid_request", {"grant_type": "refresh_token"}, "invalid_request", "no-token"),
            ("unsupported_grant_type", {"grant_type": "password"}, "unsupported_grant_type", "password"),
            ("invalid_grant", {"grant_type": "refresh_token", "refresh_token": "contract"}, "invalid_grant", "unknown"),
        ]
    ],
)
def test_invalid_token_requests_have_the_rfcs_errors(partner: httpx.Client, form: dict[str, str], error: str) -> None:
    assert oauth_error(partner.post("/oauth/token", data=form)) == (400, error)


@pytest.mark.assumed("revoke_token")
def test_revoking_an_unknown_token_is_no_error(partner: httpx.Client) -> None:
    assert partner.post("/oauth/revoke", data={"token": "contract-none"}).status_code == 200


@pytest.mark.assumed("revoke_token")
@pytest.mark.sandbox_only
def test_revoking_a_refresh_token_ends_the_authorization(
    api: httpx.Client, partner: httpx.Client, account: Sparked
) -> None:
    assert partner.post("/oauth/revoke", data={"token": account.refresh_token}).status_code == 200
    assert api_error(api.get(f"/api/v1/creators/{account.creator}")) == (401, "unauthorized")
