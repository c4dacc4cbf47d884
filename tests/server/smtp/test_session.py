"""The protocol: greeting, login, commands, a mail's way in, limits, and how a connection ends."""

from __future__ import annotations

import base64
import socket
import ssl
from contextlib import ExitStack

import httpx
import pytest

from sparkbox import Sparkbox, World
from sparkbox.core.request.body_budget import BodyBudget
from sparkbox.server.smtp import listener
from sparkbox.server.smtp.commands import LONGEST_COMMAND
from sparkbox.server.smtp.transaction import MOST_BYTES
from tests.server.smtp.wire import NEWS, WILMA, Wire, as_sent, logged_in, wire

MAIL = b"From: news@shop.example\r\nSubject: Hello\r\n\r\nHello\r\n"


NOBODY = "501 5.5.2 RCPT TO syntax error"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# Greeting and extensions.


def test_server_greets_and_lists_its_extensions(sparkbox: World) -> None:
    place = sparkbox.sparkpost.smtp
    connection = Wire(place.host, place.port)
    assert connection.reply() == "220 localhost ESMTP sparkbox"
    assert connection.say("EHLO test").split("\n") == [
        "250-localhost",
        "250-8BITMIME",
        "250-ENHANCEDSTATUSCODES",
        "250-AUTH=LOGIN PLAIN",
        "250-AUTH LOGIN PLAIN",
        "250-PIPELINING",
        f"250-SIZE {MOST_BYTES}",
        "250-SMTPUTF8",
        "250 STARTTLS",
    ]
    connection.close()


def test_helo_does_not_allow_a_login(sparkbox: World) -> None:
    with wire(sparkbox.sparkpost) as connection:
        assert connection.say("HELO test") == "250 localhost"
        assert connection.say("AUTH LOGIN").startswith("500 5.5.2 ")


def test_commands_need_ehlo(sparkbox: World) -> None:
    place = sparkbox.sparkpost.smtp
    connection = Wire(place.host, place.port)
    connection.reply()
    assert connection.say("MAIL FROM:<a@b.example>") == "503 5.5.1 Error: send HELO first"
    connection.close()


# Logins.


def test_login_by_plain_with_and_without_an_initial_response(sparkbox: World) -> None:
    token = encoded(f"\0SMTP_Injection\0{sparkbox.credential}")
    with wire(sparkbox.sparkpost) as connection:
        assert connection.say(f"AUTH PLAIN {token}") == "235 2.0.0 Authed. Go on."
    with wire(sparkbox.sparkpost) as connection:
        assert connection.say("AUTH PLAIN") == "334 "
        assert connection.say(token) == "235 2.0.0 Authed. Go on."


def test_login_by_login_prompts_for_user_name_and_password(bare: Wire, sparkbox: World) -> None:
    assert bare.say("AUTH LOGIN") == "334 VXNlcm5hbWU6"
    assert bare.say(encoded("SMTP_Injection")) == "334 UGFzc3dvcmQ6"
    assert bare.say(encoded(sparkbox.credential)) == "235 2.0.0 Authed. Go on."


def test_login_by_login_accepts_an_initial_user_name(bare: Wire, sparkbox: World) -> None:
    assert bare.say(f"auth login {encoded('SMTP_Injection')}") == "334 UGFzc3dvcmQ6"
    assert bare.say(encoded(sparkbox.credential)) == "235 2.0.0 Authed. Go on."


@pytest.mark.parametrize(
    ("lines", "reply"),
    [
        (("AUTH",), "501 5.5.4 Not enough value"),
        (("AUTH PLAIN a b",), "501 5.5.4 Too many values"),
        (("AUTH CRAM-MD5",), "504 5.5.4 Unrecognized authentication type"),
        (("AUTH PLAIN !!!",), "501 5.5.2 Can't decode base64"),
        (("AUTH PLAIN YQ==",), "501 5.5.2 Can't split auth value"),
        (("AUTH LOGIN", "*"), "501 5.7.0 Auth aborted"),
        (("AUTH LOGIN", "!!!"), "501 5.5.2 Can't decode base64"),
        (("AUTH LOGIN", "A" * 40_000), "500 5.5.6 Line too long"),
    ],
)
def test_login_that_cannot_be_decoded_is_rejected(bare: Wire, lines: tuple[str, ...], reply: str) -> None:
    assert bare.say(*lines) == reply
    assert bare.say("NOOP") == "250 2.0.0 OK"


