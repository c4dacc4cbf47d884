"""Looking up targets' names, with a name server of the test's own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sparkbox.core.logs.deliveries import NotReady
from sparkbox.core.outgoing import resolver as module
from sparkbox.core.outgoing.client import Outbound, TargetResponse
from sparkbox.core.outgoing.own_ports import OwnPorts
from sparkbox.core.outgoing.resolver import Addresses, Resolver
from sparkbox.core.state.clock import stopwatch
from tests.core.target import Target

pytestmark = pytest.mark.asyncio


class NameServer:
    """Notes what it is requested. Names that begin with ``slow`` wait at the gate, and then have no address."""

    def __init__(self) -> None:
        self.requested: list[str] = []
        self.gate = threading.Event()
        self.daemons: set[bool] = set()

    def __call__(self, name: str) -> Addresses:
        self.requested.append(name)
        self.daemons.add(threading.current_thread().daemon)
        if name.startswith("slow"):
            self.gate.wait()
            raise OSError(f"{name} has no address")
        return ("127.0.0.1",)


@pytest_asyncio.fixture
async def names() -> AsyncIterator[NameServer]:
    names = NameServer()
    yield names
    names.gate.set()


async def requested(names: NameServer, count: int) -> None:
    """Wait until so many names have been requested for."""
    async with asyncio.timeout(10):
        while len(names.requested) < count:  # noqa: ASYNC110 - threads tell nobody
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("127.0.0.1", ("127.0.0.1",)),
        ("::1", ("::1",)),
        ("127.1", ("127.0.0.1",)),
        ("localhost", module.LOCALHOST),
        ("LocalHost.", module.LOCALHOST),
        ("hooks.localhost", module.LOCALHOST),
    ],
)
async def test_addresses_and_localhost_are_not_looked_up(
    names: NameServer, host: str, addresses: tuple[str, ...]
) -> None:
    assert await Resolver(names).find(host, "a") == addresses
    assert names.requested == []


async def test_name_is_looked_up_once_and_again_when_the_result_is_old(
    names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = Resolver(names)
    found = await asyncio.gather(*(resolver.find("Hooks.example", owner) for owner in "abab"))
    assert set(found) == {("127.0.0.1",)}
    await resolver.find("hooks.example", "c")
    assert names.requested == ["hooks.example"]
    late = stopwatch() + module.KEPT_SECONDS
    monkeypatch.setattr(module, "stopwatch", lambda: late)
    await resolver.find("hooks.example", "c")
    assert names.requested == ["hooks.example"] * 2


async def test_a_failure_is_kept_as_well(names: NameServer) -> None:
    names.gate.set()
    resolver = Resolver(names)
    for _ in range(2):
        with pytest.raises(OSError, match=r"slow\.example has no address"):
            await resolver.find("slow.example", "a")
    assert names.requested == ["slow.example"]


async def test_what_is_kept_is_bounded(names: NameServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    resolver = Resolver(names)
    for name in ("one.example", "two.example", "three.example", "one.example", "three.example"):
        await resolver.find(name, "a")
    assert len(names.requested) == 4


async def test_slow_names_of_one_account_do_not_delay_another(names: NameServer) -> None:
    resolver = Resolver(names)
    slow = [asyncio.ensure_future(resolver.find(f"slow{n}.example", "noisy")) for n in range(8)]
    await requested(names, module.MOST_PER_ACCOUNT)
    assert await resolver.find("quick.example", "other") == ("127.0.0.1",)
    assert len(names.requested) == module.MOST_PER_ACCOUNT + 1
    names.gate.set()
    found = await asyncio.gather(*slow, return_exceptions=True)
    assert [str(error) for error in found] == [f"slow{n}.example has no address" for n in range(8)]
    assert len(names.requested) == 9


async def test_slow_names_of_many_accounts_do_not_delay_another(
    names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_UNDER_WAY", 6)
    monkeypatch.setattr(module, "SPARE", 2)
    resolver = Resolver(names)
    slow = [asyncio.ensure_future(resolver.find(f"slow{n}.{owner}", owner)) for owner in "abc" for n in range(4)]
    await requested(names, 6)
    assert await resolver.find("quick.example", "other") == ("127.0.0.1",)
    for waiting in slow:
        waiting.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    names.gate.set()
    assert await resolver.find("again.example", "a") == ("127.0.0.1",)
    assert "slow3.c" not in names.requested


async def test_the_threads_do_not_keep_the_process(names: NameServer) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await Resolver(names).find("slow.example", "a")
    assert names.daemons == {True}


async def test_a_loop_ends_while_a_name_is_looked_up(names: NameServer) -> None:
    async def leave() -> None:
        finding = asyncio.ensure_future(Resolver(names).find("slow.example", "a"))
        await requested(names, 1)
        finding.cancel()

    # asyncio.run() waits for the threads of the loop's own resolver; for these it does not.
    await asyncio.to_thread(asyncio.run, leave())
    assert not names.gate.is_set()


async def test_a_target_is_called_by_its_name_at_the_first_address_that_answers(names: NameServer) -> None:
    response = TargetResponse()
    async with Target() as target:
        outbound = Outbound(OwnPorts(), Resolver(lambda name: ("127.0.0.2", "::1", "127.0.0.1")))
        url = f"http://hooks.example:{target.port}/hook"
        await outbound.exchange(response, "POST", url, (), b"{}", "a")
        await outbound.close()
    assert response.status == 200
    assert target.hits[0].headers["host"] == f"hooks.example:{target.port}"


async def test_a_name_that_leads_to_the_sandbox_itself_is_not_called(names: NameServer) -> None:
    own = OwnPorts()
    async with Target() as target:
        own.add([target.port])
        outbound = Outbound(own, Resolver(names))
        with pytest.raises(NotReady, match="leads to the sandbox itself"):
            await outbound.exchange(TargetResponse(), "POST", f"http://rebound.example:{target.port}/", (), b"", "a")
    assert (names.requested, target.hits) == (["rebound.example"], [])
