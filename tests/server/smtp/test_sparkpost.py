"""SparkPost's relay: mail by SMTP is treated as a transmission."""

from __future__ import annotations

import json
import re
import smtplib
from base64 import b64encode
from typing import Any

import httpx
import pytest

from sparkbox import World
from sparkbox.core.logs.messages import Message
from tests.server.smtp.wire import FRED, NEWS, WILMA, Wire, as_sent, logged_in, wire

BARNEY, BETTY = "barney@rubble.example", "betty@rubble.example"
HEAD = b"From: The Shop <news@shop.example>\r\nTo: Wilma <wilma@flintstone.example>\r\nSubject: Hello\r\n"
BODY = b"\r\nHello Wilma\r\n"
MAIL = HEAD + BODY


def with_header(head: bytes = HEAD, **options: Any) -> bytes:
    """A mail with an X-MSYS-API header."""
    return b"X-MSYS-API: " + json.dumps(options).encode() + b"\r\n" + head + BODY


def event(world: World, type: str, **wanted: Any) -> dict[str, Any]:
    found = [event.json() for event in world.events if event.type == type]
    [one] = [data for data in found if all(data.get(name) == value for name, value in wanted.items())]
    return dict(one)


def call(world: World, method: str, path: str, body: Any = None) -> httpx.Response:
    place = world.sparkpost
    url = f"{place.url}/api/v1{path}"
    return httpx.request(method, url, headers=place.headers, json=body, trust_env=False, verify=False)


def by_recipient(world: World) -> dict[str, Message]:
    return {message.to: message for message in world.messages}


# Captured messages.


def test_mail_is_captured_as_it_was_sent(sparkpost: Wire, sparkbox: World) -> None:
    assert sparkpost.mail(MAIL).startswith("250 2.0.0 OK ")
    [message] = sparkbox.messages
    assert (message.service, message.channel, message.account) == ("sparkpost", "email", sparkbox.credential)
    assert (message.sender, message.sender_name) == (NEWS, "The Shop")
    assert (message.to, message.to_name, message.header_to, message.rcpt_type) == (WILMA, "Wilma", "", "to")
    assert (message.subject, message.text, message.html) == ("Hello", "Hello Wilma\n", None)
    assert message.source == message.raw
    assert as_sent(message) == MAIL


def test_reply_has_a_message_id(sparkpost: Wire) -> None:
    reply = sparkpost.mail(MAIL)
    assert re.fullmatch(r"250 2\.0\.0 OK [0-9A-F]{2}/[0-9A-F]{2}-[0-9]{5}-[0-9A-F]{8}", reply)


def test_every_recipient_on_the_envelope_gets_a_message(sparkpost: Wire, sparkbox: World) -> None:
    head = HEAD + b"Cc: fred@flintstone.example, Barney <barney@rubble.example>\r\n"
    sparkpost.mail(head + BODY, NEWS, WILMA, FRED.upper(), BARNEY, BETTY)
    found = {message.to: (message.rcpt_type, message.to_name) for message in sparkbox.messages}
    assert found == {
        WILMA: ("to", "Wilma"),
        FRED.upper(): ("cc", ""),
        BARNEY: ("cc", "Barney"),
        BETTY: ("bcc", ""),
    }
    assert {as_sent(message) for message in sparkbox.messages} == {head + BODY}
    assert len({message.vendor_id for message in sparkbox.messages}) == 1


def test_recipient_named_twice_gets_one_message(sparkpost: Wire, sparkbox: World) -> None:
    sparkpost.mail(MAIL, NEWS, WILMA, WILMA, WILMA.upper())
    assert len(sparkbox.messages) == 1


def test_mail_without_to_and_cc_is_to_its_recipient(sparkpost: Wire, sparkbox: World) -> None:
    sparkpost.mail(b"From: news@shop.example\r\n\r\nhello\r\n", NEWS, WILMA, FRED)
    assert [message.rcpt_type for message in sparkbox.messages] == ["to", "to"]


