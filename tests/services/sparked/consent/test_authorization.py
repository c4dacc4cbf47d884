"""The consent page and its redirects: RFC 6749, section 4.1; RFC 7636."""

from __future__ import annotations

import httpx
import pytest

from sparkbox.app import Application, create_app
from sparkbox.core.state.config import Settings
from sparkbox.services.sparked.oauth.scopes import NAMES, SCOPES
from tests.services.sparked.api import BACK, ID, Api, returned, scopes_on, signed
from tests.services.view import NOW

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_consent_page_explains_each_scope(api: Api) -> None:
    page = api.authorize(" ".join(NAMES))
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert scopes_on(page) == list(NAMES)
    for scope in SCOPES:
        assert scope.title in page.text
        for item in scope.opens:
            assert item in page.text


def test_consent_page_has_only_the_requested_scopes(api: Api) -> None:
    page = api.authorize("read:mediakit read:profile read:profile")
    assert scopes_on(page) == ["read:profile", "read:mediakit"]
    assert "See your analytics" not in page.text


def test_consent_page_offers_every_creator(api: Api) -> None:
    page = api.authorize()
    assert len(api.creators) == 4
    for creator in api.creators:
        assert f'name="creator" value="{creator}"' in page.text


def test_consent_page_runs_nothing_and_loads_nothing_from_elsewhere(api: Api) -> None:
    page = api.authorize()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:4711" in policy
    assert "unsafe" not in policy
    assert "<script" not in page.text
    assert "https://" not in page.text
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"


def test_consent_page_escapes_the_partners_texts(api: Api) -> None:
    api.simulate("client", {"name": "<b>Bold</b> & Co"})
    page = api.authorize(state='"><script>')
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; Co wants to use your Sparked data" in page.text
    assert "<b>" not in page.text
    assert "<script" not in page.text


def test_approval_returns_a_code_and_the_state(api: Api) -> None:
    brought = returned(api.decide(api.authorize()))
    assert set(brought) == {"code", "state"}
    assert brought["state"] == "s t&u"


def test_approval_without_state_returns_none(api: Api) -> None:
    assert set(returned(api.decide(api.authorize(state=None)))) == {"code"}


def test_denial_redirects_to_the_partner(api: Api) -> None:
    brought = returned(api.decide(api.authorize(), "deny"))
    assert (brought["error"], brought["state"]) == ("access_denied", "s t&u")
    assert api.events_of() == []


def test_approving_no_scope_is_a_denial(api: Api) -> None:
    assert returned(api.decide(api.authorize(), ticked=[]))["error"] == "access_denied"


def test_redirect_uri_keeps_its_query(api: Api) -> None:
    back = "http://[::1]:8080/cb?tenant=7"
    brought = returned(api.decide(api.authorize(redirect_uri=back)), back)
    assert brought["tenant"] == "7"
    assert "code" in brought


@pytest.mark.parametrize(
    "changes",
    [{"client_id": None}, {"client_id": "acme"}, {"client_id": "mock-" + "x" * 5000}, {"client_id": "sparked:x"}],
)
def test_unknown_client_gets_an_error_page(api: Api, changes: dict[str, str | None]) -> None:
    page = api.authorize("read:profile", **changes)
    assert page.status_code == 400
    assert "location" not in page.headers
    assert 'role="alert">No app is known' in page.text


@pytest.mark.parametrize(
    "uri",
    [
        None,
        "",
        "https://evil.example/callback",
        "https://example.com/callback/",
        "https://example.com/callback?x=1",
        "https://example.com/CALLBACK",
        "http://example.com/callback",
        "http://127.0.0.1@evil.example/",
        "http://127.0.0.1:80\\@evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1:4711/cb#fragment",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:4711/a b",
        "http://127.0.0.1:4711/\r\nSet-Cookie: a=b",
        "http://127.0.0.1:4711/ü",
        "//127.0.0.1/cb",
        "ftp://127.0.0.1/cb",
        "javascript:alert(1)//127.0.0.1",
        "http://[::1/cb",
        "http://127.0.0.1/" + "x" * 3000,
    ],
)
def test_unregistered_redirect_uri_gets_an_error_page(api: Api, uri: str | None) -> None:
    page = api.authorize(redirect_uri=uri)
    assert page.status_code == 400
    assert "location" not in page.headers
    assert "has not registered" in page.text


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1/", "http://127.0.0.1:1/x?y=z", "https://localhost:3000/a/b", "http://[::1]:8080/cb",
        "https://example.com/callback",
    ],
)  # fmt: skip
def test_loopback_and_registered_redirect_uris_are_accepted(api: Api, uri: str) -> None:
    assert api.authorize(redirect_uri=uri).status_code == 200


def test_registered_redirect_uris_replace_earlier_ones(api: Api) -> None:
    api.simulate("client", {"redirect_uris": ["https://example.com/callback"]})
    assert api.authorize(redirect_uri=BACK).status_code == 400
    refused = api.simulate("consent", {"redirect_uri": BACK}, status=422)
    assert BACK in refused["error"]["message"]
    assert api.authorize(redirect_uri="https://example.com/callback").status_code == 200
    api.simulate("client", {"loopback": True})
    assert api.authorize(redirect_uri=BACK).status_code == 200
    api.simulate("client", {"redirect_uris": [BACK, "myapp:/back"]})
    assert api.authorize(redirect_uri=BACK).status_code == 200
    assert api.authorize(redirect_uri="myapp:/back").status_code == 200
    assert api.authorize(redirect_uri="https://example.com/callback").status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "read:profile read:everything"}, "invalid_scope"),
        ({"scope": 'a"\\ü'}, "invalid_scope"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
    ],
)
def test_other_authorization_errors_redirect_to_the_partner(
    api: Api, changes: dict[str, str | None], error: str
) -> None:
    response = api.authorize(**{"scope": "read:profile", **changes})  # type: ignore[arg-type]
    brought = returned(response)
    assert response.status_code == 302
    assert (brought["error"], brought["state"]) == (error, "s t&u")
    assert brought["error_description"].isascii()


