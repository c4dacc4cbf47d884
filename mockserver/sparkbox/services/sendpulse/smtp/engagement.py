"""Follow the tracked links, pixels and List-Unsubscribe headers of the SMTP service's mails.

They are no part of the vendor's API: there they lead to servers of its own. Each is recorded as an event.
"""

from __future__ import annotations

import re
from typing import Any

from sparkbox.core.declare.operation import Operations
from sparkbox.core.request.http import Response
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps
from sparkbox.mail import engagement, user_agents

from .. import errors
from . import events
from .models import SentEmail
from .tracking import CLICK, OPEN, TOKENS, UNSUBSCRIBE

_VERSION = re.compile(r"(?:Version|Edg|OPR|Chrome|Firefox|Thunderbird)/([\d.]{1,20})")

operations = Operations(
    "SMTP engagement",
    own=True,
    docs="https://sendpulse.com/knowledge-base/smtp",
    evidence="assumed",
    public=True,
    limits=(),
    errors=[errors.NOT_FOUND],
)


@operations.get("/smtp/track/click/{token}", status=302, media_types=((302, ""),))
def follow_tracked_link(ctx: Context, token: str) -> Steps[Response]:
    """Follow a tracked link.

    Emits ``clicked`` and redirects to the sender's link.
    """
    sent, (url,) = yield from _find(ctx, CLICK, token)
    _emit(ctx, "clicked", sent, **_reader(ctx), link_url=url)
    return engagement.redirect(url)


@operations.get("/smtp/track/open/{token}", media_types=((200, "image/gif"),))
def load_tracking_pixel(ctx: Context, token: str) -> Steps[Response]:
    """Load a tracking pixel.

    Emits ``opened``.
    """
    sent, _ = yield from _find(ctx, OPEN, token)
    _emit(ctx, "opened", sent, **_reader(ctx))
    return engagement.pixel()


@operations.get("/smtp/track/unsubscribe/{token}", media_types=((200, "text/html"),))
def show_unsubscribe_page(ctx: Context, token: str) -> Steps[Response]:
    """Show the unsubscribe page.

    It asks for confirmation; opening it changes nothing.
    """
    sent, _ = yield from _find(ctx, UNSUBSCRIBE, token)
    return engagement.asking(sent.recipient)


@operations.post("/smtp/track/unsubscribe/{token}", media_types=((200, "text/html"),))
def unsubscribe_by_one_click(ctx: Context, token: str) -> Steps[Response]:
    """Unsubscribe by one click.

    As mail programs do with a List-Unsubscribe header (RFC 8058); any body will do.
    """
    sent, _ = yield from _find(ctx, UNSUBSCRIBE, token)
    _emit(ctx, "unsubscribed", sent)
    return engagement.unsubscribed(sent.recipient)


def _find(ctx: Context, kind: str, token: str) -> Steps[tuple[SentEmail, list[Any]]]:
    """Return the e-mail of a token, and continue in its account."""
    found = yield from TOKENS.enter(ctx, kind, token, errors.NOT_FOUND)
    sent = ctx.store[SentEmail].get(found.subject.number)
    if sent is None:
        raise errors.NOT_FOUND()
    return sent, found.values


def _emit(ctx: Context, event: str, sent: SentEmail, **more: Any) -> None:
    if ctx.request.method != "HEAD":
        events.emit(ctx, event, sent, **more)


def _reader(ctx: Context) -> dict[str, Any]:
    """Return who opened it, as far as the request says; the country is unknown."""
    text = (ctx.request.header(b"user-agent") or "")[: user_agents.LONGEST]
    parsed, version = user_agents.parse(text), _VERSION.search(text)
    return {
        "open_device": "Mobile" if parsed["is_mobile"] else "Desktop",
        "open_platform": parsed["os_family"],
        "browser_name": parsed["agent_family"],
        "browser_ver": version[1] if version else "",
        "ip": ctx.request.client or "127.0.0.1",
        "country": "",
    }
