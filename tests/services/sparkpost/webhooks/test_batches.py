"""Batches of events: times, retries, and failing targets."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.logs.deliveries import Delivery, Retries
from sparkbox.core.outgoing.batches import Pending
from sparkbox.core.state import jobs as jobs_module
from sparkbox.core.state.config import Profile
from sparkbox.services.sparkpost.events import recorder
from sparkbox.services.sparkpost.events.event_types import TYPES
from sparkbox.services.sparkpost.webhooks import batches
from sparkbox.services.sparkpost.webhooks.batches import MOST_EVENTS, RETRIES
from tests.core.target import Behaviour, Target, hang, raw, reset, response
from tests.services.sparkpost.api import Api, events_in, received

pytestmark = pytest.mark.asyncio

EIGHT_HOURS = 8 * 3600.0


def ids(events: list[dict[str, Any]]) -> Counter[str]:
    return Counter(event["event_id"] for event in events)


def searched(api: Api) -> list[dict[str, Any]]:
    """All events that the Events API finds."""
    return list(api.call("GET", "/events/message?per_page=10000"))


async def test_batch_is_posted_30_seconds_after_its_first_event(api: Api, target: Target) -> None:
    await api.hook(target)
    api.transmit("ada@mail.example", "grace@mail.example")
    await api.advance(29)
    assert len(target.hits) == 1
    await api.advance(1)
    assert len(target.hits) == 2
    assert [event["type"] for event in events_in(target.bodies[1])] == ["injection"] * 2 + ["delivery"] * 2
    await api.advance(EIGHT_HOURS)
    assert len(target.hits) == 2


async def test_webhook_event_has_the_vendors_fields(api: Api, target: Target) -> None:
    await api.hook(target, custom_headers={"X-Api-Key": "abcd"}, auth_token="secret")
    api.call("PUT", "/suppression-list/grace@mail.example", {"type": "non_transactional"})
    api.transmit("ada@mail.example", "grace@mail.example", campaign_id="autumn")
    await api.advance(30)
    ping, hit = target.hits
    assert hit.headers["x-messagesystems-batch-id"] != ping.headers["x-messagesystems-batch-id"]
    assert (hit.headers["x-api-key"], hit.headers["x-messagesystems-webhook-token"]) == ("abcd", "secret")
    assert (hit.headers["user-agent"], hit.headers["content-type"]) == ("SparkPost", "application/json")
    items = orjson.loads(hit.body)
    assert all(list(item) == ["msys"] and list(item["msys"]) == ["message_event"] for item in items)
    bounce = next(event for event in events_in(hit.body) if event["type"] == "bounce")
    assert (bounce["timestamp"], bounce["bounce_class"]) == ("1772366400", "25")
    delivery = next(event for event in events_in(hit.body) if event["type"] == "delivery")
    assert (delivery["timestamp"], delivery["campaign_id"]) == ("1772366401", "autumn")
    known = {event["event_id"]: event for event in searched(api)}
    for event in events_in(hit.body):
        assert {**event, "timestamp": known[event["event_id"]]["timestamp"]} == known[event["event_id"]]


@pytest.mark.parametrize("type", TYPES)
async def test_webhook_event_is_in_its_group(api: Api, target: Target, type: str) -> None:
    await api.hook(target, events=list(TYPES))
    recorder.record(api.ctx, b'{"rcpt_to":"ada@mail.example"}', type)
    await api.advance(30)
    ((item),) = orjson.loads(target.bodies[1])
    assert [(group, event["type"]) for group, event in item["msys"].items()] == [(TYPES[type].group, type)]


async def test_webhook_gets_only_its_events(api: Api, target: Target) -> None:
    await api.hook(target, events=["delivery", "open"])
    api.transmit()
    await api.advance(1 + 30)
    assert [event["type"] for event in received(target)] == ["delivery"]


@pytest.mark.parametrize(
    ("subaccount", "exceptions", "expected"),
    [
        (None, None, [0, 7, 9]),
        (None, [7], [0, 9]),
        (None, [0], [7, 9]),
        (0, None, [0]),
        (7, None, [7]),
    ],
)
async def test_webhook_gets_events_of_its_subaccounts(
    api: Api, target: Target, subaccount: int | None, exceptions: list[int] | None, expected: list[int]
) -> None:
    await api.hook(target, subaccount=subaccount, exception_subaccounts=exceptions, events=["injection"])
    for sender in (None, 7, 9):
        api.transmit(subaccount=sender)
    await api.advance(30)
    assert [int(event.get("subaccount_id", 0)) for event in received(target)] == expected


async def test_a_batch_has_350_events_at_most(api: Api, target: Target) -> None:
    await api.hook(target, events=["injection"])
    api.transmit(*[f"ada{number}@mail.example" for number in range(2 * MOST_EVENTS + 1)])
    await api.app.sandbox.worker.drain()
    assert [len(events_in(body)) for body in target.bodies] == [0, 350, 350]
    await api.advance(30)
    assert [len(events_in(body)) for body in target.bodies] == [0, 350, 350, 1]


async def test_a_batch_of_large_events_is_posted_early(api: Api, target: Target) -> None:
    await api.hook(target, events=["injection"])
    metadata = {"note": "x" * 9000}
    api.transmit(*[f"ada{number}@mail.example" for number in range(200)], metadata=metadata)
    await api.advance(30)
    assert len(target.bodies) == 3
    assert max(map(len, target.bodies)) < batches.RHYTHM.most_bytes + 20_000
    assert len(received(target)) == 200


async def test_inactive_webhook_gets_no_events(api: Api, target: Target) -> None:
    id = await api.hook(target, active=False, events=["injection"])
    api.transmit("ada@mail.example")
    await api.call_async("PUT", f"/webhooks/{id}", {"active": True})
    api.transmit("grace@mail.example")
    await api.call_async("PUT", f"/webhooks/{id}", {"active": False})
    api.transmit("eve@mail.example")
    await api.advance(60)
    assert [event["rcpt_to"] for event in received(target)] == ["grace@mail.example"]


async def test_events_without_a_webhook_are_not_collected(api: Api, target: Target) -> None:
    api.transmit()
    assert api.ctx.store.sizes().get("Pending") is None
    await api.advance(60)
    assert api.deliveries == []


async def test_waiting_events_go_to_the_old_target(api: Api, target: Target) -> None:
    id = await api.hook(target, events=["injection"])
    async with Target() as other:
        api.transmit("ada@mail.example")
        await api.call_async("PUT", f"/webhooks/{id}", {"target": other.url})
        api.transmit("grace@mail.example")
        await api.advance(60)
        assert [event["rcpt_to"] for event in received(target)] == ["ada@mail.example"]
        assert [event["rcpt_to"] for event in received(other)] == ["grace@mail.example"]


async def test_waiting_events_are_posted_after_deletion(api: Api) -> None:
    async with Target(response(200), response(500), response(200)) as target:
        id = await api.hook(target, events=["injection"])
        api.transmit()
        api.send("DELETE", f"/webhooks/{id}")
        api.transmit("grace@mail.example")
        await api.advance(120)
        assert [len(events_in(body)) for body in target.bodies] == [0, 1, 1]


@pytest.mark.parametrize("profile", ["easy", "strict"])
async def test_new_webhook_gets_events_at_once(api: Api, target: Target, profile: Profile) -> None:
    api.account.profile = profile
    await api.hook(target, events=["open"])
    recorder.record(api.ctx, b'{"rcpt_to":"ada@mail.example"}', "open")
    await api.advance(60)
    assert [event["timestamp"] for event in received(target)] == ["1772366400"]


async def test_batch_is_posted_at_once_if_the_clock_is_full(
    api: Api, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.hook(target, events=["open"])
    monkeypatch.setattr(jobs_module, "MOST_JOBS", 0)
    recorder.record(api.ctx, b'{"rcpt_to":"ada@mail.example"}', "open")
    await api.app.sandbox.worker.drain()
    assert len(received(target)) == 1


async def test_forked_account_has_its_own_batch(api: Api, target: Target) -> None:
    await api.hook(target, events=["injection"])
    api.transmit()
    api.app.sandbox.accounts.fork(api.account, "mock-fork")
    await Api(api.app, "mock-fork").advance(30)
    await api.advance(30)
    assert [len(events_in(body)) for body in target.bodies] == [0, 1, 1]


async def test_reset_drops_the_waiting_batch(api: Api, target: Target) -> None:
    await api.hook(target)
    api.transmit()
    api.app.sandbox.accounts.reset(api.account)
    await api.advance(60)
    assert len(target.hits) == 1


# Targets that misbehave.


async def test_twelve_attempts_are_made_within_eight_hours(api: Api) -> None:
    async with Target(response(200), response(503)) as target:
        await api.hook(target, events=["injection"])
        api.transmit()
        await api.advance(30 + EIGHT_HOURS)
        (delivery,) = api.deliveries
        assert (delivery.status, len(delivery.attempts), len(target.hits)) == ("failed", 12, 13)
        times = [attempt.time - delivery.time for attempt in delivery.attempts]
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert gaps == sorted(gaps)
        assert times[-1] < EIGHT_HOURS
        batch_ids = {hit.headers["x-messagesystems-batch-id"] for hit in target.hits[1:]}
        assert len(batch_ids) == 1
        await api.advance(EIGHT_HOURS)
        assert len(target.hits) == 13


@pytest.mark.parametrize(
    ("behaviour", "status", "error"),
    [
        (response(500, b"sorry"), 500, None),
        (response(404), 404, None),
        (response(302, b"", "Location: http://127.0.0.1:1/"), 302, None),
        (reset, None, ""),
        (raw(b"garbage\r\n\r\n"), None, "illegal"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"), 200, "without sending complete message body"),
    ],
)
async def test_rejected_batch_is_posted_again(
    api: Api, behaviour: Behaviour, status: int | None, error: str | None
) -> None:
    async with Target(response(200), behaviour, behaviour, response(200)) as target:
        id = await api.hook(target)
        api.transmit()
        await api.advance(30)
        (delivery,) = api.deliveries
        assert (delivery.status, delivery.subscription, delivery.event) == ("pending", id, "delivery,injection")
        await api.advance(60 + 120)
        (delivery,) = api.deliveries
        assert delivery.status == "delivered"
        failed = delivery.attempts[0]
        assert failed.status == status
        assert failed.error is None if error is None else error in (failed.error or "nothing went wrong").lower()
        assert target.bodies[1] == target.bodies[2] == target.bodies[3]
        assert ids(events_in(target.bodies[3])) == ids(searched(api))


async def test_unreachable_target_is_retried(api: Api) -> None:
    async with Target() as target:
        await api.hook(target)
        port = target.port
    api.transmit()
    await api.advance(30)
    (delivery,) = api.deliveries
    assert (delivery.status, delivery.attempts[0].status) == ("pending", None)
    back = Target()
    server = await asyncio.start_server(back._connected, "127.0.0.1", port)
    await api.advance(60)
    server.close()
    (delivery,) = api.deliveries
    assert delivery.status == "delivered"
    assert ids(received(back)) == ids(searched(api))


async def test_any_2xx_accepts_a_batch(api: Api) -> None:
    async with Target(response(200), response(202)) as target:
        await api.hook(target)
        api.transmit()
        await api.advance(60)
        assert [delivery.status for delivery in api.deliveries] == ["delivered"]


async def test_target_times_out_after_ten_seconds(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert RETRIES.timeout == 10.0
    monkeypatch.setattr(batches, "RETRIES", Retries(gaps=RETRIES.gaps, timeout=0.3))
    async with Target(response(200), hang, response(200)) as target:
        await api.hook(target)
        api.transmit()
        await api.advance(90)
        (delivery,) = api.deliveries
        assert (delivery.status, len(delivery.attempts)) == ("delivered", 2)
        assert delivery.attempts[0].error == "no complete answer within 0.3 s"


async def test_hanging_target_does_not_delay_others(api: Api, target: Target) -> None:
    slow = Api(api.app, "mock-slow")
    async with Target(response(200), hang) as hanging:
        await slow.hook(hanging)
        for _ in range(20):
            slow.transmit()
            slow.clock.advance(30)
        await hanging.arrived(3)
        await api.hook(target)
        api.transmit()
        await api.advance(30)
        assert [delivery.status for delivery in api.deliveries] == ["delivered"]
        assert ids(received(target)) == ids(searched(api))
        hanging.gate.set()
        await slow.advance(0)
        assert ids(received(hanging)) == ids(searched(slow))


async def test_batch_status_shows_failed_batches(api: Api) -> None:
    async with Target(
        response(200), response(200), response(500), response(500), response(200), response(404)
    ) as target:
        id = await api.hook(target, events=["injection"])
        path = f"/webhooks/{id}/batch-status"
        api.transmit()
        await api.advance(30)
        assert api.call("GET", path) == []
        api.transmit()
        await api.advance(30 + 60)
        (failing,) = api.call("GET", path)
        assert (failing["attempts"], failing["failure_code"], failing["response_code"]) == (2, "500", "500")
        await api.advance(120)
        (taken,) = api.call("GET", path)
        assert (taken["attempts"], taken["response_code"], taken["batch_size"]) == (2, "200", 1)
        assert (taken["ts"], taken["webhook_id"]) == ("2026-03-01T12:01:00.000Z", id)
        assert taken["batch_id"] == target.hits[2].headers["x-messagesystems-batch-id"]
        assert "failure_code" not in taken
        api.transmit()
        await api.advance(30)
        statuses = api.call("GET", path)
        assert [status.get("failure_code") for status in statuses] == ["404", None]
        assert len(api.call("GET", f"{path}?limit=1")) == 1
        assert api.api_error("GET", f"{path}?limit=0")[1]["param"] == "limit"
        await api.advance(86_400 - 60)
        assert [status.get("failure_code") for status in api.call("GET", path)] == ["404"]
        await api.advance(3600)
        assert api.call("GET", path) == []


async def test_expired_oauth2_token_is_fetched_again(api: Api) -> None:
    tokens_given = [response(200, b'{"access_token":"one"}'), response(500), response(200, b'{"access_token":"two"}')]
    behaviours = response(200), response(200), response(401), response(200), response(503), response(200)
    async with Target(*tokens_given) as tokens, Target(*behaviours) as target:
        details = {"url": tokens.url, "body": {"client_id": "a"}}
        id = await api.hook(target, auth_type="oauth2", auth_request_details=details, events=["injection"])
        for _ in range(2):
            api.transmit()
            await api.advance(30)
        await api.advance(60)
        assert api.deliveries[1].attempts[1].error == "POST to webhook tokens URL failed"
        await api.advance(120)
        api.transmit()
        await api.advance(90)
        bearers = [hit.headers["authorization"] for hit in target.hits]
        assert bearers == ["Bearer one"] * 3 + ["Bearer two"] * 3
        assert len(tokens.hits) == 3
        assert api.call("GET", f"/webhooks/{id}")["auth_credentials"] == {"access_token": "two"}


async def test_oauth2_token_is_fetched_for_a_deleted_webhook(api: Api) -> None:
    async with Target(response(200, b'{"access_token":"t0ken"}')) as tokens, Target() as target:
        details = {"url": tokens.url, "body": {"client_id": "a"}}
        id = await api.hook(target, auth_type="oauth2", auth_request_details=details)
        api.transmit()
        api.send("DELETE", f"/webhooks/{id}")
        await api.advance(0)
        assert target.hits[1].headers["authorization"] == "Bearer t0ken"
        assert api.ctx.store.sizes()["Token"] == 0


# Properties.

BEHAVIOURS: dict[str, Behaviour] = {
    **{str(status): response(status) for status in (200, 202, 301, 404, 500, 503)},
    "resets": reset,
    "talks nonsense": raw(b"garbage\r\n\r\n"),
    "stops in the middle": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"),
}
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(1, 5)),
        st.tuples(st.just("suppressed"), st.just(1)),
        st.tuples(st.just("advance"), st.sampled_from([0.5, 1, 15, 30, 61, 600])),
        st.tuples(st.just("engage"), st.sampled_from(["open", "click", "spam_complaint"])),
        st.tuples(st.just("rename"), st.just(0)),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS, behaviours=st.lists(st.sampled_from(sorted(BEHAVIOURS)), max_size=4))
async def test_every_event_arrives_once_and_in_order(steps: list[tuple[str, Any]], behaviours: list[str]) -> None:
    script = [response(200), *[BEHAVIOURS[name] for name in behaviours], response(200)]
    async with Api() as api, Target(*script) as target:
        id = await api.hook(target, events=list(TYPES))
        api.call("PUT", "/suppression-list/eve@mail.example", {"type": "non_transactional"})
        for step, value in steps:
            match step:
                case "send":
                    api.transmit(*[f"ada{number}@mail.example" for number in range(value)])
                case "suppressed":
                    api.transmit("eve@mail.example", "ada@mail.example")
                case "advance":
                    await api.advance(value)
                case "engage":
                    recorder.record(api.ctx, b'{"rcpt_to":"ada@mail.example"}', value)
                case _:
                    await api.call_async("PUT", f"/webhooks/{id}", {"name": "Renamed"})
        await api.advance(EIGHT_HOURS)
        taken = [events_in(delivery.body) for delivery in api.deliveries if _delivered(delivery)]
        every = [event for batch in taken for event in batch]
        known = list(reversed(searched(api)))
        assert [event["event_id"] for event in every] == [event["event_id"] for event in known]
        assert ids(received(target)).keys() == ids(known).keys()
        assert all(not pending.count for pending in api.ctx.store[Pending].values())


def _delivered(delivery: Delivery) -> bool:
    return delivery.status == "delivered"
