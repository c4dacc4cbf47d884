"""Options, evidence, the tap on the wire, and the fixtures of all services' tests."""

from __future__ import annotations

import os
import ssl
import tempfile
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from contract_tests.evidence import Claim, claims_of, happened, wrong_with
from contract_tests.pace import Pace, let_pass
from contract_tests.parts import parts, service_of
from contract_tests.shapes import misshapen
from contract_tests.targets import PREFIX, Target, Unavailable, real_places, target_of
from contract_tests.wire import Call, Wire, vendors_places
from sparkbox import Settings, Sparkbox, World
from sparkbox.services import SERVICES

T = TypeVar("T")

_CLAIMS = pytest.StashKey[list[Claim]]()
_COLLECTED = pytest.StashKey[set[Path]]()
_WIRE = pytest.StashKey[Wire]()
_SANDBOX = pytest.StashKey["Sparkbox | None"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract")
    group.addoption("--target", choices=("mock", "real"), default="mock", help="test the sandbox, or the real services")
    group.addoption("--allow-charges", action="store_true", help="with --target real: run what costs money")
    group.addoption("--sweep", action="store_true", help="with --target real: remove what earlier runs left, no tests")


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in (
        ("documented", "the vendor's documents say so"),
        ("observed", "recordings of the real service or its clients' sources show it"),
        ("assumed", "nobody says so; we decided it"),
        ("charges", "costs money on the real service"),
        ("sandbox_only", "looks into the sandbox, or would do harm on a real account"),
    ):
        config.addinivalue_line("markers", f"{name}: {meaning}")


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """With ``--sweep``, remove what earlier runs left behind, and run no test."""
    if not config.getoption("sweep"):
        return None
    if config.getoption("target") != "real":
        raise pytest.UsageError("--sweep is for --target real: the sandbox forgets by itself")
    with tempfile.TemporaryDirectory() as folder, _real_wire(Path(folder)).tapped():
        for info in SERVICES:
            for line in _sweep(info.name, PREFIX):
                print(line)  # noqa: T201
    return 0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the tests that a real service must not see, with the reason; run a service's own before its sections'."""
    here = Path(__file__).parent
    # The sections' tests leave events in a real account that the others' lists would show.
    items.sort(key=lambda item: len(item.path.parts) if here in item.path.parents else 0)
    items = [item for item in items if here in item.path.parents]
    config.stash[_CLAIMS] = [claim for item in items for claim in claims_of(item)]
    config.stash[_COLLECTED] = {item.path for item in items}
    if config.getoption("target") == "mock":
        return
    for item in items:
        if item.get_closest_marker("sandbox_only"):
            item.add_marker(pytest.mark.skip(reason="only against the sandbox"))
        if item.get_closest_marker("charges") and not config.getoption("allow_charges"):
            item.add_marker(pytest.mark.skip(reason="costs money: --allow-charges runs it"))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail the collection of a module with a test whose evidence is missing or wrong."""
    report = yield
    wrong = [line for node in report.result or () if isinstance(node, pytest.Item) for line in wrong_with(node)]
    if wrong:
        report.outcome, report.longrepr, report.result = "failed", "\n".join(wrong), []
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Check a test that passed: its claims against the sandbox's journal, its responses against the samples."""
    wire, sandbox = item.config.stash[_WIRE], item.config.stash[_SANDBOX]
    wire.exchanges.clear()
    wire.guarded = item.get_closest_marker("sandbox_only") is None
    since = 0 if sandbox is None else sandbox.call(sandbox.sandbox.logs.requests.next_number)
    try:
        result = yield
    finally:
        wire.guarded = False
    found = [line for exchange in wire.exchanges for line in misshapen(exchange)]
    if sandbox is not None:
        found += [f"{claim} is not what happened" for claim in claims_of(item) if not happened(sandbox, claim, since)]
    if found:
        pytest.fail("\n".join(dict.fromkeys(found)), pytrace=False)
    return result


@pytest.fixture(scope="session")
def real(request: pytest.FixtureRequest) -> bool:
    """Whether the real services are tested."""
    return bool(request.config.getoption("target") == "real")


@pytest.fixture(scope="session")
def sandbox(real: bool) -> Iterator[Sparkbox | None]:
    """The sandbox that is tested; none on the real target."""
    if real:
        yield None
        return
    with Sparkbox(Settings(rate_limits=False, validate_responses=True)) as server, server.intercept():
        yield server


@pytest.fixture(scope="session", autouse=True)
def wire(
    sandbox: Sparkbox | None, prefix: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Wire]:
    """The tap on all requests. On the real target, what this run made there is removed at the end."""
    if sandbox is not None:
        places = {f"{sandbox.url}/{info.name}": info.name for info in SERVICES} | vendors_places()
        wire = Wire(places, closed=False)
    else:
        folder = tmp_path_factory.getbasetemp()
        # Under xdist a worker's own folder is in one that they share.
        wire = _real_wire(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)
    request.config.stash[_WIRE], request.config.stash[_SANDBOX] = wire, sandbox
    with wire.tapped():
        yield wire
        if sandbox is None:
            for service in sorted(wire.changed):
                _sweep(service, prefix)


@pytest.fixture
def world(sandbox: Sparkbox | None) -> Iterator[World]:
    """The world behind a test, for those that are marked ``sandbox_only``."""
    if sandbox is None:
        pytest.skip("only against the sandbox")
    world = sandbox.world()
    yield world
    world.drop()


@pytest.fixture(scope="session")
def prefix() -> str:
    """The prefix of the names of everything that this run makes, by which it is swept."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    return f"{PREFIX}{uuid.uuid4().hex[:8]}{worker}"


@pytest.fixture
def name(prefix: str) -> Callable[[str], str]:
    """Make unique names: ``name("template")``."""
    return lambda word: f"{prefix}-{word}-{uuid.uuid4().hex[:6]}"


@pytest.fixture(scope="session")
def tls(sandbox: Sparkbox | None) -> ssl.SSLContext:
    """The authorities that httpx clients trust; made once, because that takes longer than most tests."""
    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))


@pytest.fixture
def pass_time(real: bool, request: pytest.FixtureRequest) -> Callable[[float], object]:
    """Let seconds pass: turn the sandbox's clock, or wait for the real service."""
    if real:
        return let_pass
    world: World = request.getfixturevalue("world")
    return world.clock.advance


@pytest.fixture
def eventually(pass_time: Callable[[float], object]) -> Callable[[Callable[[], T]], T]:
    """``eventually(look)`` looks again and again, up to three minutes, until there is something."""

    def look_until(look: Callable[[], T]) -> T:
        for seconds in (1.2, 2, 4, 8, 15, 30, 60, 60):
            pass_time(seconds)
            found = look()
            if found:
                return found
        pytest.fail("it did not happen within three minutes")

    return look_until


@pytest.fixture
def account(real: bool, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Target:
    """The account of the test's service to test with, which the environment names.

    Skips with what is missing in the environment of a real one.
    """
    target = target_of(_service_of(request))
    if real:
        try:
            return target.real()
        except Unavailable as missing:
            pytest.skip(f"no account on the real service: {missing}")
    account = target.sandbox(request.getfixturevalue("world"))
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    return account


@pytest.fixture
def api(account: Target, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """The API of the test's service, with the account's credentials."""
    with account.client(tls) as client:
        yield client


@pytest.fixture
def anonymous(account: Target, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """The same without credentials."""
    with httpx.Client(base_url=account.url, verify=tls, timeout=30) as client:
        yield client


@pytest.fixture
def claims(request: pytest.FixtureRequest) -> list[Claim]:
    """What the tests of the same service claim to prove; skips unless all of them were collected."""
    service = _service_of(request)
    if not set((Path(__file__).parent / service).rglob("test_*.py")) <= request.config.stash[_COLLECTED]:
        pytest.skip(f"needs all tests of {service}")
    return [claim for claim in request.config.stash[_CLAIMS] if claim.service == service]


def _service_of(request: pytest.FixtureRequest) -> str:
    return service_of(request.path, request.config.rootpath, {info.name for info in SERVICES})


def _real_wire(folder: Path) -> Wire:
    paces = {info.name: Pace(folder, info.name, target_of(info.name).calls_a_second) for info in SERVICES}

    def take_turn(call: Call) -> None:
        paces[call.service].wait()

    return Wire(real_places() | vendors_places(), closed=True, take_turn=take_turn)


def _sweep(service: str, prefix: str) -> list[str]:
    """Call ``sweep(prefix)`` of the service's folder and of its sections'."""
    try:
        return [f"{service}: {line}" for part in parts(service, "sweep") for line in part.sweep(prefix)]
    except Unavailable as missing:
        return [f"{service}: no account, {missing}"]
