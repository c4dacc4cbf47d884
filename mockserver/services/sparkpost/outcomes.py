"""What becomes of a mail once it has been accepted: its recipient's address says so.

Mail to anybody is delivered a second later, unless the address is one for tests: below one of :data:`SINKS`, where the
label right after the ``@`` asks for an outcome. The local part may be anything, further labels too.

========================== ============================================================================================
``accept.``                delivered, and nothing else
``bounce.``                refused at once, class 10; ``bounce-22.`` and so on: any class of :data:`REASONS`
``delay.``                 put off once, then delivered; ``delay-3.`` and so on: up to seven times
``expire.``                put off until it is too late: it bounces, class 24
``oob.``                   delivered, then bounced out of band, class 10; ``oob-22.`` and so on: any class
``fbl.``                   delivered, then a spam complaint
``open.``                  delivered and opened
``openclick.``             delivered and opened, and each of its links followed
``unsubscribe.``           delivered, then unsubscribed by the List-Unsubscribe header
``linkunsubscribe.``       delivered, then unsubscribed by a link
``mix.``, or no label      one of these, by chance from the account's seed: see :data:`MIX`
any other                  fails as intended: it bounces at the vendor's, class 25
========================== ============================================================================================

``accept``, ``oob``, ``fbl``, ``openclick`` and the mix are those of the vendor's https://github.com/SparkPost/bouncy-sink;
the last row is that of https://support.sparkpost.com/docs/faq/using-sink-server. The others are our own.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from mockserver.core.ids import Ids

SINK = "sink.sparkpostmail.com"
BOUNCY_SINK = "bouncy-sink.trymsys.net"
"""The vendor's second sink; whatever asks for nothing is a part of the mix there."""
SINKS = (SINK, "sink.test", BOUNCY_SINK)

DELIVERY_TIME = 1.0
"""Seconds from the injection of a message to its delivery."""
RETRY_TIME = 1200.0
"""Seconds to the second attempt; each further gap is twice as long."""
REACTION_TIME = 10.0
"""Seconds from the delivery until somebody, or a server, does something about it."""
CLICK_TIME = 5.0
MOST_DELAYS = 7
LONGEST_IN_QUEUE = 3 * 86_400.0
"""A message that has not been delivered by then bounces."""


class Reason(NamedTuple):
    """A server's words when it refuses: an SMTP code, an enhanced code (RFC 3463) and a text."""

    code: str
    enhanced: str
    text: str


REASONS: dict[int, Reason] = {
    1: Reason("554", "5.0.0", "transaction failed"),
    10: Reason("550", "5.1.1", "no such user"),
    20: Reason("550", "5.2.0", "mailbox not available"),
    21: Reason("554", "5.4.4", "[internal] domain lookup failed"),
    22: Reason("552", "5.2.2", "mailbox full"),
    23: Reason("552", "5.3.4", "message too large"),
    24: Reason("554", "5.4.7", "[internal] exceeded max time without delivery"),
    25: Reason("554", "5.7.1", "[internal] stopped by a policy"),
    30: Reason("550", "5.1.3", "no valid recipient"),
    40: Reason("550", "5.0.0", "message refused"),
    50: Reason("550", "5.7.1", "message blocked"),
    51: Reason("554", "5.7.1", "sender listed as a source of spam"),
    52: Reason("550", "5.7.1", "message looks like spam"),
    53: Reason("552", "5.7.0", "attachment of a kind that is not allowed"),
    54: Reason("550", "5.7.1", "relaying denied"),
    60: Reason("550", "5.0.0", "out of office"),
    70: Reason("451", "4.3.0", "try again later"),
    80: Reason("550", "5.0.0", "subscribe"),
    90: Reason("550", "5.0.0", "unsubscribe"),
    100: Reason("550", "5.7.0", "please confirm that a person sends this"),
}
"""By class; what the classes mean: https://support.sparkpost.com/docs/deliverability/bounce-classification-codes."""

HARD = frozenset({10, 30, 90})
"""The classes that put an address on the suppression list."""

INTENDED = Reason("554", "5.7.1", "[internal] sink address, fails as intended")
PUT_OFF = Reason("450", "4.2.1", "mailbox busy, try again later")

MIX: dict[str, int] = {
    "accept": 500,
    "open": 200,
    "openclick": 100,
    "bounce": 80,
    "delay": 50,
    "oob": 30,
    "fbl": 20,
    "unsubscribe": 20,
}
"""Of a thousand messages, about so many; bounces are of any class (assumed: the vendor's are rarer)."""


