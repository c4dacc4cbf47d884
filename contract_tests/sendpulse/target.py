"""A SendPulse account to test against."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from typing import Annotated

import httpx

from contract_tests.targets import Target, Variable, first_address
from sparkbox import World

SENDER = "sender@acme.example"
RECIPIENT = "wilma@flintstone.example"
"""On the sandbox."""

_tokens: dict[str, str] = {}
"""By client id. A token is good for an hour, so an account gets one a run."""


@dataclass(frozen=True, kw_only=True)
class Sendpulse(Target):
    service = "sendpulse"
    vendor = "https://api.sendpulse.com"
    calls_a_second = 8.0
    """Its limit is ten."""

    client_id: Annotated[str, Variable("SENDPULSE_CLIENT_ID")]
    client_secret: Annotated[str, Variable("SENDPULSE_CLIENT_SECRET")]
    sender: Annotated[str, Variable("SENDPULSE_SENDER")]
    recipient: Annotated[str, Variable("CONTRACT_RECIPIENTS", parse=first_address)]
    smtp: Annotated[str, Variable("SENDPULSE_SMTP", default="smtp-pulse.com:2525")]
    """The mail relay's host and port."""
    smtps: Annotated[str, Variable("SENDPULSE_SMTPS", default="smtp-pulse.com:465")]
    """The same with TLS from the first byte."""
    smtp_user: Annotated[str, Variable("SENDPULSE_SMTP_USER", default="")]
    smtp_password: Annotated[str, Variable("SENDPULSE_SMTP_PASSWORD", default="")]

    @property
    def credentials(self) -> dict[str, str]:
        """What is exchanged for a token."""
        return {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }

    @classmethod
    def sandbox(cls, world: World) -> Sendpulse:
        """Return a world's account in the strict profile; its sender is activated."""
        world.profile = "strict"
        place, relay = world.sendpulse, world.sendpulse.smtp
        with httpx.Client(base_url=place.url, headers=place.headers, trust_env=False, verify=False) as api:
            api.post("/senders", json={"email": SENDER, "name": "Acme"}).raise_for_status()
            code = json.loads(world.wait_for(to=SENDER)[-1].metadata)["activation_code"]
            api.post(f"/senders/{SENDER}/code", json={"code": code}).raise_for_status()
        return cls(
            url=place.url,
            client_id=place.client_id,
            client_secret=place.client_secret,
            sender=SENDER,
            recipient=RECIPIENT,
            smtp=f"{relay.host}:{relay.port}",
            smtps=f"{relay.host}:{relay.tls_port}",
            smtp_user=relay.user,
            smtp_password=relay.password,
        )

    def client(self, verify: ssl.SSLContext | bool = True) -> httpx.Client:
        if self.client_id not in _tokens:
            with super().client(verify) as client:
                response = client.post("/oauth/access_token", json=self.credentials).raise_for_status()
            _tokens[self.client_id] = response.json()["access_token"]
        client = super().client(verify)
        client.headers["Authorization"] = f"Bearer {_tokens[self.client_id]}"
        return client


TARGET = Sendpulse
