"""API keys with grants: what they may do, by HTTP; by SMTP, tests/server/smtp has it."""

from __future__ import annotations

import base64
import smtplib
from typing import Any, get_args

import httpx
import pytest

from sparkbox import World, create_app
from sparkbox.core.state.accounts import MOST_ALIASES
from sparkbox.core.state.config import Settings
from sparkbox.services import load
from sparkbox.services.sparkpost import keys
from sparkbox.services.sparkpost.keys import Grant
from sparkbox.services.sparkpost.page import Page
from sparkbox.testing.transport import Transport

TEMPLATE = {"id": "hello", "content": {"from": "a@acme.example", "subject": "Hi", "text": "Hello"}}
FORBIDDEN = {"errors": [{"message": "Forbidden."}]}


def made(world: World, *grants: str) -> str:
    key: str = world.simulate("sparkpost", "keys", grants=list(grants))["key"]
    return key


def call_with(world: World, key: str, method: str, path: str, json: object = None) -> httpx.Response:
    url = f"{world.sparkpost.url}/api/v1{path}"
    return httpx.request(method, url, headers={"Authorization": key}, json=json, trust_env=False)


def test_key_needs_the_grant_of_the_page(sparkbox: World) -> None:
    reader, writer = made(sparkbox, "templates/view"), made(sparkbox, "templates/modify")
    refused = call_with(sparkbox, reader, "POST", "/templates", TEMPLATE)
    assert (refused.status_code, refused.json()) == (403, FORBIDDEN)
    assert call_with(sparkbox, writer, "POST", "/templates", TEMPLATE).status_code == 200
    for key in (reader, writer):
        assert [row["id"] for row in call_with(sparkbox, key, "GET", "/templates").json()["results"]] == ["hello"]
        assert call_with(sparkbox, key, "POST", "/templates/hello/preview?draft=true", {}).status_code == 200
        assert call_with(sparkbox, key, "GET", "/transmissions").status_code == 403


def test_key_as_basic_user_name_has_the_same_grants(sparkbox: World) -> None:
    basic = "Basic " + base64.b64encode(f"{made(sparkbox, 'metrics/view')}:".encode()).decode()
    assert call_with(sparkbox, basic, "GET", "/metrics").status_code == 200
    assert call_with(sparkbox, basic, "GET", "/account").status_code == 403


def test_own_key_has_all_grants(sparkbox: World) -> None:
    made(sparkbox, "smtp/inject")
    assert call_with(sparkbox, sparkbox.credential, "POST", "/templates", TEMPLATE).status_code == 200


def test_reset_revokes_made_keys(sparkbox: World) -> None:
    key = made(sparkbox, "templates/modify")
    call_with(sparkbox, key, "POST", "/templates", TEMPLATE)
    sparkbox.reset()
    assert call_with(sparkbox, sparkbox.credential, "GET", "/templates").json() == {"results": []}
    assert_lost(sparkbox, key)


def test_key_of_a_dropped_account_is_refused(sparkbox: World) -> None:
    key = made(sparkbox, "templates/modify")
    sparkbox.drop()
    assert_lost(sparkbox, key)
    assert made(sparkbox, "templates/modify") != key
    assert_lost(sparkbox, key)


def test_forgotten_key_is_refused(sparkbox: World) -> None:
    """By HTTP it is refused as a wrong key is, by SMTP as a wrong password is."""
    oldest = made(sparkbox, "templates/modify")
    newest = forget_keys(sparkbox)[-1]
    assert_lost(sparkbox, oldest)
    assert call_with(sparkbox, newest, "GET", "/templates").status_code == 200
    place = sparkbox.sparkpost.smtp
    with smtplib.SMTP(place.host, place.port) as client, pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        client.login(place.user, oldest)
    assert refused.value.smtp_code == 535


def test_keys_survive_credentials_made_by_other_services(sparkbox: World) -> None:
    key = made(sparkbox, "templates/view")

    def fill() -> None:
        accounts = sparkbox.server.sandbox.accounts
        account = accounts.open(sparkbox.credential)
        assert account is not None
        for number in range(MOST_ALIASES + 10):
            accounts.alias(f"sparked:{sparkbox.credential}:{number}", account, "sparked")

    sparkbox.server.call(fill)
    assert call_with(sparkbox, key, "GET", "/templates").status_code == 200


def test_made_key_opens_no_other_service(sparkbox: World) -> None:
    key = made(sparkbox, "templates/view")
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{sparkbox.sendpulse.url}/balance", headers=headers, trust_env=False).status_code == 401
    (*_, entry) = sparkbox.server.call(lambda: list(sparkbox.server.sandbox.anonymous.requests.oldest()))
    assert entry.note == f"{key} is a credential of sparkpost, and refused by sendpulse"


def test_accept_any_key_refuses_revoked_keys() -> None:
    app = create_app(Settings(accept_any_key=True))
    with httpx.Client(transport=Transport(app), base_url="http://api.sparkpost.com") as client:
        for key, status in (("made-0123", 401), ("0123", 200)):
            assert client.get("/api/v1/templates", headers={"Authorization": key}).status_code == status


def assert_lost(world: World, key: str) -> None:
    response = call_with(world, key, "GET", "/transmissions")
    assert (response.status_code, response.json()) == (401, {"errors": [{"message": "Unauthorized."}]})
    (*_, entry) = world.server.call(lambda: list(world.server.sandbox.anonymous.requests.oldest()))
    assert entry.note is not None
    assert "key" in entry.note


def forget_keys(world: World) -> list[str]:
    """As many further keys as an account remembers."""

    def make() -> list[str]:
        account = world.server.sandbox.accounts.open(world.credential)
        assert account is not None
        ctx = world.server.sandbox.context("sparkpost", account)
        return [keys.make(ctx, ["templates/view"]).id for _ in range(1_000)]

    return world.server.call(make)


def test_forked_account_makes_different_keys(sparkbox: World) -> None:
    fork = sparkbox.fork()
    ours, theirs = made(sparkbox, "templates/modify"), made(fork, "templates/modify")
    assert ours != theirs
    call_with(sparkbox, theirs, "POST", "/templates", TEMPLATE)
    assert call_with(sparkbox, ours, "GET", "/templates").json() == {"results": []}


def test_unknown_grant_is_refused(sparkbox: World) -> None:
    url = f"{sparkbox.server.url}/_mock/services/sparkpost/simulations/keys"
    bodies: list[dict[str, list[str]]] = [{"grants": ["everything"]}, {"grants": []}, {}]
    for body in bodies:
        response = httpx.post(url, params={"account": sparkbox.credential}, json=body, trust_env=False)
        assert response.status_code == 422


def test_every_operation_with_a_key_has_a_grant() -> None:
    for operation in load("sparkpost").operations.values():
        grants = set(get_args(Grant)) & set(operation.tags)
        assert grants or operation.public, operation.id
        if operation.method != "GET" and operation.id != "preview_template":
            assert not any(grant.endswith("/view") for grant in grants), operation.id


def test_a_page_without_a_grant_fails_at_import() -> None:
    declare: Any = Page
    with pytest.raises(TypeError, match="view"):
        declare("Snippets")


def test_a_page_that_only_views_takes_no_operation_that_modifies() -> None:
    page = Page("Events", view="message_events/view")
    with pytest.raises(ValueError, match="POST /x: the page 'Events' has no grant to modify"):
        page.post("/x")
