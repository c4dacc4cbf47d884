"""Exchange, refresh and revoke tokens: RFC 6749, sections 4.1.3, 5 and 6; RFC 7636; RFC 7009; RFC 9700."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import httpx
import pytest

from sparkbox.app import Application, create_app
from sparkbox.core.state.config import Settings
from tests.services.sparked.api import BACK, ID, SECRET, Api, api_error, oauth_error

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""The pair of RFC 7636, appendix B."""
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def works(api: Api, token: str) -> bool:
    response = api.send("GET", "/api/v1/creators/cr_mock", token=token)
    assert response.status_code in (200, 401)
    return response.status_code == 200


def test_code_is_exchanged_for_tokens(api: Api) -> None:
    response = api.exchange(api.code("read:profile read:insights"))
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["pragma"] == "no-cache"
    fields = response.json()
    assert set(fields) == {"access_token", "token_type", "expires_in", "refresh_token", "scope", "creator_id"}
    assert (fields["token_type"], fields["expires_in"]) == ("Bearer", 3600)
    assert fields["scope"] == "read:profile read:insights"
    assert fields["creator_id"] == "cr_mock"
    assert works(api, fields["access_token"])


def test_client_can_authenticate_in_the_form(api: Api) -> None:
    form = {"grant_type": "authorization_code", "code": api.code(), "redirect_uri": BACK}
    response = api.http.post("/oauth/token", data={**form, "client_id": ID, "client_secret": SECRET})
    assert response.status_code == 200


def test_basic_credentials_are_decoded_as_forms_are(app: Application) -> None:
    api = Api(app, "mock-a b+c", "mock-100%")
    code = api.code()
    encoded = base64.b64encode(b"mock-a+b%2Bc:mock-100%25").decode()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    response = api.http.post("/oauth/token", data=form, headers={"authorization": f"Basic {encoded}"})
    assert response.status_code == 200, response.text


def test_tokens_have_the_granted_scopes(api: Api) -> None:
    page = api.authorize("read:profile read:insights write:gameplan")
    code = api.decide(page, ticked=["read:insights"]).headers["location"].split("code=")[1].split("&")[0]
    assert api.exchange(code).json()["scope"] == "read:insights"


