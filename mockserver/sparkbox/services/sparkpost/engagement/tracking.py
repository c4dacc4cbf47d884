"""Tracked links, pixels and List-Unsubscribe headers that the vendor puts into mail; they lead to :mod:`.engagement`.

https://developers.sparkpost.com/api/template-language/#header-links. A link works as long as the injection of its
message is remembered.
"""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import quote

from sparkbox.core.logs.events import Event
from sparkbox.core.state.context import Context, Sandbox
from sparkbox.core.state.signing import Signer
from sparkbox.mail.tracking import Found, Headers, Tokens, image, unsubscribe_headers

from ..substitution import Link
from ..templates.parts import AMP, HTML

CLICK, OPEN, UNSUBSCRIBE = "f", "q", "u"
"""The first segments of the paths, as they are in the vendor's links."""

UNNAMED = "a"
"""The sub-path of a link that names none."""
UNSUBSCRIBE_MAILBOX = "unsubscribe@unsub.sparkpostmail.com"
"""A mail to it with the token in its subject unsubscribes, if it is sent through the sandbox's own relay."""
UNSUBSCRIBE_SUBJECT = "unsubscribe:"


def _injection(sandbox: Sandbox, number: int) -> Event | None:
    event = sandbox.logs.events.get(number)
    return event if event is not None and event.type == "injection" else None


TOKENS = Tokens(_injection)
"""A token leads to the injection of a message."""


class Tracker:
    """Puts the links and pixels into one message; see :class:`~.parts.Track`.

    ``signer`` is the account's, ``base_url`` the sandbox's as the sender reached it, ``injection`` the number of the
    message's injection.
    """

    def __init__(
        self, signer: Signer, base_url: str, injection: int, *, clicks: bool, opens: bool, initial_opens: bool
    ) -> None:
        self._base_url = base_url
        self._injection = injection
        self._signer = signer
        self._clicks = clicks
        self._opens = opens
        self._initial_opens = initial_opens

    def link(self, part: str, link: Link) -> str:
        """Return the address that replaces a link."""
        if not self._clicks or not link.clicktrack:
            return link.url
        token = self._token(CLICK, link.url, link.name, link.unsubscribe, part == AMP)
        return self._url(CLICK, quote(link.sublink or UNNAMED, safe=""), token)

    def pixels(self, part: str) -> tuple[str, str]:
        """Return the pixels of a body: one at the top, one at the end."""
        if part not in (HTML, AMP):
            return "", ""
        prefix = "amp_" if part == AMP else ""
        return (
            self._pixel(f"{prefix}initial_open", part) if self._initial_opens else "",
            self._pixel(f"{prefix}open", part) if self._opens else "",
        )

    def unsubscribe_headers(self) -> Headers:
        """Return ``List-Unsubscribe`` and the header that belongs to it."""
        return _unsubscribe_headers(self._base_url, self._token(UNSUBSCRIBE))

    def unsubscribe_size(self) -> int:
        """Return how many bytes these headers take."""
        return _UNSUBSCRIBE_SIZE + len(self._base_url) + 2 * self._signer.length(self._injection)

    def _pixel(self, type: str, part: str) -> str:
        url = self._url(OPEN, self._token(OPEN, type))
        if part == AMP:
            return f'<amp-pixel src="{escape(url)}" layout="nodisplay"></amp-pixel>'
        return image(url)

    def _url(self, *segments: str) -> str:
        return "/".join((self._base_url, *segments))

    def _token(self, kind: str, *values: Any) -> str:
        return self._signer.sign(kind, self._injection, *values)


def _unsubscribe_headers(base_url: str, token: str) -> Headers:
    mailbox = f"mailto:{UNSUBSCRIBE_MAILBOX}?subject={UNSUBSCRIBE_SUBJECT}{token}"
    return unsubscribe_headers(mailbox, "/".join((base_url, UNSUBSCRIBE, token)))


_UNSUBSCRIBE_SIZE = sum(len(f"{name}: {value}\r\n") for name, value in _unsubscribe_headers("", ""))


def read_subject(sandbox: Sandbox, subject: str) -> Found[Event] | None:
    """Return what the subject of a mail to :data:`UNSUBSCRIBE_MAILBOX` stands for."""
    if not subject.lower().startswith(UNSUBSCRIBE_SUBJECT):
        return None
    return TOKENS.read(sandbox, UNSUBSCRIBE, subject[len(UNSUBSCRIBE_SUBJECT) :].strip())


def link_in(ctx: Context, url: str) -> Link | None:
    """Return the link behind a tracked address of this account."""
    found = TOKENS.behind(ctx, CLICK, f"/{CLICK}/", url)
    return None if found is None else link_of(found)


def link_of(found: Found[Event]) -> Link:
    """Return the link that a token stands for."""
    url, name, unsubscribe, _ = found.values
    return Link(url, name, unsubscribe)
