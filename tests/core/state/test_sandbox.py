"""The sandbox: services that load when they are needed."""

from __future__ import annotations

import pytest

from sparkbox.core.declare.service import Service
from sparkbox.core.state.config import Settings
from sparkbox.core.state.sandbox import Sandbox
from tests.core.api import KEY, SERVICE


class Loader:
    """Counts how often a service is loaded."""

    def __init__(self) -> None:
        self.loads = 0

    def __call__(self) -> Service:
        self.loads += 1
        return SERVICE


@pytest.fixture
def loader() -> Loader:
    return Loader()


@pytest.fixture
def sandbox(loader: Loader) -> Sandbox:
    return Sandbox(Settings(), {"post": loader, "bank": loader})


def test_service_is_loaded_when_first_needed(sandbox: Sandbox, loader: Loader) -> None:
    assert not sandbox.loaded("post")
    assert loader.loads == 0
    assert sandbox.service("post") is SERVICE
    assert sandbox.service("post") is SERVICE
    assert loader.loads == 1
    assert sandbox.loaded("post")
    assert not sandbox.loaded("bank")


def test_services_are_known_by_name_before_they_are_loaded(sandbox: Sandbox, loader: Loader) -> None:
    assert list(sandbox.service_names) == ["post", "bank"]
    assert loader.loads == 0


def test_a_service_that_there_is_not_is_a_key_error(sandbox: Sandbox) -> None:
    with pytest.raises(KeyError):
        sandbox.service("nowhere")


def test_a_context_outside_of_a_request_is_of_an_account(sandbox: Sandbox) -> None:
    account = sandbox.accounts.open(KEY)
    assert account is not None
    ctx = sandbox.context("post", account)
    assert (ctx.account, ctx.service, ctx.operation) == (account, SERVICE, None)


def test_a_context_sees_what_has_fallen_due(sandbox: Sandbox) -> None:
    account = sandbox.accounts.open(KEY)
    assert account is not None
    account.clock.freeze(1000.0)
    seen: list[str] = []
    account.clock.call_at(999.0, seen.append, "due")
    sandbox.context("post", account)
    assert seen == ["due"]