def test_code_used_twice_revokes_its_tokens(api: Api) -> None:
    code = api.code()
    tokens = api.exchange(code).json()
    assert works(api, tokens["access_token"])
    assert oauth_error(api.exchange(code)) == (400, "invalid_grant")
    assert not works(api, tokens["access_token"])
    assert oauth_error(api.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


def test_code_expires_after_ten_minutes(api: Api) -> None:
    early, late = api.code(), api.code()
    api.clock.advance(599)
    assert api.exchange(early).status_code == 200
    api.clock.advance(1)
    assert oauth_error(api.exchange(late)) == (400, "invalid_grant")


def test_code_requires_its_redirect_uri(api: Api) -> None:
    code = api.code()
    assert oauth_error(api.exchange(code, redirect_uri=BACK + "/")) == (400, "invalid_grant")
    assert oauth_error(api.exchange(code, redirect_uri=None)) == (400, "invalid_request")
    assert api.exchange(code).status_code == 200


def test_code_requires_its_partner(app: Application, api: Api) -> None:
    other = Api(app, "mock-other", "mock-other-secret")
    code = api.code()
    assert oauth_error(other.exchange(code)) == (400, "invalid_grant")
    assert api.exchange(code).status_code == 200


def test_code_challenge_requires_its_verifier(api: Api) -> None:
    code = api.code(**PKCE)
    for verifier in (None, CHALLENGE, VERIFIER[:-1], "ü" * 50):
        assert oauth_error(api.exchange(code, code_verifier=verifier)) == (400, "invalid_grant")
    assert api.exchange(code, code_verifier=VERIFIER).status_code == 200


@pytest.mark.parametrize("verifier", ["v" * 42, "v" * 129, "v" * 42 + "!"])
def test_malformed_verifier_is_refused(api: Api, verifier: str) -> None:
    fitting = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    code = api.code(code_challenge=fitting, code_challenge_method="S256")
    assert oauth_error(api.exchange(code, code_verifier=verifier)) == (400, "invalid_grant")


def test_verifier_without_challenge_is_refused(api: Api) -> None:
    assert oauth_error(api.exchange(api.code(), code_verifier=VERIFIER)) == (400, "invalid_grant")


def test_access_token_expires_after_an_hour(api: Api) -> None:
    token = api.grant()["access_token"]
    api.clock.advance(3599)
    assert works(api, token)
    api.clock.advance(1)
    response = api.send("GET", "/api/v1/creators/cr_mock", token=token)
    assert api_error(response) == (401, "unauthorized")
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    assert "expired" in response.json()["error"]["message"]


def test_refresh_token_is_exchanged_for_the_next_pair(api: Api) -> None:
    first = api.grant("read:profile read:insights")
    api.clock.advance(100 * 86_400)
    second = api.refresh(first["refresh_token"]).json()
    assert second["scope"] == "read:profile read:insights"
    assert second["creator_id"] == "cr_mock"
    assert second["refresh_token"] != first["refresh_token"]
    assert works(api, second["access_token"])
    assert api.refresh(second["refresh_token"]).status_code == 200


def test_refreshing_keeps_the_old_access_token(api: Api) -> None:
    first = api.grant()
    api.refresh(first["refresh_token"])
    assert works(api, first["access_token"])


def test_refresh_token_used_twice_ends_the_authorization(api: Api) -> None:
    first = api.grant()
    second = api.refresh(first["refresh_token"]).json()
    other = api.grant()
    assert oauth_error(api.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert not works(api, second["access_token"])
    assert not works(api, first["access_token"])
    assert oauth_error(api.refresh(second["refresh_token"])) == (400, "invalid_grant")
    assert works(api, other["access_token"])


def test_refreshing_can_reduce_scopes_of_the_access_token_only(api: Api) -> None:
    first = api.grant("read:profile read:insights")
    narrow = api.refresh(first["refresh_token"], scope="read:insights").json()
    assert narrow["scope"] == "read:insights"
    assert api.refuse("GET", "/api/v1/creators/cr_mock", token=narrow["access_token"]) == (
        403,
        "insufficient_scope",
    )
    assert api.refresh(narrow["refresh_token"]).json()["scope"] == "read:profile read:insights"


@pytest.mark.parametrize("scope", ["read:profile write:gameplan", "write:gameplan", "nonsense", " "])
def test_refreshing_cannot_add_scopes(api: Api, scope: str) -> None:
    token = api.grant("read:profile")["refresh_token"]
    assert oauth_error(api.refresh(token, scope=scope)) == (400, "invalid_scope")
    assert api.refresh(token).status_code == 200


def test_refresh_token_requires_its_partner(app: Application, api: Api) -> None:
    other = Api(app, "mock-other", "mock-other-secret")
    token = api.grant()["refresh_token"]
    assert oauth_error(other.refresh(token)) == (400, "invalid_grant")
    assert api.refresh(token).status_code == 200


def test_access_and_refresh_tokens_are_not_interchangeable(api: Api) -> None:
    tokens = api.grant()
    assert oauth_error(api.refresh(tokens["access_token"])) == (400, "invalid_grant")
    assert not works(api, tokens["refresh_token"])


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "x", "redirect_uri": BACK}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": ["refresh_token", "refresh_token"], "refresh_token": "x"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": ""}, "invalid_request"),
    ],
)
def test_invalid_token_requests_have_the_rfcs_errors(api: Api, form: dict[str, Any], error: str) -> None:
    response = api.http.post("/oauth/token", data=form, auth=(ID, SECRET))
    assert oauth_error(response) == (400, error)


@pytest.mark.parametrize(
    ("client", "status"),
    [
        ((ID, "secret"), 401),
        ((ID, ""), 401),
        (("acme", "mock-secret"), 401),
        (("", ""), 401),
        (("mock-sparked-id", "mock-other"), 401),
        (("mock-sparked-id", "mock-sparked-secret"), 400),
        ((ID, "mock-any"), 400),
    ],
)
@pytest.mark.parametrize("where", ["header", "form"])
def test_wrong_client_secret_is_invalid_client(api: Api, client: tuple[str, str], status: int, where: str) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    if where == "header":
        response = api.http.post("/oauth/token", data=form, auth=client)
    else:
        named = {"client_id": client[0], "client_secret": client[1]}
        response = api.http.post("/oauth/token", data=form | named)
    assert oauth_error(response) == (status, "invalid_client" if status == 401 else "invalid_grant")
    assert ("www-authenticate" in response.headers) == (status == 401)
    if status == 401:
        assert response.headers["www-authenticate"].startswith("Basic ")


def test_missing_client_is_refused(api: Api) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    assert oauth_error(api.http.post("/oauth/token", data=form)) == (401, "invalid_client")
    broken = api.http.post("/oauth/token", data=form, headers={"authorization": "Basic ???"})
    assert oauth_error(broken) == (401, "invalid_client")


