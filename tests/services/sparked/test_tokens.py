"""Exchanging, refreshing and revoking: RFC 6749, sections 4.1.3, 5 and 6; RFC 7636; RFC 7009; RFC 9700."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import httpx
import pytest

from sparkbox.app import Application, create_app
from sparkbox.core.state.config import Settings
from tests.services.sparked.partner import BACK, ID, SECRET, Partner, api_error, oauth_error

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""The pair of RFC 7636, appendix B."""
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def works(partner: Partner, token: str) -> bool:
    response = partner.send("GET", "/api/v1/creators/cr_mock", token=token)
    assert response.status_code in (200, 401)
    return response.status_code == 200


def test_a_code_buys_tokens(partner: Partner) -> None:
    response = partner.exchange(partner.code("read:profile read:insights"))
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["pragma"] == "no-cache"
    fields = response.json()
    assert set(fields) == {"access_token", "token_type", "expires_in", "refresh_token", "scope", "creator_id"}
    assert (fields["token_type"], fields["expires_in"]) == ("Bearer", 3600)
    assert fields["scope"] == "read:profile read:insights"
    assert fields["creator_id"] == "cr_mock"
    assert works(partner, fields["access_token"])


def test_the_client_may_name_itself_in_the_form(partner: Partner) -> None:
    form = {"grant_type": "authorization_code", "code": partner.code(), "redirect_uri": BACK}
    response = partner.http.post("/oauth/token", data={**form, "client_id": ID, "client_secret": SECRET})
    assert response.status_code == 200


def test_basic_credentials_are_decoded_as_forms_are(app: Application) -> None:
    partner = Partner(app, "mock-a b+c", "mock-100%")
    code = partner.code()
    encoded = base64.b64encode(b"mock-a+b%2Bc:mock-100%25").decode()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    response = partner.http.post("/oauth/token", data=form, headers={"authorization": f"Basic {encoded}"})
    assert response.status_code == 200, response.text


def test_scopes_are_as_granted(partner: Partner) -> None:
    page = partner.authorize("read:profile read:insights write:gameplan")
    code = partner.decide(page, ticked=["read:insights"]).headers["location"].split("code=")[1].split("&")[0]
    assert partner.exchange(code).json()["scope"] == "read:insights"


