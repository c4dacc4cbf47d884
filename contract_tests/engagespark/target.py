"""An engageSPARK organization to test against."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Annotated

from contract_tests.targets import Target, Variable
from sparkbox import World

RECIPIENT = "639171234567"
"""On the sandbox."""


def digits(number: str) -> str:
    """Return a phone number without its punctuation."""
    return "".join(filter(str.isdigit, number))


@dataclass(frozen=True, kw_only=True)
class Engagespark(Target):
    service = "engagespark"
    vendor = "https://api.engagespark.com"

    token: Annotated[str, Variable("ENGAGESPARK_TOKEN")]
    organization: Annotated[str, Variable("ENGAGESPARK_ORG_ID")]
    sender: Annotated[str, Variable("ENGAGESPARK_SENDER")]
    recipient: Annotated[str, Variable("ENGAGESPARK_RECIPIENT", default="", parse=digits)]
    """The one number that may be sent to."""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Token {self.token}"}

    @classmethod
    def sandbox(cls, world: World) -> Engagespark:
        world.profile = "strict"
        place = world.engagespark
        return cls(url=place.url, token=place.key, organization="1", sender="ACME", recipient=RECIPIENT)


TARGET = Engagespark


def allowed_recipient() -> str:
    """Return the number that the environment lets tests send to; empty if none."""
    return Engagespark.variables()["recipient"].read(os.environ)
