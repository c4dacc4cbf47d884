"""The records of webhooks. https://developers.sparkpost.com/api/webhooks/"""

from __future__ import annotations

from typing import Literal

from sparkbox.core.logs.deliveries import Headers
from sparkbox.core.state.store import Record

AuthType = Literal["none", "basic", "oauth2"]

EVERY_SUBACCOUNT = -1
"""The main account and all its subaccounts."""


class Webhook(Record, frozen=True, gc=False, kw_only=True):
    """A subscription to events. ``subaccount`` is the one whose events it gets; 0 is the main account."""

    id: str
    name: str
    target: str
    events: tuple[str, ...]
    active: bool
    subaccount: int
    exceptions: tuple[int, ...]
    auth_type: AuthType
    username: str
    password: str
    tokens_url: str
    tokens_body: bytes
    auth_token: str
    custom_headers: Headers


class Token(Record, frozen=True, gc=False):
    """The access token of a webhook with OAuth 2.0; ``id`` is the webhook's."""

    id: str
    access_token: str
    expires_in: int | None
    fetched: float