def test_a_code_is_good_once_and_coming_twice_it_ends_what_it_bought(partner: Partner) -> None:
    code = partner.code()
    tokens = partner.exchange(code).json()
    assert works(partner, tokens["access_token"])
    assert oauth_error(partner.exchange(code)) == (400, "invalid_grant")
    assert not works(partner, tokens["access_token"])
    assert oauth_error(partner.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


def test_a_code_is_good_for_ten_minutes_on_the_accounts_clock(partner: Partner) -> None:
    early, late = partner.code(), partner.code()
    partner.clock.advance(599)
    assert partner.exchange(early).status_code == 200
    partner.clock.advance(1)
    assert oauth_error(partner.exchange(late)) == (400, "invalid_grant")


def test_a_code_is_for_its_redirect_uri(partner: Partner) -> None:
    code = partner.code()
    assert oauth_error(partner.exchange(code, redirect_uri=BACK + "/")) == (400, "invalid_grant")
    assert oauth_error(partner.exchange(code, redirect_uri=None)) == (400, "invalid_request")
    assert partner.exchange(code).status_code == 200


def test_a_code_is_for_its_partner(app: Application, partner: Partner) -> None:
    other = Partner(app, "mock-other", "mock-other-secret")
    code = partner.code()
    assert oauth_error(other.exchange(code)) == (400, "invalid_grant")
    assert partner.exchange(code).status_code == 200


def test_a_code_with_a_challenge_wants_its_verifier(partner: Partner) -> None:
    code = partner.code(**PKCE)
    for verifier in (None, CHALLENGE, VERIFIER[:-1], "ü" * 50):
        assert oauth_error(partner.exchange(code, code_verifier=verifier)) == (400, "invalid_grant")
    assert partner.exchange(code, code_verifier=VERIFIER).status_code == 200


@pytest.mark.parametrize("verifier", ["v" * 42, "v" * 129, "v" * 42 + "!"])
def test_a_verifier_that_no_client_may_use_is_refused_though_it_fits(partner: Partner, verifier: str) -> None:
    fitting = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    code = partner.code(code_challenge=fitting, code_challenge_method="S256")
    assert oauth_error(partner.exchange(code, code_verifier=verifier)) == (400, "invalid_grant")


def test_a_verifier_without_a_challenge_is_refused(partner: Partner) -> None:
    assert oauth_error(partner.exchange(partner.code(), code_verifier=VERIFIER)) == (400, "invalid_grant")


def test_an_access_token_is_good_for_an_hour(partner: Partner) -> None:
    token = partner.grant()["access_token"]
    partner.clock.advance(3599)
    assert works(partner, token)
    partner.clock.advance(1)
    response = partner.send("GET", "/api/v1/creators/cr_mock", token=token)
    assert api_error(response) == (401, "unauthorized")
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    assert "expired" in response.json()["error"]["message"]


def test_a_refresh_token_buys_the_next_pair(partner: Partner) -> None:
    first = partner.grant("read:profile read:insights")
    partner.clock.advance(100 * 86_400)
    second = partner.refresh(first["refresh_token"]).json()
    assert second["scope"] == "read:profile read:insights"
    assert second["creator_id"] == "cr_mock"
    assert second["refresh_token"] != first["refresh_token"]
    assert works(partner, second["access_token"])
    assert partner.refresh(second["refresh_token"]).status_code == 200


def test_refreshing_leaves_the_old_access_token_its_hour(partner: Partner) -> None:
    first = partner.grant()
    partner.refresh(first["refresh_token"])
    assert works(partner, first["access_token"])


def test_a_refresh_token_that_comes_twice_ends_the_whole_authorization(partner: Partner) -> None:
    first = partner.grant()
    second = partner.refresh(first["refresh_token"]).json()
    other = partner.grant()
    assert oauth_error(partner.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert not works(partner, second["access_token"])
    assert not works(partner, first["access_token"])
    assert oauth_error(partner.refresh(second["refresh_token"])) == (400, "invalid_grant")
    assert works(partner, other["access_token"])


def test_refreshing_may_narrow_the_access_token_and_only_that(partner: Partner) -> None:
    first = partner.grant("read:profile read:insights")
    narrow = partner.refresh(first["refresh_token"], scope="read:insights").json()
    assert narrow["scope"] == "read:insights"
    assert partner.refuse("GET", "/api/v1/creators/cr_mock", token=narrow["access_token"]) == (
        403,
        "insufficient_scope",
    )
    assert partner.refresh(narrow["refresh_token"]).json()["scope"] == "read:profile read:insights"


@pytest.mark.parametrize("scope", ["read:profile write:gameplan", "write:gameplan", "nonsense", " "])
def test_refreshing_never_widens(partner: Partner, scope: str) -> None:
    token = partner.grant("read:profile")["refresh_token"]
    assert oauth_error(partner.refresh(token, scope=scope)) == (400, "invalid_scope")
    assert partner.refresh(token).status_code == 200


def test_a_refresh_token_is_for_its_partner(app: Application, partner: Partner) -> None:
    other = Partner(app, "mock-other", "mock-other-secret")
    token = partner.grant()["refresh_token"]
    assert oauth_error(other.refresh(token)) == (400, "invalid_grant")
    assert partner.refresh(token).status_code == 200


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(partner: Partner) -> None:
    tokens = partner.grant()
    assert oauth_error(partner.refresh(tokens["access_token"])) == (400, "invalid_grant")
    assert not works(partner, tokens["refresh_token"])


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
def test_requests_are_refused_as_the_rfc_says(partner: Partner, form: dict[str, Any], error: str) -> None:
    response = partner.http.post("/oauth/token", data=form, auth=(ID, SECRET))
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
def test_a_client_is_its_id_and_secret(partner: Partner, client: tuple[str, str], status: int, where: str) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    if where == "header":
        response = partner.http.post("/oauth/token", data=form, auth=client)
    else:
        named = {"client_id": client[0], "client_secret": client[1]}
        response = partner.http.post("/oauth/token", data=form | named)
    assert oauth_error(response) == (status, "invalid_client" if status == 401 else "invalid_grant")
    assert ("www-authenticate" in response.headers) == (status == 401)
    if status == 401:
        assert response.headers["www-authenticate"].startswith("Basic ")


def test_no_client_at_all_is_refused(partner: Partner) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    assert oauth_error(partner.http.post("/oauth/token", data=form)) == (401, "invalid_client")
    broken = partner.http.post("/oauth/token", data=form, headers={"authorization": "Basic ???"})
    assert oauth_error(broken) == (401, "invalid_client")


def test_a_client_does_not_name_itself_in_two_ways(partner: Partner) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": ID, "client_secret": SECRET}
    assert oauth_error(partner.http.post("/oauth/token", data=form, auth=(ID, SECRET))) == (400, "invalid_request")
    other = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "mock-other"}
    assert oauth_error(partner.http.post("/oauth/token", data=other, auth=(ID, SECRET))) == (400, "invalid_request")


def test_a_client_in_the_query_is_none(partner: Partner) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    response = partner.http.post(f"/oauth/token?client_id={ID}&client_secret={SECRET}", data=form)
    assert oauth_error(response) == (401, "invalid_client")


def test_what_is_no_form_is_refused_in_the_same_shape(partner: Partner) -> None:
    response = partner.http.post("/oauth/token", json={"grant_type": "refresh_token"}, auth=(ID, SECRET))
    assert oauth_error(response) == (400, "invalid_request")
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = partner.http.post("/oauth/token", content=b"grant_type=\xff", headers=headers, auth=(ID, SECRET))
    assert oauth_error(response) == (400, "invalid_request")
    assert oauth_error(partner.http.get("/oauth/token"))[0] == 405
    assert oauth_error(partner.http.post("/oauth/nowhere"))[0] == 404


def test_a_suspended_integration_gets_no_tokens(partner: Partner) -> None:
    code, token = partner.code(), partner.grant()["access_token"]
    partner.account.suspended = True
    assert oauth_error(partner.exchange(code)) == (400, "unauthorized_client")
    assert not works(partner, token)
    partner.account.suspended = False
    assert works(partner, token)


def revoke(partner: Partner, token: str, **more: str | None) -> httpx.Response:
    return partner.ask("/oauth/revoke", {"token": token, **more})


def test_a_revoked_refresh_token_takes_everything_along(partner: Partner) -> None:
    tokens = partner.grant()
    assert revoke(partner, tokens["refresh_token"]).status_code == 200
    assert not works(partner, tokens["access_token"])
    assert oauth_error(partner.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


def test_a_revoked_access_token_goes_alone(partner: Partner) -> None:
    tokens = partner.grant()
    assert revoke(partner, tokens["access_token"], token_type_hint="refresh_token").status_code == 200
    assert not works(partner, tokens["access_token"])
    assert partner.refresh(tokens["refresh_token"]).status_code == 200


def test_revoking_what_is_unknown_is_no_error(app: Application, partner: Partner) -> None:
    token = partner.grant()["access_token"]
    assert revoke(partner, "nonsense").status_code == 200
    assert revoke(Partner(app, "mock-other", "mock-other-secret"), token).status_code == 200
    assert works(partner, token)
    assert oauth_error(revoke(partner, "")) == (400, "invalid_request")
    assert oauth_error(partner.http.post("/oauth/revoke", data={"token": token})) == (401, "invalid_client")


def test_tokens_do_not_outlive_a_reset(app: Application, partner: Partner) -> None:
    first = partner.grant()
    code = partner.code()
    app.sandbox.accounts.reset(partner.account)
    partner = Partner(app)
    assert not works(partner, first["access_token"])
    assert oauth_error(partner.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert oauth_error(partner.exchange(code)) == (400, "invalid_grant")


def test_what_is_issued_after_a_reset_is_none_of_what_was_issued_before(app: Application, partner: Partner) -> None:
    first = partner.grant()
    app.sandbox.accounts.reset(partner.account)
    partner = Partner(app)
    second = partner.grant()
    assert first["access_token"] != second["access_token"]
    assert not works(partner, first["access_token"])
    assert works(partner, second["access_token"])


def test_the_same_run_issues_the_same_tokens() -> None:
    runs = [Partner(create_app(Settings(seed=7))).grant() for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0] != Partner(create_app(Settings(seed=8))).grant()


def test_a_sandbox_that_accepts_any_key_takes_any_client() -> None:
    partner = Partner(create_app(Settings(accept_any_key=True)), "live-id", "live-secret")
    tokens = partner.grant()
    assert works(partner, tokens["access_token"])
    assert api_error(partner.send("GET", "/api/v1/creators/cr_mock", token="spk_at_unknown")) == (401, "unauthorized")
    assert oauth_error(partner.http.post("/oauth/token", data={"grant_type": "x"}, auth=("live-id", "")))[0] == 401


def test_refused_requests_stand_in_the_partners_journal(partner: Partner) -> None:
    partner.http.post("/oauth/token", data={"grant_type": "refresh_token"}, auth=(ID, "wrong"))
    [entry] = partner.account.requests.oldest()
    assert (entry.operation, entry.error) == ("create_token", "invalid_client")


def test_an_accounts_faults_strike_its_token_requests(partner: Partner) -> None:
    fault = {"service": "sparked", "operation": "create_token", "status": 503}
    partner.http.post("http://sandbox/_mock/faults", json=fault, params={"account": ID}).raise_for_status()
    assert oauth_error(partner.refresh("x"))[0] == 503
