"""The links in SendPulse's own mails; where they lead is on the page of confirmations."""

from __future__ import annotations

import base64
from typing import Literal, NamedTuple, get_args

import orjson

from mockserver.core.context import Context
from mockserver.core.json import dumps

Action = Literal["subscribe", "resubscribe", "domain"]


class Link(NamedTuple):
    """``subject`` is an e-mail address or a domain, in the account of ``credential``."""

    credential: str
    action: Action
    subject: str
    list_id: int


def make(ctx: Context, action: Action, subject: str, list_id: int = 0) -> str:
    """A URL that leads back to this sandbox and account."""
    packed = dumps([ctx.account.credential, action, subject, list_id])
    token = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    return f"{ctx.request.base_url}/confirmations/{token}"


def read(token: str) -> Link | None:
    """The link behind the last part of a URL; ``None`` for any other text."""
    try:
        packed = orjson.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
        credential, action, subject, list_id = packed
    except (ValueError, TypeError):
        return None
    texts = isinstance(credential, str) and isinstance(subject, str) and isinstance(list_id, int)
    return Link(credential, action, subject, list_id) if texts and action in get_args(Action) else None
