"""A SparkPost account to test against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import httpx

from contract_tests.targets import Target, Variable
from sparkbox import World

SINK = "accept.contract.sink.sparkpostmail.com"
"""The domain of SparkPost's test recipients, who do not exist. ``accept.`` delivers."""

DOMAIN = "mail.acme.example"
"""On the sandbox."""


@dataclass(frozen=True, kw_only=True)
class Sparkpost(Target):
    service = "sparkpost"
    vendor = "https://api.sparkpost.com"
    calls_a_second = 20.0
    """It has a limit that it does not name."""

    key: Annotated[str, Variable("SPARKPOST_API_KEY")]
    sending_domain: Annotated[str, Variable("SPARKPOST_SENDING_DOMAIN")]
    smtp: Annotated[str, Variable("SPARKPOST_SMTP", default="smtp.sparkpostmail.com:587")]
    """The mail relay's host and port."""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": self.key, "Content-Type": "application/json"}

    @property
    def sender(self) -> str:
        return f"news@{self.sending_domain}"

    @classmethod
    def sandbox(cls, world: World) -> Sparkpost:
        """Return a world's account in the strict profile; its domain is verified."""
        world.profile = "strict"
        place = world.sparkpost
        with httpx.Client(base_url=place.url, headers=place.headers, trust_env=False, verify=False) as api:
            api.post("/api/v1/sending-domains", json={"domain": DOMAIN}).raise_for_status()
            api.post(f"/api/v1/sending-domains/{DOMAIN}/verify", json={"dkim_verify": True}).raise_for_status()
        relay = place.smtp
        return cls(url=place.url, key=place.key, sending_domain=DOMAIN, smtp=f"{relay.host}:{relay.port}")


TARGET = Sparkpost
