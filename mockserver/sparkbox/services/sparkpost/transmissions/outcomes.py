"""What SparkPost tells of a mail to one of the addresses for tests, see :mod:`sparkbox.mail.outcomes`."""

from __future__ import annotations

from typing import Any, NamedTuple

from sparkbox.core.state.ids import Ids
from sparkbox.mail.outcomes import LONGEST_IN_QUEUE, PUT_OFF, Outcome, Reason, gap, settled, waited

DELIVERY_TIME = 1.0
"""Seconds from the injection of a message to its delivery."""
REACTION_TIME = 10.0
"""Seconds from the delivery until somebody, or a server, does something about it."""
CLICK_TIME = 5.0

_TRANSIENT = 70
_ENGAGED: dict[str, tuple[str, ...]] = {
    "accept": (),
    "open": ("initial_open", "open"),
    "openclick": ("initial_open", "open", "click"),
    "fbl": ("spam_complaint",),
    "unsubscribe": ("list_unsubscribe",),
    "linkunsubscribe": ("link_unsubscribe",),
    # Nobody comes back by an event: only the API takes an address off the suppression list.
    "resubscribe": ("list_unsubscribe",),
}
"""What follows a delivery."""


class Step(NamedTuple):
    """Something that happens to a message, ``after`` so many seconds; ``more`` are fields of the event."""

    after: float
    type: str
    more: dict[str, Any]


def steps(outcome: Outcome, ids: Ids) -> list[Step]:
    """What happens after the injection, in order: a message is delivered or it bounces; what people do comes later."""
    outcome = settled(outcome, ids)
    number, delays = outcome.number, outcome.delays
    found = [
        Step(_gap(retries), "delay", {**_failure(_TRANSIENT, PUT_OFF), "num_retries": str(retries)})
        for retries in range(delays)
    ]
    tried = {"num_retries": str(delays)}
    if outcome.bounces:
        left = LONGEST_IN_QUEUE - DELIVERY_TIME - waited(delays - 1) if outcome.kind == "expire" else _gap(delays)
        return [*found, Step(left, "bounce", {**_failure(number, outcome.reason), **tried})]
    found.append(Step(_gap(delays), "delivery", {**tried, "outbound_tls": "1"}))
    if outcome.kind == "oob":
        return [*found, Step(REACTION_TIME, "out_of_band", _failure(number, outcome.reason))]
    for type in _ENGAGED[outcome.kind]:
        after = {"open": 0.0, "click": CLICK_TIME}.get(type, REACTION_TIME)
        found.append(Step(after, type, {}))
    return found


def _gap(retries: int) -> float:
    """Seconds from the attempt before: the injection, for the first one."""
    return gap(retries) if retries else DELIVERY_TIME


def _failure(number: int, reason: Reason) -> dict[str, Any]:
    """The fields of a failure but for ``raw_reason``, which names the recipient."""
    return {"bounce_class": str(number), "error_code": reason.code, "reason": str(reason)}
