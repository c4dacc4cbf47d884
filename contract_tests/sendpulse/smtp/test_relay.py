"""Mail by SMTP: https://sendpulse.com/knowledge-base/smtp."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from contract_tests.mailers import CLIENTS, MailRelay, Outgoing, Rejected, Send, connected, send_by_smtplib
from contract_tests.sendpulse.responses import result
from contract_tests.sendpulse.target import Sendpulse
from sparkbox import World

Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture(params=["starttls", "tls at once"])
def relay(account: Sendpulse, request: pytest.FixtureRequest) -> MailRelay:
    """Where the account's mail is handed over, on either port."""
    if not account.smtp_user:
        pytest.skip("no login of the real relay: SENDPULSE_SMTP_USER is not set")
    at_once = request.param == "tls at once"
    address = account.smtps if at_once else account.smtp
    return MailRelay.at(address, account.smtp_user, account.smtp_password, encrypted=at_once)


@pytest.fixture
def mail(account: Sendpulse, name: Callable[[str], str]) -> Outgoing:
    """A mail to the recipient for tests."""
    return Outgoing(account.sender, account.recipient, f"Hello {name('mail')}", "Dear Wilma\n")


@pytest.fixture(params=CLIENTS)
def send(request: pytest.FixtureRequest) -> Send:
    """Each of the programs."""
    return CLIENTS[request.param]


@pytest.mark.documented
def test_mail_is_taken_from_any_client_and_looked_up(
    send: Send, relay: MailRelay, mail: Outgoing, api: httpx.Client, eventually: Eventually
) -> None:
    send(relay, mail)

    def found() -> list[dict[str, Any]]:
        rows = result(api.get("/smtp/emails", params={"recipient": mail.to, "limit": 100}))
        return [row for row in rows if row["subject"] == mail.subject]

    [row] = eventually(found)
    assert (row["sender"], row["recipient"]) == (mail.sender, mail.to)


@pytest.mark.documented
def test_smtp_login_with_wrong_credentials_is_refused(send: Send, relay: MailRelay, mail: Outgoing) -> None:
    with pytest.raises(Rejected, match=r"^535 "):
        send(replace(relay, password="0123456789abcdef"), mail)


@pytest.mark.documented
def test_unverified_sender_is_refused(send: Send, relay: MailRelay, mail: Outgoing, name: Callable[[str], str]) -> None:
    with pytest.raises(Rejected, match=r"^550 "):
        send(relay, replace(mail, sender=f"{name('unknown')}@example.com"))


@pytest.mark.documented
def test_smtp_offers_login_and_plain(relay: MailRelay) -> None:
    with connected(relay) as client:
        client.ehlo()
        assert {"LOGIN", "PLAIN"} <= set(client.esmtp_features["auth"].split())


@pytest.mark.documented
@pytest.mark.sandbox_only
def test_unsubscribed_recipient_gets_no_mail(relay: MailRelay, mail: Outgoing, api: httpx.Client, world: World) -> None:
    result(api.post("/smtp/unsubscribe", json={"emails": [{"email": mail.to}]}))
    send_by_smtplib(relay, mail)
    assert [message.subject for message in world.messages if message.to == mail.to] == []