def test_second_login_is_rejected(sparkpost: Wire) -> None:
    assert sparkpost.say("AUTH LOGIN") == "503 5.5.1 Already authenticated"


@pytest.mark.parametrize("command", ["MAIL FROM:<a@b.example>", "RCPT TO:<a@b.example>", "DATA"])
def test_mail_needs_a_login(bare: Wire, command: str) -> None:
    assert bare.say(command) == "530 5.7.0 Authentication required"


@pytest.mark.parametrize("user", ["SMTP_Injection", "sender@example.com", "root", "", "\xff\r\n"])
def test_real_password_is_rejected(bare: Wire, user: str) -> None:
    assert bare.login(user, "4f5c0d1e0000000000000000").startswith("535 5.7.8 ")
    assert bare.login(user, "").startswith("535 5.7.8 ")


def test_login_can_be_repeated_after_a_rejection(bare: Wire, sparkbox: World) -> None:
    assert bare.login("SMTP_Injection", "wrong") == "535 5.7.8 Sorry."
    assert bare.login("SMTP_Injection", sparkbox.credential) == "235 2.0.0 Authed. Go on."


def test_too_many_logins_end_the_connection(bare: Wire) -> None:
    replies = [bare.login("SMTP_Injection", f"guess-{number}") for number in range(21)]
    assert replies[-1] == "421 4.7.0 AUTH sent too many times"
    assert bare.line() == ""


# TLS.


def test_starttls_encrypts_and_resets_the_session(bare: Wire, sparkbox: World, trusting: ssl.SSLContext) -> None:
    bare.login("SMTP_Injection", sparkbox.credential)
    assert bare.say("STARTTLS") == "220 Ready to start TLS"
    bare.sock = trusting.wrap_socket(bare.sock, server_hostname="localhost")
    assert bare.say("MAIL FROM:<a@b.example>") == "503 5.5.1 Error: send HELO first"
    assert "STARTTLS" not in bare.say("EHLO test")
    assert bare.say("STARTTLS") == "454 4.7.0 TLS not available"
    assert bare.say("MAIL FROM:<a@b.example>") == "530 5.7.0 Authentication required"
    bare.login("SMTP_Injection", sparkbox.credential)
    assert bare.mail(MAIL).startswith("250 ")
    assert as_sent(sparkbox.messages[0]) == MAIL


def test_commands_sent_before_the_handshake_are_dropped(bare: Wire, trusting: ssl.SSLContext) -> None:
    bare.send(b"STARTTLS\r\nNOOP injected\r\n")
    assert bare.reply() == "220 Ready to start TLS"
    bare.sock = trusting.wrap_socket(bare.sock, server_hostname="localhost")
    assert bare.say("EHLO test").startswith("250-localhost")


def test_smtps_port_speaks_tls_from_the_start(sparkbox: World, trusting: ssl.SSLContext) -> None:
    place = sparkbox.sendpulse.smtp
    with wire(place, trusting) as connection:
        assert isinstance(connection.sock, ssl.SSLSocket)
        assert "STARTTLS" not in connection.say("EHLO test")
        assert connection.say("STARTTLS") == "454 4.7.0 TLS not available"
        connection.login(place.user, place.password)
        assert connection.mail(MAIL).startswith("250 ")
    assert sparkbox.messages[0].service == "sendpulse"


@pytest.mark.parametrize("host", ["smtp.sparkpostmail.com", "smtp.eu.sparkpostmail.com", "smtp-pulse.com"])
def test_certificate_is_good_for_the_vendors_relays(sparkbox: World, trusting: ssl.SSLContext, host: str) -> None:
    place = sparkbox.sparkpost.smtp
    with (
        socket.create_connection((place.host, place.tls_port), timeout=30) as sock,
        trusting.wrap_socket(sock, server_hostname=host) as encrypted,
    ):
        assert encrypted.recv(4) == b"220 "


