"""The simulations."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.services.sparked import SERVICE
from sparkbox.services.sparked.oauth.scopes import NAMES
from tests.services.sparked.api import BACK, Api, returned
from tests.services.sparked.oauth.test_tokens import CHALLENGE, VERIFIER


def test_grant_simulation_returns_tokens(api: Api) -> None:
    creator = api.creators[2]
    tokens = api.simulate("grant", {"creator_id": creator, "scopes": ["read:insights", "read:profile"]})
    assert (tokens["scope"], tokens["creator_id"]) == ("read:profile read:insights", creator)
    assert api.get(f"/api/v1/creators/{creator}", token=tokens["access_token"])["id"] == creator
    assert api.refresh(tokens["refresh_token"]).status_code == 200
    assert [event.type for event in api.events_of()] == ["creator.connected"]


def test_grant_simulation_defaults_to_all_scopes(api: Api) -> None:
    tokens = api.simulate("grant")
    assert (tokens["scope"].split(), tokens["creator_id"]) == (list(NAMES), "cr_mock")


def test_consent_simulation_returns_a_code(api: Api) -> None:
    fields = {"redirect_uri": BACK, "state": "x y", "scopes": ["read:profile"], "code_challenge": CHALLENGE}
    consented = api.simulate("consent", fields)
    assert consented["location"] == f"{BACK}?code={consented['code']}&state=x+y"
    assert api.exchange(consented["code"], code_verifier=VERIFIER).json()["scope"] == "read:profile"


def test_withdraw_simulation_ends_all_tokens_of_the_creator(api: Api) -> None:
    creator = api.creators[1]
    tokens = [api.grant(creator=creator) for _ in range(2)]
    mine = api.grant()
    assert api.simulate("withdraw", {"creator_id": creator}) == {"revoked": 2}
    for each in tokens:
        assert api.refuse("GET", f"/api/v1/creators/{creator}", token=each["access_token"]) == (401, "unauthorized")
        assert api.refresh(each["refresh_token"]).status_code == 400
    assert api.get("/api/v1/creators/cr_mock", token=mine["access_token"])["id"] == "cr_mock"


def test_creators_simulation_says_who_is_connected(api: Api) -> None:
    second = api.creators[1]
    api.simulate("grant", {"creator_id": second})
    connected = {row["id"]: row["connected"] for row in api.simulate("creators")["creators"]}
    assert [id for id, there in connected.items() if there] == ["cr_mock", second]
    assert next(iter(connected)) == "cr_mock"


def test_client_simulation_registers_name_and_redirect_uris(api: Api) -> None:
    fields = {"name": "Acme", "redirect_uris": ["https://acme.example/back"]}
    assert api.simulate("client", fields) == {"client_id": api.id, **fields, "loopback": False}
    assert "Acme wants to use" in api.authorize(redirect_uri="https://acme.example/back").text
    back = "https://acme.example/back"
    assert "code" in returned(api.decide(api.authorize(redirect_uri=back)), back)
    assert api.simulate("client", {"name": "Acme 2"})["redirect_uris"] == [back]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("grant", {"creator_id": "cr_nobody"}),
        ("grant", {"scopes": ["read:everything"]}),
        ("grant", {"scopes": []}),
        ("consent", {"redirect_uri": "https://evil.example/"}),
        ("consent", {"redirect_uri": "nowhere"}),
        ("consent", {"code_challenge": "short"}),
        ("client", {"redirect_uris": ["/relative"]}),
        ("client", {"redirect_uris": ["https://acme.example/#x"]}),
        ("tier", {}),
        ("tier", {"tier": "gold"}),
        ("tier", {"tier": "partner", "requests_per_hour": -1}),
        ("asset", {"type": "hologram"}),
        ("asset", {"title": ""}),
        ("insight", {"creator_id": "cr_nobody"}),
    ],
)
def test_invalid_simulation_is_refused(api: Api, name: str, body: dict[str, Any]) -> None:
    path = f"http://sandbox/_mock/services/sparked/simulations/{name}"
    response = api.http.post(path, json=body, params={"account": api.id})
    assert response.status_code in (409, 422), response.text
    assert response.json()["error"]["message"]


def test_every_simulation_is_tested() -> None:
    assert {operation.path for operation in SERVICE.own_simulations} == {
        "/grant", "/consent", "/withdraw", "/creators", "/asset", "/insight", "/client", "/tier",
    }  # fmt: skip
