"""Authlib's OAuth client, unchanged, over TLS to the vendor's own host."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Iterator

import httpx
import pytest
from authlib.common.security import generate_token

from sparkbox import Settings, Sparkbox, World
from tests.services.sparked.api import BACK, scopes_on, signed

# Importing Authlib warns of a successor to its httpx client, and sets its own filter to show the warning.
with warnings.catch_warnings():
    import authlib.deprecate  # noqa: F401

    warnings.simplefilter("ignore")
    from authlib.integrations.base_client.errors import OAuthError
    from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuth2Client

HOST = "https://api.sparked.com"
TOKEN_URL = f"{HOST}/oauth/token"


@pytest.fixture(scope="module")
def server() -> Iterator[Sparkbox]:
    with Sparkbox(Settings(validate_responses=True, rate_limits=False)) as server, server.intercept():
        yield server


@pytest.fixture
def world(server: Sparkbox) -> Iterator[World]:
    world = server.world()
    yield world
    world.drop()


def client(world: World, scope: str = "read:profile read:insights", **more: object) -> OAuth2Client:
    place = world.sparked
    return OAuth2Client(
        place.client_id, place.client_secret, scope=scope, redirect_uri=BACK, code_challenge_method="S256",
        token_endpoint=TOKEN_URL, revocation_endpoint=f"{HOST}/oauth/revoke", **more,
    )  # fmt: skip


def approve(url: str, *, untick: str = "") -> str:
    """Approve as a creator in a browser would. Return the URL to which the browser is redirected."""
    with httpx.Client() as browser:
        page = browser.get(url)
        assert page.status_code == 200, page.text
        form = {
            "request": signed(page),
            "scope": [name for name in scopes_on(page) if name != untick],
            "creator": "cr_mock",
            "decision": "approve",
        }
        response = browser.post(url.partition("?")[0], params={"client_id": page.url.params["client_id"]}, data=form)
    assert response.status_code == 303
    return response.headers["location"]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_authlib_authorizes_calls_refreshes_and_revokes(world: World, method: str) -> None:
    verifier = generate_token(48)
    with client(world, token_endpoint_auth_method=method) as api:
        url, state = api.create_authorization_url(f"{HOST}/oauth/authorize", code_verifier=verifier)
        back = approve(url)
        token = api.fetch_token(authorization_response=back, state=state, code_verifier=verifier)
        assert token["scope"] == "read:profile read:insights"
        assert api.get(f"{HOST}/api/v1/creators/cr_mock").json()["id"] == "cr_mock"
        again = api.refresh_token(TOKEN_URL)
        assert again["access_token"] != token["access_token"]
        assert api.get(f"{HOST}/api/v1/creators/cr_mock/insights").status_code == 200
        assert api.revoke_token(f"{HOST}/oauth/revoke", token=again["refresh_token"]).status_code == 200
        assert api.get(f"{HOST}/api/v1/creators/cr_mock").status_code == 401


def test_authlib_refreshes_an_expired_token(world: World) -> None:
    renewed = []
    verifier = generate_token(48)
    with client(world, update_token=lambda token, **old: renewed.append(token), leeway=0) as api:
        url, state = api.create_authorization_url(f"{HOST}/oauth/authorize", code_verifier=verifier)
        token = api.fetch_token(authorization_response=approve(url), state=state, code_verifier=verifier)
        world.clock.advance(3_600)
        assert api.get(f"{HOST}/api/v1/creators/cr_mock").status_code == 401
        api.token = {**token, "expires_at": 1}
        assert api.get(f"{HOST}/api/v1/creators/cr_mock").status_code == 200
    assert len(renewed) == 1


def test_authlib_raises_invalid_grant_for_a_used_code(world: World) -> None:
    verifier = generate_token(48)
    with client(world) as api:
        url, state = api.create_authorization_url(f"{HOST}/oauth/authorize", code_verifier=verifier)
        back = approve(url)
        api.fetch_token(authorization_response=back, state=state, code_verifier=verifier)
        with pytest.raises(OAuthError, match="invalid_grant"):
            api.fetch_token(authorization_response=back, state=state, code_verifier=verifier)


def test_authlib_sees_the_granted_scopes(world: World) -> None:
    verifier = generate_token(48)
    with client(world) as api:
        url, state = api.create_authorization_url(f"{HOST}/oauth/authorize", code_verifier=verifier)
        back = approve(url, untick="read:insights")
        token = api.fetch_token(authorization_response=back, state=state, code_verifier=verifier)
        assert token["scope"] == "read:profile"
        assert api.get(f"{HOST}/api/v1/creators/cr_mock/insights").status_code == 403


def test_async_authlib_does_the_same(world: World) -> None:
    async def dance() -> list[int]:
        place, verifier = world.sparked, generate_token(48)
        async with AsyncOAuth2Client(
            place.client_id, place.client_secret, scope="read:profile", redirect_uri=BACK, code_challenge_method="S256",
            token_endpoint=TOKEN_URL,
        ) as api:  # fmt: skip
            url, state = api.create_authorization_url(f"{HOST}/oauth/authorize", code_verifier=verifier)
            back = await asyncio.to_thread(approve, url)
            await api.fetch_token(authorization_response=back, state=state, code_verifier=verifier)
            first = await api.get(f"{HOST}/api/v1/creators/cr_mock")
            await api.refresh_token(TOKEN_URL)
            second = await api.get(f"{HOST}/api/v1/creators/cr_mock")
            return [first.status_code, second.status_code]

    assert asyncio.run(dance()) == [200, 200]
