"""A Sendspark workspace to test against."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Annotated

from contract_tests.targets import Target, Variable
from sparkbox import World

PROSPECT = "contract@example.com"


@dataclass(frozen=True, kw_only=True)
class Sendspark(Target):
    service = "sendspark"
    vendor = "https://api-gw.sendspark.com"
    calls_a_second = 0.48
    """Its limit is thirty a minute."""

    key: Annotated[str, Variable("SENDSPARK_API_KEY")]
    secret: Annotated[str, Variable("SENDSPARK_API_SECRET")]
    workspace: Annotated[str, Variable("SENDSPARK_WORKSPACE_ID")]
    prospect: Annotated[str, Variable("SENDSPARK_PROSPECT", default=PROSPECT)]
    """The only address for which videos may be made."""

    @property
    def headers(self) -> dict[str, str]:
        return {"x-api-key": self.key, "x-api-secret": self.secret}

    @classmethod
    def sandbox(cls, world: World) -> Sendspark:
        place = world.sendspark
        return cls(
            url=place.url, key=place.key, secret=place.client_secret, workspace="mock-workspace", prospect=PROSPECT
        )


TARGET = Sendspark


def allowed_prospect() -> str:
    """Return the address that the environment lets videos be made for."""
    return Sendspark.variables()["prospect"].read(os.environ)
