"""A Sparked integration to test with, and a creator's consent."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any

import httpx

from contract_tests.targets import Target, Unavailable, Variable
from sparkbox import World
from sparkbox.services.sparked.creators.models import CREATOR


@dataclass(frozen=True, kw_only=True)
class Sparked(Target):
    service = "sparked"
    vendor = "https://api.sparked.com"

    client_id: Annotated[str, Variable("SPARKED_CLIENT_ID")]
    client_secret: Annotated[str, Variable("SPARKED_CLIENT_SECRET")]
    creator: Annotated[str, Variable("SPARKED_CREATOR_ID")]
    """A creator who has consented to all seven scopes."""
    refresh_token: Annotated[str, Variable("SPARKED_REFRESH_TOKEN")]
    access_token: str = ""

    @property
    def login(self) -> tuple[str, str]:
        """The integration's id and secret, for Basic."""
        return self.client_id, self.client_secret

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}

    @classmethod
    def real(cls, environ: Mapping[str, str] = os.environ) -> Sparked:
        """Return the environment's integration, with tokens that are refreshed once a run."""
        named = super().real(environ)
        if "PYTEST_XDIST_WORKER" in environ:
            raise Unavailable("the refresh token is good for one process, so leave out -n")
        tokens = _refresh(named.url, named.login, named.refresh_token)
        return replace(named, access_token=tokens["access_token"], refresh_token=tokens["refresh_token"])

    @classmethod
    def sandbox(cls, world: World) -> Sparked:
        """Return a world's integration; its ready creator consents."""
        tokens, place = world.simulate("sparked", "grant"), world.sparked
        return cls(
            url=place.url,
            client_id=place.client_id,
            client_secret=place.client_secret,
            creator=CREATOR,
            access_token=tokens["access_token"],
            refresh_token=tokens["refresh_token"],
        )

    @classmethod
    def integration(cls, environ: Mapping[str, str] = os.environ) -> httpx.Client:
        """Return a client with the integration's id and secret alone; the refresh token is not used up for it."""
        named = super().real({"SPARKED_CREATOR_ID": "none", "SPARKED_REFRESH_TOKEN": "none", **environ})
        return httpx.Client(base_url=named.url, auth=named.login, timeout=30)


TARGET = Sparked


@cache
def _refresh(url: str, login: tuple[str, str], refresh_token: str) -> dict[str, Any]:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    response = httpx.post(f"{url}/oauth/token", data=form, auth=login, timeout=30)
    tokens: dict[str, Any] = response.raise_for_status().json()
    return tokens
