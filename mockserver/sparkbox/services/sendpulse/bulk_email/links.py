"""The links in SendPulse's own mails; :mod:`.confirmations` follows them."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context, Sandbox
from sparkbox.core.state.signing import Signer, genuine, peek

Action = Literal["subscribe", "resubscribe", "domain"]

_KIND = "confirmation"


class Link(NamedTuple):
    """``subject`` is an e-mail address or a domain."""

    account: Account
    action: Action
    subject: str
    list_id: int


def make(ctx: Context, action: Action, subject: str, list_id: int = 0) -> str:
    """Return a URL that leads back to this sandbox and account."""
    token = Signer.of(ctx.account).sign(_KIND, ctx.account.credential, action, subject, list_id)
    return f"{ctx.request.base_url}/confirmations/{token}"


def read(sandbox: Sandbox, token: str) -> Link | None:
    """Return the link behind a token; ``None`` for a forged one, or if its account is gone."""
    match peek(token):
        case [str() as credential, action, str() as subject, int() as list_id] if action in get_args(Action):
            account = sandbox.accounts.find(credential)
            if account is not None and genuine(account, _KIND, token):
                return Link(account, action, subject, list_id)
    return None
