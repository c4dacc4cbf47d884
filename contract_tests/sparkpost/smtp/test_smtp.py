"""Mail by SMTP: https://developers.sparkpost.com/api/smtp/."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from contract_tests.mailers import CLIENTS, MailRelay, Outgoing, Rejected, Send, check, connected, logged_in
from contract_tests.sparkpost.responses import results
from contract_tests.sparkpost.target import SINK, Sparkpost
from sparkbox import World

Eventually = Callable[[Callable[[], Any]], Any]

EXTENSIONS = {"8bitmime", "enhancedstatuscodes", "auth", "pipelining"}


@pytest.fixture
def relay(account: Sparkpost) -> MailRelay:
    """Where the account's mail is handed over."""
    return MailRelay.at(account.smtp, "SMTP_Injection", account.key)


@pytest.fixture
def mail(account: Sparkpost, recipient: str, name: Callable[[str], str]) -> Outgoing:
    """A mail to a test recipient of this test alone."""
    return Outgoing(account.sender, recipient, f"Hello {name('mail')}", "Dear Wilma\n.\n..two dots\n")


@pytest.fixture(params=CLIENTS)
def send(request: pytest.FixtureRequest) -> Send:
    """Each of the programs."""
    return CLIENTS[request.param]


@pytest.fixture
def client(relay: MailRelay) -> Iterator[smtplib.SMTP]:
    """A connection with a login."""
    with logged_in(relay) as client:
        yield client


@pytest.fixture
def injected(api: httpx.Client, eventually: Eventually) -> Callable[[str], dict[str, Any]]:
    """``injected(recipient)`` waits for the injection of a mail."""

    def find(recipient: str) -> dict[str, Any]:
        query = {"recipients": recipient, "events": "injection"}
        [event] = eventually(lambda: results(api.get("/api/v1/events/message", params=query)))
        return dict(event)

    return find


def handed_over(client: smtplib.SMTP, mail: Outgoing, api_header: str = "") -> str:
    """The reply to a mail; ``api_header`` is the value of ``X-MSYS-API``."""
    check(mail.to)
    header = f"X-MSYS-API: {api_header}\r\n" if api_header else ""
    text = f"{header}From: {mail.sender}\r\nTo: {mail.to}\r\nSubject: {mail.subject}\r\n\r\nDear Wilma\r\n"
    client.mail(mail.sender)
    client.rcpt(mail.to)
    code, reply = client.data(text)
    return f"{code} {reply.decode()}"


@pytest.mark.documented
def test_mail_is_taken_from_any_client(
    send: Send, relay: MailRelay, mail: Outgoing, injected: Callable[[str], dict[str, Any]]
) -> None:
    send(relay, replace(mail, headers={"X-MSYS-API": '{"campaign_id": "by-smtp", "tags": ["cat", "dog"]}'}))
    event = injected(mail.to)
    assert (event["subject"], event["friendly_from"]) == (mail.subject, mail.sender)
    assert (event["campaign_id"], event["rcpt_tags"]) == ("by-smtp", ["cat", "dog"])
    assert (event["recv_method"], event.get("rcpt_type")) == ("esmtp", None)


@pytest.mark.documented
@pytest.mark.sandbox_only
def test_mail_of_each_client_is_delivered(send: Send, relay: MailRelay, mail: Outgoing, world: World) -> None:
    text = "".join(f"Line {number}\n." for number in range(60)) + " grün\n"
    send(relay, replace(mail, text=text))
    [message] = world.messages
    assert (message.to, message.subject) == (mail.to, mail.subject)
    assert (message.text or "").rstrip("\n") == text.rstrip("\n")


@pytest.mark.observed
def test_a_wrong_key_is_refused(send: Send, relay: MailRelay, mail: Outgoing) -> None:
    with pytest.raises(Rejected, match=r"535 5\.7\.8 Sorry\."):
        send(replace(relay, password="0123456789abcdef"), mail)


@pytest.mark.documented
def test_each_client_reports_an_invalid_x_msys_api(send: Send, relay: MailRelay, mail: Outgoing) -> None:
    with pytest.raises(Rejected, match=r"550 5\.6\.0 X-MSYS-API 'metadata' must be of type 'json object'"):
        send(relay, replace(mail, headers={"X-MSYS-API": '{"metadata": "none"}'}))


@pytest.mark.observed
def test_the_greeting_names_the_extensions(relay: MailRelay) -> None:
    with connected(relay) as client:
        client.ehlo()
        assert set(client.esmtp_features) >= EXTENSIONS
        assert {"LOGIN", "PLAIN"} <= set(client.esmtp_features["auth"].split())


