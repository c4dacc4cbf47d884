"""What was sent shows as it was sent, whenever somebody looks."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from sparkbox.core.state.steps import complete
from sparkbox.services.engagespark.contacts import address_book
from tests.services.engagespark.api import GLOBE, ORG, SMART, Api
from tests.services.view import NOW

FIRST_CONTACT = 100_001
CODES = ["02", "20", "21", "22", "23", "24"]
NUMBERS = st.sampled_from([GLOBE, SMART, *map("6391755500{}".format, CODES)])
TEXTS = st.sampled_from(["Hello", "Hi {{contact.firstName}}!", 'Grüße "€" \\ \n\t\x7f', "日本" * 40, "x" * 200])
ADDED: dict[str, Any] = {
    "/v1/sms/phonenumber": {"clientRef": 'a"b', "clientPushURL": "http://localhost:9/dlr"},
    "/v1/sms/contact": {"clientDedup": "once"},
    "/v1/whatsapp/contact": {"content": {"rate": 1.50, "names": ["{{contact.firstName}}", None]}},
}
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(sorted(ADDED)), st.tuples(NUMBERS, TEXTS, st.booleans())),
        st.tuples(st.just("rename"), st.sampled_from(["Ann", "Bo"])),
        st.tuples(st.just("advance"), st.sampled_from([0.3, 1, 2, 5, 600, 90_000])),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_messages_and_events_seen_late_are_those_seen_at_once(steps: list[tuple[str, Any]]) -> None:
    bounds = Settings(validate_responses=True, most_messages=6, most_events=12)
    early, late = Api(create_app(bounds)), Api(create_app(bounds))
    for step, value in steps:
        for api in (early, late):
            take(api, step, value)
        early.kept()
    assert late.kept() == early.kept()
    assert late.call("GET", f"{ORG}/whatsapp/") == early.call("GET", f"{ORG}/whatsapp/")
    for api in (early, late):
        api.http.close()


def take(api: Api, step: str, value: Any) -> None:
    if step == "advance":
        api.clock.advance(value)
    elif step == "rename":
        contact = address_book.get(api.ctx, FIRST_CONTACT)
        if contact is not None:
            fields = {"fullPhoneNumber": contact.number, "firstName": value}
            api.call("PUT", f"{ORG}/contacts/{FIRST_CONTACT}/", fields)
    else:
        number, text, more = value
        fields = {"orgId": 1, "from": "639189990000", "message": text, "fullPhoneNumber": number}
        api.send("POST", step, fields | ADDED[step] if more else fields)


def test_stages_that_run_late_count_from_when_the_stage_before_was_due(api: Api) -> None:
    api.sms()
    api.call("POST", "/v1/whatsapp/contact", {"orgId": 1, "from": SMART, "message": "Hi", "fullPhoneNumber": GLOBE})
    api.clock._frozen = NOW + 7.5
    complete(api.clock.catch_up())
    assert [event.type for event in api.events] == ["accepted"] * 2 + ["sent"] * 2 + ["delivered"] * 2
    api.clock._frozen = NOW + 8
    complete(api.clock.catch_up())
    assert (api.events[-1].type, api.clock.waiting) == ("read", 0)
