"""Whom the contract tests ask: the sandbox, or a real account with credentials from the environment.

===========================  ============================================================================
``SENDPULSE_CLIENT_ID``      the API's id …
``SENDPULSE_CLIENT_SECRET``  … and secret
``SENDPULSE_SENDER``         an active sender of that account
``SENDPULSE_URL``            another base
``SENDPULSE_SMTP_USER``      the login of the mail relay …
``SENDPULSE_SMTP_PASSWORD``  … without which its tests are skipped
``SENDPULSE_SMTP``           another relay with STARTTLS than ``smtp-pulse.com:2525``
``SENDPULSE_SMTPS``          another relay with TLS at once than ``smtp-pulse.com:465``
``CONTRACT_RECIPIENTS``      addresses that tests may send to; mail goes to the first of them
``CONTRACT_WEBHOOK_TARGET``  for the tests of webhooks, which are skipped without it
===========================  ============================================================================
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from contract_tests.targets import allowed_recipients, need
from sparkbox import World

SENDER = "sender@acme.example"
RECIPIENT = "wilma@flintstone.example"
"""On the sandbox."""


@dataclass(frozen=True)
class Sendpulse:
    """An account to test against."""

    url: str
    client_id: str
    client_secret: str
    sender: str
    recipient: str
    smtp: str
    """The mail relay's host and port …"""
    smtps: str
    """… and those that speak TLS at once."""
    smtp_user: str
    smtp_password: str

    @property
    def credentials(self) -> dict[str, str]:
        """What is exchanged for a token."""
        return {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }


def real_sendpulse(environ: Mapping[str, str] = os.environ) -> Sendpulse:
    """The account that the environment names."""
    need(environ, "CONTRACT_RECIPIENTS")
    return Sendpulse(
        url=environ.get("SENDPULSE_URL", "https://api.sendpulse.com").rstrip("/"),
        client_id=need(environ, "SENDPULSE_CLIENT_ID"),
        client_secret=need(environ, "SENDPULSE_CLIENT_SECRET"),
        sender=need(environ, "SENDPULSE_SENDER"),
        recipient=allowed_recipients(environ)[0],
        smtp=environ.get("SENDPULSE_SMTP", "smtp-pulse.com:2525"),
        smtps=environ.get("SENDPULSE_SMTPS", "smtp-pulse.com:465"),
        smtp_user=environ.get("SENDPULSE_SMTP_USER", ""),
        smtp_password=environ.get("SENDPULSE_SMTP_PASSWORD", ""),
    )


def sandbox_sendpulse(world: World) -> Sendpulse:
    """A world's account, which asks for what the vendor asks for; its sender is activated as a user would do it."""
    world.profile = "strict"
    place = world.sendpulse
    with httpx.Client(base_url=place.url, headers=place.headers, trust_env=False, verify=False) as api:
        api.post("/senders", json={"email": SENDER, "name": "Acme"}).raise_for_status()
        code = json.loads(world.wait_for(to=SENDER)[-1].metadata)["activation_code"]
        api.post(f"/senders/{SENDER}/code", json={"code": code}).raise_for_status()
    relay = place.smtp
    return Sendpulse(
        place.url,
        place.client_id,
        place.client_secret,
        SENDER,
        RECIPIENT,
        smtp=f"{relay.host}:{relay.port}",
        smtps=f"{relay.host}:{relay.tls_port}",
        smtp_user=relay.user,
        smtp_password=relay.password,
    )


def prepare(world: World) -> dict[str, str]:
    """Makes a world ready to be asked as the real target; gives the environment that names it."""
    account = sandbox_sendpulse(world)
    return {
        "SENDPULSE_CLIENT_ID": account.client_id,
        "SENDPULSE_CLIENT_SECRET": account.client_secret,
        "SENDPULSE_SENDER": account.sender,
        "SENDPULSE_SMTP": account.smtp,
        "SENDPULSE_SMTPS": account.smtps,
        "SENDPULSE_SMTP_USER": account.smtp_user,
        "SENDPULSE_SMTP_PASSWORD": account.smtp_password,
        "CONTRACT_RECIPIENTS": account.recipient,
    }