@pytest.mark.observed
def test_relay_replies_in_the_vendors_words(relay: MailRelay, mail: Outgoing) -> None:
    with connected(relay) as client:
        client.ehlo()
        assert client.docmd("AUTH LOGIN") == (334, b"VXNlcm5hbWU6")
        client.docmd("*")
        assert client.login(relay.user, relay.password) == (235, b"2.0.0 Authed. Go on.")
        assert client.mail(mail.sender) == (250, b"2.0.0 MAIL FROM accepted")
        assert client.rcpt(mail.to) == (250, b"2.0.0 RCPT TO accepted")
        assert client.docmd("DATA") == (354, rb'3.0.0 continue. finished with "\r\n.\r\n"')
        client.send(f"From: {mail.sender}\r\nSubject: {mail.subject}\r\n\r\nHi\r\n.\r\n")
        code, said = client.getreply()
        assert (code, said[:9]) == (250, b"2.0.0 OK ")


@pytest.mark.documented
def test_the_header_carries_campaign_metadata_and_tags(
    client: smtplib.SMTP, mail: Outgoing, injected: Callable[[str], dict[str, Any]]
) -> None:
    header = (
        '{"options" : {"open_tracking" : false, "click_tracking" : true},\r\n'
        '   "metadata" : {"has_pets" : true, "pet_name": "Sp\\u00f6t" }, "tags" : ["cat",\r\n'
        '   "dog"], "campaign_id" : "my_awes\r\n   ome_campaign"}'
    )
    assert handed_over(client, mail, header).startswith("250 ")
    event = injected(mail.to)
    assert event["campaign_id"] == "my_awes ome_campaign"
    assert event["rcpt_meta"] == {"has_pets": True, "pet_name": "Spöt"}
    assert event["rcpt_tags"] == ["cat", "dog"]
    assert (event["open_tracking"], event["click_tracking"]) == (False, True)


@pytest.mark.documented
def test_copies_are_messages_of_their_own(
    client: smtplib.SMTP,
    mail: Outgoing,
    name: Callable[[str], str],
    injected: Callable[[str], dict[str, Any]],
) -> None:
    copies = {kind: f"{name(kind)}@{SINK}" for kind in ("cc", "bcc", "archive")}
    check(*copies.values())
    header = json.dumps({kind: [{"email": email}] for kind, email in copies.items()})
    assert handed_over(client, mail, header).startswith("250 ")
    first = injected(mail.to)
    assert "rcpt_type" not in first
    for kind, email in copies.items():
        event = injected(email)
        assert (event["rcpt_type"], event["transmission_id"]) == (kind, first["transmission_id"])


@pytest.mark.parametrize(
    ("header", "reply"),
    [
        ('{"metadata": "none"}', "550 5.6.0 X-MSYS-API 'metadata' must be of type 'json object'"),
        ('{"campaign_id": "%s"}' % ("x" * 65), "550 5.6.0 smtpapi_campaign_id context is limited to 64 bytes"),
    ],
    ids=["metadata", "campaign_id"],
)  # fmt: skip
@pytest.mark.documented
def test_a_header_that_makes_no_sense_is_refused(client: smtplib.SMTP, mail: Outgoing, header: str, reply: str) -> None:
    assert handed_over(client, mail, header) == reply


@pytest.mark.observed
def test_a_header_that_is_no_json_is_refused(client: smtplib.SMTP, mail: Outgoing) -> None:
    assert handed_over(client, mail, "{nonsense") == "550 5.6.0 JSON parsing error in X-MSYS-API"


@pytest.mark.observed
def test_a_sending_domain_has_to_be_set_up(client: smtplib.SMTP, mail: Outgoing, name: Callable[[str], str]) -> None:
    unknown = replace(mail, sender=f"news@{name('unknown')}.example.com")
    assert handed_over(client, unknown).startswith("550 5.7.1 Unconfigured Sending Domain")


@pytest.mark.observed
def test_an_address_on_the_envelope_has_to_be_one(client: smtplib.SMTP, mail: Outgoing) -> None:
    assert client.docmd("MAIL FROM:<shop@>") == (501, b"5.5.2 MAIL FROM syntax error")
    client.mail(mail.sender)
    assert client.docmd("RCPT TO:<ada@>") == (501, b"5.5.2 RCPT TO syntax error")
    client.rset()


@pytest.mark.documented
@pytest.mark.sandbox_only
def test_idle_client_is_disconnected_after_a_minute(client: smtplib.SMTP, world: World) -> None:
    world.clock.advance(60)
    assert client.noop()[0] == 421
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()


@pytest.mark.documented
@pytest.mark.sandbox_only
def test_a_user_name_names_a_subaccount(api: httpx.Client, relay: MailRelay, mail: Outgoing, world: World) -> None:
    world.profile = "easy"
    with logged_in(replace(relay, user="SMTP_Injection:X-MSYS-SUBACCOUNT=123")) as client:
        assert handed_over(client, mail).startswith("250 ")
    [event] = results(api.get("/api/v1/events/message", params={"recipients": mail.to}))
    assert event["subaccount_id"] == "123"


@pytest.mark.documented
@pytest.mark.sandbox_only
def test_a_suspended_account_sends_nothing(client: smtplib.SMTP, mail: Outgoing, world: World) -> None:
    httpx.patch(
        f"{world.url}/_mock/accounts", params={"account": world.credential}, json={"suspended": True}, trust_env=False
    ).raise_for_status()
    assert handed_over(client, mail).startswith("550 5.7.1 ")
    assert world.messages == []
