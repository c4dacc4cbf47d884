"""The delivery worker against real targets on the loopback interface: outcomes, turns and the clock."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import trustme

from sparkbox.core.declare.info import ServiceInfo
from sparkbox.core.logs.deliveries import Delivery, Headers, NotReady, Retries
from sparkbox.core.outgoing import slots as places
from sparkbox.core.outgoing import worker as module
from sparkbox.core.outgoing.queue import cancel, replay
from sparkbox.core.state.account import Account
from sparkbox.core.state.config import Settings
from sparkbox.core.state.context import Context
from sparkbox.core.state.sandbox import Sandbox
from sparkbox.core.state.store import Record
from tests.core.api import KEY, SERVICE, service_of
from tests.core.office import sandbox
from tests.core.target import Target, endless, hang, linger, raw, reset, response

pytestmark = pytest.mark.asyncio

NOON = 1_772_366_400.0
ONCE = Retries()
PATIENT = Retries(gaps=(60,), timeout=1000)
SHORT = Retries(timeout=0.05)
A_MINUTE_LATER = Retries(gaps=(60,))
SPARKED = Retries(gaps=(60, 300, 1800, 7200, 28_800))
TWELVE_IN_EIGHT_HOURS = Retries(gaps=(60, 120, 240, 480, 900, 1800, 2700, 3600, 4500, 5400, 7200))


@pytest_asyncio.fixture
async def box() -> AsyncIterator[Sandbox]:
    """A sandbox whose accounts' clocks stand at noon."""
    made = sandbox()
    made.accounts.clock.freeze(NOON)
    yield made
    await made.close()


def context(box: Sandbox, key: str = KEY) -> Context:
    account = box.accounts.open(key)
    assert account is not None
    return box.context("post", account)


def kept(delivery: Delivery, account: Account) -> Delivery:
    """The delivery as it stands in the log by now."""
    found = account.deliveries.get(delivery.number)
    assert found is not None
    return found


async def outcome(box: Sandbox, url: str, retries: Retries = ONCE, **more: Any) -> Delivery:
    """Post something and gives the delivery as it is when nothing is under way any more."""
    ctx = context(box)
    delivery = ctx.post(url, b'{"n":1}', retries=retries, **more)
    await box.worker.drain()
    return kept(delivery, ctx.account)


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Done(Record, frozen=True, gc=False):
    """That a delivery is done."""

    id: int
    status: str


def note_done(ctx: Context, number: int) -> None:
    delivery = ctx.account.deliveries.get(number)
    assert delivery is not None
    assert ctx.store[Done].add(Done(number, delivery.status))


def blunder(ctx: Context, number: int) -> None:
    raise ZeroDivisionError("a mistake of ours")


# What comes of one attempt.


async def test_a_body_arrives_as_it_was_posted(box: Sandbox) -> None:
    async with Target(response(204)) as target:
        delivery = await outcome(box, target.url + "?a=1", headers=[("X-Signature", "abc")])
    (hit,) = target.hits
    assert (hit.line, hit.body) == ("POST /hook?a=1 HTTP/1.1", b'{"n":1}')
    assert hit.headers == {
        "host": f"127.0.0.1:{target.port}",
        "content-length": "7",
        "content-type": "application/json",
        "user-agent": "sparkbox",
        "x-signature": "abc",
    }
    (attempt,) = delivery.attempts
    assert (delivery.status, delivery.next_at) == ("delivered", None)
    assert (attempt.time, attempt.status, attempt.error) == (NOON, 204, None)
    assert attempt.duration > 0


async def test_nothing_is_sent_while_the_handler_runs(box: Sandbox) -> None:
    async with Target() as target:
        ctx = context(box)
        delivery = ctx.post(target.url, b"{}", retries=ONCE)
        assert (delivery.status, delivery.attempts) == ("pending", ())
        assert kept(delivery, ctx.account) is delivery
        assert target.hits == []
        assert await box.worker.drain()
        assert len(target.hits) == 1


async def test_beginning_of_the_response_is_kept(box: Sandbox) -> None:
    async with Target(response(422, b"x" * 5000)) as target:
        delivery = await outcome(box, target.url)
    assert delivery.status == "failed"
    assert (delivery.attempts[0].status, delivery.attempts[0].response) == (422, b"x" * 4096)
    assert delivery.attempts[0].error is None


async def test_which_statuses_are_a_success_is_the_vendors_choice(box: Sandbox) -> None:
    async with Target(response(202)) as target:
        delivery = await outcome(box, target.url, Retries(success={200}))
    assert delivery.status == "failed"


async def test_a_target_that_is_down_is_a_failed_attempt(box: Sandbox) -> None:
    delivery = await outcome(box, f"http://127.0.0.1:{closed_port()}/")
    (attempt,) = delivery.attempts
    assert (delivery.status, attempt.status, attempt.response) == ("failed", None, b"")
    assert attempt.error == "All connection attempts failed"


