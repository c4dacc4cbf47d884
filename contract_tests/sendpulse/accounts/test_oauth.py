"""https://sendpulse.com/integrations/api#auth"""

from __future__ import annotations

import base64

import httpx
import orjson
import pytest

from contract_tests.cases import case
from contract_tests.sendpulse.responses import api_error, result
from contract_tests.sendpulse.target import Sendpulse
from sparkbox import World
from sparkbox.services import load

PATH = "/oauth/access_token"
UNAUTHORIZED = (401, 401, "Unauthorized!")
GUARDED = [operation for operation in load("sendpulse").operations.values() if not operation.public]


@pytest.mark.documented("create_access_token")
def test_client_gets_a_token_for_an_hour(anonymous: httpx.Client, account: Sendpulse) -> None:
    token = result(anonymous.post(PATH, json=account.credentials))
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert anonymous.get("/addressbooks", headers=headers).status_code == 200


@pytest.mark.documented("create_access_token")
def test_credentials_may_come_as_a_form(anonymous: httpx.Client, account: Sendpulse) -> None:
    assert result(anonymous.post(PATH, data=account.credentials))["token_type"] == "Bearer"


@pytest.mark.documented("create_access_token")
def test_token_has_documented_claims(anonymous: httpx.Client, account: Sendpulse) -> None:
    token = result(anonymous.post(PATH, json=account.credentials))["access_token"]
    head, body = [orjson.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]
    assert (head["typ"], head["alg"]) == ("JWT", "RS256")
    assert (body["aud"], body["exp"] - body["iat"], body["user"]["area"]) == (account.client_id, 3600, "rest")


@pytest.mark.observed("create_access_token:invalid_client")
def test_wrong_credentials_are_an_invalid_client(anonymous: httpx.Client, account: Sendpulse) -> None:
    response = anonymous.post(PATH, json={**account.credentials, "client_secret": "guessed"})
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert response.json()["message"] == "Client authentication failed"
    assert response.json()["error_description"]


@pytest.mark.assumed("create_access_token:unsupported_grant_type")
@pytest.mark.sandbox_only
def test_grant_type_must_be_client_credentials(anonymous: httpx.Client, account: Sendpulse) -> None:
    response = anonymous.post(PATH, json={**account.credentials, "grant_type": "password"})
    assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.documented("list_mailing_lists:unauthorized")
@pytest.mark.parametrize("authorization", ["", "Bearer guessed", "Bearer b'guessed'", "Basic Z3Vlc3NlZDo="])
def test_request_without_token_is_unauthorized(anonymous: httpx.Client, authorization: str) -> None:
    response = anonymous.get("/addressbooks", headers={"Authorization": authorization})
    assert api_error(response) == UNAUTHORIZED


@pytest.mark.parametrize(
    ("method", "path"),
    [
        case(f"{operation.id}:unauthorized", operation.method, operation.path, sandbox_only=True)
        for operation in GUARDED
    ],
)
def test_every_operation_needs_a_token(anonymous: httpx.Client, method: str, path: str) -> None:
    response = anonymous.request(method, path.replace("{id}", "1").replace("{", "").replace("}", ""))
    assert api_error(response) == UNAUTHORIZED


@pytest.mark.documented("list_mailing_lists:unauthorized")
@pytest.mark.sandbox_only
def test_token_expires_after_an_hour(api: httpx.Client, world: World) -> None:
    # The token is a few moments old, and its expiry a whole second.
    world.clock.advance(3590)
    assert api.get("/addressbooks").status_code == 200
    world.clock.advance(10)
    assert api_error(api.get("/addressbooks")) == UNAUTHORIZED


@pytest.mark.documented("list_mailing_lists")
@pytest.mark.sandbox_only
def test_static_api_key_replaces_the_token(anonymous: httpx.Client, world: World) -> None:
    assert anonymous.get("/addressbooks", headers=world.sendpulse.headers).status_code == 200
