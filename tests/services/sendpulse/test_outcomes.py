"""What becomes of a mail: outcomes by the recipient's address, on the account's clock."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.app import create_app
from mockserver.core.clock import MOST_JOBS
from mockserver.core.config import Settings
from mockserver.services.sendpulse import outbox, outcomes
from mockserver.services.sendpulse.outbox import SentEmail

from .room import NOW, Room, encode

DAY = 86_400


def story(room: Room, address: str, seconds: float = DAY, **more: Any) -> list[tuple[str, int]]:
    """Sends a mail; what happened to it, and how many seconds after it was sent."""
    id = room.mail(address, **more)
    begun = room.clock.now()
    room.clock.advance(seconds)
    facts = [event.json() for event in room.events]
    return [(fact["event"], fact["timestamp"] - int(begun)) for fact in facts if fact["message_id"] == id]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("delivered", [("delivered", 1)]),
        ("soft-bounce", [("soft_bounced", 1)]),
        ("hard-bounce", [("hard_bounced", 1)]),
        ("undelivered", [("undelivered", 1)]),
        ("open", [("delivered", 1), ("opened", 61)]),
        ("click", [("delivered", 1), ("opened", 61), ("clicked", 91)]),
        ("spam", [("delivered", 1), ("opened", 61), ("spam_by_user", 121)]),
        ("unsubscribe", [("delivered", 1), ("opened", 61), ("unsubscribed", 121)]),
        ("resubscribe", [("delivered", 1), ("opened", 61), ("unsubscribed", 121), ("resubscribed", 3721)]),
        ("delay", [("delivered", 3601)]),
        ("delay.hard-bounce", [("hard_bounced", 3601)]),
        ("delay.open", [("delivered", 3601), ("opened", 3661)]),
        ("anything-else", [("delivered", 1)]),
    ],
)
def test_an_address_asks_for_an_outcome_by_its_name(room: Room, name: str, expected: list[tuple[str, int]]) -> None:
    for address in (f"{name}@mock.test", f"{name}+ann@mock.test", f"ann@{name}.mock.test", f"B+c@{name}.MOCK.test"):
        assert story(room, address) == expected


@pytest.mark.parametrize(
    "address", ["open@example.org", "open@mock.test.example.org", "ann@delay.notmock.test", "ann@open.xmock.test"]
)
def test_other_addresses_are_delivered_and_no_more(room: Room, address: str) -> None:
    assert story(room, address) == [("delivered", 1)]


def test_every_outcome_is_in_the_tables_for_readers() -> None:
    names = [*outcomes.OUTCOMES, "delay"]
    guide = (Path(__file__).parents[3] / "docs" / "sendpulse-outcomes.md").read_text("utf-8")
    assert re.findall(r"^\| `([a-z-]+)` \|", guide, re.MULTILINE) == names
    assert re.findall(r"^``([a-z-]+)`` ", outcomes.__doc__ or "", re.MULTILINE) == names


def test_every_documented_event_of_a_mail_can_be_asked_for() -> None:
    events = {step.event for steps in outcomes.OUTCOMES.values() for step in steps}
    assert events == set(outbox._REACTIONS)


@pytest.mark.parametrize(
    ("name", "code", "subcode", "line", "status"),
    [
        ("delivered", 250, "2.0.0", "250 2.0.0 OK", "delivered"),
        ("soft-bounce", 452, "4.2.2", "452 4.2.2 Mailbox full", "bounced"),
        ("hard-bounce", 550, "5.1.1", "550 5.1.1 Mailbox unknown", "bounced"),
        ("undelivered", 550, "5.7.1", "550 5.7.1 Message refused", "bounced"),
    ],
)
def test_what_the_remote_server_said_is_looked_up(
    room: Room, name: str, code: int, subcode: str, line: str, status: str
) -> None:
    id = room.mail(f"{name}@mock.test")
    room.clock.advance(1)
    sent = room.call("GET", f"/smtp/emails/{id}")
    assert (sent["smtp_answer_code"], sent["smtp_answer_subcode"], sent["smtp_answer_data"]) == (code, subcode, line)
    assert room.messages[0].status == status
    assert room.call("GET", "/smtp/bounces/day/total") == {"total": int(status == "bounced")}
    fact = room.events[-1].json()
    assert (fact["smtp_server_response_code"], fact["smtp_server_response"]) == (code, line)


def test_opens_and_clicks_are_tracked(room: Room) -> None:
    html = encode(
        '<p>Hi</p><a class="x" href="https://shop.example/?a=1&amp;b=2">Buy</a><a href="https://b.example/">B</a>'
    )
    id = room.mail("click@mock.test", html=html)
    room.clock.advance(90)
    assert room.call("GET", f"/smtp/emails/{id}")["tracking"]["click"] == 0
    room.clock.advance(1)
    tracking = room.call("GET", f"/smtp/emails/{id}")["tracking"]
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
def test_a_mail_without_html_has_its_text_s_link_clicked(room: Room, text: str, link: str) -> None:
    story(room, "click@mock.test", text=text)
    assert room.events[-1].json()["link_url"] == link


@pytest.mark.parametrize(
    ("name", "flag"), [("unsubscribe", "unsubscribe_by_link"), ("spam", "spam_complaint"), ("resubscribe", None)]
)
def test_who_left_is_on_the_unsubscribe_list(room: Room, name: str, flag: str | None) -> None:
    story(room, f"{name}@mock.test")
    rows = room.call("GET", "/smtp/unsubscribe")
    assert [row["email"] for row in rows if flag is not None and row[flag] == 1] == [f"{name}@mock.test"] * bool(flag)
    assert len(rows) == bool(flag)


@pytest.mark.parametrize("name", ["hard-bounce", "spam", "unsubscribe"])
def test_who_left_complained_or_cannot_be_reached_gets_nothing_more(room: Room, name: str) -> None:
    address = f"{name}@mock.test"
    story(room, address)
    assert room.mail(address, to=[{"email": address}, {"email": "ann@example.org"}])
    room.clock.advance(1)
    assert [message.to for message in room.messages] == [address, "ann@example.org"]
    room.call("DELETE", "/smtp/unsubscribe", [address])
    room.mail(address)
    assert [message.to for message in room.messages][2:] == [address]


@pytest.mark.parametrize("name", ["soft-bounce", "undelivered", "open", "resubscribe"])
def test_after_other_outcomes_mail_goes_on(room: Room, name: str) -> None:
    assert story(room, f"{name}@mock.test") == story(room, f"{name}@mock.test")
    assert len(room.messages) == 2


def test_recipients_of_one_mail_have_outcomes_of_their_own(room: Room) -> None:
    names = ("delay", "hard-bounce", "open")
    assert story(room, "", to=[{"email": f"{name}@mock.test"} for name in names]) == [
        ("hard_bounced", 1),
        ("delivered", 1),
        ("opened", 61),
        ("delivered", 3601),
    ]


def test_the_same_seed_has_the_same_readers() -> None:
    def readers() -> list[Any]:
        room = Room(create_app(Settings(validate_answers=True, rate_limits=False, seed=5)))
        for _ in range(8):
            story(room, "open@mock.test")
        room.http.close()
        return [event.json() for event in room.events]

    first = readers()
    assert first == readers()
    assert len({fact["browser_name"] for fact in first if fact["event"] == "opened"}) > 1


def test_when_too_many_jobs_wait_the_steps_follow_at_once(room: Room) -> None:
    room.mail("click@mock.test")
    for _ in range(MOST_JOBS - 1):
        room.clock.call_at(NOW + 10 * DAY, int)
    while room.clock.waiting < MOST_JOBS:
        room.clock.call_at(NOW + 10 * DAY, int)
    outbox.go_on(room.ctx, room.messages[0].number, 0, waited=False)
    assert [event.type for event in room.events] == ["delivered", "opened", "clicked"]


def test_what_becomes_of_a_forgotten_mail_is_nothing(room: Room) -> None:
    room.mail("click@mock.test")
    room.clock.advance(1)
    room.ctx.store[SentEmail].clear()
    room.clock.advance(DAY)
    assert [event.type for event in room.events] == ["delivered"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=20), st.sampled_from(["@mock.test", ".mock.test", "@", ".invalid", ""]))
def test_any_address_has_an_outcome(beginning: str, end: str) -> None:
    steps = outcomes.of(beginning + end)
    assert steps
    assert all(step.event in outbox._REACTIONS for step in steps)
