"""Webhooks of the e-mail service and the SMTP service: their operations, batches and retries."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sparkbox.core.logs.deliveries import MOST_BODY
from sparkbox.core.outgoing.batches import Pending
from sparkbox.core.state.jobs import MOST_JOBS
from sparkbox.services.sendpulse.accounts import plans
from sparkbox.services.sendpulse.bulk_email.webhook_batches import ACTIONS, SMTP_EVENTS
from sparkbox.services.sendpulse.bulk_email.webhooks import MOST_WEBHOOKS
from sparkbox.services.sendpulse.smtp import simulations
from tests.core.target import Target, response
from tests.services.sendpulse.api import Api
from tests.services.view import NOW

PATH = "/v2/email-service/webhook"
URL = "https://hooks.example/sendpulse"
NOT_FOUND = (404, 404, "Webhook not found")


def new(api: Api, *actions: str, url: str = URL) -> list[dict[str, Any]]:
    created = api.call("POST", PATH, {"url": url, "actions": list(actions)})
    assert created["success"] is True
    rows: list[dict[str, Any]] = created["data"]
    return rows


def simulate(api: Api, status: int = 200, /, **fields: Any) -> Any:
    return api.simulate("smtp-webhooks", status, **fields)


def with_target(api: Api, play: Callable[[Target, Callable[[float], Awaitable[Any]]], Awaitable[None]]) -> Target:
    """Play with a real target, which refuses its first request, and with a way to turn the account's clock."""

    async def run() -> Target:
        worker = api.app.sandbox.worker
        async with Target(response(500), response(200)) as target:
            await play(target, lambda seconds: worker.advance(api.account, seconds))
            await worker.aclose()
        return target

    return asyncio.run(run())


def batches(api: Api) -> list[list[dict[str, Any]]]:
    return [json.loads(delivery.body) for delivery in api.account.deliveries.oldest()]


def test_one_webhook_is_created_for_each_action(api: Api) -> None:
    rows = new(api, "delivered", "spam", "delivered")
    user_id = plans.current(api.ctx).user_id
    assert rows == [
        {"id": 162_242, "user_id": user_id, "url": URL, "action": "delivered"},
        {"id": 162_243, "user_id": user_id, "url": URL, "action": "spam"},
    ]
    assert api.call("GET", PATH) == {"success": True, "data": rows}
    assert api.call("GET", f"{PATH}/162243") == {"success": True, "data": rows[1]}


def test_existing_webhook_is_returned_by_create(api: Api) -> None:
    first = new(api, "open")
    both = new(api, "redirect", "open")
    assert [row["id"] for row in both] == [162_243, 162_242]
    assert api.call("GET", PATH)["data"] == [*first, both[0]]
    assert [row["id"] for row in new(api, "open", url="https://other.example/")] == [162_244]


def test_webhook_can_have_every_event_of_the_email_service(api: Api) -> None:
    assert [row["action"] for row in new(api, *ACTIONS)] == list(ACTIONS)


def test_webhooks_can_be_created_by_form(api: Api) -> None:
    content = "url=https%3A%2F%2Fhooks.example%2F&actions[]=open&actions%5B%5D=spam"
    rows = api.form("POST", PATH, content).json()["data"]
    assert [(row["url"], row["action"]) for row in rows] == [
        ("https://hooks.example/", "open"),
        ("https://hooks.example/", "spam"),
    ]


