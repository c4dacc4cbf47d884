"""The sandbox on a thread, for programs and test suites that are not pytest's."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import requests

from sparkbox import Settings, Sparkbox
from sparkbox.server.ports import PortError


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sparkbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARKBOX_HOME", str(tmp_path_factory.mktemp("home")))
        with Sparkbox() as server:
            yield server


@pytest.fixture
def threads() -> list[threading.Thread]:
    """Those that there are at the beginning of a test."""
    return threading.enumerate()


def still_running(threads: list[threading.Thread]) -> list[str]:
    """The threads that have come since and do not end by themselves."""
    further = [thread for thread in threading.enumerate() if thread not in threads]
    for thread in further:
        thread.join(5)
    return [thread.name for thread in further if thread.is_alive()]


def test_sandbox_runs_within_with_and_not_after_it(threads: list[threading.Thread]) -> None:
    with Sparkbox() as mock:
        url = mock.url
        assert httpx.get(f"{url}/_mock/health", trust_env=False).json()["status"] == "ok"
        names = {thread.name for thread in threading.enumerate() if thread not in threads}
        assert names - {"sparkbox-import_0"} == {"sparkbox"}
    assert still_running(threads) == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/_mock/health", trust_env=False)


def test_it_ends_when_the_program_fails(threads: list[threading.Thread]) -> None:
    with pytest.raises(KeyError), Sparkbox():
        raise KeyError
    assert still_running(threads) == []


def test_it_can_be_started_again_and_begins_afresh() -> None:
    mock = Sparkbox()
    for _ in range(2):
        with mock:
            world = mock.world("mock-again")
            assert world.requests == []
            httpx.get(f"{world.sparkpost.url}/api/v1/templates", headers=world.sparkpost.headers, trust_env=False)
            assert len(world.requests) == 1


def test_it_does_not_start_twice(mock: Sparkbox) -> None:
    with pytest.raises(RuntimeError, match="runs already"):
        mock.start()


def test_stopping_what_does_not_run_is_no_error() -> None:
    Sparkbox().stop()


def test_a_sandbox_that_does_not_run_says_so() -> None:
    mock = Sparkbox()
    for ask in (lambda: mock.url, lambda: mock.ca_file, lambda: mock.world().messages):
        with pytest.raises(RuntimeError, match="the sandbox does not run: start it first"):
            ask()


def test_port_can_be_chosen_and_a_taken_one_is_an_error(threads: list[threading.Thread]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        mock = Sparkbox(port=port)
        with pytest.raises(PortError, match=f"port {port} on 127.0.0.1 is taken"):
            mock.start()
    assert still_running(threads) == []
    with mock:
        assert mock.url == f"http://127.0.0.1:{port}"


def test_it_listens_on_the_loopback_interface_in_version_6_too() -> None:
    with Sparkbox(host="::1") as mock:
        assert mock.url.startswith("http://[::1]:")
        assert httpx.get(f"{mock.url}/_mock/health", trust_env=False).status_code == 200


def test_what_fails_on_the_servers_loop_is_raised_here(mock: Sparkbox) -> None:
    def fail() -> None:
        raise LookupError("over there")

    with pytest.raises(LookupError, match="over there"):
        mock.call(fail)
    assert mock.call(lambda: threading.current_thread().name) == "sparkbox"


def test_it_runs_within_another_event_loop() -> None:
    async def program() -> int:
        with Sparkbox() as mock:
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(f"{mock.url}/_mock/health")).status_code

    assert asyncio.run(program()) == 200


def test_settings_are_the_sandboxs() -> None:
    with Sparkbox(Settings(profile="strict", accept_any_key=True)) as mock:
        assert mock.world("anything").profile == "strict"


def test_rate_limits_are_off_unless_settings_say_otherwise(mock: Sparkbox) -> None:
    def enabled(mock: Sparkbox) -> bool:
        return mock.call(lambda: mock.sandbox.accounts.defaults.buckets.enabled)

    assert not enabled(mock)
    with Sparkbox(Settings()) as limited:
        assert enabled(limited)


def test_each_world_without_a_credential_is_a_fresh_one(mock: Sparkbox) -> None:
    credentials = {mock.world().credential for _ in range(10)}
    assert len(credentials) == 10
    assert all(credential.startswith("mock-world-") for credential in credentials)


def test_https_is_signed_by_the_authority_that_it_names(mock: Sparkbox) -> None:
    context = ssl.create_default_context(cafile=mock.ca_file)
    response = httpx.get(f"{mock.tls_url}/_mock/health", verify=context, trust_env=False)
    assert response.json()["status"] == "ok"


def test_clients_with_the_vendors_host_built_in_are_led_here(mock: Sparkbox) -> None:
    world = mock.world()
    url = "https://api.sparkpost.com/api/v1/templates"
    with mock.intercept():
        with requests.Session() as session:
            assert session.get(url, headers=world.sparkpost.headers).json() == {"results": []}
        with httpx.Client() as client:
            assert client.get(url, headers=world.sparkpost.headers).json() == {"results": []}
    assert [entry.path for entry in world.requests] == ["/api/v1/templates"] * 2


def test_the_authority_is_where_the_environment_says(mock: Sparkbox, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARKBOX_HOME", str(tmp_path))
        with Sparkbox() as other:
            assert other.ca_file == tmp_path / "ca" / "certificate.pem"
            assert other.ca_file != mock.ca_file
