"""After any sequence of sends and clock moves, the look-ups, the lists and the webhooks tell of the same facts."""

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


@settings(max_examples=40, deadline=None)
@given(steps=STEPS, behaviours=st.lists(st.sampled_from(sorted(BEHAVIOURS)), max_size=4))
def test_lookups_lists_and_webhooks_agree_with_what_happened(
    steps: list[tuple[str, Any]], behaviours: list[str]
) -> None:
    api = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
    asyncio.run(play(api, steps, behaviours))
    facts = [event.json() for event in api.events]
    told = [fact for delivery in api.account.deliveries.oldest() for fact in json.loads(delivery.body)]
    assert {delivery.status for delivery in api.account.deliveries.oldest()} <= {"delivered"}
    assert Counter(map(key, told)) == Counter(map(key, facts))
    for row in api.call("GET", "/smtp/emails", limit=500):
        own = [fact for fact in facts if (fact["message_id"], fact["recipient"]) == (row["id"], row["recipient"])]
        happened = Counter(fact["event"] for fact in own)
        assert (row["tracking"]["open"], row["tracking"]["click"]) == (happened["opened"], happened["clicked"])
        responses = [fact["smtp_server_response"] for fact in own if "smtp_server_response" in fact]
        assert row["smtp_answer_data"] == responses[-1]
    days = [times.date(NOW + day * DAY) for day in range(30)]
    bounced = sum(api.call("GET", "/smtp/bounces/day", date=day)["total"] for day in days)
    assert bounced == sum(fact["event"] in BOUNCES for fact in facts)
    api.http.close()


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_who_left_or_cannot_be_reached_gets_no_more_mail(steps: list[tuple[str, Any]]) -> None:
    api = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
    for step, value in steps:
        take(api, step, value)
        if step == "advance":
            api.clock.advance(value)
    api.clock.advance(5 * DAY)
    gone = {row["email"] for row in api.call("GET", "/smtp/unsubscribe")}
    last: dict[str, str] = {}
    for fact in (event.json() for event in api.events):
        if fact["event"] in LEFT:
            last[fact["recipient"]] = fact["event"]
    taken_off = {value for step, value in steps if step == "return"}
    assert gone - taken_off == {email for email, event in last.items() if event != "resubscribed"} - taken_off
    gone |= {event.json()["recipient"] for event in api.events if event.type == "hard_bounces"} - taken_off
    before = len(api.messages)
    for email in gone:
        api.mail(email)
    assert len(api.messages) == before
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


def key(fact: dict[str, Any]) -> tuple[Any, ...]:
    return fact["event"], fact["message_id"], fact["recipient"], fact["timestamp"]