def test_updating_and_deleting_a_webhook_returns_a_list(api: Api) -> None:
    (row,) = new(api, "open")
    path = f"{PATH}/{row['id']}"
    assert api.call("PUT", path, {"url": "http://other.example/"}) == {"success": True, "data": [True]}
    assert api.call("GET", path)["data"] == row | {"url": "http://other.example/"}
    assert api.call("DELETE", path) == {"success": True, "data": [True]}
    assert api.call("GET", PATH) == {"success": True, "data": []}
    assert [row["id"] for row in new(api, "open")] == [162_243]


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"url": URL}), ("DELETE", None)])
def test_unknown_webhook_is_not_found(api: Api, method: str, body: Any) -> None:
    assert api.refuse(method, f"{PATH}/1", body) == NOT_FOUND
    assert api.refuse(method, f"{PATH}/x", body) == (404, 404, "Not Found")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"actions": ["open"]}, "Argument url missing"),
        ({"url": None, "actions": ["open"]}, "Argument url missing"),
        ({"url": "nowhere", "actions": ["open"]}, "Argument url is invalid"),
        ({"url": "ftp://hooks.example/", "actions": ["open"]}, "Argument url is invalid"),
        ({"url": "https://", "actions": ["open"]}, "Argument url is invalid"),
        ({"url": ["https://hooks.example"], "actions": ["open"]}, "Argument url is invalid"),
        ({"url": "https://hooks.example/" + "x" * 9000, "actions": ["open"]}, "Argument url is invalid"),
        ({"url": URL}, "Argument actions missing"),
        ({"url": URL, "actions": []}, "Argument actions is invalid"),
        ({"url": URL, "actions": "open"}, "Argument actions is invalid"),
        ({"url": URL, "actions": ["open", "opened"]}, "Argument actions is invalid"),
        ({"url": URL, "actions": [["open"]]}, "Argument actions is invalid"),
    ],
)
def test_webhook_is_validated(api: Api, body: Any, message: str) -> None:
    assert api.refuse("POST", PATH, body) == (422, 422, message)
    assert api.call("GET", PATH)["data"] == []