async def test_a_host_without_an_address_is_a_failed_attempt(box: Sandbox) -> None:
    delivery = await outcome(box, "http://nowhere.invalid/")
    assert delivery.status == "failed"
    assert delivery.attempts[0].error


@pytest.mark.parametrize(
    "url", ["http://[::1]:1/", "http://\ud800.example/", "http://xn--a-\xfc.example/", "http://*/"]
)
async def test_a_url_that_leads_nowhere_is_a_failed_attempt(box: Sandbox, url: str) -> None:
    delivery = await outcome(box, url)
    assert delivery.status == "failed"
    assert delivery.attempts[0].error


async def test_a_slow_target_is_left_after_the_timeout(box: Sandbox) -> None:
    async with Target(hang) as target:
        delivery = await outcome(box, target.url, SHORT)
    assert delivery.status == "failed"
    assert (delivery.attempts[0].status, delivery.attempts[0].error) == (None, "no complete answer within 0.05 s")


async def test_a_connection_that_is_cut_is_a_failed_attempt(box: Sandbox) -> None:
    async with Target(reset) as target:
        delivery = await outcome(box, target.url)
    assert delivery.status == "failed"
    assert delivery.attempts[0].status is None
    assert delivery.attempts[0].error


@pytest.mark.parametrize("noise", [b"\x00\xff garbage \r\n\r\n", b"HTTP/1.1 two hundred\r\n\r\n", b"", b"HTTP/1.1"])
async def test_garbage_is_a_failed_attempt(box: Sandbox, noise: bytes) -> None:
    async with Target(raw(noise)) as target:
        delivery = await outcome(box, target.url)
    assert delivery.status == "failed"
    assert delivery.attempts[0].status is None
    assert delivery.attempts[0].error


