"""Sending and looking up e-mails of the SMTP service."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sparkbox.core.state.config import Profile
from sparkbox.core.state.jobs import MOST_JOBS
from sparkbox.core.state.steps import complete
from sparkbox.mail.html import plain_text
from sparkbox.services.sendpulse.accounts import plans
from sparkbox.services.sendpulse.smtp import events
from sparkbox.services.sendpulse.smtp.models import SentEmail
from tests.services.sendpulse.api import Api, encode
from tests.services.view import NOW

EMAIL: dict[str, Any] = {
    "subject": "Hello",
    "text": "Hi",
    "from": {"name": "Shop", "email": "sender@example.com"},
    "to": [{"name": "Ann", "email": "ann@example.org"}],
}


def refused(api: Api, **changes: Any) -> tuple[int, int, str]:
    email = {name: value for name, value in {**EMAIL, **changes}.items() if value is not ...}
    api_error = api.refuse("POST", "/smtp/emails", {"email": email})
    assert api.messages == []
    return api_error


def test_sending_returns_an_id(api: Api) -> None:
    response = api.call("POST", "/smtp/emails", {"email": EMAIL})
    assert set(response) == {"result", "id"}
    assert response["result"] is True
    assert [len(part) for part in response["id"].split("-")] == [6, 6, 2]


def test_mail_is_captured_as_its_recipient_gets_it(api: Api) -> None:
    id = api.mail(
        html=encode("<p>Привіт</p>"),
        text="Привіт",
        **{"from": {"name": "Shop", "email": "sender@example.com"}},
        reply_to={"name": "Help", "email": "help@example.com"},
        attachments={"notes.txt": "one"},
        attachments_binary={"dot.png": base64.b64encode(b"\x89PNG").decode()},
    )
    (message,) = api.messages
    assert (message.vendor_id, message.channel, message.service) == (id, "email", "sendpulse")
    assert (message.sender, message.sender_name, message.to) == ("sender@example.com", "Shop", "ann@example.org")
    assert (message.subject, message.html, message.text) == ("Hello", "<p>Привіт</p>", "Привіт")
    assert message.reply_to == '"Help" <help@example.com>'
    files = [(file.name, file.type, file.data) for file in message.attachments]
    assert files == [("notes.txt", "text/plain", b"one"), ("dot.png", "image/png", b"\x89PNG")]
    assert message.status == "accepted"


def test_each_recipient_gets_a_message_of_their_own(api: Api) -> None:
    id = api.mail(
        **{
            "to": [{"email": "a@example.org", "name": "A"}, {"email": "b@example.org"}, {"email": "A@example.org"}],
            "cc": [{"email": "c@example.org"}, {"email": "b@example.org"}],
            "bcc": [{"email": "d@example.org"}],
        },
    )
    assert [(message.to, message.rcpt_type) for message in api.messages] == [
        ("a@example.org", "to"),
        ("b@example.org", "to"),
        ("c@example.org", "cc"),
        ("d@example.org", "bcc"),
    ]
    assert {message.vendor_id for message in api.messages} == {id}
    assert {message.header_to for message in api.messages} == {'"A" <a@example.org>, b@example.org, a@example.org'}
    assert dict(api.messages[3].headers) == {"Cc": "c@example.org, b@example.org"}
    assert b"d@example.org" not in api.messages[0].raw


def test_mail_is_delivered_a_second_later(api: Api) -> None:
    id = api.mail()
    sent = api.call("GET", f"/smtp/emails/{id}")
    assert (sent["smtp_answer_code"], sent["smtp_answer_subcode"], sent["smtp_answer_data"]) == (0, "", "")
    api.clock.advance(1)
    assert api.call("GET", f"/smtp/emails/{id}") == {
        "id": id,
        "sender": "sender@example.com",
        "total_size": 7,
        "sender_ip": "127.0.0.1",
        "smtp_answer_code": 250,
        "smtp_answer_subcode": "2.0.0",
        "smtp_answer_data": "250 2.0.0 OK",
        "used_ip": "203.0.113.10",
        "recipient": "ann@example.org",
        "subject": "Hello",
        "send_date": "2026-03-01 12:00:00",
        "tracking": {"click": 0, "open": 0, "link": [], "client_info": []},
    }
    assert api.messages[0].status == "delivered"
    (event,) = api.events
    assert (event.type, event.message) == ("delivered", api.messages[0].number)
    assert event.json() == {
        "event": "delivered",
        "timestamp": 1772366401,
        "message_id": id,
        "recipient": "ann@example.org",
        "sender": "sender@example.com",
        "subject": "Hello",
        "smtp_server_response_code": "250",
        "smtp_server_response_subcode": "2.0.0",
        "smtp_server_response": "250 2.0.0 OK",
    }


def test_html_with_line_breaks_in_its_base64_is_understood(api: Api) -> None:
    html = "<p>" + "long " * 100 + "</p>"
    api.mail(html=base64.encodebytes(html.encode()).decode())
    assert api.messages[0].html == html


def test_html_without_base64_arrives_garbled_and_is_noted(api: Api) -> None:
    api.mail(html="<p>Hello, world</p>")
    assert "Hello" not in (api.messages[0].html or "")
    assert next(api.account.requests.newest()).note == "html is not base64, so it arrives garbled"


def test_auto_plain_text_is_made_from_html(api: Api) -> None:
    api.mail(html=encode("<h1>Hi</h1><p>you &amp; me</p>"), text=None, auto_plain_text=True)
    api.mail(html=encode("<p>Hi</p>"), text=None)
    assert [message.text for message in api.messages] == ["Hi\nyou & me", None]


def test_auto_plain_text_has_visible_text_only() -> None:
    assert complete(plain_text("<style>p {}</style><!-- x --><p>One<br>Two</p>\n\n<script>3</script>")) == "One\nTwo"


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"from": ...}, 10, "Argument from.email missing"),
        ({"from": {"name": "Shop"}}, 10, "Argument from.email missing"),
        ({"from": {"email": ""}}, 10, "Argument from.email missing"),
        ({"from": {"email": "shop"}}, 10, "Argument from.email is invalid"),
        ({"from": {"email": 5}}, 10, "Argument from.email is invalid"),
        ({"from": "sender@example.com"}, 422, "Argument from is invalid"),
        ({"from": {"email": "me@gmail.com"}}, 20, "Using free email services (not allowed)"),
        ({"to": ...}, 11, "Argument email.to is invalid"),
        ({"to": []}, 11, "Argument email.to is invalid"),
        ({"to": "ann@example.org"}, 11, "Argument email.to is invalid"),
        ({"to": ["ann@example.org"]}, 11, "Argument email.to is invalid"),
        ({"to": [{"name": "Ann"}]}, 11, "Argument email.to is invalid"),
        ({"to": [{"email": "ann"}]}, 422, "Recipient email is invalid"),
        ({"cc": [{"email": "ann"}]}, 422, "Recipient email is invalid"),
        ({"cc": "x"}, 422, "Argument email.cc is invalid"),
        ({"bcc": [5]}, 422, "Argument email.bcc is invalid"),
        ({"subject": ...}, 12, "Argument subject missing"),
        ({"subject": ""}, 12, "Argument subject missing"),
        ({"subject": ["x"]}, 422, "Argument subject is invalid"),
        ({"text": ...}, 13, "Missed email body"),
        ({"text": "", "html": None}, 13, "Missed email body"),
        ({"html": 5}, 422, "Argument html is invalid"),
        ({"text": ["x"]}, 422, "Argument text is invalid"),
        ({"template": 5}, 422, "Argument template is invalid"),
        ({"template": {"variables": {}}}, 10, "Argument template.id missing"),
        ({"template": {"id": 7, "variables": "x"}}, 731, "Variables list passed in wrong format"),
        ({"template": {"id": 7, "variables": ["x"]}}, 731, "Variables list passed in wrong format"),
        ({"template": {"id": 7, "variables": {}}}, 31, "Template not found"),
        ({"reply_to": {"email": "x"}}, 422, "Argument reply_to is invalid"),
        ({"attachments": ["x"]}, 422, "Argument attachments is invalid"),
        ({"attachments": {"a": 5}}, 422, "Argument attachments is invalid"),
        ({"attachments_binary": {"a": "é"}}, 422, "Argument attachments_binary is invalid"),
        ({"attachments_binary": {"a": {}}}, 422, "Argument attachments_binary is invalid"),
        ({"attachments": {"a": "x" * (10 * 1024 * 1024)}}, 422, "Message size limit exceeded"),
        ({"subject": "x" * (10 * 1024 * 1024)}, 422, "Message size limit exceeded"),
        (
            {"bcc": [{"email": f"r{number}@example.org"} for number in range(500)]},
            550,
            "5.5.3 Too many recipients",
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_mail_is_validated(api: Api, changes: dict[str, Any], code: int, message: str) -> None:
    assert refused(api, **changes) == (422, code, message)


@pytest.mark.parametrize("email", ["x", 5, [1], True, "{broken"])
def test_email_that_cannot_be_read_is_badly_formed(api: Api, email: Any) -> None:
    assert api.refuse("POST", "/smtp/emails", {"email": email}) == (422, 999, "Badly formed incoming data")


@pytest.mark.parametrize("body", [{}, {"email": None}, {"email": ""}, []])
def test_missing_email_is_refused(api: Api, body: Any) -> None:
    assert api.refuse("POST", "/smtp/emails", body) == (422, 422, "Argument email missing")


def test_easy_profile_accepts_any_sender(api: Api) -> None:
    api.mail(**{"from": {"email": "anybody@example.net"}})
    assert api.messages[0].sender == "anybody@example.net"


def test_strict_profile_accepts_active_senders_only(api: Api) -> None:
    api.strict()
    api_error = (422, 422, "Sender is not valid")
    assert refused(api, **{"from": {"email": "anybody@example.net"}}) == api_error
    api.call("POST", "/senders", {"email": "me@example.net", "name": "Me"})
    api.account.messages.clear()
    assert refused(api, **{"from": {"email": "me@example.net"}}) == api_error
    assert api.mail()


def test_unsubscribed_and_blacklisted_recipients_are_dropped(api: Api) -> None:
    api.call("POST", "/smtp/unsubscribe", [{"email": "gone@example.org"}])
    api.call("POST", "/blacklist", {"emails": encode("spam@example.org")})
    to = [{"email": email} for email in ("gone@example.org", "ann@example.org", "spam@example.org")]
    id = api.mail(**{"to": to})
    assert [message.to for message in api.messages] == ["ann@example.org"]
    only_gone = api.mail("gone@example.org")
    assert api.refuse("GET", f"/smtp/emails/{only_gone}") == (400, 14, "No such email")
    assert [row["id"] for row in api.call("GET", "/smtp/emails")] == [id]


def test_mail_to_a_domain_that_cannot_exist_bounces(api: Api) -> None:
    id = api.mail("ann@example.invalid")
    api.clock.advance(1)
    sent = api.call("GET", f"/smtp/emails/{id}")
    assert (sent["smtp_answer_code"], sent["smtp_answer_subcode"]) == (550, "5.1.2")
    assert [event.type for event in api.events] == ["hard_bounces"]
    assert api.messages[0].status == "bounced"


def test_suspended_account_sends_nothing(api: Api) -> None:
    api.account.suspended = True
    assert refused(api) == (403, 800, "Invalid operation")
    assert api.call("GET", "/smtp/emails") == []


def test_plan_without_smtp_has_no_smtp_user(api: Api) -> None:
    id = api.mail()
    api.account.messages.clear()
    plans.change(api.ctx, smtp="none")
    api_error = (422, 400, "No such SMTP user, you need to create SMTP account first")
    assert refused(api) == api_error
    for path in ("/smtp/emails", "/smtp/emails/total", f"/smtp/emails/{id}", "/smtp/unsubscribe", "/smtp/bounces/day"):
        assert api.refuse("GET", path) == api_error
    assert api.call("GET", "/user/balance/detail")["smtp"] is None


def test_ended_smtp_plan_neither_sends_nor_looks_up(api: Api) -> None:
    plans.change(api.ctx, smtp="expired")
    assert refused(api) == (403, 403, "Account expired")
    assert api.refuse("GET", "/smtp/emails") == (422, 422, "Your tariff does not allow the operation")


@pytest.mark.parametrize("profile", ["easy", "strict"])
def test_months_quota_is_kept(api: Api, profile: Profile) -> None:
    api.account.profile = profile
    plans.change(api.ctx, smtp_month="2026-03", smtp_sent=11_999, metered=True)
    api.mail()
    assert api.refuse("POST", "/smtp/emails", {"email": EMAIL})[2] == "Sending quota or bandwidth exceeded"
    api.clock.advance(31 * 86_400)
    assert api.mail()


def test_sending_is_limited_if_too_many_mails_wait(api: Api) -> None:
    api.mail()
    for _ in range(MOST_JOBS - 1):
        api.clock.call_at(NOW + 3600, str)
    api_error = api.refuse("POST", "/smtp/emails", {"email": EMAIL})
    assert api_error == (422, 422, "Sending from your account is currently limited. Please try later.")
    assert api.call("GET", "/smtp/emails/total") == {"total": 1}


def test_sent_emails_are_listed_newest_first(api: Api) -> None:
    ids = [api.mail(f"r{number}@example.org") for number in range(3)]
    rows = api.call("GET", "/smtp/emails")
    assert [row["id"] for row in rows] == ids[::-1]
    assert rows[0]["smtp_answer_code_explain"] == "Sent"
    api.clock.advance(1)
    assert api.call("GET", "/smtp/emails", limit=1, offset=1)[0]["smtp_answer_code_explain"] == "Delivered"
    assert api.call("GET", "/smtp/emails/total") == {"total": 3}


def test_sent_emails_are_filtered(api: Api) -> None:
    first = api.mail("a@example.org")
    api.clock.advance(86_400)
    second = api.mail("b@example.org", **{"from": {"email": "other@example.com"}})

    def found(**query: Any) -> list[str]:
        return [row["id"] for row in api.call("GET", "/smtp/emails", **query)]

    assert found(**{"from": "2026-03-02"}) == [second]
    assert found(to="2026-03-01") == [first]
    assert found(**{"from": "2026-03-01 12:00:00", "to": "2026-03-02 12:00:00"}) == [first]
    assert found(sender="Other@example.com") == [second]
    assert found(recipient="a@example.org") == [first]
    assert found(sender="nobody") == []


@pytest.mark.parametrize("query", [{"from": "yesterday"}, {"to": "2026-13-01"}])
def test_dates_of_sent_emails_are_validated(api: Api, query: dict[str, str]) -> None:
    name = next(iter(query))
    assert api.refuse("GET", "/smtp/emails", **query) == (422, 422, f"Argument {name} is invalid")


def test_php_clients_empty_parameters_count_as_absent(api: Api) -> None:
    api.mail()
    empty: dict[str, Any] = {
        "limit": 0,
        "offset": 0,
        "from": "",
        "to": "",
        "sender": "",
        "recipient": "",
        "country": "off",
    }
    assert len(api.call("GET", "/smtp/emails", **empty)) == 1


def test_several_sent_emails_are_looked_up_by_id(api: Api) -> None:
    one, two = api.mail("a@example.org"), api.mail(**{"to": [{"email": "b@example.org"}, {"email": "c@example.org"}]})
    for body in ({"emails": [two, "x", one]}, [two, one], {"emails": f'["{two}","{one}"]'}):
        rows = api.call("POST", "/smtp/emails/info", body)
        assert [(row["id"], row["recipient"]) for row in rows] == [
            (two, "b@example.org"),
            (two, "c@example.org"),
            (one, "a@example.org"),
        ]


@pytest.mark.parametrize("body", [{}, {"emails": []}, {"emails": "x"}, {"emails": [5]}, {"emails": ["x"] * 501}])
def test_ids_of_sent_emails_are_validated(api: Api, body: Any) -> None:
    assert api.refuse("POST", "/smtp/emails/info", body) == (400, 832, "Emails param empty or incorrect")


def test_unknown_sent_emails_are_not_found(api: Api) -> None:
    assert api.refuse("POST", "/smtp/emails/info", {"emails": ["x"]}) == (400, 14, "No such emails")
    assert api.refuse("GET", "/smtp/emails/pzkic9-0afezp-fc") == (400, 14, "No such email")


def test_opens_and_clicks_are_tracked(api: Api) -> None:
    id = api.mail()
    sent = api.ctx.store[SentEmail].get(api.messages[0].number)
    assert sent is not None
    device = {"browser_name": "Firefox", "open_platform": "Linux", "ip": "192.0.2.1", "country": "Ukraine"}
    events.emit(api.ctx, "opened", sent, **device)
    events.emit(api.ctx, "clicked", sent, link_url="https://example.com/offer", **device)
    trace = {"browser": "Firefox", "os": "Linux", "ip": "192.0.2.1", "action_date": "2026-03-01 12:00:00"}
    click = {"url": "https://example.com/offer", "screen_resolution": "", **trace}
    assert api.call("GET", f"/smtp/emails/{id}")["tracking"] == {
        "click": 1,
        "open": 1,
        "link": [{**click, "country": "Ukraine"}],
        "client_info": [{**trace, "country": "Ukraine"}],
    }
    tracking = api.call("GET", "/smtp/emails", country="off")[0]["tracking"]
    assert (tracking["link"], tracking["client_info"]) == ([click], [trace])
    assert api.messages[0].status == "clicked"


def test_response_of_an_emitted_event_is_kept(api: Api) -> None:
    id = api.mail()
    number = api.messages[0].number
    event = {"smtp_server_response_code": "554", "smtp_server_response_subcode": "5.7.1", "smtp_server_response": "no"}
    api.ctx.emit("soft_bounces", event, message=number)
    sent = api.call("GET", f"/smtp/emails/{id}")
    assert (sent["smtp_answer_code"], sent["smtp_answer_subcode"], sent["smtp_answer_data"]) == (554, "5.7.1", "no")
    api.ctx.emit("undelivered", {"smtp_server_response_code": "soon"}, message=number)
    assert api.call("GET", f"/smtp/emails/{id}")["smtp_answer_code"] == 550


def test_events_of_unknown_mails_change_nothing(api: Api) -> None:
    for event in ("delivered", "hard_bounces", "opened", "clicked", "spam_by_user", "unsubscribed", "resubscribed"):
        api.ctx.emit(event, {"recipient": 5}, message=77)
    assert api.call("GET", "/smtp/emails") == []
    assert api.call("GET", "/smtp/unsubscribe") == []
