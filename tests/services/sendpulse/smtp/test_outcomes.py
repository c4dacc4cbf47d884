"""Outcomes of mail by the recipient's address, on the account's clock."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from sparkbox.core.state.jobs import MOST_JOBS
from sparkbox.core.state.steps import complete
from sparkbox.mail.outcomes import BLOCKED, HARD, REASONS
from sparkbox.services.sendpulse.smtp import events, lifecycle, outcomes
from sparkbox.services.sendpulse.smtp.models import SentEmail
from tests.services.sendpulse.api import Api, encode
from tests.services.view import NOW

DAY = 86_400
WEEK = 7 * DAY


def events_of(api: Api, address: str, seconds: float = DAY, **more: Any) -> list[tuple[str, int]]:
    """Send a mail; what happened to it, and how many seconds after it was sent."""
    id = api.mail(address, **more)
    begun = api.clock.now()
    api.clock.advance(seconds)
    events = [event.json() for event in api.events]
    return [(event["event"], event["timestamp"] - int(begun)) for event in events if event["message_id"] == id]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("delivered", [("delivered", 1)]),
        ("soft-bounce", [("soft_bounces", 1)]),
        ("hard-bounce", [("hard_bounces", 1)]),
        ("undelivered", [("undelivered", 1)]),
        ("open", [("delivered", 1), ("opened", 61)]),
        ("click", [("delivered", 1), ("opened", 61), ("clicked", 91)]),
        ("spam", [("delivered", 1), ("opened", 61), ("spam_by_user", 121)]),
        ("unsubscribe", [("delivered", 1), ("opened", 61), ("unsubscribed", 121)]),
        ("resubscribe", [("delivered", 1), ("opened", 61), ("unsubscribed", 121), ("resubscribed", 3721)]),
        ("delay", [("delivered", 1201)]),
        ("delay-3", [("delivered", 8401)]),
        ("delay.hard-bounce", [("hard_bounces", 1201)]),
        ("delay.open", [("delivered", 1201), ("opened", 1261)]),
        ("oob", [("delivered", 1), ("hard_bounces", 61)]),
        ("oob-22", [("delivered", 1), ("soft_bounces", 61)]),
        ("expire", [("undelivered", 259_201)]),
        ("anything-else", [("delivered", 1)]),
    ],
)
def test_recipient_name_chooses_the_outcome(api: Api, name: str, expected: list[tuple[str, int]]) -> None:
    for address in (f"{name}@mock.test", f"{name}+ann@mock.test", f"ann@{name}.mock.test", f"B+c@{name}.MOCK.test"):
        api.call("DELETE", "/smtp/unsubscribe", [address])
        assert events_of(api, address, WEEK) == expected


@pytest.mark.parametrize(
    "address", ["open@example.org", "open@mock.test.example.org", "ann@delay.notmock.test", "ann@open.xmock.test"]
)
def test_other_recipients_are_only_delivered(api: Api, address: str) -> None:
    assert events_of(api, address) == [("delivered", 1)]


def test_every_documented_event_has_a_test_recipient() -> None:
    names = ("accept", "soft-bounce", "hard-bounce", "undelivered", "click", "spam", "resubscribe")
    code = {happening.event for name in names for happening in outcomes.of(f"{name}@mock.test")}
    assert code == set(events._REACTIONS)


@pytest.mark.parametrize("number", REASONS)
def test_bounce_event_depends_on_its_class(api: Api, number: int) -> None:
    address = f"ann@bounce-{number}.sink.test"
    id = api.mail(address)
    api.clock.advance(1)
    event = api.events[-1].json()
    hard = number in HARD
    assert event["event"] == ("hard_bounces" if hard else "undelivered" if number in BLOCKED else "soft_bounces")
    assert event["smtp_server_response"] == str(REASONS[number])
    assert api.call("GET", f"/smtp/emails/{id}")["smtp_answer_data"] == str(REASONS[number])
    api.mail(address)
    assert len(api.messages) == (1 if hard else 2)


def test_mixed_outcome_depends_on_seed_and_mail() -> None:
    def stories() -> list[list[tuple[str, int]]]:
        api = Api(create_app(Settings(validate_responses=True, rate_limits=False, seed=7)))
        found = [events_of(api, f"ann{number}@sink.test", WEEK) for number in range(40)]
        api.http.close()
        return found

    first = stories()
    assert first == stories()
    assert len({tuple(event for event, _ in each) for each in first}) > 3


@pytest.mark.parametrize(
    ("name", "code", "subcode", "line", "status"),
    [
        ("delivered", 250, "2.0.0", "250 2.0.0 OK", "delivered"),
        ("soft-bounce", 552, "5.2.2", "552 5.2.2 mailbox full", "bounced"),
        ("hard-bounce", 550, "5.1.1", "550 5.1.1 no such user", "bounced"),
        ("undelivered", 550, "5.7.1", "550 5.7.1 message blocked", "bounced"),
    ],
)
def test_response_of_the_remote_server_shows_in_lookups(
    api: Api, name: str, code: int, subcode: str, line: str, status: str
) -> None:
    id = api.mail(f"{name}@mock.test")
    api.clock.advance(1)
    sent = api.call("GET", f"/smtp/emails/{id}")
    assert (sent["smtp_answer_code"], sent["smtp_answer_subcode"], sent["smtp_answer_data"]) == (code, subcode, line)
    assert api.messages[0].status == status
    assert api.call("GET", "/smtp/bounces/day/total") == {"total": int(status == "bounced")}
    event = api.events[-1].json()
    shown = code if name in ("hard-bounce", "soft-bounce") else str(code)
    assert (event["smtp_server_response_code"], event["smtp_server_response"]) == (shown, line)


def test_opens_and_clicks_are_tracked(api: Api) -> None:
    html = encode(
        '<p>Hi</p><a class="x" href="https://shop.example/?a=1&amp;b=2">Buy</a><a href="https://b.example/">B</a>'
    )
    id = api.mail("click@mock.test", html=html)
    api.clock.advance(90)
    assert api.call("GET", f"/smtp/emails/{id}")["tracking"]["click"] == 0
    api.clock.advance(1)
    tracking = api.call("GET", f"/smtp/emails/{id}")["tracking"]
    (link,), (client,) = tracking["link"], tracking["client_info"]
    assert (tracking["open"], tracking["click"]) == (1, 1)
    assert (link["url"], link["action_date"]) == ("https://shop.example/?a=1&b=2", "2026-03-01 12:01:31")
    assert client["action_date"] == "2026-03-01 12:01:01"
    assert all(client[name] for name in ("browser", "os", "ip", "country"))
    assert {link[name] for name in ("browser", "os", "ip")} == {client[name] for name in ("browser", "os", "ip")}


@pytest.mark.parametrize(
    ("text", "link"),
    [("See https://a.example/x for more", "https://a.example/x"), ("Nothing to follow", "https://mock.test/")],
)
def test_click_follows_the_link_of_plain_text(api: Api, text: str, link: str) -> None:
    events_of(api, "click@mock.test", text=text)
    assert api.events[-1].json()["link_url"] == link


@pytest.mark.parametrize(
    ("name", "flag"), [("unsubscribe", "unsubscribe_by_link"), ("spam", "spam_complaint"), ("resubscribe", None)]
)
def test_unsubscribed_recipient_is_on_the_unsubscribe_list(api: Api, name: str, flag: str | None) -> None:
    events_of(api, f"{name}@mock.test")
    rows = api.call("GET", "/smtp/unsubscribe")
    assert [row["email"] for row in rows if flag is not None and row[flag] == 1] == [f"{name}@mock.test"] * bool(flag)
    assert len(rows) == bool(flag)


@pytest.mark.parametrize("name", ["hard-bounce", "spam", "unsubscribe"])
def test_unsubscribed_complaining_and_unreachable_recipients_get_no_mail(api: Api, name: str) -> None:
    address = f"{name}@mock.test"
    events_of(api, address)
    assert api.mail(address, to=[{"email": address}, {"email": "ann@example.org"}])
    api.clock.advance(1)
    assert [message.to for message in api.messages] == [address, "ann@example.org"]
    api.call("DELETE", "/smtp/unsubscribe", [address])
    api.mail(address)
    assert [message.to for message in api.messages][2:] == [address]


@pytest.mark.parametrize("name", ["soft-bounce", "undelivered", "open", "resubscribe"])
def test_other_outcomes_do_not_stop_mail(api: Api, name: str) -> None:
    assert events_of(api, f"{name}@mock.test") == events_of(api, f"{name}@mock.test")
    assert len(api.messages) == 2


def test_recipients_of_onemail_have_separate_outcomes(api: Api) -> None:
    names = ("delay", "hard-bounce", "open")
    assert events_of(api, "", to=[{"email": f"{name}@mock.test"} for name in names]) == [
        ("hard_bounces", 1),
        ("delivered", 1),
        ("opened", 61),
        ("delivered", 1201),
    ]


def test_same_seed_has_the_same_readers() -> None:
    def readers() -> list[Any]:
        api = Api(create_app(Settings(validate_responses=True, rate_limits=False, seed=5)))
        for _ in range(8):
            events_of(api, "open@mock.test")
        api.http.close()
        return [event.json() for event in api.events]

    first = readers()
    assert first == readers()
    assert len({event["browser_name"] for event in first if event["event"] == "opened"}) > 1


def test_steps_follow_at_once_if_too_many_jobs_wait(api: Api) -> None:
    api.mail("click@mock.test")
    for _ in range(MOST_JOBS - 1):
        api.clock.call_at(NOW + 10 * DAY, int)
    while api.clock.waiting < MOST_JOBS:
        api.clock.call_at(NOW + 10 * DAY, int)
    complete(lifecycle.deliver(api.ctx, api.messages[0].vendor_id))
    assert [event.type for event in api.events] == ["delivered", "opened", "clicked"]


def test_nothing_happens_to_a_forgotten_mail(api: Api) -> None:
    api.mail("click@mock.test")
    api.clock.advance(1)
    api.ctx.store[SentEmail].clear()
    api.clock.advance(DAY)
    assert [event.type for event in api.events] == ["delivered"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=20), st.sampled_from(["@mock.test", ".mock.test", "@", ".invalid", ""]))
def test_any_recipient_has_an_outcome(beginning: str, end: str) -> None:
    happenings = outcomes.of(beginning + end)
    assert happenings
    assert all(happening.event in events._REACTIONS for happening in happenings)
