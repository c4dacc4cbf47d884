"""The SMTP service's bounces, unsubscribe list and configuration."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sparkbox.services.sendpulse.accounts import plans
from tests.services.sendpulse.room import Room
from tests.services.view import NOW


def entry(email: str, *, link: int = 0, user: int = 0, spam: int = 0) -> dict[str, Any]:
    return {
        "email": email,
        "unsubscribe_by_link": link,
        "unsubscribe_by_user": user,
        "spam_complaint": spam,
        "date": "2026-03-01 12:00:00",
    }


def link_in_last_message(room: Room) -> str:
    link: str = (room.messages[-1].text or "").split()[-1]
    return link


def test_bounces_of_the_last_day_are_listed(room: Room) -> None:
    for name in ("a", "b", "c"):
        room.mail(f"{name}@example.invalid")
    room.mail("ann@example.org")
    room.clock.advance(1)
    page = room.call("GET", "/smtp/bounces/day", limit=2, offset=1)
    assert (page["total"], page["found"], page["request_limit"]) == (3, 2, 100)
    assert page["emails"][0] == {
        "email_to": "b@example.invalid",
        "sender": "sender@example.com",
        "send_date": "2026-03-01 12:00:00",
        "subject": "Hello",
        "smtp_answer_code": 550,
        "smtp_answer_subcode": "5.1.2",
        "smtp_answer_data": "550 5.1.2 host unknown",
    }
    assert room.call("GET", "/smtp/bounces/day/total") == {"total": 3}


def test_bounces_are_forgotten_after_a_day_but_found_by_their_date(room: Room) -> None:
    room.mail("a@example.invalid")
    room.clock.advance(2 * 86_400)
    assert room.call("GET", "/smtp/bounces/day/total") == {"total": 0}
    assert room.call("GET", "/smtp/bounces/day")["total"] == 0
    assert room.call("GET", "/smtp/bounces/day", date="2026-03-01")["total"] == 1
    assert room.call("GET", "/smtp/bounces/day", date="2026-03-02")["total"] == 0
    assert room.refuse("GET", "/smtp/bounces/day", date="x") == (422, 422, "Argument date is invalid")


@pytest.mark.parametrize(
    "body",
    [
        [{"email": "A@example.org", "comment": "asked"}, {"email": "b@example.org"}],
        {"emails": [{"email": "a@example.org"}, {"email": "b@example.org"}]},
        {"emails": '[{"email": "a@example.org"}, {"email": "b@example.org"}]'},
        ["a@example.org", "b@example.org"],
    ],
)
def test_recipients_are_unsubscribed(room: Room, body: Any) -> None:
    assert room.call("POST", "/smtp/unsubscribe", body) == {"result": True}
    both = [entry("a@example.org", user=1), entry("b@example.org", user=1)]
    assert room.call("GET", "/smtp/unsubscribe") == both
    assert room.call("GET", "/smtp/unsubscribe", limit=1, offset=1) == both[1:]
    assert room.call("GET", "/smtp/unsubscribe", date="2026-03-01") == both
    assert room.call("GET", "/smtp/unsubscribe", date="2026-02-28") == []


@pytest.mark.parametrize("body", [["a@example.org"], {"emails": ["A@example.org"]}, [{"email": "a@example.org"}]])
def test_who_is_taken_off_the_list_gets_mail_again(room: Room, body: Any) -> None:
    room.call("POST", "/smtp/unsubscribe", ["a@example.org", "b@example.org"])
    assert room.call("DELETE", "/smtp/unsubscribe", body) == {"result": True}
    assert room.call("GET", "/smtp/unsubscribe/search", email="a@example.org") == {"result": False}
    assert room.call("GET", "/smtp/unsubscribe/search", email="B@example.org") == {"result": True}
    room.mail("a@example.org")
    assert [message.to for message in room.messages] == ["a@example.org"]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("body", [None, {}, [], {"emails": []}, {"emails": None}, {"emails": ""}])
def test_nobody_to_unsubscribe_is_refused(room: Room, method: str, body: Any) -> None:
    assert room.refuse(method, "/smtp/unsubscribe", body) == (400, 14, "Empty emails")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("body", [["nobody"], [5], [{}], [["a@example.org"]]])
def test_only_addresses_are_unsubscribed(room: Room, method: str, body: Any) -> None:
    assert room.refuse(method, "/smtp/unsubscribe", body) == (422, 906, "Email address syntax error")


def test_searching_for_nothing_or_for_no_address_is_refused(room: Room) -> None:
    path = "/smtp/unsubscribe/search"
    assert room.refuse("GET", path) == (422, 422, "Empty email parameter")
    assert room.refuse("GET", path, email="") == (422, 422, "Empty email parameter")
    assert room.refuse("GET", path, email="nobody") == (422, 422, "Wrong email parameter")


def test_leaving_by_link_and_complaining_are_on_the_list(room: Room) -> None:
    room.mail("a@example.org")
    room.ctx.emit("unsubscribed", {}, message=room.messages[0].number)
    room.ctx.emit("spam_by_user", {"recipient": "b@example.org"})
    room.ctx.emit("spam_by_user", {"recipient": "a@example.org"})
    assert room.call("GET", "/smtp/unsubscribe") == [
        entry("a@example.org", link=1, spam=1),
        entry("b@example.org", spam=1),
    ]
    room.ctx.emit("resubscribed", {"recipient": "a@example.org"})
    assert [row["email"] for row in room.call("GET", "/smtp/unsubscribe")] == ["b@example.org"]


def test_who_follows_the_resubscription_link_gets_mail_again(room: Room) -> None:
    room.call("POST", "/smtp/unsubscribe", ["a@example.org"])
    answer = room.call("POST", "/smtp/resubscribe", {"email": "a@example.org", "sender": "sender@example.com"})
    assert answer["result"] is True
    assert room.messages[-1].vendor_id == answer["id"]
    assert (room.messages[-1].sender, room.messages[-1].to) == ("sender@example.com", "a@example.org")
    assert room.call("GET", "/smtp/unsubscribe/search", email="a@example.org") == {"result": True}
    link = link_in_last_message(room)
    for _ in range(2):
        assert room.call("GET", link)["action"] == "resubscribe"
    assert room.call("GET", "/smtp/unsubscribe/search", email="a@example.org") == {"result": False}
    assert [event.type for event in room.events] == ["resubscribed"]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"sender": "sender@example.com"}, 422, "Argument email missing"),
        ({"email": "nobody", "sender": "sender@example.com"}, 422, "Argument email is invalid"),
        ({"email": "a@example.org"}, 422, "Argument sender missing"),
        ({"email": "a@example.org", "sender": "x"}, 422, "Argument sender is invalid"),
        ({"email": "a@example.org", "sender": "s@example.com", "lang": 5}, 422, "Argument lang must be string"),
        ({"email": "b@example.org", "sender": "s@example.com"}, 422, "Blocked email not found"),
    ],
)
def test_a_resubscription_is_checked(room: Room, body: Any, code: int, message: str) -> None:
    room.call("POST", "/smtp/unsubscribe", ["a@example.org"])
    assert room.refuse("POST", "/smtp/resubscribe", body) == (422, code, message)


def test_five_resubscriptions_a_day_are_allowed(room: Room) -> None:
    room.call("POST", "/smtp/unsubscribe", ["a@example.org"])
    body = {"email": "a@example.org", "sender": "sender@example.com", "lang": "en"}
    for _ in range(5):
        room.call("POST", "/smtp/resubscribe", body)
    assert room.refuse("POST", "/smtp/resubscribe", body) == (422, 422, "No more than 5 are allowed per day")
    room.clock.advance(86_400)
    assert room.call("POST", "/smtp/resubscribe", body)["result"] is True


def test_nobody_is_resubscribed_without_smtp(room: Room) -> None:
    plans.change(room.ctx, smtp="none")
    body = {"email": "a@example.org", "sender": "sender@example.com"}
    assert room.refuse("POST", "/smtp/resubscribe", body) == (422, 503, "Smtp user not found")


def test_mail_leaves_from_a_documentation_address(room: Room) -> None:
    assert room.call("GET", "/smtp/ips") == ["203.0.113.10"]


def test_a_sender_domain_is_active_at_once_in_the_easy_profile(room: Room) -> None:
    assert room.call("POST", "/v2/email-service/smtp/sender_domains/Example.NET") == {"data": {"result": True}}
    assert room.call("GET", "/v2/email-service/smtp/sender_domains") == {
        "data": {
            "result": True,
            "data": [
                {
                    "id": 1,
                    "user_id": room.call("GET", "/user/info")["id"],
                    "service_type": 3,
                    "service_value": "example.net",
                    "status": 1,
                    "is_default": True,
                    "ssl_type": 0,
                    "checks": {
                        "check_dkim": True,
                        "check_spf": True,
                        "check_dmarc": True,
                        "all_checks": True,
                        "spf_txt_needed": "v=spf1 include:spf.sendpulse.com ~all",
                    },
                }
            ],
        }
    }


def test_a_sender_domain_waits_for_its_link_in_the_strict_profile(room: Room) -> None:
    room.strict()
    room.call("POST", "/v2/email-service/smtp/sender_domains/example.net")
    assert room.call("GET", "/v2/email-service/smtp/sender_domains")["data"]["data"][0]["status"] == 0
    body = {"email": {"subject": "x", "text": "x", "from": {"email": "me@example.net"}, "to": [{"email": "a@b.co"}]}}
    assert room.refuse("POST", "/smtp/emails", body)[2] == "Sender is not valid"
    assert room.messages[0].to == "postmaster@example.net"
    assert room.call("GET", json.loads(room.messages[0].metadata)["confirmation_url"])["subject"] == "example.net"
    assert room.call("GET", "/v2/email-service/smtp/sender_domains")["data"]["data"][0]["status"] == 1
    assert room.call("POST", "/smtp/emails", body)["result"] is True


@pytest.mark.parametrize(
    ("domain", "code", "message"),
    [
        ("nothing", 422, "Argument domain is invalid"),
        ("me@example.net", 422, "Argument domain is invalid"),
        ("gmail.com", 20, "Using free email services (not allowed)"),
        ("example.org", 19, "Email address already exists"),
    ],
)
def test_a_sender_domain_is_checked(room: Room, domain: str, code: int, message: str) -> None:
    room.call("POST", "/v2/email-service/smtp/sender_domains/example.org")
    assert room.refuse("POST", f"/v2/email-service/smtp/sender_domains/{domain}") == (422, code, message)


def test_a_domain_is_added_the_older_way(room: Room) -> None:
    assert room.call("POST", "/smtp/domains", {"email": "Me@example.net"}) == {"result": True}
    assert room.call("GET", "/smtp/domains") == []
    assert room.call("GET", "/smtp/domains/me@example.net") == {"result": True}
    assert [message.to for message in room.messages] == ["me@example.net"] * 2
    room.call("GET", link_in_last_message(room))
    assert room.call("GET", "/smtp/domains") == ["example.net"]
    refusal = (422, 21, "No such email address awaiting activation")
    assert room.refuse("GET", "/smtp/domains/me@example.net") == refusal
    assert room.refuse("GET", "/smtp/domains/me@example.com") == refusal


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, 1101, "Email address not specified"),
        ({"email": " "}, 1101, "Email address not specified"),
        ({"email": "nobody"}, 906, "Email address syntax error"),
        ({"email": "me@mail.ru"}, 20, "Using free email services (not allowed)"),
        ({"email": "you@example.org"}, 19, "Email address already exists"),
    ],
)
def test_a_domain_added_the_older_way_is_checked(room: Room, body: Any, code: int, message: str) -> None:
    room.call("POST", "/smtp/domains", {"email": "me@example.org"})
    assert room.refuse("POST", "/smtp/domains", body) == (422, code, message)


def test_a_link_is_forgotten_with_its_account(room: Room) -> None:
    room.call("POST", "/smtp/domains", {"email": "me@example.net"})
    link = link_in_last_message(room)
    room.account.reset()
    room.clock.freeze(NOW)
    assert room.refuse("GET", link) == (404, 404, "Not Found")
    room.app.sandbox.accounts.drop(room.account)
    assert room.refuse("GET", link) == (404, 404, "Not Found")