def test_template_language_is_not_rendered(sparkpost: Wire, sparkbox: World) -> None:
    mail = with_header(substitution_data={"name": "Wilma"}) + b"Hello {{name}} {{{ x }} {{if\r\n"
    sparkpost.mail(mail)
    assert sparkbox.messages[0].text == "Hello Wilma\nHello {{name}} {{{ x }} {{if\n"


def test_mail_is_in_the_request_log(sparkpost: Wire, sparkbox: World) -> None:
    reply = sparkpost.mail(MAIL, NEWS, WILMA, FRED)
    [entry] = sparkbox.requests
    assert (entry.service, entry.operation, entry.method) == ("sparkpost", "smtp", "SMTP")
    assert (entry.path, entry.status, entry.error) == (f"MAIL FROM:<{NEWS}>", 250, None)
    assert (entry.body, entry.response) == (MAIL, reply.encode())
    assert (b"rcpt to", f"<{FRED}>".encode()) in entry.headers


def test_rejected_login_is_in_the_request_log(bare: Wire, sparkbox: World) -> None:
    bare.login("SMTP_Injection:mine", "wrong")
    server = sparkbox.server
    newest = server.call(lambda: next(server.sandbox.anonymous.requests.newest()))
    assert (newest.service, newest.path, newest.status) == ("sparkpost", "AUTH", 535)
    assert newest.headers == [(b"user", b"SMTP_Injection:mine")]
    assert bare.say("AUTH LOGIN", b64encode(b"no\0body").decode(), "eA==").startswith("535")
    newest = server.call(lambda: next(server.sandbox.anonymous.requests.newest()))
    assert newest.headers == [(b"user", "no\ufffdbody".encode())]


# Events, suppressions, limits: as by HTTP.


def test_mail_has_injection_and_delivery_events(sparkpost: Wire, sparkbox: World) -> None:
    sparkbox.clock.freeze()
    sparkpost.mail(MAIL)
    told = event(sparkbox, "injection")
    assert (told["recv_method"], told["friendly_from"], told["sending_domain"]) == ("esmtp", NEWS, "shop.example")
    assert (told["open_tracking"], told["click_tracking"]) == (False, False)
    assert told["msg_size"] == str(len(sparkbox.messages[0].source))
    sparkbox.clock.advance(1)
    assert event(sparkbox, "delivery")["transmission_id"] == told["transmission_id"]
    assert sparkbox.messages[0].status == "delivered"


def test_suppressed_recipient_is_accepted_and_bounces(sparkpost: Wire, sparkbox: World) -> None:
    call(sparkbox, "PUT", f"/suppression-list/{WILMA}", {"type": "non_transactional"}).raise_for_status()
    assert sparkpost.mail(MAIL).startswith("250 ")
    assert sparkbox.messages == []
    reason = "554 5.7.1 recipient address was suppressed due to customer policy"
    assert event(sparkbox, "bounce")["raw_reason"] == reason


def test_skip_suppression_sends_to_suppressed_recipients(sparkpost: Wire, sparkbox: World) -> None:
    call(sparkbox, "PUT", f"/suppression-list/{WILMA}", {"type": "non_transactional"}).raise_for_status()
    sparkpost.mail(with_header(options={"skip_suppression": True}))
    sparkpost.mail(with_header(options={"transactional": True}))
    assert len(sparkbox.messages) == 2


def test_unknown_sending_domain_is_rejected_in_the_strict_profile(sparkpost: Wire, sparkbox: World) -> None:
    sparkbox.profile = "strict"
    assert sparkpost.mail(MAIL) == "550 5.7.1 Unconfigured Sending Domain <shop.example>"
    assert sparkpost.mail(b"From: nobody\r\n\r\n") == "550 5.7.1 Unconfigured Sending Domain <>"
    assert sparkbox.messages == []
    assert [entry.error for entry in sparkbox.requests] == ["invalid_domain", "no_sending_domain"]
    told = [event.json() for event in sparkbox.events]
    assert [(data["type"], data["rcpt_to"], data["raw_reason"]) for data in told] == [
        ("policy_rejection", WILMA, "550 5.7.1 Unconfigured Sending Domain <shop.example>"),
        ("policy_rejection", WILMA, "550 5.7.1 Unconfigured Sending Domain <>"),
    ]