class Step(NamedTuple):
    """Something that happens to a message, ``after`` so many seconds; ``more`` are fields of the event."""

    after: float
    type: str
    more: dict[str, Any]


class Outcome(NamedTuple):
    """A word of the grammar, with the number that may follow it."""

    kind: str
    number: int | None = None


_FAILS = Outcome("fail")
_LABEL = re.compile(r"([a-z]+)(?:-([0-9]{1,3}))?")
_KINDS = frozenset({*MIX, "mix", "expire", "linkunsubscribe"})
_ENGAGED: dict[str, tuple[str, ...]] = {
    "accept": (),
    "open": ("initial_open", "open"),
    "openclick": ("initial_open", "open", "click"),
    "fbl": ("spam_complaint",),
    "unsubscribe": ("list_unsubscribe",),
    "linkunsubscribe": ("link_unsubscribe",),
}
"""What follows a delivery."""


def outcome_of(email: str) -> Outcome | None:
    """What an address asks for; ``None`` for ordinary mail."""
    email = email.lower()
    if not email.endswith(SINKS):
        return None
    domain = email.rpartition("@")[2]
    if domain in SINKS:
        return Outcome("mix")
    if not domain.endswith(tuple(f".{sink}" for sink in SINKS)):
        return None
    return _read(domain.partition(".")[0]) or (Outcome("mix") if domain.endswith(BOUNCY_SINK) else _FAILS)


def steps(outcome: Outcome, ids: Ids) -> list[Step]:
    """What happens after the injection, in order: a message is delivered or it bounces; what people do comes later."""
    kind, number = outcome
    if kind == "mix":
        (kind,) = ids.choices(list(MIX), list(MIX.values()))
        number = ids.choice(list(REASONS)) if kind == "bounce" else None
    match kind:
        case "fail":
            return [Step(DELIVERY_TIME, "bounce", _failure(25, INTENDED))]
        case "bounce":
            return [Step(DELIVERY_TIME, "bounce", _failure(number or 10))]
        case "delay":
            return _put_off(number or 1)
        case "expire":
            return _expire()
        case "oob":
            return [_delivery(), Step(REACTION_TIME, "out_of_band", _failure(number or 10))]
    found = [_delivery()]
    for type in _ENGAGED[kind]:
        after = {"open": 0.0, "click": CLICK_TIME}.get(type, REACTION_TIME)
        found.append(Step(after, type, {}))
    return found


def _read(label: str) -> Outcome | None:
    found = _LABEL.fullmatch(label)
    if found is None or found[1] not in _KINDS:
        return None
    kind, number = found[1], None if found[2] is None else int(found[2])
    if number is None:
        return Outcome(kind)
    sensible = number in REASONS if kind in ("bounce", "oob") else kind == "delay" and 1 <= number <= MOST_DELAYS
    return Outcome(kind, number) if sensible else None


def _delivery(after: float = DELIVERY_TIME, retries: int = 0) -> Step:
    return Step(after, "delivery", {"num_retries": str(retries), "outbound_tls": "1"})


def _delays(most: int) -> list[Step]:
    """The attempts that fail for now, each after the one before it."""
    return [
        Step(_gap(retries), "delay", {**_failure(70, PUT_OFF), "num_retries": str(retries)}) for retries in range(most)
    ]


def _gap(retries: int) -> float:
    """Seconds from the attempt before: the injection, for the first one."""
    return float(DELIVERY_TIME if retries == 0 else RETRY_TIME * 2 ** (retries - 1))


def _put_off(times: int) -> list[Step]:
    return [*_delays(times), _delivery(_gap(times), times)]


def _expire() -> list[Step]:
    times = next(n for n in range(100) if sum(map(_gap, range(n + 1))) > LONGEST_IN_QUEUE)
    left = LONGEST_IN_QUEUE - sum(map(_gap, range(times)))
    return [*_delays(times), Step(left, "bounce", {**_failure(24), "num_retries": str(times)})]


def _failure(number: int, reason: Reason | None = None) -> dict[str, Any]:
    """The fields of a failure but for ``raw_reason``, which names the recipient."""
    code, enhanced, text = reason or REASONS[number]
    return {"bounce_class": str(number), "error_code": code, "reason": f"{code} {enhanced} {text}"}
