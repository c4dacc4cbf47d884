"""Tracked links and pixels in the SMTP service's mails, and its List-Unsubscribe header.

Whether there are any is set in the vendor's web application; here the control API does it. assumed: until then, mail
stays as it was written. They lead to :mod:`.smtp_engagement`, as long as the mail is remembered.
"""

from __future__ import annotations

from html import escape
from typing import Any, NamedTuple

from sparkbox.core.logs.messages import Message
from sparkbox.core.state.account import Account
from sparkbox.core.state.context import Context, Sandbox
from sparkbox.core.state.signing import Signer, genuine, peek
from sparkbox.core.state.steps import Steps
from sparkbox.core.state.store import Record, replace
from sparkbox.mail.html import Page, changed, page, unescaped
from sparkbox.mail.tracking import UNSUBSCRIBE_HEADERS, image, unsubscribe_headers

CLICK, OPEN, UNSUBSCRIBE = "click", "open", "unsubscribe"
PATH = "/smtp/track"

LONGEST_LINK = 2000


class Tracking(Record, frozen=True, gc=False):
    """What is tracked; there is one of it."""

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


class Found(NamedTuple):
    """What a token stands for: an account, the number of a captured message in it, and what else the token carries."""

    account: Account
    number: int
    values: list[Any]


def current(ctx: Context) -> Tracking:
    """What the account tracks."""
    return ctx.store[Tracking].get("tracking") or Tracking(opens=False, clicks=False, unsubscribe=False)


class Plan(NamedTuple):
    """How the messages of one mail are tracked."""

    tracking: Tracking
    page: Page | None
    """The mail's HTML, if there is anything to be put into it."""

    @property
    def weight(self) -> int:
        """About how much work a message is."""
        return len(self.page.links) if self.page is not None and self.tracking.clicks else 0


def plan(ctx: Context, html: str | None) -> Steps[Plan]:
    """Looks at a mail once for all of its recipients."""
    tracking = current(ctx)
    return Plan(tracking, (yield from page(html)) if html and (tracking.opens or tracking.clicks) else None)


def tracked(ctx: Context, plan: Plan, message: Message) -> Message:
    """A message that is captured next, with what is tracked in it. One that came as a whole mail is made anew."""
    tracking, page = plan
    if tracking.nothing:
        return message
    sign, number = Signer(ctx.account).sign, ctx.sandbox.logs.messages.next_number()

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
        kept = [header for header in headers if header[0].lower() not in UNSUBSCRIBE_HEADERS]
        headers = (*kept, *unsubscribe_headers(url(UNSUBSCRIBE)))
    if (html, headers) == (message.html, message.headers):
        return message
    return replace(message, html=html, headers=headers, source=b"")


def read(sandbox: Sandbox, kind: str, token: str) -> Found | None:
    """What a token of a kind stands for; ``None`` if it was forged, or its message is forgotten."""
    number, *values = peek(token) or [None]
    message = sandbox.logs.messages.get(number) if type(number) is int else None
    account = None if message is None else sandbox.accounts.find(message.account)
    if message is None or account is None or not genuine(account, kind, token):
        return None
    return Found(account, message.number, values)


def target_of(ctx: Context, url: str) -> str:
    """Where a link in a mail of this account leads in the end."""
    token = url.rpartition(f"{PATH}/{CLICK}/")[2]
    found = read(ctx.sandbox, CLICK, token) if token != url else None
    return url if found is None or found.account is not ctx.account else str(found.values[0])
