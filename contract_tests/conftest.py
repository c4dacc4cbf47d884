"""Options, evidence and fixtures of the contract tests."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from typing import TypeVar

import httpx
import pytest

from mockserver import MockServer, Settings, World

from .targets import Pace, Sendpulse, Sparkpost, Unavailable, real_sendpulse, real_sparkpost

T = TypeVar("T")

EVIDENCE = ("documented", "observed", "assumed")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract")
    group.addoption("--target", choices=("mock", "real"), default="mock", help="ask the sandbox, or the real services")
    group.addoption("--allow-charges", action="store_true", help="with --target real: run what costs money")


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in (
        ("documented", "the vendor's documents say so"),
        ("observed", "recordings of the real service or its clients' sources show it"),
        ("assumed", "nobody says so; it is what we decided"),
        ("charges", "costs money on the real service"),
        ("sandbox_only", "looks behind the service, or would do harm on a real account"),
    ):
        config.addinivalue_line("markers", f"{name}: {meaning}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each test says how we know, exactly once; what a real service must not see is skipped, with the reason."""
    unproven = [item.nodeid for item in items if sum(item.get_closest_marker(m) is not None for m in EVIDENCE) != 1]
    if unproven:
        raise pytest.UsageError(f"exactly one of {', '.join(EVIDENCE)} has to mark: {', '.join(unproven)}")
    if config.getoption("target") == "mock":
        return
    for item in items:
        if item.get_closest_marker("sandbox_only"):
            item.add_marker(pytest.mark.skip(reason="only against the sandbox"))
        if item.get_closest_marker("charges") and not config.getoption("allow_charges"):
            item.add_marker(pytest.mark.skip(reason="costs money: --allow-charges runs it"))


@pytest.fixture(scope="session")
def real(request: pytest.FixtureRequest) -> bool:
    """Whether the real services are asked."""
    return bool(request.config.getoption("target") == "real")


@pytest.fixture(scope="session")
def sandbox(real: bool) -> Iterator[MockServer | None]:
    """The sandbox that is asked; none on the real target."""
    if real:
        yield None
        return
    with MockServer(Settings(rate_limits=False, validate_answers=True)) as server, server.intercept():
        yield server


@pytest.fixture
def world(sandbox: MockServer | None) -> Iterator[World]:
    """The world behind a test, for those that are marked ``sandbox_only``."""
    if sandbox is None:
        pytest.skip("only against the sandbox")
    world = sandbox.world()
    yield world
    world.drop()


@pytest.fixture(scope="session")
def prefix() -> str:
    """Begins the name of everything that this run makes, so that it is told from other things and swept."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    return f"contract-{uuid.uuid4().hex[:8]}{worker}"


@pytest.fixture
def name(prefix: str) -> Callable[[str], str]:
    """Makes unique names: ``name("template")``."""
    return lambda word: f"{prefix}-{word}-{uuid.uuid4().hex[:6]}"


@pytest.fixture
def sparkpost_account(real: bool, request: pytest.FixtureRequest) -> Sparkpost:
    """Where SparkPost is, and how to get in."""
    if real:
        return _available(real_sparkpost)
    world: World = request.getfixturevalue("world")
    return Sparkpost(world.sparkpost.url, world.sparkpost.key, "mail.acme.example")


@pytest.fixture
def sendpulse_account(real: bool, request: pytest.FixtureRequest) -> Sendpulse:
    """Where SendPulse is, and how to get in."""
    if real:
        return _available(real_sendpulse)
    world: World = request.getfixturevalue("world")
    place = world.sendpulse
    return Sendpulse(place.url, place.client_id, place.client_secret, "sender@acme.example", "wilma@flintstone.example")


_PACES = {"sparkpost": Pace(20, 1.0), "sendpulse": Pace(9, 1.05)}


@pytest.fixture
def pace(real: bool) -> Callable[[str], None]:
    """Waits before a call to a real service as long as its limits want."""
    return (lambda service: _PACES[service].wait()) if real else (lambda service: None)


@pytest.fixture
def sparkpost(sparkpost_account: Sparkpost, pace: Callable[[str], None]) -> Iterator[httpx.Client]:
    """An httpx client of SparkPost's API."""
    hooks = {"request": [lambda request: pace("sparkpost")]}
    with httpx.Client(
        base_url=sparkpost_account.url, headers=sparkpost_account.headers, event_hooks=hooks, timeout=30
    ) as client:
        yield client


@pytest.fixture
def sendpulse(sendpulse_account: Sendpulse, pace: Callable[[str], None]) -> Iterator[httpx.Client]:
    """An httpx client of SendPulse's API, with a token."""
    hooks = {"request": [lambda request: pace("sendpulse")]}
    with httpx.Client(base_url=sendpulse_account.url, event_hooks=hooks, timeout=30) as client:
        answer = client.post(
            "/oauth/access_token",
            json={
                "grant_type": "client_credentials",
                "client_id": sendpulse_account.client_id,
                "client_secret": sendpulse_account.client_secret,
            },
        )
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def _available(make: Callable[[], T]) -> T:
    try:
        return make()
    except Unavailable as missing:
        pytest.skip(f"the real service cannot be asked: {missing}")
