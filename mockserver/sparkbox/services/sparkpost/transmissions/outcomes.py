"""The outcomes of mail to test recipients, in SparkPost's events. They are those of :mod:`sparkbox.mail.outcomes`."""

from __future__ import annotations

from typing import Any

from sparkbox.core.state.ids import Ids
from sparkbox.mail.lifecycle import Happening, Timetable
from sparkbox.mail.outcomes import Outcome, settled

DELIVERY_SECONDS = 1.0
"""From the injection of a message to its delivery."""
REACTION_SECONDS = 10.0
"""From the delivery until somebody, or a server, does something about it."""
CLICK_SECONDS = 5.0

_OPENED = ((REACTION_SECONDS, "initial_open"), (0.0, "open"))
_UNSUBSCRIBED = ((REACTION_SECONDS, "list_unsubscribe"),)


def _bounced(outcome: Outcome) -> str:
    return "out_of_band" if outcome.kind == "oob" else "bounce"


TIMETABLE = Timetable(
    first_attempt=DELIVERY_SECONDS,
    delayed="delay",
    delivered="delivery",
    bounced=_bounced,
    returned_after=REACTION_SECONDS,
    reactions={
        "open": _OPENED,
        "openclick": (*_OPENED, (CLICK_SECONDS, "click")),
        "fbl": ((REACTION_SECONDS, "spam_complaint"),),
        "unsubscribe": _UNSUBSCRIBED,
        "linkunsubscribe": ((REACTION_SECONDS, "link_unsubscribe"),),
        # No event tells of somebody who comes back: only the API takes an address off the suppression list.
        "resubscribe": _UNSUBSCRIBED,
    },
)


def happenings(outcome: Outcome, ids: Ids) -> list[Happening]:
    """Return what happens to a message after its injection, in order."""
    return TIMETABLE.happenings(settled(outcome, ids))


def event_fields(happening: Happening) -> dict[str, Any]:
    """Return what is special to the event, except ``raw_reason``, which names the recipient."""
    fields: dict[str, Any] = {}
    if happening.reason is not None:
        fields["bounce_class"] = str(happening.bounce_class)
        fields["error_code"] = happening.reason.code
        fields["reason"] = str(happening.reason)
    if happening.retries:
        fields["num_retries"] = str(happening.retries)
    if happening.event == TIMETABLE.delivered:
        fields["outbound_tls"] = "1"
    return fields
