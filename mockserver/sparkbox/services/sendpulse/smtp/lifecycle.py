"""The lifecycle of the SMTP service's e-mails: delivered a second after they were sent, then whatever follows.

The recipient's address decides what happens, see :mod:`.outcomes`.
"""

from __future__ import annotations

import re
from typing import Any

from sparkbox.core.state.context import Context
from sparkbox.core.state.ids import Ids
from sparkbox.core.state.lifecycle import Stage
from sparkbox.core.state.steps import Steps
from sparkbox.mail.html import urls
from sparkbox.mail.lifecycle import Happening, MailLifecycle

from . import events, outcomes, tracking
from .models import Mail, SentEmail

DELIVERY_SECONDS = 1.0
DELIVERIES_A_STEP = 100
NOWHERE = "https://mock.test/"
"""The address that is clicked in a mail without links."""

_READERS = (
    {"open_device": "Desktop", "open_platform": "Windows", "browser_name": "Chrome", "browser_ver": "126.0"},
    {"open_device": "Desktop", "open_platform": "Mac OS X", "browser_name": "Safari", "browser_ver": "17.5"},
    {"open_device": "Desktop", "open_platform": "Linux", "browser_name": "Firefox", "browser_ver": "127.0"},
    {"open_device": "Mobile", "open_platform": "Android", "browser_name": "Chrome Mobile", "browser_ver": "126.0"},
    {"open_device": "Mobile", "open_platform": "iOS", "browser_name": "Mobile Safari", "browser_ver": "17.5"},
)
_COUNTRIES = ("DE", "FR", "GB", "PL", "UA", "US")
_URL = re.compile(r"https?://[^\"'<>\s]{1,2000}")


def deliver(ctx: Context, id: str) -> Steps[None]:
    """Deliver a mail to its recipients' servers, where it takes its course."""
    mail, emails = ctx.store[Mail].get(id), ctx.store[SentEmail]
    for reached, number in enumerate(mail.numbers if mail is not None else (), 1):
        sent = emails.get(number)
        if sent is not None:
            happenings = outcomes.of(sent.recipient, _seed(sent))
            if happenings is outcomes.ORDINARY:
                events.deliver(ctx, sent)
            else:
                yield from _EMAILS.begin(ctx, number, happenings)
        if reached % DELIVERIES_A_STEP == 0:
            yield


DELIVERY = (Stage(DELIVERY_SECONDS, deliver),)
"""The stages of a mail after it was sent."""


def reader(seed: str) -> dict[str, Any]:
    """Return who opens a mail: device, program, address and country, always the same for the same ``seed``."""
    chance = Ids(seed)
    who = chance.choice(_READERS)
    return {**who, "ip": f"198.51.100.{chance.randint(1, 254)}", "country": chance.choice(_COUNTRIES)}


def _find(ctx: Context, number: int) -> SentEmail | None:
    return ctx.store[SentEmail].get(number)


def _happen(ctx: Context, sent: SentEmail, happening: Happening) -> Steps[None]:
    more: dict[str, Any] = {}
    if happening.reason is not None:
        more = events.response(happening.event, happening.reason)
    if happening.event in ("opened", "clicked"):
        more = reader(_seed(sent))
    if happening.event == "clicked":
        more["link_url"] = yield from _first_link(ctx, sent.number)
    events.emit(ctx, happening.event, sent, **more)


_EMAILS = MailLifecycle(_find, _happen)


def _seed(sent: SentEmail) -> str:
    """Return what decides where the recipient's address leaves it to chance."""
    return f"{sent.id}:{sent.recipient}"


def _first_link(ctx: Context, number: int) -> Steps[str]:
    """Return where the first link in a captured mail leads; one of ours if it has none."""
    message = ctx.account.messages.get(number)
    if message is None:
        return NOWHERE
    for url in (yield from urls(message.html or "", 1, tracking.LONGEST_LINK)):
        return tracking.target_of(ctx, url)
    plain = _URL.search(message.text or "")
    return tracking.target_of(ctx, NOWHERE if plain is None else plain[0])
