"""Access tokens and static API keys."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest

from sparkbox.app import Application, create_app
from sparkbox.core.state.config import Settings
from sparkbox.services.sendpulse.accounts import tokens
from sparkbox.testing.transport import Transport
from tests.services.sendpulse.api import Api
from tests.services.view import NOW

CREDENTIALS = {
    "grant_type": "client_credentials",
    "client_id": "mock-sendpulse-id",
    "client_secret": "mock-sendpulse-secret",
}


def request_token(app: Application, **fields: Any) -> httpx.Response:
    with httpx.Client(transport=Transport(app), base_url="https://api.sendpulse.com") as http:
        return http.post("/oauth/access_token", json={**CREDENTIALS, **fields})


def token_of(app: Application, client_id: str = "mock-client") -> str:
    token: str = request_token(app, client_id=client_id, client_secret="mock-secret").json()["access_token"]
    return token


def part(token: str, index: int) -> dict[str, Any]:
    text = token.split(".")[index]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return decoded


def get(app: Application, authorization: str | None) -> httpx.Response:
    headers = {} if authorization is None else {"authorization": authorization}
    with httpx.Client(transport=Transport(app), base_url="https://api.sendpulse.com") as http:
        return http.get("/addressbooks", headers=headers)


def test_ready_credentials_get_a_token_for_an_hour(app: Application) -> None:
    response = request_token(app)
    assert response.status_code == 200
    assert set(response.json()) == {"access_token", "token_type", "expires_in"}
    assert response.json()["token_type"] == "Bearer"
    assert response.json()["expires_in"] == 3600


def test_token_has_the_documented_header_and_claims(app: Application) -> None:
    api = Api(app, "mock-client")
    token = token_of(app)
    header, claims = part(token, 0), part(token, 1)
    assert header == {"typ": "JWT", "alg": "RS256", "jti": claims["jti"]}
    assert len(claims.pop("jti")) == 80
    user = claims.pop("user")
    assert claims == {
        "aud": "mock-client", "iat": NOW, "nbf": NOW, "exp": NOW + 3600, "sub": "", "scopes": [],
    }  # fmt: skip
    assert user == {"id": api.call("GET", "/user/info")["id"], "group_id": None, "parent_id": None, "area": "rest"}


@pytest.mark.parametrize(
    "send",
    [
        {"json": CREDENTIALS},
        {"data": CREDENTIALS},
        {"files": {name: (None, value) for name, value in CREDENTIALS.items()}},
    ],
    ids=["json", "form", "multipart"],
)
def test_token_request_may_be_json_form_or_multipart(app: Application, send: dict[str, Any]) -> None:
    with httpx.Client(transport=Transport(app), base_url="https://api.sendpulse.com") as http:
        assert http.post("/oauth/access_token", **send).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"client_secret": "mock-other"},
        {"client_id": "mock-other", "client_secret": "secret"},
        {"client_id": "237b4af9c99d0f89bdbd876dcd5a0000", "client_secret": "mock-secret"},
        {"client_id": None},
        {"client_secret": ["mock-sendpulse-secret"]},
        {"client_id": ""},
        {"client_id": "mock-" + "x" * 5000, "client_secret": "mock-secret"},
    ],
)
def test_wrong_credentials_are_an_invalid_client(app: Application, fields: dict[str, Any]) -> None:
    response = request_token(app, **fields)
    assert response.status_code == 401
    assert response.json()["error"] == "invalid_client"
    assert response.json()["message"] == "Client authentication failed"
    assert response.json()["error_description"]


def test_grant_type_must_be_client_credentials(app: Application) -> None:
    response = request_token(app, grant_type="password")
    assert response.status_code == 400
    assert response.json()["error"] == "unsupported_grant_type"


def test_any_other_mock_client_takes_any_mock_secret(app: Application) -> None:
    assert request_token(app, client_id="mock-one", client_secret="mock-two").status_code == 200


def test_sandbox_that_accepts_any_key_takes_any_credentials() -> None:
    app = create_app(Settings(accept_any_key=True))
    token = request_token(app, client_id="237b4af9", client_secret="a99e7d50").json()["access_token"]
    assert get(app, f"Bearer {token}").status_code == 200
    assert get(app, "Bearer sp_apikey_7705735a").status_code == 200
    assert request_token(app, client_id="237b4af9", client_secret="").status_code == 401


def test_token_opens_the_account_of_its_client(app: Application) -> None:
    token = token_of(app)
    Api(app, "mock-client").new_list("Mine")
    assert [found["name"] for found in get(app, f"Bearer {token}").json()] == ["Mine"]


def test_tokens_that_somebody_else_wrote_are_not_remembered(app: Application) -> None:
    token = token_of(app)
    assert get(app, f"Bearer {token}").status_code == 200
    kept = tokens._read.cache_info().currsize
    for number in range(3):
        assert get(app, f"Bearer {token}{number}").status_code == 401
        assert get(app, f"Bearer {token}{number}{'x' * 50_000}").status_code == 401
    assert tokens._read.cache_info().currsize == kept


def test_token_outlives_its_accounts_reset(app: Application) -> None:
    api = Api(app, "mock-client")
    token = token_of(app)
    api.account.reset()
    api.clock.freeze(NOW)
    assert get(app, f"Bearer {token}").status_code == 200


def test_token_expires_on_the_accounts_clock(app: Application) -> None:
    api = Api(app, "mock-client")
    token = token_of(app)
    api.clock.advance(3599)
    assert get(app, f"Bearer {token}").status_code == 200
    api.clock.advance(1)
    response = get(app, f"Bearer {token}")
    assert response.status_code == 401
    assert response.json() == {"message": "Unauthorized!", "error_code": 401}


def test_static_api_key_is_the_account_of_its_name(app: Application) -> None:
    Api(app, "mock-key").new_list("Mine")
    assert [found["name"] for found in get(app, "bearer mock-key").json()] == ["Mine"]
    assert get(app, "Bearer mock-another").json() == []


def test_invalid_credential_is_unauthorized(app: Application) -> None:
    token = token_of(app)
    head, body, signature = token.split(".")
    forged = base64.urlsafe_b64encode(json.dumps({"typ": "JWT", "alg": "none"}).encode()).decode().rstrip("=")
    for authorization in (
        None,
        "",
        "Bearer",
        f"Basic {token}",
        token,
        "Bearer sp_apikey_7705735a",
        f"Bearer b'{token}'",
        f'Bearer b"{token}"',
        f"Bearer {head}.{body}.{signature[:-4]}AAAA",
        f"Bearer {head}.{body}.",
        f"Bearer {forged}.{body}.",
        "Bearer eyJ..",
        "Bearer eyJ.é.x".encode(),
        "Bearer eyJ." + "x" * 10_000 + ".y",
    ):
        response = get(app, authorization)  # type: ignore[arg-type]
        assert response.status_code == 401, authorization
        assert response.json() == {"message": "Unauthorized!", "error_code": 401}


def test_clients_have_separate_accounts(app: Application) -> None:
    one, other = token_of(app, "mock-one"), token_of(app, "mock-other")
    Api(app, "mock-one").new_list("One's")
    assert len(get(app, f"Bearer {one}").json()) == 1
    assert get(app, f"Bearer {other}").json() == []


def test_token_request_is_in_the_clients_journal(app: Application) -> None:
    token_of(app)
    account = app.sandbox.accounts.find("mock-client")
    assert account is not None
    assert [entry.operation for entry in account.requests.oldest()] == ["create_access_token"]


def test_token_request_works_over_asgi(app: Application) -> None:
    async def talk() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            token = (await http.post("/sendpulse/oauth/access_token", data=CREDENTIALS)).json()["access_token"]
            bearer = {"Authorization": f"Bearer {token}"}
            return [
                await http.post("/sendpulse/addressbooks", json={"bookName": "Readers"}, headers=bearer),
                await http.get("http://localhost/sendpulse//addressbooks/", headers=bearer),
            ]

    created, listed = asyncio.run(talk())
    assert created.status_code == 200
    assert [found["id"] for found in listed.json()] == [created.json()["id"]]
