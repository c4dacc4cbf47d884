"""The outcomes of mail to test recipients, in SendPulse's events. They are those of :mod:`sparkbox.mail.outcomes`."""

from __future__ import annotations

from sparkbox.core.state.ids import Ids
from sparkbox.mail.lifecycle import Happening, Timetable
from sparkbox.mail.outcomes import BLOCKED, HARD, Outcome, outcome_of, settled

REACTION_SECONDS = 60.0
"""From the delivery until it is opened or comes back, and from then on until its reader leaves."""
CLICK_SECONDS = 30.0
RETURN_SECONDS = 3600.0

_OPENED = (REACTION_SECONDS, "opened")
_UNSUBSCRIBED = (REACTION_SECONDS, "unsubscribed")


def _bounced(outcome: Outcome) -> str:
    """Name a bounce by its class."""
    if outcome.number in HARD:
        return "hard_bounces"
    return "undelivered" if outcome.number in BLOCKED or outcome.kind == "expire" else "soft_bounces"


TIMETABLE = Timetable(
    delivered="delivered",
    bounced=_bounced,
    returned_after=REACTION_SECONDS,
    reactions={
        "open": (_OPENED,),
        "openclick": (_OPENED, (CLICK_SECONDS, "clicked")),
        "fbl": (_OPENED, (REACTION_SECONDS, "spam_by_user")),
        "unsubscribe": (_OPENED, _UNSUBSCRIBED),
        "linkunsubscribe": (_OPENED, _UNSUBSCRIBED),
        "resubscribe": (_OPENED, _UNSUBSCRIBED, (RETURN_SECONDS, "resubscribed")),
    },
)
ORDINARY = [Happening(0.0, TIMETABLE.delivered)]
"""What happens to a mail to any other address."""


def of(address: str, seed: str = "") -> list[Happening]:
    """Return what happens to a mail to an address, from its first attempt on.

    ``seed`` decides where the address leaves it to chance.
    """
    outcome = outcome_of(address)
    return ORDINARY if outcome is None else TIMETABLE.happenings(settled(outcome, Ids(f"outcome:{seed}")))