def test_number_of_webhooks_is_limited(api: Api) -> None:
    for number in range(MOST_WEBHOOKS // len(ACTIONS)):
        new(api, *ACTIONS, url=f"{URL}/{number}")
    body = {"url": URL, "actions": ["open"]}
    assert api.refuse("POST", PATH, body)[:2] == (403, 3030303030)
    assert [row["action"] for row in new(api, "spam", url=f"{URL}/0")] == ["spam"]


def test_email_service_posts_once_a_minute_and_retries(api: Api) -> None:
    async def play(target: Target, advance: Callable[[float], Awaitable[Any]]) -> None:
        new(api, "new_emails", "unsubscribe", url=target.url)
        id = api.new_list("Readers", "ann@example.org")
        await advance(30)
        api.call("POST", f"/addressbooks/{id}/emails", {"emails": ["bob@example.org"]})
        await advance(29)
        assert target.hits == []
        await advance(1)
        assert [hit.line for hit in target.hits] == ["POST /hook HTTP/1.1"]
        await advance(59)
        assert len(target.hits) == 1
        await advance(1)

    target = with_target(api, play)
    first, again = target.hits
    assert first.body == again.body
    assert first.headers["content-type"] == "application/json"
    events = json.loads(first.body)
    assert [(event["event"], event["email"], event["timestamp"]) for event in events] == [
        ("new_emails", "ann@example.org", str(int(NOW))),
        ("new_emails", "bob@example.org", str(int(NOW) + 30)),
    ]
    (delivery,) = api.account.deliveries.oldest()
    assert (delivery.status, delivery.subscription, delivery.event) == ("delivered", "162242", "new_emails")


def test_smtp_service_posts_every_30_seconds_and_retries(api: Api) -> None:
    ids: list[str] = []

    async def play(target: Target, advance: Callable[[float], Awaitable[Any]]) -> None:
        simulate(api, url=target.url)
        ids.append(api.mail("click@mock.test", text="https://shop.example/"))
        await advance(30.9)
        assert target.hits == []
        await advance(0.1)
        assert len(target.hits) == 1
        await advance(60)
        assert len(target.hits) == 3
        await advance(30)

    target = with_target(api, play)
    posted = [json.loads(body) for body in target.bodies]
    delivered, delivered_again = (batch for batch in posted if batch[0]["event"] == "delivered")
    opened, clicked = (event for batch in posted for event in batch if event["event"] != "delivered")
    base = {"message_id": ids[0], "recipient": "click@mock.test", "sender": "sender@example.com", "subject": "Hello"}
    assert delivered == delivered_again
    assert delivered == [
        {
            "event": "delivered",
            "timestamp": int(NOW) + 1,
            **base,
            "smtp_server_response_code": "250",
            "smtp_server_response_subcode": "2.0.0",
            "smtp_server_response": "250 2.0.0 OK",
        }
    ]
    device = {"open_device", "open_platform", "browser_name", "browser_ver"}
    assert set(opened) == {"event", "timestamp", *base, *device}
    assert set(clicked) == {*opened, "link_url"}
    assert (clicked["event"], clicked["link_url"]) == ("clicked", "https://shop.example/")


def test_bounce_event_has_the_fields_of_both_services(api: Api) -> None:
    simulate(api, url=URL, events=["hard_bounces"])
    new(api, "hard_bounces", url=f"{URL}/email")
    id = api.mail("hard-bounce@mock.test")
    api.clock.advance(60)
    assert batches(api) == [
        [
            {
                "event": "hard_bounces",
                "timestamp": int(NOW) + 1,
                "message_id": id,
                "recipient": "hard-bounce@mock.test",
                "sender": "sender@example.com",
                "subject": "Hello",
                "email": "hard-bounce@mock.test",
                "task_id": api.messages[0].number,
                "smtp_server_response_code": 550,
                "smtp_server_response_subcode": "5.1.1",
                "smtp_server_response": "550 5.1.1 no such user",
            }
        ]
    ]


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("soft-bounce", ["soft_bounces"]),
        ("hard-bounce", ["hard_bounces"]),
        ("undelivered", ["undelivered"]),
        ("spam", ["delivered", "opened", "spam_by_user"]),
        ("resubscribe", ["delivered", "opened", "unsubscribed", "resubscribed"]),
    ],
)
def test_webhook_gets_each_outcome(api: Api, name: str, events: list[str]) -> None:
    simulate(api, url=URL)
    id = api.mail(f"{name}@mock.test")
    api.clock.advance(2 * 3600)
    posted = [event for batch in batches(api) for event in batch]
    assert [event["event"] for event in posted] == events
    assert {event["message_id"] for event in posted} == {id}


def test_webhook_gets_only_its_events(api: Api) -> None:
    simulate(api, url=URL, events=["opened"])
    api.mail("click@mock.test")
    api.clock.advance(3600)
    assert [[event["event"] for event in batch] for batch in batches(api)] == [["opened"]]


def test_delivered_event_goes_to_its_own_service_only(api: Api) -> None:
    new(api, "delivered")
    simulate(api, url=f"{URL}/smtp")
    id = api.mail()
    api.clock.advance(1)
    event = {"event": "delivered", "timestamp": str(int(NOW)), "email": "ann@example.org", "task_id": "3668141"}
    api.ctx.emit("delivered", event)
    api.clock.advance(60)
    posted = {delivery.url: json.loads(delivery.body) for delivery in api.account.deliveries.oldest()}
    assert posted[URL] == [event]
    assert [each["message_id"] for each in posted[f"{URL}/smtp"]] == [id]


def test_batch_of_500_smtp_events_is_posted_at_once(api: Api) -> None:
    simulate(api, url=URL, events=["delivered"])
    for _ in range(2):
        api.mail(to=[{"email": f"reader{number}@example.org"} for number in range(300)])
    api.clock.advance(1)
    assert [len(batch) for batch in batches(api)] == [500]
    api.clock.advance(30)
    assert [len(batch) for batch in batches(api)] == [500, 100]