def test_failed_handshake_ends_only_its_connection(bare: Wire, sparkpost: Wire) -> None:
    bare.say("STARTTLS")
    bare.send(b"this is no handshake\r\n" * 10)
    while bare.line():
        continue
    assert sparkpost.mail(MAIL).startswith("250 ")


# Commands.


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("NOOP", "250 2.0.0 OK"),
        ("noop whatever", "250 2.0.0 OK"),
        ("RSET", "250 2.0.0 OK"),
        ("RSET now", "501 5.5.4 Syntax: RSET"),
        ("VRFY fred", "252 2.5.0 Cannot VRFY user, but will accept message and attempt delivery"),
        ("EXPN fred", "502 5.5.1 EXPN not implemented"),
        ("HELP DATA", "250 Syntax: DATA"),
        ("FROBNICATE", '500 5.5.2 Error: command "FROBNICATE" not recognized'),
        ("", "500 5.5.2 Error: bad syntax"),
        ("\u00e9", "500 5.5.2 Error: bad syntax"),
        ("MAIL", "501 5.5.4 Syntax: MAIL FROM: <address> [SP <mail-parameters>]"),
        ("MAIL TO:<a@b.example>", "501 5.5.4 Syntax: MAIL FROM: <address> [SP <mail-parameters>]"),
        ("MAIL FROM:<a@b.example", "501 5.5.2 MAIL FROM syntax error"),
        ("MAIL FROM:<a b@c.example>", "501 5.5.2 MAIL FROM syntax error"),
        (f"MAIL FROM:<{'a' * 400}@b.example>", "501 5.5.2 MAIL FROM syntax error"),
        ("MAIL FROM:<a@b.example> FOO=bar", "555 5.5.4 MAIL FROM parameters not recognized or not implemented"),
        ("MAIL FROM:<a@b.example> BODY=9BIT", "501 5.5.4 Error: BODY can only be one of 7BIT, 8BITMIME"),
        ("MAIL FROM:<a@b.example> SIZE=99999999", "552 5.3.4 Error: message size exceeds fixed maximum message size"),
        ("MAIL FROM:<>", "250 2.0.0 MAIL FROM accepted"),
        ("MAIL FROM: <a@b.example>", "250 2.0.0 MAIL FROM accepted"),
        ("mail from:<a@b.example>", "250 2.0.0 MAIL FROM accepted"),
        ("MAIL FROM:a@b.example", "501 5.5.2 MAIL FROM syntax error"),
        ("MAIL FROM:", "501 5.5.2 MAIL FROM syntax error"),
        ("MAIL FROM:<shop@>", "501 5.5.2 MAIL FROM syntax error"),
        ("MAIL FROM:<shop>", "501 5.5.2 MAIL FROM syntax error"),
        ("MAIL FROM:<@b.example>", "501 5.5.2 MAIL FROM syntax error"),
        ("MAIL FROM:<a..b@c.example>", "501 5.5.2 MAIL FROM syntax error"),
        ("MAIL FROM:<a@b.example> SIZE=1000 BODY=8BITMIME SMTPUTF8 AUTH=<>", "250 2.0.0 MAIL FROM accepted"),
        ("MAIL FROM:<grüße@b.example> SMTPUTF8", "250 2.0.0 MAIL FROM accepted"),
        ("RCPT TO:<a@b.example>", "503 5.5.1 Error: need MAIL command"),
        ("DATA", "503 5.5.1 Need RCPT command"),
        ("BDAT 10", '500 5.5.2 Error: command "BDAT" not recognized'),
    ],
)
def test_each_command_has_its_reply(sparkpost: Wire, line: str, reply: str) -> None:
    assert sparkpost.say(line) == reply


