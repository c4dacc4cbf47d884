"""The SMTP service's bounces, unsubscribe list and configuration."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sparkbox.services.sendpulse.accounts import plans
from tests.services.sendpulse.api import Api
from tests.services.view import NOW


def entry(email: str, *, link: int = 0, user: int = 0, spam: int = 0) -> dict[str, Any]:
    return {
        "email": email,
        "unsubscribe_by_link": link,
        "unsubscribe_by_user": user,
        "spam_complaint": spam,
        "date": "2026-03-01 12:00:00",
    }


def link_in_last_message(api: Api) -> str:
    link: str = (api.messages[-1].text or "").split()[-1]
    return link


def test_bounces_of_the_last_day_are_listed(api: Api) -> None:
    for name in ("a", "b", "c"):
        api.mail(f"{name}@example.invalid")
    api.mail("ann@example.org")
    api.clock.advance(1)
    page = api.call("GET", "/smtp/bounces/day", limit=2, offset=1)
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
    assert api.call("GET", "/smtp/bounces/day/total") == {"total": 3}


def test_older_bounces_are_found_by_date(api: Api) -> None:
    api.mail("a@example.invalid")
    api.clock.advance(2 * 86_400)
    assert api.call("GET", "/smtp/bounces/day/total") == {"total": 0}
    assert api.call("GET", "/smtp/bounces/day")["total"] == 0
    assert api.call("GET", "/smtp/bounces/day", date="2026-03-01")["total"] == 1
    assert api.call("GET", "/smtp/bounces/day", date="2026-03-02")["total"] == 0
    assert api.refuse("GET", "/smtp/bounces/day", date="x") == (422, 422, "Argument date is invalid")


@pytest.mark.parametrize(
    "body",
    [
        [{"email": "A@example.org", "comment": "asked"}, {"email": "b@example.org"}],
        {"emails": [{"email": "a@example.org"}, {"email": "b@example.org"}]},
        {"emails": '[{"email": "a@example.org"}, {"email": "b@example.org"}]'},
        ["a@example.org", "b@example.org"],
    ],
)
def test_recipients_are_unsubscribed(api: Api, body: Any) -> None:
    assert api.call("POST", "/smtp/unsubscribe", body) == {"result": True}
    both = [entry("a@example.org", user=1), entry("b@example.org", user=1)]
    assert api.call("GET", "/smtp/unsubscribe") == both
    assert api.call("GET", "/smtp/unsubscribe", limit=1, offset=1) == both[1:]
    assert api.call("GET", "/smtp/unsubscribe", date="2026-03-01") == both
    assert api.call("GET", "/smtp/unsubscribe", date="2026-02-28") == []


@pytest.mark.parametrize("body", [["a@example.org"], {"emails": ["A@example.org"]}, [{"email": "a@example.org"}]])
def test_address_removed_from_the_unsubscribe_list_gets_mail_again(api: Api, body: Any) -> None:
    api.call("POST", "/smtp/unsubscribe", ["a@example.org", "b@example.org"])
    assert api.call("DELETE", "/smtp/unsubscribe", body) == {"result": True}
    assert api.call("GET", "/smtp/unsubscribe/search", email="a@example.org") == {"result": False}
    assert api.call("GET", "/smtp/unsubscribe/search", email="B@example.org") == {"result": True}
    api.mail("a@example.org")
    assert [message.to for message in api.messages] == ["a@example.org"]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("body", [None, {}, [], {"emails": []}, {"emails": None}, {"emails": ""}])
def test_unsubscribing_nobody_is_refused(api: Api, method: str, body: Any) -> None:
    assert api.refuse(method, "/smtp/unsubscribe", body) == (400, 14, "Empty emails")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("body", [["nobody"], [5], [{}], [["a@example.org"]]])
def test_unsubscribed_emails_are_validated(api: Api, method: str, body: Any) -> None:
    assert api.refuse(method, "/smtp/unsubscribe", body) == (422, 906, "Email address syntax error")


def test_search_of_the_unsubscribe_list_is_validated(api: Api) -> None:
    path = "/smtp/unsubscribe/search"
    assert api.refuse("GET", path) == (422, 422, "Empty email parameter")
    assert api.refuse("GET", path, email="") == (422, 422, "Empty email parameter")
    assert api.refuse("GET", path, email="nobody") == (422, 422, "Wrong email parameter")


def test_unsubscribing_by_link_and_complaints_are_on_the_list(api: Api) -> None:
    api.mail("a@example.org")
    api.ctx.emit("unsubscribed", {}, message=api.messages[0].number)
    api.ctx.emit("spam_by_user", {"recipient": "b@example.org"})
    api.ctx.emit("spam_by_user", {"recipient": "a@example.org"})
    assert api.call("GET", "/smtp/unsubscribe") == [
        entry("a@example.org", link=1, spam=1),
        entry("b@example.org", spam=1),
    ]
    api.ctx.emit("resubscribed", {"recipient": "a@example.org"})
    assert [row["email"] for row in api.call("GET", "/smtp/unsubscribe")] == ["b@example.org"]


def test_resubscription_link_lets_mail_through_again(api: Api) -> None:
    api.call("POST", "/smtp/unsubscribe", ["a@example.org"])
    response = api.call("POST", "/smtp/resubscribe", {"email": "a@example.org", "sender": "sender@example.com"})
    assert response["result"] is True
    assert api.messages[-1].vendor_id == response["id"]
    assert (api.messages[-1].sender, api.messages[-1].to) == ("sender@example.com", "a@example.org")
    assert api.call("GET", "/smtp/unsubscribe/search", email="a@example.org") == {"result": True}
    link = link_in_last_message(api)
    for _ in range(2):
        assert api.call("GET", link)["action"] == "resubscribe"
    assert api.call("GET", "/smtp/unsubscribe/search", email="a@example.org") == {"result": False}
    assert [event.type for event in api.events] == ["resubscribed"]


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
def test_resubscription_is_validated(api: Api, body: Any, code: int, message: str) -> None:
    api.call("POST", "/smtp/unsubscribe", ["a@example.org"])
    assert api.refuse("POST", "/smtp/resubscribe", body) == (422, code, message)


def test_five_resubscriptions_a_day_are_allowed(api: Api) -> None:
    api.call("POST", "/smtp/unsubscribe", ["a@example.org"])
    body = {"email": "a@example.org", "sender": "sender@example.com", "lang": "en"}
    for _ in range(5):
        api.call("POST", "/smtp/resubscribe", body)
    assert api.refuse("POST", "/smtp/resubscribe", body) == (422, 422, "No more than 5 are allowed per day")
    api.clock.advance(86_400)
    assert api.call("POST", "/smtp/resubscribe", body)["result"] is True


def test_resubscription_needs_the_smtp_service(api: Api) -> None:
    plans.change(api.ctx, smtp="none")
    body = {"email": "a@example.org", "sender": "sender@example.com"}
    assert api.refuse("POST", "/smtp/resubscribe", body) == (422, 503, "Smtp user not found")


def test_dedicated_ip_is_a_documentation_address(api: Api) -> None:
    assert api.call("GET", "/smtp/ips") == ["203.0.113.10"]


def test_sender_domain_is_active_at_once_in_the_easy_profile(api: Api) -> None:
    assert api.call("POST", "/v2/email-service/smtp/sender_domains/Example.NET") == {"data": {"result": True}}
    assert api.call("GET", "/v2/email-service/smtp/sender_domains") == {
        "data": {
            "result": True,
            "data": [
                {
                    "id": 1,
                    "user_id": api.call("GET", "/user/info")["id"],
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


def test_sender_domain_waits_for_its_link_in_the_strict_profile(api: Api) -> None:
    api.strict()
    api.call("POST", "/v2/email-service/smtp/sender_domains/example.net")
    assert api.call("GET", "/v2/email-service/smtp/sender_domains")["data"]["data"][0]["status"] == 0
    body = {"email": {"subject": "x", "text": "x", "from": {"email": "me@example.net"}, "to": [{"email": "a@b.co"}]}}
    assert api.refuse("POST", "/smtp/emails", body)[2] == "Sender is not valid"
    assert api.messages[0].to == "postmaster@example.net"
    assert api.call("GET", json.loads(api.messages[0].metadata)["confirmation_url"])["subject"] == "example.net"
    assert api.call("GET", "/v2/email-service/smtp/sender_domains")["data"]["data"][0]["status"] == 1
    assert api.call("POST", "/smtp/emails", body)["result"] is True


@pytest.mark.parametrize(
    ("domain", "code", "message"),
    [
        ("nothing", 422, "Argument domain is invalid"),
        ("me@example.net", 422, "Argument domain is invalid"),
        ("gmail.com", 20, "Using free email services (not allowed)"),
        ("example.org", 19, "Email address already exists"),
    ],
)
def test_sender_domain_is_validated(api: Api, domain: str, code: int, message: str) -> None:
    api.call("POST", "/v2/email-service/smtp/sender_domains/example.org")
    assert api.refuse("POST", f"/v2/email-service/smtp/sender_domains/{domain}") == (422, code, message)


def test_sender_domain_is_added_by_the_older_operation(api: Api) -> None:
    assert api.call("POST", "/smtp/domains", {"email": "Me@example.net"}) == {"result": True}
    assert api.call("GET", "/smtp/domains") == []
    assert api.call("GET", "/smtp/domains/me@example.net") == {"result": True}
    assert [message.to for message in api.messages] == ["me@example.net"] * 2
    api.call("GET", link_in_last_message(api))
    assert api.call("GET", "/smtp/domains") == ["example.net"]
    api_error = (422, 21, "No such email address awaiting activation")
    assert api.refuse("GET", "/smtp/domains/me@example.net") == api_error
    assert api.refuse("GET", "/smtp/domains/me@example.com") == api_error


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
def test_older_operation_validates_sender_domains(api: Api, body: Any, code: int, message: str) -> None:
    api.call("POST", "/smtp/domains", {"email": "me@example.org"})
    assert api.refuse("POST", "/smtp/domains", body) == (422, code, message)


def test_link_is_gone_with_its_account(api: Api) -> None:
    api.call("POST", "/smtp/domains", {"email": "me@example.net"})
    link = link_in_last_message(api)
    api.account.reset()
    api.clock.freeze(NOW)
    assert api.refuse("GET", link) == (404, 404, "Not Found")
    api.app.sandbox.accounts.drop(api.account)
    assert api.refuse("GET", link) == (404, 404, "Not Found")