async def test_response_that_ends_too_early_is_a_failed_attempt(box: Sandbox) -> None:
    async with Target(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")) as target:
        delivery = await outcome(box, target.url)
    (attempt,) = delivery.attempts
    assert (delivery.status, attempt.status, attempt.response) == ("failed", 200, b"half")
    assert attempt.error


async def test_headers_without_end_are_a_failed_attempt(box: Sandbox) -> None:
    async with Target(endless(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 4000 + b"\r\n")) as target:
        delivery = await outcome(box, target.url)
        await asyncio.wait_for(target.left.wait(), 10)
    assert delivery.status == "failed"


async def test_a_redirect_is_recorded_and_not_followed(box: Sandbox) -> None:
    async with Target() as other, Target(response(307, b"", f"Location: {other.url}")) as target:
        delivery = await outcome(box, target.url)
    assert (delivery.status, delivery.attempts[0].status) == ("failed", 307)
    assert other.hits == []


async def test_a_target_that_drips_does_not_outlast_the_timeout(box: Sandbox) -> None:
    async with Target(endless(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", b"x")) as target:
        delivery = await outcome(box, target.url, Retries(timeout=0.5))
        await asyncio.wait_for(target.left.wait(), 10)
    (attempt,) = delivery.attempts
    assert (delivery.status, attempt.status) == ("failed", 200)
    assert attempt.error == "no complete answer within 0.5 s"
    assert set(attempt.response) == {ord("x")}


async def test_endless_response_is_read_no_further_than_needed(box: Sandbox) -> None:
    async with Target(endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000)) as target:
        delivery = await outcome(box, target.url)
        await asyncio.wait_for(target.left.wait(), 10)
    assert (delivery.status, delivery.attempts[0].response) == ("delivered", b"x" * 4096)


async def test_compressed_response_is_not_unpacked(box: Sandbox) -> None:
    async with Target(response(200, b"\x1f\x8b not really", "Content-Encoding: gzip")) as target:
        delivery = await outcome(box, target.url)
    assert (delivery.status, delivery.attempts[0].response) == ("delivered", b"\x1f\x8b not really")


async def test_a_connection_is_not_kept_for_the_next_attempt(box: Sandbox) -> None:
    async with Target(linger) as target:
        delivery = await outcome(box, target.url)
        await asyncio.wait_for(target.left.wait(), 10)
    assert delivery.status == "delivered"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(made)
    return made


async def test_untrusted_certificate_is_refused(box: Sandbox, tls: ssl.SSLContext) -> None:
    async with Target(tls=tls) as target:
        delivery = await outcome(box, target.url)
    assert delivery.status == "failed"
    assert "certificate verify failed" in str(delivery.attempts[0].error)
    assert target.hits == []


async def test_an_authority_of_the_environment_is_trusted(
    box: Sandbox, tls: ssl.SSLContext, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    async with Target(tls=tls) as target:
        delivery = await outcome(box, target.url)
    assert delivery.status == "delivered"


async def test_an_authority_that_cannot_be_read_is_a_failed_attempt(
    box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing.pem"))
    delivery = await outcome(box, "https://127.0.0.1:1/")
    assert delivery.status == "failed"
    assert delivery.attempts[0].error


async def test_cookies_are_not_kept(box: Sandbox) -> None:
    async with Target(response(200, b"", "Set-Cookie: a=1; Path=/")) as target:
        await outcome(box, target.url)
        await outcome(box, target.url)
    assert ["cookie" in hit.headers for hit in target.hits] == [False, False]


async def test_proxy_of_the_environment_is_not_used(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{closed_port()}")
    async with Target() as target:
        delivery = await outcome(box, target.url)
    assert delivery.status == "delivered"


async def test_a_login_in_the_url_is_sent_as_basic_credentials(box: Sandbox) -> None:
    async with Target() as target:
        await outcome(box, target.url.replace("//", "//me:p%40ss@"))
        await outcome(box, target.url.replace("//", "//me:p%40ss@"), headers=[("Authorization", "Bearer t")])
    assert [hit.headers["authorization"] for hit in target.hits] == ["Basic bWU6cEBzcw==", "Bearer t"]


# Retries, on the account's clock.


async def test_a_failed_attempt_is_made_again_when_its_time_has_come(box: Sandbox) -> None:
    async with Target(response(500), response(200)) as target:
        delivery = await outcome(box, target.url, A_MINUTE_LATER)
        assert (delivery.status, delivery.next_at) == ("pending", NOON + 60)
        clock = context(box).clock
        clock.advance(59.5)
        await box.worker.drain()
        assert len(target.hits) == 1
        clock.advance(0.5)
        await box.worker.drain()
    delivery = kept(delivery, context(box).account)
    assert [(attempt.time, attempt.status) for attempt in delivery.attempts] == [(NOON, 500), (NOON + 60, 200)]
    assert (delivery.status, delivery.next_at) == ("delivered", None)
    assert target.bodies == [b'{"n":1}', b'{"n":1}']


async def test_one_advance_makes_all_attempts_at_their_documented_times(box: Sandbox) -> None:
    async with Target(response(503)) as target:
        ctx = context(box)
        delivery = ctx.post(target.url, b"{}", retries=SPARKED)
        await box.worker.advance(ctx.account, 60 + 300 + 1800 + 7200 + 28_800)
    delivery = kept(delivery, ctx.account)
    assert [attempt.time - NOON for attempt in delivery.attempts] == [0, 60, 360, 2160, 9360, 38_160]
    assert delivery.status == "failed"
    assert len(target.hits) == 6


async def test_twelve_attempts_fit_into_an_advance_of_eight_hours(box: Sandbox) -> None:
    async with Target(*[response(500)] * 11, response(200)) as target:
        ctx = context(box)
        delivery = ctx.post(target.url, b"{}", retries=TWELVE_IN_EIGHT_HOURS)
        ran = await box.worker.advance(ctx.account, 8 * 3600)
        assert ctx.clock.now() == NOON + 8 * 3600
    delivery = kept(delivery, ctx.account)
    assert ran == 11
    assert (len(target.hits), len(delivery.attempts), delivery.status) == (12, 12, "delivered")


async def test_no_further_attempt_follows_a_success(box: Sandbox) -> None:
    async with Target() as target:
        ctx = context(box)
        ctx.post(target.url, b"{}", retries=SPARKED)
        await box.worker.advance(ctx.account, 86_400)
    assert len(target.hits) == 1


async def test_a_vendor_may_retry_some_statuses_alone(box: Sandbox) -> None:
    only_5xx = Retries(gaps=(60, 60), retried=range(500, 600))
    async with Target(response(500), response(404)) as target:
        ctx = context(box)
        delivery = ctx.post(target.url, b"{}", retries=only_5xx)
        await box.worker.advance(ctx.account, 86_400)
    delivery = kept(delivery, ctx.account)
    assert [attempt.status for attempt in delivery.attempts] == [500, 404]
    assert delivery.status == "failed"


async def test_missing_response_is_always_retried(box: Sandbox) -> None:
    async with Target(reset, response(200)) as target:
        ctx = context(box)
        delivery = ctx.post(target.url, b"{}", retries=Retries(gaps=(60,), retried=()))
        await box.worker.advance(ctx.account, 60)
    assert kept(delivery, ctx.account).status == "delivered"


async def test_a_live_clock_retries_by_itself() -> None:
    box = sandbox()
    async with Target(response(500), response(200)) as target:
        ctx = context(box)
        delivery = ctx.post(target.url, b"{}", retries=Retries(gaps=(0.01,)))
        await target.arrived(2)
        await box.worker.drain()
    assert kept(delivery, ctx.account).status == "delivered"
    await box.close()


async def test_a_live_clock_can_be_advanced_over_retries() -> None:
    box = sandbox()
    async with Target(response(500)) as target:
        ctx = context(box)
        delivery = ctx.post(target.url, b"{}", retries=SPARKED)
        await box.worker.advance(ctx.account, 12 * 3600)
        assert not ctx.clock.frozen
    times = [attempt.time - delivery.time for attempt in kept(delivery, ctx.account).attempts]
    assert [round(time, -1) for time in times] == [0, 60, 360, 2160, 9360, 38_160]
    await box.close()


async def test_setting_the_clock_forward_makes_the_retries_on_the_way(box: Sandbox) -> None:
    async with Target(response(500)) as target:
        ctx = context(box)
        ctx.post(target.url, b"{}", retries=SPARKED)
        await box.worker.set_clock(ctx.account, NOON + 2160, frozen=False)
        assert len(target.hits) == 4
        assert not ctx.clock.frozen
        await box.worker.set_clock(ctx.account, NOON, frozen=True)
        assert ctx.clock.now() == NOON


async def test_advances_of_one_account_add_up(box: Sandbox) -> None:
    async with Target(response(500)) as target:
        ctx = context(box)
        ctx.post(target.url, b"{}", retries=TWELVE_IN_EIGHT_HOURS)
        await asyncio.gather(*(box.worker.advance(ctx.account, 3600) for _ in range(3)))
    assert ctx.clock.now() == NOON + 3 * 3600


@pytest.mark.parametrize("seconds", [-1, 1e18])
async def test_a_clock_is_not_advanced_backwards_nor_out_of_the_calendar(box: Sandbox, seconds: float) -> None:
    ctx = context(box)
    with pytest.raises(ValueError, match="a clock"):
        await box.worker.advance(ctx.account, seconds)
    assert ctx.clock.now() == NOON


async def test_an_advance_goes_on_when_its_patience_is_over(box: Sandbox) -> None:
    async with Target(hang) as target:
        ctx = context(box)
        delivery = ctx.post(target.url, b"{}", retries=ONCE)
        await box.worker.advance(ctx.account, 3600, patience=0.01)
        assert ctx.clock.now() == NOON + 3600
        assert not await box.worker.drain(ctx.account, timeout=0)
        target.gate.set()
        assert await box.worker.drain(ctx.account)
    assert kept(delivery, ctx.account).status == "delivered"


async def test_others_get_their_turn_during_a_long_advance(box: Sandbox) -> None:
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    ctx = context(box)
    for number in range(100):
        ctx.call_in(number, note_time)
    others = asyncio.create_task(take_turns())
    assert await box.worker.advance(ctx.account, 100) == 100
    others.cancel()
    assert turns >= 100
    assert [done.id for done in ctx.store[Done].values()] == [int(NOON) + number for number in range(100)]


def note_time(ctx: Context) -> None:
    assert ctx.store[Done].add(Done(int(ctx.now), "time"))


async def test_jobs_of_the_service_run_at_their_own_time_between_the_retries(box: Sandbox) -> None:
    async with Target(response(500)) as target:
        ctx = context(box)
        ctx.post(target.url, b"first", retries=A_MINUTE_LATER)
        ctx.call_in(90, post_later, target.url)
        await box.worker.advance(ctx.account, 200)
    assert target.bodies == [b"first", b"first", b"later", b"later"]
    assert [[a.time - NOON for a in d.attempts] for d in ctx.account.deliveries.oldest()] == [[0, 60], [90, 150]]


def post_later(ctx: Context, url: str) -> None:
    ctx.post(url, b"later", retries=A_MINUTE_LATER)


# Resets, cancelling, replaying.


async def test_an_outcome_that_comes_after_a_reset_is_forgotten(box: Sandbox) -> None:
    async with Target(hang) as target:
        ctx = context(box)
        ctx.post(target.url, b"{}", retries=PATIENT, on_done=note_done)
        await target.arrived(1)
        ctx.account.reset()
        assert await box.worker.drain(ctx.account, timeout=10)
        target.gate.set()
        await box.worker.drain()
        fresh = context(box)
        assert len(fresh.account.deliveries) == 0
        assert fresh.clock.jobs == []
        assert list(fresh.store[Done].values()) == []


async def test_what_waits_for_the_clock_is_forgotten_by_a_reset(box: Sandbox) -> None:
    async with Target(response(500)) as target:
        await outcome(box, target.url, SPARKED)
        box.reset()
        ctx = context(box)
        ctx.clock.freeze(NOON)
        await box.worker.advance(ctx.account, 86_400)
    assert len(target.hits) == 1


async def test_a_reset_account_does_not_wait_for_its_old_attempts(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MOST_UNDER_WAY", 8)
    async with Target(*[hang] * 8, response(200)) as target:
        ctx = context(box)
        for _ in range(12):
            ctx.post(target.url, b"old", retries=PATIENT)
        await target.arrived(8)
        ctx.account.reset()
        fresh = context(box)
        delivery = fresh.post(target.url, b"new", retries=ONCE)
        assert await box.worker.drain(fresh.account, timeout=10)
        assert kept(delivery, fresh.account).status == "delivered"
        assert target.bodies == [b"old"] * 8 + [b"new"]


async def test_what_waited_before_a_reset_takes_nothing_along(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MOST_UNDER_WAY", 2)
    monkeypatch.setattr(module, "MOST_WAITING", 1)
    async with Target(hang) as target:
        for _ in range(2):
            context(box, "mock-other").post(target.url, b"other", retries=ONCE)
        ctx = context(box)
        for _ in range(3):
            ctx.post(target.url, b"old", retries=ONCE)
        ctx.account.reset()
        ctx.post(target.url, b"new", retries=ONCE)
        target.gate.set()
        await box.worker.drain()
    assert target.bodies == [b"other", b"other", b"new"]


async def test_an_advance_ends_where_the_account_is_reset(box: Sandbox) -> None:
    async with Target(hang) as target:
        ctx = context(box)
        ctx.post(target.url, b"{}", retries=SPARKED)
        turning = asyncio.create_task(box.worker.advance(ctx.account, 86_400))
        await target.arrived(1)
        ctx.account.reset()
        ctx.clock.freeze(NOON)
        fresh = context(box)
        fresh.call_in(60, post_later, target.url)
        target.gate.set()
        assert await turning == 0
        assert ctx.clock.now() == NOON
        assert len(ctx.clock.jobs) == 1


async def test_a_cancelled_subscription_gets_no_further_attempt(box: Sandbox) -> None:
    async with Target(response(500)) as target:
        ctx = context(box)
        gone = ctx.post(target.url, b"gone", retries=A_MINUTE_LATER, subscription="1")
        stays = ctx.post(target.url, b"stays", retries=A_MINUTE_LATER, subscription="2")
        await box.worker.drain()
        assert cancel(ctx, "1") == 1
        assert cancel(ctx, "1") == 0
        await box.worker.advance(ctx.account, 60)
    assert sorted(target.bodies) == [b"gone", b"stays", b"stays"]
    assert kept(gone, ctx.account).status == "cancelled"
    assert kept(gone, ctx.account).next_at is None
    assert kept(stays, ctx.account).status == "failed"


async def test_another_services_subscription_of_that_id_is_not_cancelled() -> None:
    services = {"post": SERVICE, "bank": service_of(info=ServiceInfo("bank", "The Bank"))}
    box = Sandbox(Settings(), {name: partial(services.__getitem__, name) for name in services})
    account = context(box).account
    delivery = box.context("bank", account).post("http://127.0.0.1:1/", b"{}", retries=ONCE, subscription="1")
    assert cancel(box.context("post", account), "1") == 0
    assert kept(delivery, account).status == "pending"
    await box.close()


async def test_a_delivery_that_is_cancelled_before_its_turn_is_never_sent(box: Sandbox) -> None:
    async with Target(*[hang] * 8, response(200)) as target:
        ctx = context(box)
        for _ in range(8):
            ctx.post(target.url, b"first", retries=ONCE)
        ctx.post(target.url, b"cancelled", retries=ONCE, subscription="1")
        last = ctx.post(target.url, b"last", retries=ONCE)
        await target.arrived(8)
        cancel(ctx, "1")
        target.gate.set()
        await box.worker.drain()
    assert target.bodies == [b"first"] * 8 + [b"last"]
    assert kept(last, ctx.account).status == "delivered"


async def test_an_attempt_under_way_is_recorded_with_a_cancelled_delivery(box: Sandbox) -> None:
    async with Target(hang) as target:
        ctx = context(box)
        delivery = ctx.post(target.url, b"{}", retries=SPARKED, subscription="1", on_done=note_done)
        await target.arrived(1)
        cancel(ctx, "1")
        target.gate.set()
        await box.worker.drain()
    delivery = kept(delivery, ctx.account)
    assert (delivery.status, [attempt.status for attempt in delivery.attempts]) == ("cancelled", [200])
    assert list(ctx.store[Done].values()) == []


async def test_a_replay_is_a_delivery_of_its_own(box: Sandbox) -> None:
    async with Target(response(500), response(200)) as target:
        first = await outcome(box, target.url, headers=[("X-Batch", "7")], subscription="1", event="opened")
        ctx = context(box)
        ctx.clock.advance(5)
        again = replay(context(box), first.number)
        await box.worker.drain()
    assert again is not None
    again = kept(again, ctx.account)
    assert (first.status, again.status) == ("failed", "delivered")
    assert again.number != first.number
    assert (again.time, again.subscription, again.event) == (NOON + 5, "1", "opened")
    assert target.hits[0] == target.hits[1]


async def test_nothing_is_replayed_that_the_log_does_not_hold(box: Sandbox) -> None:
    assert replay(context(box), 1) is None


# What a service adds.


async def test_a_service_is_told_when_a_delivery_is_done(box: Sandbox) -> None:
    async with Target(response(500), response(200), response(500)) as target:
        ctx = context(box)
        first = ctx.post(target.url, b"{}", retries=A_MINUTE_LATER, on_done=note_done)
        await box.worker.drain()
        assert list(ctx.store[Done].values()) == []
        await box.worker.advance(ctx.account, 60)
        second = ctx.post(target.url, b"{}", retries=ONCE, on_done=note_done)
        await box.worker.drain()
    assert list(ctx.store[Done].values()) == [Done(first.number, "delivered"), Done(second.number, "failed")]


async def test_exception_in_on_done_leaves_the_delivery_done(box: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    async with Target() as target:
        delivery = await outcome(box, target.url, on_done=blunder)
    assert delivery.status == "delivered"
    assert "a mistake of ours" in caplog.text


async def test_each_attempt_may_have_headers_of_its_own(box: Sandbox) -> None:
    async def sign(ctx: Context, delivery: Delivery) -> Headers:
        return (("X-Signature", f"t={ctx.now:.0f},n={len(delivery.attempts)}"),)

    async with Target(response(500), response(200)) as target:
        ctx = context(box)
        delivery = ctx.post(target.url, b"{}", retries=A_MINUTE_LATER, prepare=sign)
        await box.worker.advance(ctx.account, 60)
    signatures = [f"t={NOON:.0f},n=0", f"t={NOON + 60:.0f},n=1"]
    assert [hit.headers["x-signature"] for hit in target.hits] == signatures
    sent = [attempt.headers for attempt in kept(delivery, ctx.account).attempts]
    assert sent == [(("X-Signature", signature),) for signature in signatures]


async def test_a_token_can_be_fetched_for_an_attempt(box: Sandbox) -> None:
    async with (
        Target(response(200, b"one"), response(200, b"two")) as tokens,
        Target(response(401), response(200)) as target,
    ):

        async def fetch(ctx: Context, delivery: Delivery) -> Headers:
            response = await ctx.sandbox.worker.call("POST", tokens.url, body=b"grant")
            return (("Authorization", f"Bearer {response.body.decode()}"),)

        ctx = context(box)
        delivery = ctx.post(target.url, b"{}", retries=A_MINUTE_LATER, prepare=fetch)
        await box.worker.advance(ctx.account, 60)
    assert kept(delivery, ctx.account).status == "delivered"
    assert [hit.headers["authorization"] for hit in target.hits] == ["Bearer one", "Bearer two"]
    assert tokens.bodies == [b"grant", b"grant"]


async def refuse(ctx: Context, delivery: Delivery) -> Headers:
    raise NotReady("the token endpoint answered 500")


async def wait_for_ever(ctx: Context, delivery: Delivery) -> Headers:
    await asyncio.Event().wait()
    return ()


async def ask_nobody(ctx: Context, delivery: Delivery) -> Headers:
    await ctx.sandbox.worker.call("GET", "ftp://127.0.0.1/")
    return ()


async def give_nonsense(ctx: Context, delivery: Delivery) -> Headers:
    return (("X-A", "line\nbreak"),)


@pytest.mark.parametrize(
    ("prepare", "error"),
    [
        (refuse, "the token endpoint answered 500"),
        (wait_for_ever, "no complete answer within 0.05 s"),
        (ask_nobody, "GET ftp://127.0.0.1/: the URL must begin with http:// or https://"),
        (give_nonsense, "Illegal header value b'line\\nbreak'"),
    ],
)
async def test_an_attempt_that_cannot_be_prepared_fails(
    box: Sandbox, prepare: Callable[[Context, Delivery], Awaitable[Headers]], error: str
) -> None:
    async with Target() as target:
        delivery = await outcome(box, target.url, SHORT, prepare=prepare)
    assert (delivery.status, delivery.attempts[0].error) == ("failed", error)
    assert target.hits == []


async def test_call_raises_without_a_response(box: Sandbox) -> None:
    async with Target(hang) as target:
        with pytest.raises(NotReady, match=r"no complete answer within 0\.05 s"):
            await box.worker.call("GET", target.url, seconds=0.05)


async def test_a_call_gives_any_status(box: Sandbox) -> None:
    async with Target(response(404, b"gone", "X-Why: moved")) as target:
        called = await box.worker.call("PUT", target.url, headers=[("X-A", "b")], body=b"c")
    assert (called.status, bytes(called.body)) == (404, b"gone")
    assert called.headers == [("content-length", "4"), ("x-why", "moved")]
    assert (target.hits[0].line, target.hits[0].body) == ("PUT /hook HTTP/1.1", b"c")


# Whose turn it is.


async def test_one_accounts_dead_target_does_not_delay_another_account(box: Sandbox) -> None:
    async with Target(hang) as dead, Target() as target:
        noisy, other = context(box, "mock-noisy"), context(box, "mock-other")
        for _ in range(100):
            noisy.post(dead.url, b"{}", retries=ONCE)
        delivery = other.post(target.url, b"{}", retries=ONCE)
        assert await box.worker.drain(other.account)
        assert kept(delivery, other.account).status == "delivered"
        assert not await box.worker.drain(timeout=0)
        assert len(dead.hits) <= module.MOST_UNDER_WAY_PER_ACCOUNT
        dead.gate.set()
        assert await box.worker.drain()
    assert len(dead.hits) == 100


async def test_few_attempts_of_an_account_are_under_way_at_once(box: Sandbox) -> None:
    async with Target(hang) as target:
        ctx = context(box)
        for _ in range(20):
            ctx.post(target.url, b"{}", retries=ONCE)
        await target.arrived(module.MOST_UNDER_WAY_PER_ACCOUNT)
        target.gate.set()
        await box.worker.drain()
    assert target.most_under_way == module.MOST_UNDER_WAY_PER_ACCOUNT
    assert len(target.hits) == 20


async def test_an_accounts_deliveries_start_in_order(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_UNDER_WAY_PER_ACCOUNT", 1)
    bodies = [b"%d" % number for number in range(30)]
    async with Target() as target:
        ctx = context(box)
        for body in bodies:
            ctx.post(target.url, body, retries=ONCE)
        await box.worker.drain()
    assert target.bodies == bodies


async def test_they_start_in_order_though_a_queue_was_full(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_UNDER_WAY_PER_ACCOUNT", 1)
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    bodies = [b"%d" % number for number in range(30)]
    async with Target() as target:
        ctx = context(box)
        for number, body in enumerate(bodies):
            ctx.post(target.url, body, retries=ONCE)
            if number > 20:
                await target.arrived(number - 20)
        await box.worker.drain()
    assert target.bodies == bodies


async def test_accounts_share_the_places_when_all_are_taken(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MOST_UNDER_WAY", 10)
    monkeypatch.setattr(places, "SPARE", 0)
    async with Target(hang) as target:
        accounts = [context(box, f"mock-{number}").account for number in range(6)]
        for account in accounts:
            for _ in range(5):
                box.context("post", account).post(target.url, account.credential.encode(), retries=ONCE)
        await target.arrived(10)
        waiting = [asyncio.create_task(box.worker.drain(account)) for account in accounts]
        target.gate.set()
        assert all(await asyncio.gather(*waiting))
    assert target.most_under_way == 10
    assert all(d.status == "delivered" for account in accounts for d in account.deliveries.oldest())
    assert len(target.hits) == 30


async def test_accounts_whose_targets_hang_leave_a_place_for_each_other_one(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MOST_UNDER_WAY", 10)
    async with Target(hang) as dead, Target() as target:
        for number in range(2):
            noisy = context(box, f"mock-noisy-{number}")
            for _ in range(20):
                noisy.post(dead.url, b"{}", retries=ONCE)
        await dead.arrived(10)
        others = [context(box, f"mock-other-{number}") for number in range(3)]
        posted = [other.post(target.url, b"{}", retries=ONCE) for other in others for _ in range(4)]
        for other in others:
            assert await box.worker.drain(other.account)
        assert len(target.hits) == len(posted)
        assert len(dead.hits) == 10
        dead.gate.set()
        assert await box.worker.drain()
    assert len(dead.hits) == 40


async def test_hundreds_of_targets_that_hang_leave_places_for_one_that_does_not(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attempts that hang leave their places: those of 40 accounts, each with several, do not hold up another's."""
    monkeypatch.setattr(places, "MOST_UNDER_WAY", 10)
    monkeypatch.setattr(places, "SPARE", 0)
    monkeypatch.setattr(places, "MOST_HANGING", 50)
    monkeypatch.setattr(places, "MOST_HELD", 20)
    monkeypatch.setattr(places, "HANGING_SECONDS", 0.0)
    async with Target(hang) as dead, Target() as target:
        for number in range(40):
            noisy = context(box, f"mock-noisy-{number}")
            for _ in range(3):
                noisy.post(dead.url, b"{}", retries=Retries(timeout=1000))
        await dead.arrived(places.MOST_HELD)
        quick = context(box, "mock-quick")
        posted = [quick.post(target.url, b"{}", retries=ONCE) for _ in range(20)]
        assert await box.worker.drain(quick.account)
        assert {kept(delivery, quick.account).status for delivery in posted} == {"delivered"}
        assert len(dead.hits) < places.MOST_HANGING
        dead.gate.set()
        assert await box.worker.drain()
    assert len(dead.hits) == 120


async def test_a_target_that_hung_once_takes_no_place_the_next_time(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MOST_UNDER_WAY", 1)
    monkeypatch.setattr(places, "SPARE", 0)
    async with Target(hang) as dead, Target() as target:
        noisy, quick = context(box, "mock-noisy"), context(box, "mock-quick")
        noisy.post(dead.url, b"{}", retries=SHORT)
        await box.worker.drain()
        noisy.post(dead.url, b"{}", retries=PATIENT)
        await dead.arrived(2)
        delivery = quick.post(target.url, b"{}", retries=ONCE)
        assert await box.worker.drain(quick.account)
        assert kept(delivery, quick.account).status == "delivered"
        dead.gate.set()
        assert await box.worker.drain()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST.", "127.1", "2130706433", "0.0.0.0", "127.0.0.9"]
)
async def test_nothing_is_posted_to_the_sandboxs_own_ports(box: Sandbox, host: str) -> None:
    async with Target() as target:
        box.own_ports.add([target.port])
        failed = await outcome(box, f"http://{host}:{target.port}/_mock/reset")
    assert (failed.status, failed.attempts[0].error) == ("failed", "the URL leads to the sandbox itself")
    assert target.hits == []


async def test_a_redirect_to_the_sandbox_itself_is_not_followed(box: Sandbox) -> None:
    async with Target() as own:
        box.own_ports.add([own.port])
        async with Target(response(307, b"", f"Location: {own.url}")) as target:
            await outcome(box, target.url)
    assert (len(target.hits), own.hits) == (1, [])


async def test_more_than_a_queue_holds_is_delivered_all_the_same(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 10)
    bodies = [b"%d" % number for number in range(60)]
    async with Target() as target:
        ctx = context(box)
        for body in bodies:
            ctx.post(target.url, body, retries=ONCE)
        await box.worker.drain()
    assert sorted(target.bodies) == sorted(bodies)
    assert {delivery.status for delivery in ctx.account.deliveries.oldest()} == {"delivered"}


async def test_what_the_log_dropped_is_attempted_no_more() -> None:
    box = sandbox(most_deliveries=20)
    async with Target() as target:
        ctx = context(box)
        for number in range(30):
            ctx.post(target.url, b"%d" % number, retries=ONCE)
        await box.worker.drain()
        # The first eight started at once; of the others the log holds the last twenty.
        assert sorted(map(int, target.bodies)) == [*range(8), *range(10, 30)]
    assert ctx.account.deliveries.dropped == 10
    assert {delivery.status for delivery in ctx.account.deliveries.oldest()} == {"delivered"}
    await box.close()


async def test_log_counts_the_bytes_of_the_targets_responses(box: Sandbox) -> None:
    async with Target(response(500, b"x" * 4096)) as target:
        ctx = context(box)
        delivery = ctx.post(target.url, b"{}", retries=SPARKED)
        await box.worker.advance(ctx.account, 86_400)
    delivery = kept(delivery, ctx.account)
    assert delivery.size > 6 * 4096
    assert box.logs.deliveries.bytes == delivery.size


async def test_responses_do_not_grow_the_log_beyond_its_bound() -> None:
    box = sandbox(most_delivery_bytes=20_000)
    async with Target(response(200, b"x" * 4096)) as target:
        ctx = context(box)
        for _ in range(10):
            ctx.post(target.url, b"{}", retries=ONCE)
        await box.worker.drain()
    assert box.logs.deliveries.bytes <= 20_000
    assert 0 < len(ctx.account.deliveries) < 10
    await box.close()


# Loops that come and go.


async def test_closed_worker_leaves_deliveries_pending_and_goes_on_later(box: Sandbox) -> None:
    async with Target(hang, response(200)) as target:
        ctx = context(box)
        delivery = ctx.post(target.url, b"{}", retries=ONCE)
        await target.arrived(1)
        await box.worker.aclose()
        assert kept(delivery, ctx.account) == delivery
        box.worker.wake()
        await box.worker.drain()
    assert kept(delivery, ctx.account).status == "delivered"
    assert len(target.hits) == 2


async def test_closing_waits_until_what_was_broken_off_has_ended(box: Sandbox) -> None:
    ended = asyncio.Event()
    begun = asyncio.Event()

    async def clean_up_slowly(ctx: Context, delivery: Delivery) -> Headers:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            ended.set()
        return ()

    context(box).post("http://127.0.0.1:1/", b"{}", retries=ONCE, prepare=clean_up_slowly)
    await begun.wait()
    await box.worker.aclose()
    assert ended.is_set()


async def test_closing_twice_is_harmless(box: Sandbox) -> None:
    await box.worker.aclose()
    await box.worker.aclose()


async def test_what_a_thread_posts_is_sent_from_the_loop_that_serves(box: Sandbox) -> None:
    async with Target() as target:
        await box.worker.drain()
        ctx = context(box)
        delivery = await asyncio.to_thread(lambda: ctx.post(target.url, b"{}", retries=ONCE))
        await target.arrived(1)
        await box.worker.drain()
    assert kept(delivery, ctx.account).status == "delivered"


async def test_another_loop_is_told_where_the_worker_runs(box: Sandbox) -> None:
    await box.worker.drain()
    ctx = context(box)

    async def elsewhere(target: Target) -> Delivery:
        delivery = ctx.post(target.url, b"{}", retries=ONCE)
        with pytest.raises(RuntimeError, match="another loop"):
            await box.worker.drain()
        return delivery

    async with Target() as target:
        delivery = await asyncio.to_thread(lambda: asyncio.run(elsewhere(target)))
        await box.worker.drain()
    assert kept(delivery, ctx.account).status == "delivered"
