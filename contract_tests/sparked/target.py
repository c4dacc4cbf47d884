"""Whom the contract tests ask: the sandbox, or the real Sparked with credentials from the environment.

=========================  =====================================================================================
``SPARKED_CLIENT_ID``      the integration, which the vendor's partnerships team registers …
``SPARKED_CLIENT_SECRET``  … and its secret
``SPARKED_CREATOR_ID``     a creator who is in on it, and has consented to all seven scopes
``SPARKED_REFRESH_TOKEN``  of that consent. A run uses it up, so that each run needs a new one, and runs in one
                           process
``SPARKED_URL``            another base
=========================  =====================================================================================

The API is for approved partners alone. There is no operation that removes a planned slot or a media kit: each run
leaves drafts and a kit behind, whose titles begin with ``contract-``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from contract_tests.targets import Unavailable, need
from sparkbox import World
from sparkbox.services.sparked.creators.models import CREATOR


@dataclass(frozen=True)
class Sparked:
    """An integration to test with, and a creator's consent."""

    url: str
    client_id: str
    client_secret: str
    creator: str
    access_token: str
    refresh_token: str

    @property
    def client(self) -> tuple[str, str]:
        """The integration's id and secret, for Basic."""
        return self.client_id, self.client_secret

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}


def real_sparked(environ: Mapping[str, str] = os.environ) -> Sparked:
    """The integration that the environment names, with tokens that are refreshed once a run."""
    place = real_integration(environ)
    refresh_token, creator = need(environ, "SPARKED_REFRESH_TOKEN"), need(environ, "SPARKED_CREATOR_ID")
    if "PYTEST_XDIST_WORKER" in environ:
        raise Unavailable("the refresh token is good for one process, so leave out -n")
    tokens = _refresh(*place, refresh_token)
    return Sparked(*place, creator, tokens["access_token"], tokens["refresh_token"])


def real_integration(environ: Mapping[str, str] = os.environ) -> tuple[str, str, str]:
    """Where the real Sparked is, and who asks: base, client id and secret."""
    url = environ.get("SPARKED_URL", "https://api.sparked.com")
    return url, need(environ, "SPARKED_CLIENT_ID"), need(environ, "SPARKED_CLIENT_SECRET")


def sandbox_sparked(world: World) -> Sparked:
    """A world's integration; its ready creator consents."""
    tokens, place = world.simulate("sparked", "grant"), world.sparked
    return Sparked(
        place.url, place.client_id, place.client_secret, CREATOR, tokens["access_token"], tokens["refresh_token"]
    )


def prepare(world: World) -> dict[str, str]:
    """Makes a world ready to be asked as the real target; gives the environment that names it."""
    account = sandbox_sparked(world)
    return {
        "SPARKED_CLIENT_ID": account.client_id,
        "SPARKED_CLIENT_SECRET": account.client_secret,
        "SPARKED_CREATOR_ID": account.creator,
        "SPARKED_REFRESH_TOKEN": account.refresh_token,
    }


@cache
def _refresh(url: str, client_id: str, client_secret: str, refresh_token: str) -> dict[str, Any]:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    response = httpx.post(f"{url}/oauth/token", data=form, auth=(client_id, client_secret), timeout=30)
    tokens: dict[str, Any] = response.raise_for_status().json()
    return tokens