def test_invalid_address_is_a_policy_rejection(sparkpost: Wire, sparkbox: World) -> None:
    assert sparkpost.say("MAIL FROM:<shop@>") == "501 5.5.2 MAIL FROM syntax error"
    sparkpost.say(f"MAIL FROM:<{NEWS}>")
    reply = "501 5.5.2 RCPT TO syntax error"
    assert sparkpost.say("RCPT TO:<Ada@>") == sparkpost.say("RCPT TO:<>") == reply
    first, second, third = call(sparkbox, "GET", "/events/message?events=policy_rejection").json()["results"][::-1]
    assert (first["msg_from"], "rcpt_to" in first) == ("shop@", False)
    assert (second["msg_from"], second["raw_rcpt_to"], second["rcpt_to"]) == (NEWS, "Ada@", "ada@")
    assert "rcpt_to" not in third
    # https://github.com/helpyio/helpy/issues/347
    assert (second["bounce_class"], second["error_code"]) == ("25", "501")
    assert second["raw_reason"] == second["reason"] == reply
    metrics = call(sparkbox, "GET", "/metrics/deliverability?from=2020-01-01T00:00&metrics=count_policy_rejection")
    assert metrics.json()["results"] == [{"count_policy_rejection": 3}]
    entries = [entry for entry in sparkbox.requests if entry.method == "SMTP"]
    assert [(entry.path, entry.status, entry.error) for entry in entries] == [
        ("MAIL FROM:<shop@>", 501, "smtp_501"),
        ("RCPT TO:<Ada@>", 501, "smtp_501"),
        ("RCPT TO:<>", 501, "smtp_501"),
    ]
    assert sparkpost.say(f"RCPT TO:<{WILMA}>").startswith("250 ")


@pytest.mark.parametrize(
    ("sender", "reply"),
    [
        (b"Ann <ann@acme.example>, Ben <ben@acme.example>", "550 5.7.1 Unconfigured Sending Domain <>"),
        (b"ann@acme.example\r\nFrom: ben@acme.example", "550 5.7.1 Unconfigured Sending Domain <>"),
        (b"Mustermann & Co. KG <a@b.example>", "250 "),
        (b'"Doe, John" <j@x.example>', "250 "),
        (b"=?utf-8?q?Doe=2C_John?= <j@x.example>", "250 "),
    ],
)
def test_sender_is_one_address(sparkpost: Wire, sender: bytes, reply: str) -> None:
    assert sparkpost.mail(b"From: " + sender + b"\r\n\r\nhello\r\n").startswith(reply)


def test_verified_sending_domain_passes_in_the_strict_profile(sparkpost: Wire, sparkbox: World) -> None:
    sparkbox.profile = "strict"
    call(sparkbox, "POST", "/sending-domains", {"domain": "shop.example"}).raise_for_status()
    call(sparkbox, "POST", "/sending-domains/shop.example/verify", {"dkim_verify": True}).raise_for_status()
    assert sparkpost.mail(MAIL).startswith("250 ")


def test_blocked_domain_is_rejected(sparkpost: Wire, sparkbox: World) -> None:
    call(sparkbox, "POST", "/sending-domains", {"domain": "blocked.example"}).raise_for_status()
    mail = MAIL.replace(b"shop.example", b"blocked.example")
    assert sparkpost.mail(mail) == "550 5.7.1 Blocked Sending Domain <blocked.example>"