def test_batch_of_100_email_events_is_posted_at_once(api: Api) -> None:
    new(api, "new_emails")
    api.new_list("Readers", *(f"reader{number}@example.org" for number in range(250)))
    assert [len(batch) for batch in batches(api)] == [100, 100]
    api.clock.advance(60)
    assert [len(batch) for batch in batches(api)] == [100, 100, 50]


def test_large_batch_is_posted_at_once(api: Api) -> None:
    simulate(api, url=URL)
    for _ in range(3):
        api.mail(subject="x" * 600_000)
    api.clock.advance(1)
    assert [len(batch) for batch in batches(api)] == [2]


def test_event_larger_than_a_body_is_dropped(api: Api) -> None:
    simulate(api, url=URL)
    api.ctx.emit("undelivered", {"subject": "x" * MOST_BODY})
    api.ctx.emit("undelivered", {"subject": "x"})
    api.clock.advance(30)
    assert batches(api) == [[{"subject": "x"}]]


def test_events_are_posted_at_once_if_too_many_jobs_wait(api: Api) -> None:
    simulate(api, url=URL)
    while api.clock.waiting < MOST_JOBS:
        api.clock.call_at(NOW + 1e6, int)
    api.ctx.emit("undelivered", {"subject": "x"})
    assert batches(api) == [[{"subject": "x"}]]
    assert len(api.ctx.store[Pending]) == 0


def test_waiting_events_go_to_the_new_url(api: Api) -> None:
    (row,) = new(api, "new_emails")
    api.new_list("Readers", "ann@example.org")
    api.call("PUT", f"{PATH}/{row['id']}", {"url": "https://other.example/"})
    api.clock.advance(60)
    assert [delivery.url for delivery in api.account.deliveries.oldest()] == ["https://other.example/"]


def test_deleted_webhook_gets_no_events(api: Api) -> None:
    (row,) = new(api, "new_emails")
    id = api.new_list("Readers", "ann@example.org")
    api.clock.advance(60)
    api.call("POST", f"/addressbooks/{id}/emails", {"emails": ["bob@example.org"]})
    api.call("DELETE", f"{PATH}/{row['id']}")
    api.clock.advance(3600)
    assert [delivery.status for delivery in api.account.deliveries.oldest()] == ["cancelled"]


def test_smtp_webhooks_are_set_changed_and_deleted_by_their_url(api: Api) -> None:
    other = f"{URL}/2"
    everything = {"id": 1, "url": URL, "events": list(SMTP_EVENTS)}
    assert simulate(api, url=URL) == {"webhooks": [everything]}
    second = {"id": 2, "url": other, "events": ["opened", "clicked"]}
    shown = simulate(api, url=other, events=["opened", "clicked", "opened"])
    assert shown == {"webhooks": [everything, second]}
    assert simulate(api, url=URL, events=["opened"])["webhooks"][0] == everything | {"events": ["opened"]}
    api.mail("open@mock.test")
    api.clock.advance(70)
    assert simulate(api, url=URL, events=[]) == {"webhooks": [second]}
    assert simulate(api, url=URL, events=[]) == {"webhooks": [second]}
    api.clock.advance(3600)
    assert [delivery.url for delivery in api.account.deliveries.oldest()] == [other]


@pytest.mark.parametrize(
    "fields", [{}, {"url": "nowhere"}, {"url": URL, "events": ["open"]}, {"url": URL, "events": "opened"}]
)
def test_smtp_webhook_is_validated(api: Api, fields: dict[str, Any]) -> None:
    assert simulate(api, 422, **fields)
    assert simulate(api, url=URL, events=[]) == {"webhooks": []}


def test_number_of_smtp_webhooks_is_limited(api: Api) -> None:
    for number in range(simulations.MOST_WEBHOOKS):
        simulate(api, url=f"{URL}/{number}", events=["opened"])
    assert simulate(api, 422, url=URL)
    assert len(simulate(api, url=f"{URL}/0")["webhooks"]) == simulations.MOST_WEBHOOKS
