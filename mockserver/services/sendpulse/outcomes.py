"""What becomes of a mail that was handed over, as its recipient's address says it.

An address at ``mock.test`` asks for an outcome by its name, which is the local part up to a ``+``, or the labels below
the domain: ``hard-bounce@mock.test``, ``hard-bounce+ann@mock.test`` and ``ann@hard-bounce.mock.test`` are the same.
``delay.`` before a name puts all of it off by an hour. Every other address gets its mail, and nothing more happens.

=============== ==================================================================================
``delivered``    delivered, as any other address
``soft-bounce``  ``soft_bounced``: 452, the mailbox is full
``hard-bounce``  ``hard_bounced``: 550, the mailbox is unknown; what is sent there later is dropped
``undelivered``  ``undelivered``: 550, refused for what is in it
``open``         delivered, and ``opened`` a minute later
``click``        the same, and ``clicked`` half a minute after that
``spam``         opened, and ``spam_by_user`` a minute after that; what is sent there later is dropped
``unsubscribe``  opened, and ``unsubscribed`` a minute after that; what is sent there later is dropped
``resubscribe``  the same, and ``resubscribed`` an hour later
``delay``        delivered after an hour
=============== ==================================================================================
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any, NamedTuple

from mockserver.core.ids import Ids

from . import addresses

DOMAIN = "mock.test"
DELAY_SECONDS = 3600.0

Answer = tuple[int, str, str]
"""The remote server's code, its subcode and the whole line."""


class Step(NamedTuple):
    """An event, ``after`` so many seconds from the step before; the first from when it would be delivered."""

    event: str
    after: float = 0.0
    answer: Answer | None = None
    """What the remote server said, where that is not what it usually says."""


_AT, _BELOW = f"@{DOMAIN}", f".{DOMAIN}"
_DELIVERED = Step("delivered")
_OPENED = Step("opened", 60.0)
_UNSUBSCRIBED = Step("unsubscribed", 60.0)

ORDINARY = (_DELIVERED,)
UNREACHABLE = (Step("hard_bounced"),)
OUTCOMES: dict[str, tuple[Step, ...]] = {
    "delivered": ORDINARY,
    "soft-bounce": (Step("soft_bounced"),),
    "hard-bounce": (Step("hard_bounced", answer=(550, "5.1.1", "550 5.1.1 Mailbox unknown")),),
    "undelivered": (Step("undelivered", answer=(550, "5.7.1", "550 5.7.1 Message refused")),),
    "open": (_DELIVERED, _OPENED),
    "click": (_DELIVERED, _OPENED, Step("clicked", 30.0)),
    "spam": (_DELIVERED, _OPENED, Step("spam_by_user", 60.0)),
    "unsubscribe": (_DELIVERED, _OPENED, _UNSUBSCRIBED),
    "resubscribe": (_DELIVERED, _OPENED, _UNSUBSCRIBED, Step("resubscribed", 3600.0)),
}

_READERS = (
    {"open_device": "Desktop", "open_platform": "Windows", "browser_name": "Chrome", "browser_ver": "126.0"},
    {"open_device": "Desktop", "open_platform": "Mac OS X", "browser_name": "Safari", "browser_ver": "17.5"},
    {"open_device": "Desktop", "open_platform": "Linux", "browser_name": "Firefox", "browser_ver": "127.0"},
    {"open_device": "Mobile", "open_platform": "Android", "browser_name": "Chrome Mobile", "browser_ver": "126.0"},
    {"open_device": "Mobile", "open_platform": "iOS", "browser_name": "Mobile Safari", "browser_ver": "17.5"},
)
_COUNTRIES = ("DE", "FR", "GB", "PL", "UA", "US")
_HREF = re.compile(r"""(?i)\bhref\s*=\s*["'](https?://[^"'<>\s]{1,2000})["']""")
_URL = re.compile(r"https?://[^\"'<>\s]{1,2000}")


def of(address: str) -> tuple[Step, ...]:
    """What becomes of a mail to an address (in lower case), in its order; there is always a first step."""
    if addresses.gets_no_mail(address):
        return UNREACHABLE
    if not address.endswith((_AT, _BELOW)):
        return ORDINARY
    local, _, domain = address.rpartition("@")
    name = local.partition("+")[0] if domain == DOMAIN else domain.removesuffix(_BELOW)
    first, _, rest = name.partition(".")
    if first != "delay":
        return OUTCOMES.get(name, ORDINARY)
    begun, *others = OUTCOMES.get(rest, ORDINARY)
    return (begun._replace(after=DELAY_SECONDS), *others)


def reader(seed: str) -> dict[str, Any]:
    """Who opens a mail: device, program, address and country, always the same for the same ``seed``."""
    chance = Ids(seed)
    who = chance.choice(_READERS)
    return {**who, "ip": f"198.51.100.{chance.randint(1, 254)}", "country": chance.choice(_COUNTRIES)}


def first_link(html: str | None, text: str | None) -> str:
    """The link that is clicked: the first in a mail; one of this page's domain where it has none."""
    found = _HREF.search(html or "")
    if found is not None:
        return unescape(found[1])
    plain = _URL.search(text or "")
    return f"https://{DOMAIN}/" if plain is None else plain[0]