def test_envelopes_sender_is_kept_if_its_domain_is_set_up_for_bounces(sparkpost: Wire, sparkbox: World) -> None:
    call(sparkbox, "POST", "/sending-domains", {"domain": "bounces.example"}).raise_for_status()
    call(sparkbox, "POST", "/sending-domains/bounces.example/verify", {"cname_verify": True}).raise_for_status()
    sparkpost.mail(MAIL, "back@bounces.example")
    sparkpost.mail(MAIL, "back@elsewhere.example")
    senders = [told.json()["msg_from"].rpartition("@")[2] for told in sparkbox.events if told.type == "injection"]
    assert senders == ["bounces.example", "sparkpostmail.com"]


def test_suspended_account_sends_nothing(sparkpost: Wire, sparkbox: World) -> None:
    sparkbox._handle.use(lambda account: setattr(account, "suspended", True))
    assert sparkpost.mail(MAIL) == "550 5.7.1 Your account has been suspended."
    assert sparkbox.messages == []


def test_key_needs_the_smtp_grant(sparkbox: World) -> None:
    able, unable = (
        sparkbox.simulate("sparkpost", "keys", grants=[grant])["key"]
        for grant in ("smtp/inject", "transmissions/modify")
    )
    with smtplib.SMTP(sparkbox.sparkpost.smtp.host, sparkbox.sparkpost.smtp.port) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError, match="Sorry"):
            client.login("SMTP_Injection", unable)
        client.login("SMTP_Injection", able)
        client.sendmail(NEWS, [WILMA], MAIL)
    assert [message.to for message in sparkbox.messages] == [WILMA]


def test_sending_limits_hold(sparkpost: Wire, sparkbox: World) -> None:
    sparkbox.simulate("sparkpost", "sending-limits", hourly=2)
    assert sparkpost.mail(MAIL, NEWS, WILMA, FRED, BETTY) == "451 4.3.0 Exceed Sending Limit (hourly)"
    assert sparkpost.mail(MAIL, NEWS, WILMA, FRED).startswith("250 ")
    assert len(sparkbox.messages) == 2


def test_test_recipients_have_their_outcome(sparkpost: Wire, sparkbox: World) -> None:
    sparkpost.mail(MAIL, NEWS, "ada@bounce-22.sink.test")
    sparkbox.clock.advance(60)
    assert event(sparkbox, "bounce")["bounce_class"] == "22"


# Subaccounts.


def test_user_name_may_name_a_subaccount(sparkbox: World) -> None:
    with wire(sparkbox.sparkpost) as connection:
        connection.login("SMTP_Injection:X-MSYS-SUBACCOUNT=123", sparkbox.credential)
        assert connection.mail(MAIL).startswith("250 ")
    assert event(sparkbox, "injection")["subaccount_id"] == "123"


@pytest.mark.parametrize(
    "user",
    ["SMTP_Injection:", "SMTP_Injection:X-MSYS-SUBACCOUNT=", "SMTP_Injection:X-MSYS-SUBACCOUNT=a", "SMTP_INJECTION"],
)
def test_unknown_user_name_is_rejected(bare: Wire, sparkbox: World, user: str) -> None:
    assert bare.login(user, sparkbox.credential).startswith("535 5.7.8 ")


def test_subaccount_sends_from_its_own_domains_alone(sparkbox: World) -> None:
    sparkbox.profile = "strict"
    place = sparkbox.sparkpost
    for subaccount, domain in ((1, "one.example"), (2, "two.example")):
        headers = {**place.headers, "X-MSYS-SUBACCOUNT": str(subaccount)}
        with httpx.Client(base_url=f"{place.url}/api/v1", headers=headers, trust_env=False, verify=False) as client:
            client.post("/sending-domains", json={"domain": domain}).raise_for_status()
            client.post(f"/sending-domains/{domain}/verify", json={"dkim_verify": True}).raise_for_status()
    with wire(place) as connection:
        connection.login("SMTP_Injection:X-MSYS-SUBACCOUNT=1", sparkbox.credential)
        assert connection.mail(MAIL.replace(b"shop", b"one")).startswith("250 ")
        assert connection.mail(MAIL.replace(b"shop", b"two")).startswith("550 5.7.1 Unconfigured ")


