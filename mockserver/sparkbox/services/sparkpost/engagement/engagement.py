"""Follow tracked links, pixels and List-Unsubscribe headers, in place of the vendor's engagement servers.

They are no part of the vendor's API:
https://developers.sparkpost.com/api/template-language/#header-custom-link-sub-paths shows how one path begins, the rest
is assumed. A link leads nowhere (404) once its message is forgotten.
"""

from __future__ import annotations

from typing import Any

from sparkbox.core.declare.operation import Operations
from sparkbox.core.logs.events import Event
from sparkbox.core.request.http import Response
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import Steps
from sparkbox.mail import engagement, user_agents
from sparkbox.mail.tracking import Found

from .. import errors
from ..transmissions import lifecycle
from . import tracking
from .tracking import CLICK, OPEN, TOKENS, UNSUBSCRIBE

operations = Operations(
    "Engagement tracking",
    own=True,
    docs="https://developers.sparkpost.com/api/template-language/#header-custom-link-sub-paths",
    evidence="assumed",
    public=True,
    errors=[errors.NOT_FOUND],
)


@operations.get("/f/{sublink}/{token}", status=302, media_types=((302, ""),))
def follow_link(ctx: Context, sublink: str, token: str) -> Steps[Response]:
    """Follow a tracked link.

    It is recorded as a click, and redirects to the address that the sender wrote. A link that is marked
    ``data-msys-unsubscribe="1"`` unsubscribes instead.
    """
    found = yield from _find(ctx, CLICK, token)
    link, amp = tracking.link_of(found), found.values[3]
    type = "link_unsubscribe" if link.unsubscribe else "amp_click" if amp else "click"
    _record(ctx, found, type, target_link_name=link.name, target_link_url=link.url)
    return engagement.redirect(link.url)


@operations.get("/q/{token}", media_types=((200, "image/gif"),))
def load_pixel(ctx: Context, token: str) -> Steps[Response]:
    """Load a tracking pixel.

    The one at the top of a mail is recorded as an initial open, the one at its end as an open.
    """
    found = yield from _find(ctx, OPEN, token)
    _record(ctx, found, found.values[0])
    return engagement.pixel()


@operations.get("/u/{token}", media_types=((200, "text/html"),))
def show_unsubscription(ctx: Context, token: str) -> Steps[Response]:
    """Show the page behind a List-Unsubscribe header.

    It only asks: programs that open the links of a mail must not unsubscribe anybody (RFC 8058).
    """
    found = yield from _find(ctx, UNSUBSCRIBE, token)
    return engagement.asking(lifecycle.recipient_of(found.subject))


@operations.post("/u/{token}", media_types=((200, "text/html"),))
def unsubscribe(ctx: Context, token: str) -> Steps[Response]:
    """Unsubscribe by one click.

    Mail programs do so for a List-Unsubscribe header (RFC 8058). Any body is accepted.
    """
    found = yield from _find(ctx, UNSUBSCRIBE, token)
    _record(ctx, found, "list_unsubscribe")
    return engagement.unsubscribed(lifecycle.recipient_of(found.subject))


def _find(ctx: Context, kind: str, token: str) -> Steps[Found[Event]]:
    """Return what the token stands for, and continue in its account."""
    return TOKENS.enter(ctx, kind, token, errors.NOT_FOUND)


def _record(ctx: Context, found: Found[Event], type: str, **more: Any) -> None:
    request = ctx.request
    if request.method == "HEAD":
        return
    fields = {"ip_address": request.client or "127.0.0.1", **more}
    user_agent = request.header(b"user-agent") or ""
    if type != "list_unsubscribe":
        fields["user_agent"] = user_agent
    if type not in ("list_unsubscribe", "link_unsubscribe"):
        fields["user_agent_parsed"] = user_agents.parse(user_agent)
    lifecycle.record(ctx, found.subject, type, **fields)
