"""Deliveries: what can be posted, how they are kept and shown, and loops that come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.declare.operation import Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.declare.service import Service
from sparkbox.core.logs.deliveries import (
    MOST_BODY,
    MOST_URL,
    Attempt,
    Delivery,
    Headers,
    Retries,
    check_target,
    complete,
    details,
    summary,
)
from sparkbox.core.state.context import Context
from tests.core.api import KEY, service_of
from tests.core.office import Office
from tests.core.target import Target, response

NOON = 1_772_366_400.0
ONCE = Retries()

pages = Operations("Hooks")


class NewHook(Body):
    url: str


@pages.post("/v1/hooks", status=202)
def post_hook(ctx: Context, body: NewHook) -> int:
    """Post to a hook."""
    return ctx.post(body.url, b"{}", retries=Retries(gaps=(60,)), subscription="7", event="letter.sent").number


SERVICE: Service = service_of(pages)


def hooks_office() -> Office:
    office = Office(SERVICE)
    office.account().clock.freeze(NOON)
    return office


# What can be posted.


@pytest.mark.parametrize(
    "url",
    ["http://localhost", "https://user:pass@example.com:8443/a?b=c#d", "HTTP://[::1]:80/", "http://bücher.example/ü"],
)
def test_http_and_https_urls_can_be_posted_to(url: str) -> None:
    check_target(url)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "must begin with http"),
        ("example.com/hook", "must begin with http"),
        ("ftp://example.com/", "must begin with http"),
        ("file:///etc/passwd", "must begin with http"),
        ("javascript:alert(1)", "must begin with http"),
        ("http://", "has no host"),
        ("https:///hook", "has no host"),
        ("http://:8080/", "has no host"),
        ("http://user@/", "has no host"),
        ("http://example.com:port/", "cannot be read"),
        ("http://example.com:70000/", "cannot be read"),
        ("http://[::1/", "cannot be read"),
        ("http://exam ple.com/", "spaces or control characters"),
        ("http://example.com/\r\nX-Evil: 1", "spaces or control characters"),
        ("http://example.com/" + "a" * MOST_URL, "more than 8192 characters"),
    ],
)
def test_other_urls_are_refused(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        check_target(url)


@pytest.mark.parametrize(
    "header",
    [
        ("X-A", "line\r\nbreak"),
        ("X-A", "nul\x00"),
        ("X-A", "€"),
        ("X A", "space"),
        ("", "nameless"),
        ("X-Ä", "umlaut"),
        ("Content-Length", "5"),
        ("transfer-encoding", "chunked"),
    ],
)
def test_headers_that_cannot_be_sent_are_refused(header: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="header"):
        check_target("http://localhost/", [header])


def test_a_body_has_a_bound() -> None:
    check_target("http://localhost/", body=bytes(MOST_BODY))
    with pytest.raises(ValueError, match="the body has more than"):
        check_target("http://localhost/", body=bytes(MOST_BODY + 1))


@settings(max_examples=200)
@given(st.text(max_size=60), st.text(max_size=10), st.text(max_size=10))
def test_a_target_is_taken_or_refused_with_a_value_error(url: str, name: str, value: str) -> None:
    for tried in (url, f"http://{url}", f"http://host/{url}"):
        with suppress(ValueError):
            check_target(tried, [(name, value)])
            assert urlsplit(tried).hostname


def test_usual_headers_are_sent_unless_they_are_given() -> None:
    assert complete(()) == (("Content-Type", "application/json"), ("User-Agent", "sparkbox"))
    given_headers = (("content-type", "text/plain"), ("X-A", "b"))
    assert complete(given_headers) == (("User-Agent", "sparkbox"), *given_headers)


def test_invalid_delivery_is_not_kept() -> None:
    office = Office()
    with pytest.raises(ValueError, match="has no host"):
        office.context().post("http:///", b"{}", retries=ONCE)
    assert len(office.account().deliveries) == 0


# When a vendor tries again.


def failed(status: int | None) -> Attempt:
    return Attempt(NOON, status, "cut" if status is None else None, b"", 0.1)


def test_there_is_one_attempt_more_than_there_are_gaps() -> None:
    retries = Retries(gaps=(60, 300))
    assert [retries.gap(made, failed(500)) for made in (1, 2, 3, 4)] == [60, 300, None, None]


def test_status_outside_retries_ends_the_delivery_and_no_response_does_not() -> None:
    retries = Retries(gaps=(60, 300), retried=range(500, 600))
    assert [retries.gap(1, failed(status)) for status in (404, 503, None)] == [None, 60, 60]


# How deliveries are kept and shown.


def test_a_handler_posts_and_the_log_holds_it() -> None:
    office = hooks_office()
    answered = office.call("POST", "/v1/hooks", {"url": "http://127.0.0.1:1/"})
    assert answered.status == 202
    delivery = office.account().deliveries.get(answered.json()["data"])
    assert delivery is not None
    assert summary(delivery) == {
        "id": "1",
        "time": "2026-03-01T12:00:00.000Z",
        "service": "post",
        "account": KEY,
        "subscription": "7",
        "event": "letter.sent",
        "url": "http://127.0.0.1:1/",
        "status": "pending",
        "attempt_count": 0,
        "response_status": None,
        "error": None,
        "next_attempt_at": None,
    }


def test_details_show_the_request_and_each_attempt() -> None:
    delivery = Delivery(
        number=3,
        time=NOON,
        service="post",
        account=KEY,
        subscription="",
        event="",
        url="http://127.0.0.1:1/",
        headers=(("X-A", "b"),),
        body=b"\xff{}",
        retries=ONCE,
        attempts=(
            Attempt(NOON, None, "cut", b"", 0.0101234),
            Attempt(NOON + 60, 500, None, b"no\xff", 0.5, (("X-Signature", "s"),)),
        ),
        next_at=NOON + 360,
    )
    shown = details(delivery)
    assert shown["request"] == {"headers": [["X-A", "b"]], "body": "\ufffd{}"}
    assert shown["attempts"] == [
        {
            "time": "2026-03-01T12:00:00.000Z",
            "status": None,
            "error": "cut",
            "headers": [],
            "response": "",
            "duration_ms": 10.123,
        },
        {
            "time": "2026-03-01T12:01:00.000Z",
            "status": 500,
            "error": None,
            "headers": [["X-Signature", "s"]],
            "response": "no\ufffd",
            "duration_ms": 500.0,
        },
    ]
    assert (shown["attempt_count"], shown["response_status"], shown["error"]) == (2, 500, None)
    assert (shown["subscription"], shown["next_attempt_at"]) == (None, "2026-03-01T12:06:00.000Z")


# Loops that come and go.


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(main())


def test_what_was_posted_without_a_loop_is_sent_on_the_next() -> None:
    office = hooks_office()

    async def main() -> None:
        async with Target() as target:
            await asyncio.to_thread(office.call, "POST", "/v1/hooks", {"url": target.url})
            await asyncio.to_thread(office.call, "POST", "/v1/hooks", {"url": target.url})
            assert target.hits == []
            await office.sandbox.worker.drain()
            assert len(target.hits) == 2
        await office.sandbox.close()

    run(main)
    assert {delivery.status for delivery in office.account().deliveries.oldest()} == {"delivered"}


def test_a_post_on_a_loop_takes_along_what_waited_for_one() -> None:
    office = hooks_office()
    account = office.account()

    async def main() -> None:
        async with Target() as target:
            await asyncio.to_thread(office.context("mock-other").post, target.url, b"waited", retries=ONCE)
            office.context().post(target.url, b"came", retries=ONCE)
            await target.arrived(2)
            assert sorted(target.bodies) == [b"came", b"waited"]
            await office.sandbox.worker.drain(account)
        await office.sandbox.close()

    run(main)


def test_an_attempt_whose_loop_ended_is_made_again_on_the_next() -> None:
    office = hooks_office()

    waiting: list[asyncio.Event] = []

    async def hang_at_first(ctx: Context, delivery: Delivery) -> Headers:
        waiting.append(asyncio.Event())
        if len(waiting) == 1:
            started.set()
            await waiting[0].wait()
        return ()

    async def main() -> None:
        office.context().post("http://127.0.0.1:1/", b"{}", retries=ONCE, prepare=hang_at_first)
        await started.wait()

    started = asyncio.Event()
    run(main)
    (delivery,) = office.account().deliveries.oldest()
    assert (delivery.status, delivery.attempts) == ("pending", ())

    async def again() -> None:
        await office.sandbox.worker.drain()
        await office.sandbox.close()

    run(again)
    (delivery,) = office.account().deliveries.oldest()
    assert (len(waiting), len(delivery.attempts), delivery.status) == (2, 1, "failed")


def test_an_attempt_on_a_loop_that_rests_is_made_on_the_next_and_counts_once() -> None:
    office = hooks_office()
    resting, next_loop = asyncio.new_event_loop(), asyncio.new_event_loop()
    gates: list[asyncio.Event] = []

    async def wait_at_first(ctx: Context, delivery: Delivery) -> Headers:
        gates.append(asyncio.Event())
        if len(gates) == 1:
            started.set()
            await gates[0].wait()
        return (("X-Attempt", str(len(gates))),)

    async def begin() -> None:
        office.context().post("http://127.0.0.1:1/", b"{}", retries=ONCE, prepare=wait_at_first)
        await started.wait()

    async def wake_up() -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        gates[0].set()
        assert len(await asyncio.gather(*others)) == 1

    started = asyncio.Event()
    resting.run_until_complete(begin())
    next_loop.run_until_complete(office.sandbox.worker.drain())
    resting.run_until_complete(wake_up())
    for loop in (resting, next_loop):
        loop.close()
    (delivery,) = office.account().deliveries.oldest()
    assert [attempt.headers for attempt in delivery.attempts] == [(("X-Attempt", "2"),)]


def test_a_retry_of_one_loop_is_made_on_another() -> None:
    office = hooks_office()

    async def main() -> None:
        async with Target(response(500)) as target:
            office.call("POST", "/v1/hooks", {"url": target.url})
            await office.sandbox.worker.drain()
            assert len(target.hits) == 1

    async def again() -> None:
        await office.sandbox.worker.advance(office.account(), 60)

    run(main)
    run(again)
    (delivery,) = office.account().deliveries.oldest()
    assert [attempt.time - NOON for attempt in delivery.attempts] == [0, 60]


def test_the_servers_own_loop_delivers_too() -> None:
    office = hooks_office()

    async def main() -> None:
        async with Target(response(500), response(200)) as target:
            office.call("POST", "/v1/hooks", {"url": target.url})
            await office.sandbox.worker.advance(office.account(), 60)
            assert len(target.hits) == 2
        await office.sandbox.close()

    uvloop.run(main())
    (delivery,) = office.account().deliveries.oldest()
    assert delivery.status == "delivered"
