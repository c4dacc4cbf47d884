"""Tracked links and pixels in the SMTP service's mails, and its List-Unsubscribe header.

The vendor's web application switches them on, here the control API does. assumed: by default mail is not tracked. They
lead to :mod:`.engagement`.
"""

from __future__ import annotations

from html import escape
from typing import Any, NamedTuple

from sparkbox.core.logs.messages import Message
from sparkbox.core.state.context import Context, Sandbox
from sparkbox.core.state.signing import Signer
from sparkbox.core.state.steps import Steps
from sparkbox.core.state.store import Record, replace
from sparkbox.mail.html import Page, changed, page, unescaped
from sparkbox.mail.tracking import Tokens, image, unsubscribe_headers, without_unsubscribe

CLICK, OPEN, UNSUBSCRIBE = "click", "open", "unsubscribe"
PATH = "/smtp/track"

LONGEST_LINK = 2000


class Tracking(Record, frozen=True, gc=False):
    """The account's tracking settings; a single record."""

    opens: bool
    clicks: bool
    unsubscribe: bool
    """Whether there is a List-Unsubscribe header."""

    @property
    def key(self) -> str:
        return "tracking"

    @property
    def nothing(self) -> bool:
        return not (self.opens or self.clicks or self.unsubscribe)


_NOTHING = Tracking(opens=False, clicks=False, unsubscribe=False)


def _message(sandbox: Sandbox, number: int) -> Message | None:
    return sandbox.logs.messages.get(number)


TOKENS = Tokens(_message)
"""A token leads to a captured message."""


def current(ctx: Context) -> Tracking:
    """Return what the account tracks."""
    return ctx.store[Tracking].get("tracking") or _NOTHING


class Plan(NamedTuple):
    """How the messages of one mail are tracked."""

    tracking: Tracking
    page: Page | None
    """The mail's HTML, if anything is put into it."""

    @property
    def weight(self) -> int:
        """Return about how much work a message is."""
        return len(self.page.links) if self.page is not None and self.tracking.clicks else 0


def plan(ctx: Context, html: str | None) -> Steps[Plan]:
    """Read a mail once for all of its recipients."""
    tracking = current(ctx)
    return Plan(tracking, (yield from page(html)) if html and (tracking.opens or tracking.clicks) else None)


def tracked(ctx: Context, plan: Plan, message: Message) -> Message:
    """Put what is tracked into the message that is captured next. One that came as a whole mail is built again."""
    tracking, page = plan
    if tracking.nothing:
        return message
    sign, number = Signer.of(ctx.account).sign, ctx.sandbox.logs.messages.next_number()

    def url(kind: str, *values: Any) -> str:
        return f"{ctx.request.base_url}{PATH}/{kind}/{sign(kind, number, *values)}"

    html, headers = message.html, message.headers
    if html and page is not None:
        links = [link for link in page.links if tracking.clicks and link.end - link.begin <= LONGEST_LINK]
        urls = [unescaped(html[link.begin : link.end]) for link in links]
        changes = [
            (link.begin, link.end, escape(url(CLICK, address))) for link, address in zip(links, urls, strict=True)
        ]
        if tracking.opens:
            changes.append((page.body_end, page.body_end, image(url(OPEN))))
        html = changed(html, changes)
    if tracking.unsubscribe:
        # assumed, as SparkPost does it: the service's own take the place of the sender's.
        headers = (*without_unsubscribe(headers), *unsubscribe_headers(url(UNSUBSCRIBE)))
    if (html, headers) == (message.html, message.headers):
        return message
    return replace(message, html=html, headers=headers, source=b"")


def target_of(ctx: Context, url: str) -> str:
    """Return where a link in a mail of this account leads in the end."""
    found = TOKENS.behind(ctx, CLICK, f"{PATH}/{CLICK}/", url)
    return url if found is None else str(found.values[0])
