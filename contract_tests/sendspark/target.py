"""Whom the contract tests ask: the sandbox, or a real workspace with credentials from the environment.

==========================  ==========================================================================
``SENDSPARK_API_KEY``       the workspace's API key …
``SENDSPARK_API_SECRET``    … and a member's secret
``SENDSPARK_WORKSPACE_ID``  the workspace
``SENDSPARK_PROSPECT``      the one address that videos are made for, with --allow-charges; nothing is
                            sent to it. ``contract@example.com`` if it is not set
``SENDSPARK_URL``           another base
==========================  ==========================================================================

There is no operation that removes a campaign: each run leaves three behind, whose names begin with ``contract-``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from contract_tests.targets import need
from sparkbox import World

PROSPECT = "contract@example.com"


@dataclass(frozen=True)
class Sendspark:
    """A workspace to test against."""

    url: str
    key: str
    secret: str
    workspace: str
    prospect: str

    @property
    def headers(self) -> dict[str, str]:
        return {"x-api-key": self.key, "x-api-secret": self.secret}


def real_sendspark(environ: Mapping[str, str] = os.environ) -> Sendspark:
    """The workspace that the environment names."""
    return Sendspark(
        url=environ.get("SENDSPARK_URL", "https://api-gw.sendspark.com"),
        key=need(environ, "SENDSPARK_API_KEY"),
        secret=need(environ, "SENDSPARK_API_SECRET"),
        workspace=need(environ, "SENDSPARK_WORKSPACE_ID"),
        prospect=allowed_prospect(environ),
    )


def sandbox_sendspark(world: World) -> Sendspark:
    """A world's workspace."""
    place = world.sendspark
    return Sendspark(place.url, place.key, place.client_secret, "mock-workspace", PROSPECT)


def allowed_prospect(environ: Mapping[str, str] = os.environ) -> str:
    """The address that the environment lets videos be made for."""
    return environ.get("SENDSPARK_PROSPECT") or PROSPECT


def prepare(world: World) -> dict[str, str]:
    """Makes a world ready to be asked as the real target; gives the environment that names it."""
    account = sandbox_sendspark(world)
    return {
        "SENDSPARK_API_KEY": account.key,
        "SENDSPARK_API_SECRET": account.secret,
        "SENDSPARK_WORKSPACE_ID": account.workspace,
        "SENDSPARK_PROSPECT": account.prospect,
    }