# X-MSYS-API.


def test_header_names_a_campaign_metadata_and_tags(sparkpost: Wire, sparkbox: World) -> None:
    sparkpost.mail(with_header(campaign_id="spring", metadata={"plan": "free", "n": 1}, tags=["cat", "dog"]))
    [message] = sparkbox.messages
    told = event(sparkbox, "injection")
    assert json.loads(message.metadata) == told["rcpt_meta"] == {"plan": "free", "n": 1}
    assert (told["campaign_id"], told["rcpt_tags"]) == ("spring", ["cat", "dog"])
    assert as_sent(message) == MAIL


def test_folded_header_is_joined_with_one_space(sparkpost: Wire, sparkbox: World) -> None:
    header = (
        b'X-MSYS-API: {"options" : {"open_tracking" : false},\r\n   "campaign_id" : "my_awes\r\n   ome_campaign"}\r\n'
    )
    sparkpost.mail(header + MAIL)
    assert event(sparkbox, "injection")["campaign_id"] == "my_awes ome_campaign"
    assert as_sent(sparkbox.messages[0]) == MAIL


def test_long_header_in_folded_lines_passes(sparkpost: Wire, sparkbox: World) -> None:
    metadata = {f"key{number}": "x" * 90 for number in range(90)}
    text = json.dumps({"metadata": metadata}, separators=(",\r\n ", ":"))
    assert sparkpost.mail(f"X-MSYS-API: {text}\r\n".encode() + MAIL).startswith("250 ")
    assert json.loads(sparkbox.messages[0].metadata) == metadata


def test_cc_bcc_and_archive_get_copies(sparkpost: Wire, sparkbox: World) -> None:
    mail = with_header(
        cc=[{"email": FRED, "name": "Fred F."}, "cc@flintstone.example"],
        bcc=[{"email": BARNEY}, BETTY],
        archive=["archive@flintstone.example"],
    )
    sparkpost.mail(mail)
    found = by_recipient(sparkbox)
    assert {to: message.rcpt_type for to, message in found.items()} == {
        WILMA: "to",
        FRED: "cc",
        "cc@flintstone.example": "cc",
        "archive@flintstone.example": "archive",
        BARNEY: "bcc",
        BETTY: "bcc",
    }
    cc = ("Cc", '"Fred F." <fred@flintstone.example>, cc@flintstone.example')
    for message in found.values():
        assert [header for header in message.headers if header[0] == "Cc"] == [cc]
        assert message.header_to in ("", "Wilma <wilma@flintstone.example>")
        blind = [value for name, value in message.headers if name == "Bcc"]
        assert blind == ([message.to] if message.rcpt_type == "bcc" else [])
        assert b"X-MSYS-API" not in message.source
    assert as_sent(found[WILMA]) == as_sent(found["archive@flintstone.example"])
    assert len({message.vendor_id for message in found.values()}) == 1


def test_copies_are_named_in_their_events(sparkpost: Wire, sparkbox: World) -> None:
    sparkpost.mail(with_header(cc=[FRED], archive=[BETTY]))
    assert event(sparkbox, "injection", rcpt_to=FRED)["rcpt_type"] == "cc"
    assert event(sparkbox, "injection", rcpt_to=BETTY)["rcpt_type"] == "archive"
    assert "rcpt_type" not in event(sparkbox, "injection", rcpt_to=WILMA)


def test_each_recipient_gets_a_single_instance(sparkpost: Wire, sparkbox: World) -> None:
    sparkpost.mail(with_header(cc=[WILMA, FRED], bcc=[FRED, BETTY], archive=[BETTY.upper(), WILMA]))
    assert {message.to: message.rcpt_type for message in sparkbox.messages} == {
        WILMA: "to",
        FRED: "cc",
        BETTY.upper(): "archive",
    }


