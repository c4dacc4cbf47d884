"""After any sequence of sends and clock moves, lookups, lists and webhooks agree."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from sparkbox.services.sendpulse import times
from tests.core.target import Behaviour, Target, raw, reset, response
from tests.services.sendpulse.api import Api, encode
from tests.services.view import NOW

SIMULATIONS = "http://localhost/_mock/services/sendpulse/simulations"
DAY = 86_400
NAMES = ["ann@example.org", "bob@example.org", "ann@nowhere.invalid"]
WORDS = ["accept", "bounce", "bounce-22", "bounce-52", "delay", "delay.oob", "expire", "oob-22", "fbl", "open",
         "openclick", "unsubscribe", "resubscribe", "mix"]  # fmt: skip
ADDRESSES = st.one_of(st.sampled_from(NAMES), st.sampled_from(WORDS).map("eve@{}.sink.test".format))
BEHAVIOURS: dict[str, Behaviour] = {
    "refuses": response(500),
    "redirects": response(302, b"", "Location: http://127.0.0.1:1/"),
    "is gone": response(404),
    "resets": reset,
    "talks nonsense": raw(b"garbage\r\n\r\n"),
}
CONTENTS: dict[str, dict[str, Any]] = {
    "a link": {"html": encode('<a href="https://shop.example/">A</a>')},
    "odd text": {"text": 'Grüße "q" \\ \n\t\x7f 日本', "subject": 'a "b" \\ ü', "reply_to": "help@example.com"},
    "files": {"attachments": {"a.txt": "one"}, "cc": [{"email": "cyd@example.org", "name": "Cyd"}]},
}
SWITCHES: dict[str, tuple[str, dict[str, Any]]] = {
    "hook": ("smtp-webhooks", {"url": "http://localhost:9/"}),
    "track": ("smtp-tracking", {}),
    "track nothing": ("smtp-tracking", {"opens": False, "clicks": False, "unsubscribe": False}),
}
SENDS_AND_SWITCHES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(sorted(CONTENTS)), st.lists(ADDRESSES, min_size=1, max_size=3, unique=True)),
        st.tuples(st.just("advance"), st.sampled_from([0.5, 1, 61, DAY])),
        st.tuples(st.sampled_from(sorted(SWITCHES)), st.none()),
    ),
    max_size=12,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.lists(ADDRESSES, min_size=1, max_size=4, unique=True)),
        st.tuples(st.just("advance"), st.sampled_from([0.5, 1, 29, 61, 1200, DAY])),
        st.tuples(st.just("return"), ADDRESSES),
    ),
    max_size=10,
)
BOUNCES = frozenset({"undelivered", "hard_bounces", "soft_bounces"})
LEFT = frozenset({"unsubscribed", "spam_by_user", "resubscribed"})


@settings(max_examples=30, deadline=None)
@given(steps=STEPS, behaviours=st.lists(st.sampled_from(sorted(BEHAVIOURS)), max_size=4))
def test_lookups_lists_and_webhooks_agree_with_what_happened(
    steps: list[tuple[str, Any]], behaviours: list[str]
) -> None:
    api = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
    asyncio.run(play(api, steps, behaviours))
    events = [event.json() for event in api.events]
    posted = [event for delivery in api.account.deliveries.oldest() for event in json.loads(delivery.body)]
    assert {delivery.status for delivery in api.account.deliveries.oldest()} <= {"delivered"}
    assert Counter(map(key, posted)) == Counter(map(key, events))
    for row in api.call("GET", "/smtp/emails", limit=500):
        own = [event for event in events if (event["message_id"], event["recipient"]) == (row["id"], row["recipient"])]
        happened = Counter(event["event"] for event in own)
        assert (row["tracking"]["open"], row["tracking"]["click"]) == (happened["opened"], happened["clicked"])
        responses = [event["smtp_server_response"] for event in own if "smtp_server_response" in event]
        assert row["smtp_answer_data"] == responses[-1]
    days = [times.date(NOW + day * DAY) for day in range(30)]
    bounced = sum(api.call("GET", "/smtp/bounces/day", date=day)["total"] for day in days)
    assert bounced == sum(event["event"] in BOUNCES for event in events)
    api.http.close()


@settings(max_examples=30, deadline=None)
@given(steps=STEPS)
def test_unsubscribed_or_unreachable_recipient_gets_no_mail(steps: list[tuple[str, Any]]) -> None:
    api = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
    for step, value in steps:
        take(api, step, value)
        if step == "advance":
            api.clock.advance(value)
    api.clock.advance(5 * DAY)
    gone = {row["email"] for row in api.call("GET", "/smtp/unsubscribe")}
    last: dict[str, str] = {}
    for event in (event.json() for event in api.events):
        if event["event"] in LEFT:
            last[event["recipient"]] = event["event"]
    taken_off = {value for step, value in steps if step == "return"}
    assert gone - taken_off == {email for email, event in last.items() if event != "resubscribed"} - taken_off
    gone |= {event.json()["recipient"] for event in api.events if event.type == "hard_bounces"} - taken_off
    before = len(api.messages)
    for email in gone:
        api.mail(email)
    assert len(api.messages) == before
    api.http.close()


@settings(max_examples=30, deadline=None)
@given(steps=SENDS_AND_SWITCHES)
def test_mails_and_events_seen_late_are_those_seen_at_once(steps: list[tuple[str, Any]]) -> None:
    bounds = Settings(seed=1, validate_responses=True, rate_limits=False, most_messages=6, most_events=8)
    early, late = Api(create_app(bounds)), Api(create_app(bounds))
    for step, value in steps:
        for api in (early, late):
            if step == "advance":
                api.clock.advance(value)
            elif step in SWITCHES:
                name, fields = SWITCHES[step]
                api.simulate(name, **fields)
            else:
                api.mail(to=[{"email": email} for email in value], **CONTENTS[step])
        early.kept()
    assert late.kept() == early.kept()
    assert late.call("GET", "/smtp/emails") == early.call("GET", "/smtp/emails")
    for api in (early, late):
        api.http.close()


async def play(api: Api, steps: list[tuple[str, Any]], behaviours: list[str]) -> None:
    worker = api.app.sandbox.worker
    async with Target(*[BEHAVIOURS[name] for name in behaviours], response(200)) as target:
        hook = f"{SIMULATIONS}/smtp-webhooks?account={api.account.credential}"
        assert api.http.post(hook, json={"url": target.url}).status_code == 200
        for step, value in steps:
            take(api, step, value)
            if step == "advance":
                await worker.advance(api.account, value)
        await worker.advance(api.account, 5 * DAY)
        await worker.aclose()


def take(api: Api, step: str, value: Any) -> None:
    if step == "send":
        api.mail(to=[{"email": email} for email in value], html=encode('<a href="https://shop.example/">A</a>'))
    elif step == "return":
        api.call("DELETE", "/smtp/unsubscribe", [value])


def key(event: dict[str, Any]) -> tuple[Any, ...]:
    return event["event"], event["message_id"], event["recipient"], event["timestamp"]
