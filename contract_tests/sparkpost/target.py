"""Whom the contract tests ask: the sandbox, or a real account with credentials from the environment.

============================  =========================================================================
``SPARKPOST_API_KEY``         a key that may use transmissions, templates, lists, suppressions, domains
``SPARKPOST_SENDING_DOMAIN``  a verified sending domain of that account
``SPARKPOST_URL``             another base, such as ``https://api.eu.sparkpost.com``
``SPARKPOST_SMTP``            another mail relay, such as ``smtp.eu.sparkpostmail.com:587``
``CONTRACT_WEBHOOK_TARGET``   for the tests of webhooks, which are skipped without it
============================  =========================================================================

``CONTRACT_RECIPIENTS`` is not needed: what is sent goes to :data:`SINK`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from contract_tests.targets import need
from sparkbox import World

SINK = "accept.contract.sink.sparkpostmail.com"
"""SparkPost's addresses for tests: what is sent there reaches nobody. ``accept.`` asks for its delivery."""

DOMAIN = "mail.acme.example"
"""On the sandbox."""


@dataclass(frozen=True)
class Sparkpost:
    """An account to test against."""

    url: str
    key: str
    sending_domain: str
    smtp: str
    """The mail relay's host and port."""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": self.key, "Content-Type": "application/json"}

    @property
    def sender(self) -> str:
        return f"news@{self.sending_domain}"


def real_sparkpost(environ: Mapping[str, str] = os.environ) -> Sparkpost:
    """The account that the environment names."""
    return Sparkpost(
        url=environ.get("SPARKPOST_URL", "https://api.sparkpost.com").rstrip("/"),
        key=need(environ, "SPARKPOST_API_KEY"),
        sending_domain=need(environ, "SPARKPOST_SENDING_DOMAIN"),
        smtp=environ.get("SPARKPOST_SMTP", "smtp.sparkpostmail.com:587"),
    )


def sandbox_sparkpost(world: World) -> Sparkpost:
    """A world's account, which asks for what the vendor asks for; its domain is verified as a user would do it."""
    world.profile = "strict"
    place = world.sparkpost
    with httpx.Client(base_url=place.url, headers=place.headers, trust_env=False, verify=False) as api:
        api.post("/api/v1/sending-domains", json={"domain": DOMAIN}).raise_for_status()
        api.post(f"/api/v1/sending-domains/{DOMAIN}/verify", json={"dkim_verify": True}).raise_for_status()
    return Sparkpost(place.url, place.key, DOMAIN, f"{place.smtp.host}:{place.smtp.port}")


def prepare(world: World) -> dict[str, str]:
    """Makes a world ready to be asked as the real target; gives the environment that names it."""
    account = sandbox_sparkpost(world)
    return {
        "SPARKPOST_API_KEY": account.key,
        "SPARKPOST_SENDING_DOMAIN": account.sending_domain,
        "SPARKPOST_SMTP": account.smtp,
    }
