"""Whom the contract tests ask: the sandbox, or a real organization with credentials from the environment.

==========================  ==========================================================================
``ENGAGESPARK_TOKEN``       a token of the organization
``ENGAGESPARK_ORG_ID``      the organization's number
``ENGAGESPARK_SENDER``      a sender ID that it may use
``ENGAGESPARK_RECIPIENT``   the one number that may be sent to; what costs is sent with --allow-charges
``ENGAGESPARK_URL``         another base
==========================  ==========================================================================
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from contract_tests.targets import need
from sparkbox import World

RECIPIENT = "639171234567"
"""On the sandbox."""


@dataclass(frozen=True)
class Engagespark:
    """An organization to test against."""

    url: str
    token: str
    organization: str
    sender: str
    recipient: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Token {self.token}"}


def real_engagespark(environ: Mapping[str, str] = os.environ) -> Engagespark:
    """The organization that the environment names."""
    return Engagespark(
        url=environ.get("ENGAGESPARK_URL", "https://api.engagespark.com"),
        token=need(environ, "ENGAGESPARK_TOKEN"),
        organization=need(environ, "ENGAGESPARK_ORG_ID"),
        sender=need(environ, "ENGAGESPARK_SENDER"),
        recipient=allowed_recipient(environ),
    )


def sandbox_engagespark(world: World) -> Engagespark:
    """A world's organization, which asks for what the vendor asks for."""
    world.profile = "strict"
    return Engagespark(world.engagespark.url, world.engagespark.key, "1", "ACME", RECIPIENT)


def allowed_recipient(environ: Mapping[str, str] = os.environ) -> str:
    """The number that the environment lets tests send to; empty if none."""
    return "".join(filter(str.isdigit, environ.get("ENGAGESPARK_RECIPIENT", "")))


def prepare(world: World) -> dict[str, str]:
    """Makes a world ready to be asked as the real target; gives the environment that names it."""
    account = sandbox_engagespark(world)
    return {
        "ENGAGESPARK_TOKEN": account.token,
        "ENGAGESPARK_ORG_ID": account.organization,
        "ENGAGESPARK_SENDER": account.sender,
        "ENGAGESPARK_RECIPIENT": account.recipient,
    }