@pytest.mark.parametrize("name", ["scope", "state", "response_type", "code_challenge"])
def test_repeated_parameter_redirects_to_the_partner(api: Api, name: str) -> None:
    parameters = httpx.QueryParams([*api.authorization().items(), (name, "read:profile"), (name, "read:profile")])
    brought = returned(api.http.get("/oauth/authorize", params=parameters))
    assert brought["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_repeated_client_id_or_redirect_uri_gets_an_error_page(api: Api, name: str) -> None:
    parameters = httpx.QueryParams([*api.authorization().items(), (name, api.authorization()[name])])
    page = api.http.get("/oauth/authorize", params=parameters)
    assert page.status_code == 400
    assert "text/html" in page.headers["content-type"]


def test_suspended_integration_is_unauthorized(api: Api) -> None:
    page = api.authorize()
    api.account.suspended = True
    assert returned(api.authorize())["error"] == "unauthorized_client"
    assert returned(api.decide(page))["error"] == "unauthorized_client"


def test_consent_page_is_valid_for_ten_minutes(api: Api) -> None:
    page = api.authorize()
    api.clock.freeze(NOW + 599)
    assert api.decide(page).status_code == 303
    api.clock.freeze(NOW + 600)
    response = api.decide(page)
    assert response.status_code == 400
    assert "open for too long" in response.text
    assert "location" not in response.headers


def test_consent_form_cannot_add_scopes(api: Api) -> None:
    page = api.authorize("read:profile")
    code = returned(api.decide(page, ticked=["read:profile", "write:gameplan"]))["code"]
    assert api.exchange(code).json()["scope"] == "read:profile"


@pytest.mark.parametrize("forged", ["", "x", "a.b.c", "ü", "e" * 20_000])
def test_forged_consent_is_refused(api: Api, forged: str) -> None:
    form = {"request": forged, "decision": "approve", "scope": "read:profile", "creator": "cr_mock"}
    response = api.http.post(f"/oauth/authorize?client_id={ID}", data=form)
    assert response.status_code == 400
    assert "location" not in response.headers


def test_tampered_consent_is_refused(api: Api) -> None:
    head, body, signature = signed(api.authorize()).split(".")
    other = signed(api.authorize("read:mediakit")).split(".")[1]
    form = {"request": f"{head}.{other}.{signature}", "decision": "approve", "scope": "read:mediakit"}
    assert body != other
    assert api.http.post(f"/oauth/authorize?client_id={ID}", data=form).status_code == 400


def test_consent_for_another_partner_is_refused(app: Application, api: Api) -> None:
    foreign = signed(Api(app, "mock-other", "mock-secret").authorize())
    form = {"request": foreign, "decision": "approve", "scope": "read:profile", "creator": "cr_mock"}
    assert api.http.post(f"/oauth/authorize?client_id={ID}", data=form).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://api.sparked.com"}, 303),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
def test_consent_from_another_website_is_refused(api: Api, headers: dict[str, str], status: int) -> None:
    response = api.decide(api.authorize(), **headers)
    assert response.status_code == status
    assert (len(api.events_of("creator.connected")) == 1) == (status == 303)


@pytest.mark.parametrize(
    "changes", [{"decision": "maybe"}, {"decision": None}, {"creator": "cr_nobody"}, {"creator": None}]
)
def test_invalid_consent_form_gets_an_error_page(api: Api, changes: dict[str, str | None]) -> None:
    form = {
        "request": signed(api.authorize()),
        "decision": "approve",
        "scope": "read:profile",
        "creator": "cr_mock",
    }
    kept = {name: value for name, value in (form | changes).items() if value is not None}
    response = api.http.post(f"/oauth/authorize?client_id={ID}", data=kept)
    assert response.status_code == 400
    assert "form was sent without a decision" in response.text


def test_consent_errors_are_pages(api: Api) -> None:
    for response in (
        api.http.put("/oauth/authorize"),
        api.http.post(f"/oauth/authorize?client_id={ID}", json={"decision": "approve"}),
        api.http.get("/oauth/authorize?" + "&".join(f"x{index}=1" for index in range(300))),
    ):
        assert response.status_code in (400, 405, 415)
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert 'role="alert"' in response.text


def test_consent_emits_creator_connected(api: Api) -> None:
    api.decide(api.authorize("read:profile read:insights"), ticked=["read:insights"])
    [event] = api.events_of()
    assert event.type == "creator.connected"
    fields = event.json()
    assert fields["creator_id"] == "cr_mock"
    assert fields["data"]["scopes"] == ["read:insights"]
    assert fields["created_at"] == "2026-03-01T12:00:00Z"


def test_ready_client_has_a_name() -> None:
    api = Api(create_app(Settings()), "mock-sparked-id", "mock-sparked-secret")
    assert "Acme Partner App wants to use your Sparked data" in api.authorize().text
    assert "Mock Partner" in Api(api.app).authorize().text