@pytest.mark.parametrize(
    ("address", "reply"),
    [
        ("<wilma@flintstone.example>", "250 2.0.0 RCPT TO accepted"),
        ('<"w i l m a"@flintstone.example>', "250 2.0.0 RCPT TO accepted"),
        ("<@relay.example:wilma@flintstone.example>", "250 2.0.0 RCPT TO accepted"),
        ("<wilmä@flintstone.example>", "250 2.0.0 RCPT TO accepted"),
        ("<wilma@[192.0.2.1]>", "250 2.0.0 RCPT TO accepted"),
        ("<wilma>", NOBODY),
        ("<wilma@>", NOBODY),
        ("<>", NOBODY),
        ("<@flintstone.example>", NOBODY),
        ("<@relay.example>", NOBODY),
        ("<@relay..example:wilma@flintstone.example>", NOBODY),
        ("<wil..ma@flintstone.example>", NOBODY),
        ("<wilma@flintstone.example.>", NOBODY),
        ("<wilma@flintstone.example>>", NOBODY),
        ("wilma@flintstone.example", NOBODY),
        ("Wilma <wilma@flintstone.example>", NOBODY),
        ("<=?utf-8?q?wilma?=@flintstone.example>", NOBODY),
        (f"<{'w' * 65}@flintstone.example>", NOBODY),
        (f"<wilma@{'f.' * 130}example>", NOBODY),
        ("", NOBODY),
        ("<a@b.example> NOTIFY=NEVER", "555 5.5.4 RCPT TO parameters not recognized or not implemented"),
    ],
)
def test_recipient_is_an_address(sparkpost: Wire, address: str, reply: str) -> None:
    sparkpost.say(f"MAIL FROM:<{NEWS}>")
    assert sparkpost.say(f"RCPT TO:{address}") == reply


def test_path_that_is_no_text_is_no_address(sparkpost: Wire, sparkbox: World) -> None:
    assert sparkpost.say(b"MAIL FROM:<\xff@b.example>") == "501 5.5.2 MAIL FROM syntax error"
    assert [entry.path for entry in sparkbox.requests] == ["MAIL FROM:<\ufffd@b.example>"]


def test_connection_takes_several_mails(sparkpost: Wire, sparkbox: World) -> None:
    for number in range(3):
        assert sparkpost.mail(b"Subject: %d\r\n\r\n" % number).startswith("250 ")
    assert [message.subject for message in sparkbox.messages] == ["0", "1", "2"]


def test_nested_mail_from_is_rejected(sparkpost: Wire) -> None:
    sparkpost.say(f"MAIL FROM:<{NEWS}>")
    assert sparkpost.say(f"MAIL FROM:<{NEWS}>") == "503 5.5.1 Error: nested MAIL command"


def test_rset_drops_the_envelope(sparkpost: Wire) -> None:
    sparkpost.say(f"MAIL FROM:<{NEWS}>", f"RCPT TO:<{WILMA}>", "RSET")
    assert sparkpost.say("DATA") == "503 5.5.1 Need RCPT command"


def test_quit_says_goodbye(sparkpost: Wire) -> None:
    assert sparkpost.say("QUIT") == "221 2.0.0 Goodbye"
    assert sparkpost.line() == ""


def test_commands_may_come_in_one_piece(sparkpost: Wire, sparkbox: World) -> None:
    lines = f"MAIL FROM:<{NEWS}>\r\nRCPT TO:<{WILMA}>\r\nDATA\r\n".encode()
    sparkpost.send(lines + MAIL + b".\r\n" + lines + b"Subject: b\r\n.\r\nNOOP\r\nQUIT\r\n")
    replies = [sparkpost.reply()[:3] for _ in range(10)]
    assert replies == ["250", "250", "354", "250", "250", "250", "354", "250", "250", "221"]
    assert [as_sent(message) for message in sparkbox.messages] == [MAIL, b"Subject: b\r\n"]


def test_commands_may_come_byte_by_byte(sparkpost: Wire, sparkbox: World) -> None:
    lines = f"MAIL FROM:<{NEWS}>\r\nRCPT TO:<{WILMA}>\r\nDATA\r\n".encode()
    for byte in lines + MAIL + b".\r\n":
        sparkpost.send(bytes([byte]))
    assert [sparkpost.reply()[:3] for _ in range(4)] == ["250", "250", "354", "250"]
    assert as_sent(sparkbox.messages[0]) == MAIL


# Limits.


