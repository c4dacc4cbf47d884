"""Tracked links and pixels in the SMTP service's mails, and its List-Unsubscribe header.

Whether there are any is set in the vendor's web application; here the control API does it. assumed: until then, mail
stays as it was written. They lead to :mod:`.smtp_engagement`, as long as the mail is remembered.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, NamedTuple

from mockserver.core.account import Account
from mockserver.core.context import Context
from mockserver.core.engagement import UNSUBSCRIBE_HEADERS, image, unsubscribe_headers
from mockserver.core.html import body_end, web_links
from mockserver.core.messages import Message
from mockserver.core.sandbox import Sandbox
from mockserver.core.seals import Sealer, genuine, peek
from mockserver.core.store import Record, replace

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


def tracked(ctx: Context, tracking: Tracking, message: Message) -> Message:
    """A message that is captured next, with what is tracked in it. One that came as a whole mail is made anew."""
    if tracking.nothing:
        return message
    seal, number = Sealer(ctx.account).seal, ctx.sandbox.logs.messages.next_number()

    def url(kind: str, *values: Any) -> str:
        return f"{ctx.request.base_url}{PATH}/{kind}/{seal(kind, number, *values)}"

    html, headers = message.html, message.headers
    if html and tracking.clicks:
        html = _with_links(html, lambda address: url(CLICK, address))
    if html and tracking.opens:
        end = body_end(html)
        html = html[:end] + image(url(OPEN)) + html[end:]
    if tracking.unsubscribe:
        # assumed, as SparkPost does it: the service's own take the place of the sender's.
        kept = [header for header in headers if header[0].lower() not in UNSUBSCRIBE_HEADERS]
        headers = (*kept, *unsubscribe_headers(url(UNSUBSCRIBE)))
    if (html, headers) == (message.html, message.headers):
        return message
    return replace(message, html=html, headers=headers, source=b"")


def _with_links(html: str, track: Callable[[str], str]) -> str:
    """A page with the addresses of its links replaced."""
    pieces: list[str] = []
    position = 0
    for link, address in web_links(html, LONGEST_LINK):
        pieces += (html[position : link.begin], escape(track(address)))
        position = link.end
    return "".join([*pieces, html[position:]])


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