def test_client_cannot_authenticate_in_two_ways(api: Api) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": ID, "client_secret": SECRET}
    assert oauth_error(api.http.post("/oauth/token", data=form, auth=(ID, SECRET))) == (400, "invalid_request")
    other = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "mock-other"}
    assert oauth_error(api.http.post("/oauth/token", data=other, auth=(ID, SECRET))) == (400, "invalid_request")


def test_client_in_the_query_does_not_count(api: Api) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    response = api.http.post(f"/oauth/token?client_id={ID}&client_secret={SECRET}", data=form)
    assert oauth_error(response) == (401, "invalid_client")


def test_token_request_must_be_a_form(api: Api) -> None:
    response = api.http.post("/oauth/token", json={"grant_type": "refresh_token"}, auth=(ID, SECRET))
    assert oauth_error(response) == (400, "invalid_request")
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = api.http.post("/oauth/token", content=b"grant_type=\xff", headers=headers, auth=(ID, SECRET))
    assert oauth_error(response) == (400, "invalid_request")
    assert oauth_error(api.http.get("/oauth/token"))[0] == 405
    assert oauth_error(api.http.post("/oauth/nowhere"))[0] == 404


def test_suspended_integration_gets_no_tokens(api: Api) -> None:
    code, token = api.code(), api.grant()["access_token"]
    api.account.suspended = True
    assert oauth_error(api.exchange(code)) == (400, "unauthorized_client")
    assert not works(api, token)
    api.account.suspended = False
    assert works(api, token)


def revoke(api: Api, token: str, **more: str | None) -> httpx.Response:
    return api.post_form("/oauth/revoke", {"token": token, **more})


def test_revoking_a_refresh_token_ends_the_authorization(api: Api) -> None:
    tokens = api.grant()
    assert revoke(api, tokens["refresh_token"]).status_code == 200
    assert not works(api, tokens["access_token"])
    assert oauth_error(api.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


def test_revoking_an_access_token_keeps_the_rest(api: Api) -> None:
    tokens = api.grant()
    assert revoke(api, tokens["access_token"], token_type_hint="refresh_token").status_code == 200
    assert not works(api, tokens["access_token"])
    assert api.refresh(tokens["refresh_token"]).status_code == 200


def test_revoking_an_unknown_token_is_no_error(app: Application, api: Api) -> None:
    token = api.grant()["access_token"]
    assert revoke(api, "nonsense").status_code == 200
    assert revoke(Api(app, "mock-other", "mock-other-secret"), token).status_code == 200
    assert works(api, token)
    assert oauth_error(revoke(api, "")) == (400, "invalid_request")
    assert oauth_error(api.http.post("/oauth/revoke", data={"token": token})) == (401, "invalid_client")


def test_tokens_do_not_outlive_a_reset(app: Application, api: Api) -> None:
    first = api.grant()
    code = api.code()
    app.sandbox.accounts.reset(api.account)
    api = Api(app)
    assert not works(api, first["access_token"])
    assert oauth_error(api.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert oauth_error(api.exchange(code)) == (400, "invalid_grant")


def test_tokens_after_a_reset_are_new(app: Application, api: Api) -> None:
    first = api.grant()
    app.sandbox.accounts.reset(api.account)
    api = Api(app)
    second = api.grant()
    assert first["access_token"] != second["access_token"]
    assert not works(api, first["access_token"])
    assert works(api, second["access_token"])


def test_same_seed_issues_the_same_tokens() -> None:
    runs = [Api(create_app(Settings(seed=7))).grant() for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0] != Api(create_app(Settings(seed=8))).grant()


def test_accept_any_key_accepts_any_client() -> None:
    api = Api(create_app(Settings(accept_any_key=True)), "live-id", "live-secret")
    tokens = api.grant()
    assert works(api, tokens["access_token"])
    assert api_error(api.send("GET", "/api/v1/creators/cr_mock", token="spk_at_unknown")) == (401, "unauthorized")
    assert oauth_error(api.http.post("/oauth/token", data={"grant_type": "x"}, auth=("live-id", "")))[0] == 401


def test_refused_token_requests_are_in_the_partners_journal(api: Api) -> None:
    api.http.post("/oauth/token", data={"grant_type": "refresh_token"}, auth=(ID, "wrong"))
    [entry] = api.account.requests.oldest()
    assert (entry.operation, entry.error) == ("create_token", "invalid_client")


def test_faults_of_an_account_apply_to_its_token_requests(api: Api) -> None:
    fault = {"service": "sparked", "operation": "create_token", "status": 503}
    api.http.post("http://sandbox/_mock/faults", json=fault, params={"account": ID}).raise_for_status()
    assert oauth_error(api.refresh("x"))[0] == 503
