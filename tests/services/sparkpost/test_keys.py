"""API keys with grants: what they may do, by HTTP; by SMTP, tests/smtp has it."""

from __future__ import annotations

import base64

import httpx
import pytest

from mockserver import World
from mockserver.services import load
from mockserver.services.sparkpost.keys import NEEDED

TEMPLATE = {"id": "hello", "content": {"from": "a@acme.example", "subject": "Hi", "text": "Hello"}}
FORBIDDEN = {"errors": [{"message": "Forbidden."}]}


def made(world: World, *grants: str) -> str:
    key: str = world.simulate("sparkpost", "keys", grants=list(grants))["key"]
    return key


def ask(world: World, key: str, method: str, path: str, json: object = None) -> httpx.Response:
    url = f"{world.sparkpost.url}/api/v1{path}"
    return httpx.request(method, url, headers={"Authorization": key}, json=json, trust_env=False)


def test_a_key_may_do_what_it_has_a_grant_for(mockserver: World) -> None:
    reader, writer = made(mockserver, "templates/view"), made(mockserver, "templates/modify")
    refused = ask(mockserver, reader, "POST", "/templates", TEMPLATE)
    assert (refused.status_code, refused.json()) == (403, FORBIDDEN)
    assert ask(mockserver, writer, "POST", "/templates", TEMPLATE).status_code == 200
    for key in (reader, writer):
        assert [row["id"] for row in ask(mockserver, key, "GET", "/templates").json()["results"]] == ["hello"]
        assert ask(mockserver, key, "POST", "/templates/hello/preview?draft=true", {}).status_code == 200
        assert ask(mockserver, key, "GET", "/transmissions").status_code == 403


def test_a_key_is_the_same_as_a_user_name(mockserver: World) -> None:
    basic = "Basic " + base64.b64encode(f"{made(mockserver, 'metrics/view')}:".encode()).decode()
    assert ask(mockserver, basic, "GET", "/metrics").status_code == 200
    assert ask(mockserver, basic, "GET", "/account").status_code == 403


def test_the_accounts_own_key_may_do_everything(mockserver: World) -> None:
    made(mockserver, "smtp/inject")
    assert ask(mockserver, mockserver.credential, "POST", "/templates", TEMPLATE).status_code == 200


def test_a_reset_takes_the_keys_back(mockserver: World) -> None:
    key = made(mockserver, "templates/modify")
    ask(mockserver, key, "POST", "/templates", TEMPLATE)
    mockserver.reset()
    assert ask(mockserver, mockserver.credential, "GET", "/templates").json() == {"results": []}
    # By now it is nobody's key, and opens an account of its own as any other that begins with `mock-`.
    assert ask(mockserver, key, "GET", "/transmissions").status_code == 200


def test_a_copied_account_makes_keys_of_its_own(mockserver: World) -> None:
    fork = mockserver.fork()
    ours, theirs = made(mockserver, "templates/modify"), made(fork, "templates/modify")
    assert ours != theirs
    ask(mockserver, theirs, "POST", "/templates", TEMPLATE)
    assert ask(mockserver, ours, "GET", "/templates").json() == {"results": []}


def test_a_grant_that_there_is_not_is_refused(mockserver: World) -> None:
    url = f"{mockserver.server.url}/_mock/services/sparkpost/simulations/keys"
    for body in ({"grants": ["everything"]}, {"grants": []}, {}):
        answer = httpx.post(url, params={"account": mockserver.credential}, json=body, trust_env=False)
        assert answer.status_code == 422


@pytest.mark.parametrize("operation", [one for one in load("sparkpost").operations.values() if not one.public])
def test_every_page_has_its_grants(operation: object) -> None:
    assert operation.group in NEEDED  # type: ignore[attr-defined]
