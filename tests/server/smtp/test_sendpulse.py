"""SendPulse's relay: mail by SMTP is treated as by ``POST /smtp/emails``."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sparkbox import World
from tests.server.smtp.wire import FRED, NEWS, WILMA, Wire, wire

BARNEY, BETTY = "barney@rubble.example", "betty@rubble.example"
MAIL = (
    b"From: The Shop <news@shop.example>\r\nTo: Wilma <wilma@flintstone.example>\r\n"
    b"Cc: Fred <fred@flintstone.example>\r\n"
    b"Subject: Hello\r\nReply-To: help@shop.example\r\nX-Campaign: spring\r\n\r\nHello Wilma\r\n"
)


def call(world: World, method: str, path: str, body: Any = None) -> Any:
    place = world.sendpulse
    response = httpx.request(method, place.url + path, headers=place.headers, json=body, trust_env=False, verify=False)
    response.raise_for_status()
    return response.json()


def test_mail_is_captured_as_it_was_sent(sendpulse: Wire, sparkbox: World) -> None:
    reply = sendpulse.mail(MAIL)
    [message] = sparkbox.messages
    assert reply == f"250 2.0.0 Ok: queued as {message.vendor_id}"
    assert (message.service, message.account) == ("sendpulse", sparkbox.credential)
    assert (message.sender, message.sender_name, message.reply_to) == (NEWS, "The Shop", "help@shop.example")
    assert (message.to, message.to_name, message.subject, message.text) == (WILMA, "Wilma", "Hello", "Hello Wilma\n")
    assert ("X-Campaign", "spring") in message.headers
    assert message.source == MAIL


def test_replies_are_those_of_sendpulse(sparkbox: World) -> None:
    with wire(sparkbox.sendpulse) as connection:
        assert connection.login("anybody@example.com", "wrong") == "535 5.7.8 Authentication credentials invalid"
        assert connection.login("anybody@example.com", sparkbox.credential) == "235 2.7.0 Authentication successful"
        assert connection.say(f"MAIL FROM:<{NEWS}>") == "250 2.1.0 Ok"
        assert connection.say(f"RCPT TO:<{WILMA}>") == "250 2.1.5 Ok"
        assert connection.say("DATA") == "354 End data with <CR><LF>.<CR><LF>"


def test_invalid_address_is_rejected_in_sendpulses_words(sendpulse: Wire, sparkbox: World) -> None:
    assert sendpulse.say("MAIL FROM:<shop@>") == "501 5.1.7 Bad sender address syntax"
    sendpulse.say(f"MAIL FROM:<{NEWS}>")
    assert sendpulse.say("RCPT TO:<ada@>") == "501 5.1.3 Bad recipient address syntax"
    found = [(entry.path, entry.status) for entry in sparkbox.requests]
    assert found == [("MAIL FROM:<shop@>", 501), ("RCPT TO:<ada@>", 501)]
    assert sparkbox.events == []


def test_password_is_a_client_id_or_an_api_key(sparkbox: World) -> None:
    for password in ("mock-sendpulse-id", "mock-sendpulse-key"):
        with wire(sparkbox.sendpulse) as connection:
            assert connection.login("sender@example.com", password).startswith("235 ")


def test_recipients_have_the_type_of_their_header(sendpulse: Wire, sparkbox: World) -> None:
    sendpulse.mail(MAIL, NEWS, WILMA, FRED, BETTY)
    found = {message.to: (message.rcpt_type, message.to_name, message.header_to) for message in sparkbox.messages}
    shown = "Wilma <wilma@flintstone.example>"
    assert found == {WILMA: ("to", "Wilma", ""), FRED: ("cc", "Fred", shown), BETTY: ("bcc", "", shown)}


def test_mail_is_found_by_the_smtp_api(sendpulse: Wire, sparkbox: World) -> None:
    sendpulse.mail(MAIL, NEWS, WILMA, FRED)
    sparkbox.clock.advance(2)
    [first, second] = call(sparkbox, "GET", "/smtp/emails")
    assert {first["recipient"], second["recipient"]} == {WILMA, FRED}
    assert (first["sender"], first["subject"], first["total_size"]) == (NEWS, "Hello", len(MAIL))
    assert (first["smtp_answer_code"], first["sender_ip"]) == (250, "127.0.0.1")
    assert call(sparkbox, "GET", f"/smtp/emails/{first['id']}")["id"] == sparkbox.messages[0].vendor_id


def test_unsubscribed_recipient_gets_nothing(sendpulse: Wire, sparkbox: World) -> None:
    call(sparkbox, "POST", "/smtp/unsubscribe", {"emails": [{"email": WILMA}]})
    assert sendpulse.mail(MAIL, NEWS, WILMA, FRED).startswith("250 ")
    assert [message.to for message in sparkbox.messages] == [FRED]
    assert sendpulse.mail(MAIL, NEWS, WILMA).startswith("250 ")
    assert len(sparkbox.messages) == 1


def test_unverified_sender_is_rejected_in_the_strict_profile(sendpulse: Wire, sparkbox: World) -> None:
    sparkbox.profile = "strict"
    assert sendpulse.mail(MAIL) == "550 5.7.1 Sender is not valid"
    assert sparkbox.messages == []
    assert [entry.error for entry in sparkbox.requests] == ["sender_invalid"]
    assert sendpulse.mail(MAIL.replace(b"news@shop.example", b"sender@example.com")).startswith("250 ")


def test_free_mail_services_are_rejected_as_senders(sendpulse: Wire) -> None:
    reply = sendpulse.mail(MAIL.replace(b"news@shop.example", b"shop@gmail.com"))
    assert reply == "550 5.7.1 Using free email services (not allowed)"


@pytest.mark.parametrize(
    ("sender", "reply"),
    [
        (b"", "250 "),
        (b"From: nobody\r\n", "550 5.1.7 "),
        (b"From: a b@c\r\n", "550 5.1.7 "),
        (b"From: a@b.example, c@d.example\r\n", "550 5.1.7 "),
        (b"From: a@b.example\r\nFrom: c@d.example\r\n", "550 5.1.7 "),
        (b'From: "Doe, John" <a@b.example>\r\n', "250 "),
        (b"From: =?utf-8?q?Doe=2C_John?= <a@b.example>\r\n", "250 "),
    ],
)
def test_envelope_sender_replaces_a_missing_from(sendpulse: Wire, sender: bytes, reply: str) -> None:
    assert sendpulse.mail(sender + b"Subject: s\r\n\r\n").startswith(reply)


def test_mail_without_any_sender_is_rejected(sendpulse: Wire) -> None:
    assert sendpulse.mail(b"Subject: s\r\n\r\n", "") == "550 5.1.7 Sender address rejected"


def test_recipient_that_sendpulse_does_not_accept_is_rejected(sendpulse: Wire, sparkbox: World) -> None:
    assert sendpulse.mail(MAIL, NEWS, WILMA, '"w i"@flintstone.example') == "550 5.1.3 Recipient email is invalid"
    assert sparkbox.messages == []


def test_mail_of_more_than_10_mib_is_rejected(sendpulse: Wire, sparkbox: World) -> None:
    line = b"x" * 98 + b"\r\n"
    reply = sendpulse.mail(MAIL + line * (10 * 1024 * 1024 // len(line)))
    assert reply == "552 5.3.4 Message size exceeds the limit of 10485760 bytes"
    assert sparkbox.messages == []


def test_suspended_account_sends_nothing(sendpulse: Wire, sparkbox: World) -> None:
    sparkbox._handle.use(lambda account: setattr(account, "suspended", True))
    assert sendpulse.mail(MAIL) == "550 5.7.1 Invalid operation"


def test_each_login_reaches_its_own_service(sparkpost: Wire, sendpulse: Wire, sparkbox: World) -> None:
    sparkpost.mail(MAIL)
    sendpulse.mail(MAIL)
    assert [message.service for message in sparkbox.messages] == ["sparkpost", "sendpulse"]
