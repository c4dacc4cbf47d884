"""What SendPulse tells of a mail to one of the addresses for tests, see :mod:`sparkbox.mail.outcomes`."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from sparkbox.core.state.ids import Ids
from sparkbox.core.state.steps import Steps
from sparkbox.mail.html import links, unescaped
from sparkbox.mail.outcomes import BLOCKED, HARD, LONGEST_IN_QUEUE, Outcome, Reason, outcome_of, settled, waited

NOWHERE = "https://mock.test/"
"""What is clicked in a mail without a link."""
REACTION_SECONDS = 60.0
"""From the delivery until it is opened or comes back, and from then on until its reader leaves."""
CLICK_SECONDS = 30.0
RETURN_SECONDS = 3600.0


class Step(NamedTuple):
    """An event, ``after`` so many seconds from the step before; the first from when it would be delivered."""

    event: str
    after: float = 0.0
    reason: Reason | None = None
    """What the remote server said, where that is not what it usually says."""


_ORDINARY = (Step("delivered"),)
_OPENED = Step("opened", REACTION_SECONDS)
_UNSUBSCRIBED = Step("unsubscribed", REACTION_SECONDS)
_ENGAGED: dict[str, tuple[Step, ...]] = {
    "accept": (),
    "open": (_OPENED,),
    "openclick": (_OPENED, Step("clicked", CLICK_SECONDS)),
    "fbl": (_OPENED, Step("spam_by_user", REACTION_SECONDS)),
    "unsubscribe": (_OPENED, _UNSUBSCRIBED),
    "linkunsubscribe": (_OPENED, _UNSUBSCRIBED),
    "resubscribe": (_OPENED, _UNSUBSCRIBED, Step("resubscribed", RETURN_SECONDS)),
}
"""What follows a delivery."""

_READERS = (
    {"open_device": "Desktop", "open_platform": "Windows", "browser_name": "Chrome", "browser_ver": "126.0"},
    {"open_device": "Desktop", "open_platform": "Mac OS X", "browser_name": "Safari", "browser_ver": "17.5"},
    {"open_device": "Desktop", "open_platform": "Linux", "browser_name": "Firefox", "browser_ver": "127.0"},
    {"open_device": "Mobile", "open_platform": "Android", "browser_name": "Chrome Mobile", "browser_ver": "126.0"},
    {"open_device": "Mobile", "open_platform": "iOS", "browser_name": "Mobile Safari", "browser_ver": "17.5"},
)
_COUNTRIES = ("DE", "FR", "GB", "PL", "UA", "US")
LONGEST_LINK = 2000
_URL = re.compile(r"https?://[^\"'<>\s]{1,2000}")


def of(address: str, seed: str = "") -> tuple[Step, ...]:
    """What becomes of a mail to an address, in its order; there is always a first step.

    ``seed`` decides where the address leaves it to chance.
    """
    asked = outcome_of(address)
    if asked is None:
        return _ORDINARY
    outcome = settled(asked, Ids(f"outcome:{seed}"))
    wait = LONGEST_IN_QUEUE if outcome.kind == "expire" else waited(outcome.delays)
    if outcome.bounces:
        return (_returned(outcome, wait),)
    delivered = Step("delivered", wait)
    if outcome.kind == "oob":
        return delivered, _returned(outcome, REACTION_SECONDS)
    return delivered, *_ENGAGED[outcome.kind]


def reader(seed: str) -> dict[str, Any]:
    """Who opens a mail: device, program, address and country, always the same for the same ``seed``."""
    chance = Ids(seed)
    who = chance.choice(_READERS)
    return {**who, "ip": f"198.51.100.{chance.randint(1, 254)}", "country": chance.choice(_COUNTRIES)}


def first_link(html: str | None, text: str | None) -> Steps[str]:
    """The link that is clicked: the first in a mail; one of ours where it has none."""
    for link in (yield from links(html or "", 1, LONGEST_LINK)):
        return unescaped((html or "")[link.begin : link.end])
    plain = _URL.search(text or "")
    return NOWHERE if plain is None else plain[0]


def _returned(outcome: Outcome, after: float) -> Step:
    """A bounce, by what the vendor makes of its class."""
    number = outcome.number
    event = "hard_bounces" if number in HARD else "undelivered" if number in BLOCKED else "soft_bounces"
    return Step("undelivered" if outcome.kind == "expire" else event, after, outcome.reason)