def test_cc_joins_the_mails_own(sparkpost: Wire, sparkbox: World) -> None:
    sparkpost.mail(with_header(HEAD + b"Cc: betty@rubble.example\r\n", cc=[FRED]))
    assert ("Cc", f"{BETTY}, {FRED}") in sparkbox.messages[0].headers


def test_many_copies_are_listed_in_short_lines(sparkpost: Wire, sparkbox: World) -> None:
    text = json.dumps(
        {"cc": [f"person{number}@flintstone.example" for number in range(500)]}, separators=(",\r\n ", ":")
    )
    assert sparkpost.mail(f"X-MSYS-API: {text}\r\n".encode() + MAIL).startswith("250 ")
    assert len(sparkbox.messages) == 501
    assert max(map(len, sparkbox.messages[0].source.split(b"\r\n"))) < 998


@pytest.mark.parametrize(
    ("value", "reply"),
    [
        ('{"metadata": "none"}', "550 5.6.0 X-MSYS-API 'metadata' must be of type 'json object'"),
        ('{"campaign_id": "%s"}' % ("x" * 65), "550 5.6.0 smtpapi_campaign_id context is limited to 64 bytes"),
        ("{nonsense", "550 5.6.0 JSON parsing error in X-MSYS-API"),
    ],
)  # fmt: skip
def test_invalid_x_msys_api_header_is_rejected(sparkpost: Wire, sparkbox: World, value: str, reply: str) -> None:
    assert sparkpost.mail(f"X-MSYS-API: {value}\r\n".encode() + MAIL) == reply
    assert (sparkbox.messages, sparkbox.events) == ([], [])
    assert sparkpost.mail(MAIL).startswith("250 ")


def test_dkim_key_must_be_known(sparkpost: Wire, sparkbox: World) -> None:
    sparkbox.profile = "strict"
    call(sparkbox, "POST", "/sending-domains", {"domain": "shop.example"}).raise_for_status()
    call(sparkbox, "POST", "/sending-domains/shop.example/verify", {"dkim_verify": True}).raise_for_status()
    reply = sparkpost.mail(with_header(options={"dkim_key": "marketing"}))
    assert reply == "550 5.7.1 Invalid DKIM key ID 'marketing' for sending domain 'shop.example'"


def test_tracking_is_off_by_default(sparkpost: Wire, sparkbox: World) -> None:
    mail = HEAD + b'MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<a href="https://shop.example/{{x}}">x</a>\r\n'
    sparkpost.mail(mail)
    sparkpost.mail(b'X-MSYS-API: {"options": {"open_tracking": true, "click_tracking": true}}\r\n' + mail)
    plain, tracked = sparkbox.messages
    assert as_sent(plain) == mail
    assert tracked.html is not None
    assert "https://shop.example/" not in tracked.html
    assert f'<a href="{sparkbox.url}/sparkpost/f/' in tracked.html
    assert f'<img border="0" width="1" height="1" alt="" src="{sparkbox.url}/sparkpost/q/' in tracked.html


@pytest.mark.parametrize("transactional", [False, True])
def test_senders_own_unsubscribe_header_stays_in_transactional_mail_alone(
    sparkpost: Wire, sparkbox: World, transactional: bool
) -> None:
    own = b"List-Unsubscribe: <mailto:bye@shop.example>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    requested = json.dumps({"options": {"transactional": transactional}}).encode()
    sparkpost.mail(b"X-MSYS-API: " + requested + b"\r\n" + own + MAIL)
    [message] = sparkbox.messages
    assert (message.source == own + MAIL) is transactional
    assert transactional or as_sent(message) == MAIL
    assert dict(message.headers)["List-Unsubscribe"].startswith("<mailto:bye@" if transactional else "<mailto:unsub")


