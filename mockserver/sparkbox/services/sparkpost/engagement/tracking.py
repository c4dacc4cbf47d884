"""Tracked links, pixels and unsubscribe headers that the vendor puts into mail; they lead to :mod:`.engagement`.

A link carries what it stands for, signed by the account: nothing is stored for it, and it redirects to
nowhere but where the sender wanted. It works as long as its message's injection is remembered.
https://developers.sparkpost.com/api/template-language/#header-links
"""

from __future__ import annotations

from html import escape
from typing import Any, NamedTuple
from urllib.parse import quote

from sparkbox.core.logs.events import Event
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context, Sandbox
from sparkbox.core.state.signing import Signer, genuine, peek
from sparkbox.mail import tracking as engagement

from ..substitution import Link
from ..templates.parts import AMP, HTML

CLICK, OPEN, UNSUBSCRIBE = "f", "q", "u"
"""The first segments of the paths, as they are in the vendor's links."""

UNNAMED = "a"
"""The sub-path of a link that asks for none."""
UNSUBSCRIBE_MAILBOX = "unsubscribe@unsub.sparkpostmail.com"
"""A mail to it with the token in its subject unsubscribes, if it is handed over to the sandbox's own relay."""
UNSUBSCRIBE_SUBJECT = "unsubscribe:"


class Found(NamedTuple):
    """What a token stands for: the account and the injection of its message, and the values that it carries."""

    account: Account
    injection: Event
    values: list[Any]


class Tracker:
    """Puts the links and pixels of one message in; see :class:`~.parts.Track`.

    ``base_url`` is the sandbox's as the sender reached it, ``injection`` the number that the message's injection gets.
    """

    def __init__(
        self, ctx: Context, base_url: str, injection: int, *, clicks: bool, opens: bool, initial_opens: bool
    ) -> None:
        self._base_url = base_url
        self._injection = injection
        self._sign = Signer(ctx.account).sign
        self._clicks = clicks
        self._opens = opens
        self._initial_opens = initial_opens

    def link(self, part: str, link: Link) -> str:
        """The address to put in the place of a link."""
        if not self._clicks or not link.clicktrack:
            return link.url
        token = self._token(CLICK, link.url, link.name, link.unsubscribe, part == AMP)
        return self._url(CLICK, quote(link.sublink or UNNAMED, safe=""), token)

    def pixels(self, part: str) -> tuple[str, str]:
        """The pixels of a body: one at the top, one at the end."""
        if part not in (HTML, AMP):
            return "", ""
        prefix = "amp_" if part == AMP else ""
        return (
            self._pixel(f"{prefix}initial_open", part) if self._initial_opens else "",
            self._pixel(f"{prefix}open", part) if self._opens else "",
        )

    def unsubscribe_headers(self) -> tuple[tuple[str, str], ...]:
        """``List-Unsubscribe`` and what belongs to it."""
        token = self._token(UNSUBSCRIBE)
        mailbox = f"mailto:{UNSUBSCRIBE_MAILBOX}?subject={UNSUBSCRIBE_SUBJECT}{token}"
        return engagement.unsubscribe_headers(mailbox, self._url(UNSUBSCRIBE, token))

    def _pixel(self, type: str, part: str) -> str:
        url = self._url(OPEN, self._token(OPEN, type))
        if part == AMP:
            return f'<amp-pixel src="{escape(url)}" layout="nodisplay"></amp-pixel>'
        return engagement.image(url)

    def _url(self, *segments: str) -> str:
        return "/".join((self._base_url, *segments))

    def _token(self, kind: str, *values: Any) -> str:
        return self._sign(kind, self._injection, *values)


def read(sandbox: Sandbox, kind: str, token: str) -> Found | None:
    """What a token of a kind stands for; ``None`` if it was forged, or its message is forgotten."""
    number, *values = peek(token) or [None]
    event = sandbox.logs.events.get(number) if type(number) is int else None
    account = None if event is None else sandbox.accounts.find(event.account)
    if event is None or account is None or event.type != "injection":
        return None
    return Found(account, event, values) if genuine(account, kind, token) else None


def read_subject(sandbox: Sandbox, subject: str) -> Found | None:
    """What the subject of a mail to :data:`UNSUBSCRIBE_MAILBOX` stands for."""
    if not subject.lower().startswith(UNSUBSCRIBE_SUBJECT):
        return None
    return read(sandbox, UNSUBSCRIBE, subject[len(UNSUBSCRIBE_SUBJECT) :].strip())


def link_in(ctx: Context, url: str) -> Link | None:
    """The link behind a tracked address of this account."""
    path = url.rpartition(f"/{CLICK}/")[2]
    found = read(ctx.sandbox, CLICK, path.rpartition("/")[2]) if path != url else None
    return link_of(found) if found is not None and found.account is ctx.account else None


def link_of(found: Found) -> Link:
    """The link that a token stands for."""
    url, name, unsubscribe, _ = found.values
    return Link(url, name, unsubscribe)
