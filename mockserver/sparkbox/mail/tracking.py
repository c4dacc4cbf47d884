"""Tracking: the links, pixels and List-Unsubscribe headers that a service puts into its mails.

Each address carries a token that says what it stands for, signed by the account. Nothing is stored for it, it redirects
to nowhere but where the sender wanted, and it works as long as its mail is remembered. :mod:`.engagement` has the
responses.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from sparkbox.core.declare.errors import Error
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context, Sandbox
from sparkbox.core.state.signing import genuine, peek
from sparkbox.core.state.steps import Steps

Headers = tuple[tuple[str, str], ...]

UNSUBSCRIBE_HEADERS = frozenset({"list-unsubscribe", "list-unsubscribe-post"})
"""Their names, in lower case."""


class Logged(Protocol):
    """The target of a token: a captured message, or an event."""

    @property
    def account(self) -> str: ...


L = TypeVar("L", bound=Logged)


class Found(NamedTuple, Generic[L]):
    """The contents of a token: an account, a message or an event in it, and the values that the token carries."""

    account: Account
    subject: L
    values: list[Any]


class Tokens(Generic[L]):
    """The tokens of one service. ``find`` gives what a token's number stands for, ``None`` once it is forgotten.

    A token is made by ``Signer.of(account).sign(kind, number, *values)``.
    """

    def __init__(self, find: Callable[[Sandbox, int], L | None]) -> None:
        self._find = find

    def read(self, sandbox: Sandbox, kind: str, token: str) -> Found[L] | None:
        """Return what a token stands for; ``None`` if it was forged, or if its mail is forgotten."""
        number, *values = peek(token) or [None]
        subject = self._find(sandbox, number) if type(number) is int else None
        account = None if subject is None else sandbox.accounts.find(subject.account)
        if subject is None or account is None or not genuine(account, kind, token):
            return None
        return Found(account, subject, values)

    def enter(self, ctx: Context, kind: str, token: str, unknown: Error) -> Steps[Found[L]]:
        """Return what a token stands for, and continue in its account."""
        found = self.read(ctx.sandbox, kind, token)
        if found is None:
            raise unknown()
        yield from ctx.enter(found.account)
        return found

    def behind(self, ctx: Context, kind: str, mark: str, url: str) -> Found[L] | None:
        """Return what a tracked address of this account stands for; ``mark`` comes before its token."""
        path = url.rpartition(mark)[2]
        found = self.read(ctx.sandbox, kind, path.rpartition("/")[2]) if path != url else None
        return found if found is not None and found.account is ctx.account else None


def unsubscribe_headers(*targets: str) -> Headers:
    """Return ``List-Unsubscribe`` (RFC 2369), and the header by which one click is enough (RFC 8058)."""
    return (
        ("List-Unsubscribe", ", ".join(f"<{target}>" for target in targets)),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )


def without_unsubscribe(headers: Headers) -> Headers:
    """Return the headers without those that say how to unsubscribe."""
    if not any(name.lower() in UNSUBSCRIBE_HEADERS for name, _ in headers):
        return headers
    return tuple([header for header in headers if header[0].lower() not in UNSUBSCRIBE_HEADERS])


def image(url: str) -> str:
    """Return a pixel in HTML."""
    return f'<img border="0" width="1" height="1" alt="" src="{escape(url)}">'