def test_command_has_a_greatest_length(sparkpost: Wire) -> None:
    assert sparkpost.say("NOOP " + "x" * (LONGEST_COMMAND - 5)) == "250 2.0.0 OK"
    assert sparkpost.say("NOOP " + "x" * LONGEST_COMMAND) == "500 5.5.2 Command line too long"
    assert sparkpost.say("NOOP " + "x" * 1_000_000) == "500 5.5.2 Command line too long"
    assert sparkpost.say("NOOP") == "250 2.0.0 OK"


def test_too_many_unknown_commands_end_the_connection(sparkpost: Wire) -> None:
    replies = [sparkpost.say("NONSENSE") for _ in range(5)]
    assert replies[-1] == "502 5.5.1 Too many unrecognized commands, goodbye."
    assert sparkpost.line() == ""


def test_line_of_998_bytes_passes_and_one_more_does_not(sparkpost: Wire, sparkbox: World) -> None:
    assert sparkpost.mail(b"Subject: s\r\n\r\n" + b"x" * 998 + b"\r\n").startswith("250 ")
    assert sparkpost.mail(b"Subject: s\r\n\r\n" + b"x" * 999 + b"\r\n").startswith("500 5.5.2 Line too long")
    assert sparkpost.mail(b"Subject: s\r\n\r\n." + b"x" * 997 + b"\r\n").startswith("250 ")
    assert len(sparkbox.messages) == 2


