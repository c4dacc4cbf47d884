"""The pytest plugin, in suites of other people: each in a process of its own, with every warning an error."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

SUITE = """
import httpx, pytest, sys

def templates(world):
    return httpx.get(f"{world.sparkpost.url}/api/v1/templates", headers=world.sparkpost.headers, trust_env=False)

@pytest.mark.parametrize("number", range(6))
def test_each_test_has_a_world_of_its_own(sparkbox, number):
    assert sparkbox.requests == []
    sparkbox.faults.add("sparkpost", status=503, first=1)
    assert [templates(sparkbox).status_code for _ in range(2)] == [503, 200]
    assert len(sparkbox.requests) == 2

def test_its_credential_is_made_from_the_tests_name(sparkbox):
    assert sparkbox.credential == "mock-test_its_credential_is_made_from_the_tests_name-b4606c1b"

def test_one_server_is_behind_all_worlds(sparkbox, sparkbox_session):
    other = sparkbox_session.world()
    assert other.url == sparkbox.url
    assert templates(other).status_code == 200
    assert sparkbox.requests == []

def test_worlds_are_dropped_after_their_tests(sparkbox_session):
    sandbox = sparkbox_session.sandbox
    credentials = sparkbox_session.call(lambda: [account.credential for account in sandbox.accounts])
    assert [name for name in credentials if "world_of_its_own" in name] == []
"""

ASYNC_SUITE = """
import asyncio, httpx, pytest

{mark}
async def test_requests_from_the_tests_own_loop_get_responses(sparkbox):
    async with httpx.AsyncClient(base_url=sparkbox.sparkpost.url, headers=sparkbox.sparkpost.headers) as client:
        answers = await asyncio.gather(*(client.get("/api/v1/templates") for _ in range(5)))
    assert {{answer.status_code for answer in answers}} == {{200}}
    assert len(sparkbox.requests) == 5

{mark}
async def test_webhooks_are_taken_on_the_tests_own_loop(sparkbox):
    taken = asyncio.Event()

    async def take(reader, writer):
        await reader.readuntil(b"{{}}")
        writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")
        writer.close()
        taken.set()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        sparkbox.server.call(lambda: post(sparkbox, f"http://127.0.0.1:{{port}}/"))
        assert await asyncio.to_thread(sparkbox.drain_webhooks)
        await asyncio.wait_for(taken.wait(), 10)
    assert [delivery.status for delivery in sparkbox.webhooks] == ["delivered"]

def post(world, url):
    from sparkbox.core.logs.deliveries import Retries
    account = world.server.sandbox.accounts.open(world.credential)
    world.server.sandbox.context("sparkpost", account).post(url, b"{{}}", retries=Retries())
"""

STRANGER = """
import sys

def test_nothing_of_the_sandbox_is_here():
    there = {name.partition(".")[0] for name in sys.modules}
    assert "sparkbox.testing.pytest_plugin" in sys.modules
    assert not there & {"pydantic", "starlette", "uvicorn", "httpx", "msgspec", "orjson", "cryptography"}
    ours = {name for name in sys.modules if name.startswith("sparkbox.")}
    assert ours == {"sparkbox.testing", "sparkbox.testing.pytest_plugin"}
"""

OVERRIDE = """
import pytest
from sparkbox import Sparkbox, Settings

@pytest.fixture(scope="session")
def sparkbox_session():
    with Sparkbox(Settings(profile="strict")) as server:
        yield server
"""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    scope = ("-o", "asyncio_default_fixture_loop_scope=function")  # else pytest-asyncio warns, for its own sake
    return pytester.runpytest_subprocess("-W", "error", *scope, *options)


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_each_test_gets_its_own_world(pytester: pytest.Pytester, options: list[str]) -> None:
    pytester.makepyfile(test_suite=SUITE)
    run(pytester, *options).assert_outcomes(passed=9)


@pytest.mark.parametrize(("mode", "mark"), [("strict", "@pytest.mark.asyncio"), ("auto", "")])
def test_async_tests_use_it_in_either_mode(pytester: pytest.Pytester, mode: str, mark: str) -> None:
    pytester.makepyfile(ASYNC_SUITE.format(mark=mark))
    pytester.makeini(f"[pytest]\nasyncio_mode = {mode}\n")
    run(pytester).assert_outcomes(passed=2)


def test_a_suite_may_run_its_sandbox_with_other_settings(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(OVERRIDE)
    pytester.makepyfile("def test_profile(sparkbox): assert sparkbox.profile == 'strict'")
    run(pytester).assert_outcomes(passed=1)


def test_a_suite_that_does_not_use_it_does_not_pay_for_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(STRANGER)
    # Plugins of others import what they like.
    run(pytester, "-p", "no:anyio", "-p", "no:hypothesispytest", "-p", "no:Faker").assert_outcomes(passed=1)


def test_the_fixtures_are_documented(pytester: pytest.Pytester) -> None:
    told = run(pytester, "--fixtures").stdout.str()
    assert "sparkbox_session [session scope]" in told
    assert "The server behind all worlds of this session. Override it to run one with other settings." in told
    assert "A world of this test's own: ``sparkbox.sparkpost.url``, ``.messages``, ``.clock``" in told


def test_the_plugin_imports_next_to_nothing() -> None:
    code = (
        "import pytest, sys; old = set(sys.modules); import sparkbox.testing.pytest_plugin; print(*sys.modules - old)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code.replace("*sys.modules", "*set(sys.modules)")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(told.stdout.split()) == {"sparkbox", "sparkbox.testing", "sparkbox.testing.pytest_plugin"}


@pytest.mark.parametrize(
    ("nodeid", "credential"),
    [
        ("tests/test_a.py::test_b", "mock-test_b-"),
        ("tests/test_a.py::TestC::test_b[x y-é/\n]", "mock-test_b-x-y-"),
        ("t.py::test_" + "long" * 50, "mock-test_longlong"),
        ("t.py::test[\ud800]", "mock-test-"),
    ],
)
def test_a_credential_can_be_sent_in_a_header_whatever_the_test_is_called(nodeid: str, credential: str) -> None:
    from sparkbox.testing.pytest_plugin import _credential

    made = _credential(nodeid)
    assert made.startswith(credential)
    assert made.isascii()
    assert made.isprintable()
    assert " " not in made
    assert len(made) < 100
    assert made != _credential(nodeid + "2")