def test_tracked_link_redirects_and_is_an_event(sparkpost: Wire, sparkbox: World) -> None:
    mail = HEAD + b'MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<a href="https://shop.example/{{x}}">x</a>\r\n'
    sparkpost.mail(b'X-MSYS-API: {"options": {"click_tracking": true}}\r\n' + mail)
    html = sparkbox.messages[0].html or ""
    link = html.partition('href="')[2].partition('"')[0]
    response = httpx.get(link, trust_env=False, verify=False)
    assert (response.status_code, response.headers["location"]) == (302, "https://shop.example/%7B%7Bx%7D%7D")
    assert event(sparkbox, "click")["target_link_url"] == "https://shop.example/{{x}}"


def test_account_may_track_by_default(sparkpost: Wire, sparkbox: World) -> None:
    call(sparkbox, "PUT", "/account", {"options": {"smtp_tracking_default": True}}).raise_for_status()
    sparkpost.mail(MAIL)
    sparkpost.mail(with_header(options={"open_tracking": False, "click_tracking": False}))
    flags = [told.json()["click_tracking"] for told in sparkbox.events if told.type == "injection"]
    assert flags == [True, False]


TRACKED = (
    b'X-MSYS-API: {"options": {"open_tracking": true, "click_tracking": true}, "archive": ["a@flintstone.example"]}\r\n'
)
HTML = b'MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<a href="https://shop.example/">x</a>\r\n'


def test_archived_copy_has_the_recipients_own_links(sparkpost: Wire, sparkbox: World) -> None:
    sparkpost.mail(TRACKED + HEAD + HTML)
    found = by_recipient(sparkbox)
    mine, archived = found[WILMA], found["a@flintstone.example"]
    assert mine.html == archived.html
    link = (archived.html or "").partition('href="')[2].partition('"')[0]
    httpx.get(link, trust_env=False, verify=False)
    assert event(sparkbox, "click")["rcpt_to"] == WILMA
    # The vendor names these headers as those that differ.
    assert dict(mine.headers)["List-Unsubscribe"] != dict(archived.headers)["List-Unsubscribe"]


# Unsubscribing by mail.


def mailto(message: Message) -> tuple[str, str]:
    """The address and the subject in a List-Unsubscribe header."""
    found = re.search(r"<mailto:([^?>]+)\?subject=([^>]+)>", dict(message.headers)["List-Unsubscribe"])
    assert found
    return found[1], found[2]


def test_mail_to_the_list_unsubscribe_address_unsubscribes(sparkpost: Wire, sparkbox: World) -> None:
    sparkpost.mail(TRACKED + HEAD + HTML)
    address, subject = mailto(by_recipient(sparkbox)[WILMA])
    stranger = sparkbox.server.world()
    with logged_in(stranger.sparkpost) as connection:
        mail = f"From: <{WILMA}>\r\nTo: <{address}>\r\nSubject: {subject}\r\n\r\n".encode()
        assert connection.mail(mail, WILMA, address.upper()).startswith("250 ")
    told = event(sparkbox, "list_unsubscribe")
    assert (told["rcpt_to"], told["mailfrom"]) == (WILMA, WILMA)
    (entry,) = call(sparkbox, "GET", f"/suppression-list/{WILMA}").json()["results"]
    assert (entry["source"], entry["type"]) == ("List Unsubscribe", "non_transactional")
    assert (stranger.messages, stranger.events) == ([], [])
    sparkpost.mail(MAIL)
    assert [message.to for message in sparkbox.messages].count(WILMA) == 1


@pytest.mark.parametrize("subject", ["hello", "unsubscribe:", "unsubscribe:WzFd.0000000000000000", "unsubscribe:\xff"])
def test_mail_to_a_forged_list_unsubscribe_address_unsubscribes_nobody(
    sparkpost: Wire, sparkbox: World, subject: str
) -> None:
    sparkpost.mail(TRACKED + HEAD + HTML)
    address, _ = mailto(sparkbox.messages[0])
    mail = f"From: <{WILMA}>\r\nSubject: {subject}\r\n\r\n".encode()
    assert sparkpost.mail(mail, WILMA, address).startswith("250 ")
    assert [told.type for told in sparkbox.events if "unsubscribe" in told.type] == []
    assert sparkbox.messages[-1].to == address