def test_mail_of_20_mb_passes_and_a_larger_one_does_not(sparkpost: Wire, sparkbox: World) -> None:
    head, line = b"Subject: s\r\n\r\n", b"x" * 98 + b"\r\n"
    body = line * ((MOST_BYTES - len(head)) // len(line))
    largest = head + body + b"x" * (MOST_BYTES - len(head) - len(body) - 2) + b"\r\n"
    assert len(largest) == MOST_BYTES
    assert sparkpost.mail(largest).startswith("250 ")
    assert sparkpost.mail(largest + b"\r\n") == f"552 5.3.4 Message size exceeds the limit of {MOST_BYTES} bytes"
    assert sparkpost.mail(MAIL).startswith("250 ")
    assert [len(as_sent(message)) for message in sparkbox.messages] == [MOST_BYTES, len(MAIL)]


def test_mail_has_at_most_so_many_recipients(sendpulse: Wire, sparkbox: World) -> None:
    sendpulse.say(f"MAIL FROM:<{NEWS}>")
    replies = [sendpulse.say(f"RCPT TO:<person{number}@flintstone.example>") for number in range(501)]
    assert replies[499:] == ["250 2.1.5 Ok", "452 4.5.3 Too many recipients"]
    assert sendpulse.say("DATA").startswith("354 ")
    assert sendpulse.say(MAIL + b".").startswith("250 ")
    assert len(sparkbox.messages) == 500


# How a connection ends.


def test_client_that_leaves_within_a_mail_leaves_no_message(sparkbox: World) -> None:
    with logged_in(sparkbox.sparkpost) as connection:
        connection.begin()
        connection.send(MAIL + b".")
        connection.sock.shutdown(socket.SHUT_WR)
        while connection.line():
            continue
    with logged_in(sparkbox.sparkpost) as connection:
        connection.begin()
        connection.send(MAIL + b"\r\n.\r")
    with logged_in(sparkbox.sparkpost) as connection:
        connection.mail(MAIL)
    assert [as_sent(message) for message in sparkbox.messages] == [MAIL]
    assert len(sparkbox.requests) == 1


def test_idle_connection_ends_after_a_minute_on_the_accounts_clock(sparkbox: World) -> None:
    sparkbox.clock.freeze()
    with logged_in(sparkbox.sparkpost) as connection:
        sparkbox.clock.advance(59)
        assert connection.say("NOOP") == "250 2.0.0 OK"
        sparkbox.clock.advance(59)
        assert connection.say("NOOP") == "250 2.0.0 OK"
        sparkbox.clock.advance(60)
        assert connection.line() == "421 4.4.2 Idle for too long, closing connection"
        assert connection.line() == ""


def test_connection_can_be_idle_within_a_mail(sparkbox: World) -> None:
    sparkbox.clock.freeze()
    with logged_in(sparkbox.sparkpost) as connection:
        connection.begin()
        connection.send(MAIL)
        sparkbox.clock.advance(3600)
        assert connection.line().startswith("421 4.4.2 ")
    assert sparkbox.messages == []


def test_reset_of_the_world_keeps_the_idle_limit(sparkbox: World) -> None:
    with logged_in(sparkbox.sparkpost) as connection:
        sparkbox.reset()
        sparkbox.clock.freeze()
        assert connection.mail(MAIL).startswith("250 ")
        sparkbox.clock.advance(60)
        assert connection.line().startswith("421 4.4.2 ")
    assert len(sparkbox.messages) == 1


def test_clock_of_another_world_ends_no_connection(sparkbox: World) -> None:
    other = sparkbox.server.world("mock-another-clock")
    with logged_in(sparkbox.sparkpost) as connection:
        other.clock.advance(3600)
        assert connection.say("NOOP") == "250 2.0.0 OK"


def test_dropped_world_begins_anew_with_the_next_mail(sparkbox: World) -> None:
    with logged_in(sparkbox.sparkpost) as connection:
        connection.mail(MAIL)
        sparkbox.drop()
        assert connection.mail(MAIL).startswith("250 ")
    assert len(sparkbox.messages) == 1


def test_idle_and_slow_clients_do_not_block_others(sparkbox: World) -> None:
    sparkbox.clock.freeze()
    with ExitStack() as held:
        # The account's clock stands still, so anything that waited for one of them would wait forever.
        for _ in range(300):
            held.enter_context(logged_in(sparkbox.sparkpost))
        slow = held.enter_context(logged_in(sparkbox.sparkpost))
        slow.begin()
        sent = MAIL + b".\r\n"
        for number, byte in enumerate(sent):
            slow.send(bytes([byte]))
            if number % 20 == 0:
                with logged_in(sparkbox.sendpulse) as quick:
                    assert quick.mail(MAIL).startswith("250 ")
                assert httpx.get(f"{sparkbox.url}/_mock/health", trust_env=False, timeout=30).status_code == 200
        assert slow.reply().startswith("250 ")
    assert [message.service for message in sparkbox.messages][-1] == "sparkpost"
    assert len(sparkbox.messages) == 1 + len(range(0, len(sent), 20))


def test_connection_beyond_the_limit_gets_421(sparkbox: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with logged_in(sparkbox.sparkpost) as kept:
        monkeypatch.setattr(listener, "MOST_CONNECTIONS", 1)
        place = sparkbox.sparkpost.smtp
        refused = Wire(place.host, place.port)
        assert refused.line() == "421 4.3.2 Too many connections"
        assert refused.line() == ""
        refused.close()
        assert kept.mail(MAIL).startswith("250 ")


def test_mails_under_way_share_a_budget(
    sparkbox: World, monkeypatch: pytest.MonkeyPatch, sparkbox_session: Sparkbox
) -> None:
    relays = sparkbox_session._running.server._relays
    monkeypatch.setattr(relays, "budget", BodyBudget(1000))
    with logged_in(sparkbox.sparkpost) as first, logged_in(sparkbox.sparkpost) as second:
        large = b"Subject: s\r\n\r\n" + (b"x" * 98 + b"\r\n") * 20
        assert first.mail(large) == "452 4.3.1 Insufficient system storage"
        assert first.mail(MAIL).startswith("250 ")
        assert second.mail(MAIL).startswith("250 ")
    assert len(sparkbox.messages) == 2


def test_forked_world_has_a_login_of_its_own(sparkbox: World) -> None:
    sparkbox.profile = "strict"
    with logged_in(sparkbox.sparkpost) as connection:
        assert connection.mail(MAIL).startswith("550 5.7.1 Unconfigured Sending Domain")
        fork = sparkbox.fork()
        sparkbox.profile = "easy"
        with logged_in(fork.sparkpost) as other:
            assert other.mail(MAIL).startswith("550 5.7.1 Unconfigured Sending Domain")
            fork.clock.advance(60)
            assert other.line().startswith("421 4.4.2 ")
        assert connection.mail(MAIL).startswith("250 ")
    assert (len(sparkbox.messages), len(fork.messages)) == (1, 0)
