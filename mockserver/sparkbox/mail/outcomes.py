"""Test recipients: addresses that decide what becomes of a mail once it is accepted.

All services that send mail share the grammar; each has its own events for what happens. An address at one of
:data:`TEST_DOMAINS` names an outcome in the label after the ``@``, or in two if the mail is delayed first. The local
part is free, and so are further labels: ``ada@bounce-22.sink.test``, ``ada@delay.fbl.team-a.sink.test``. At
``mock.test`` the local part up to a ``+`` may name it too: ``bounce-22@mock.test``, ``delay.fbl+ada@mock.test``.

=================== ===============================================================================================
``accept``          delivered, nothing else; the same as ``delivered``
``bounce``          refused at once, class 10; ``bounce-22`` and so on: any class of :data:`REASONS`
``hard-bounce``     the same as ``bounce-10``; ``soft-bounce`` as ``bounce-22``, ``undelivered`` as ``bounce-50``
``delay``           delayed once, then delivered; ``delay-3`` and so on: up to seven times
``delay.``          before another one: delayed, and then that
``expire``          delayed until it is too late: it bounces, class 24
``oob``             delivered, then bounced out of band, class 10; ``oob-22`` and so on: any class
``fbl``             delivered, then a spam complaint; the same as ``spam``
``open``            delivered and opened
``openclick``       delivered, opened, and its links clicked; the same as ``click``
``unsubscribe``     delivered, then unsubscribed by the List-Unsubscribe header
``linkunsubscribe`` delivered, then unsubscribed by a link
``resubscribe``     delivered, then unsubscribed, and subscribed again later
``mix``, or no label one of these, by chance from the random seed: see :data:`MIX`
any other           fails as intended: the vendor stops it, class 25; at ``mock.test`` it is delivered
=================== ===============================================================================================

``accept``, ``oob``, ``fbl``, ``openclick`` and the mix are those of https://github.com/SparkPost/bouncy-sink; that any
other fails is how https://support.sparkpost.com/docs/faq/using-sink-server has it. The rest are our own. Mail to a
domain below ``.invalid``, which RFC 2606 keeps out of the DNS, bounces as well. All other mail is ordinary.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sparkbox.core.state.ids import Ids

SINK = "sink.sparkpostmail.com"
BOUNCY_SINK = "bouncy-sink.trymsys.net"
"""An address without an outcome is part of the mix there."""
MOCK = "mock.test"
"""Local parts count there, and an address without an outcome is ordinary."""
TEST_DOMAINS = (SINK, "sink.test", BOUNCY_SINK, MOCK)

NOWHERE = ".invalid"

RETRY_TIME = 1200.0
"""Seconds from the first attempt to the second; each further gap is twice as long."""
MOST_DELAYS = 7
LONGEST_IN_QUEUE = 3 * 86_400.0
"""A message that has not been delivered by then bounces."""


class Reason(NamedTuple):
    """A server's reply that refuses a mail: an SMTP code, an enhanced code (RFC 3463) and a text."""

    code: str
    enhanced: str
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.enhanced} {self.text}"


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
"""Classes after which an address gets no more mail."""
BLOCKED = frozenset({25, 50, 51, 52, 53, 54, 80})
"""Classes that are about the message or its sender, not about the recipient's mailbox."""

INTENDED = Reason("554", "5.7.1", "[internal] sink address, fails as intended")
UNKNOWN_HOST = Reason("550", "5.1.2", "host unknown")
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
"""How many of a thousand messages; bounces are of any class (assumed: the vendor's are rarer)."""


class Outcome(NamedTuple):
    """The outcome of a mail after a number of delays; ``number`` is the class of a bounce."""

    kind: str
    number: int = 0
    delays: int = 0

    @property
    def bounces(self) -> bool:
        """Return whether it is never delivered."""
        return self.kind in ("bounce", "expire", "fail", "nowhere")

    @property
    def reason(self) -> Reason:
        """Return why it bounces, if it does."""
        return {"fail": INTENDED, "nowhere": UNKNOWN_HOST}.get(self.kind) or REASONS[self.number]


ACCEPTED = Outcome("accept")
MIXED = Outcome("mix")
FAILING = Outcome("fail", 25)
LOST = Outcome("nowhere", 10)

_DEFAULT_CLASS = 10
_KINDS = frozenset({
    "accept", "bounce", "expire", "oob", "fbl", "open", "openclick", "unsubscribe", "linkunsubscribe", "resubscribe",
    "mix",
})  # fmt: skip
_ALIASES = {
    "delivered": ACCEPTED,
    "hard-bounce": Outcome("bounce", 10),
    "soft-bounce": Outcome("bounce", 22),
    "undelivered": Outcome("bounce", 50),
    "spam": Outcome("fbl"),
    "click": Outcome("openclick"),
}
_LABEL = re.compile(r"([a-z]+)(?:-([0-9]{1,3}))?")
_BELOW = tuple(f".{domain}" for domain in TEST_DOMAINS)


def outcome_of(email: str) -> Outcome | None:
    """Return the outcome of mail to an address; ``None`` for ordinary mail."""
    email = email.lower()
    if email.endswith(NOWHERE):
        return LOST
    if not email.endswith(TEST_DOMAINS):
        return None
    local, _, domain = email.rpartition("@")
    if domain == MOCK:
        return _read(local.partition("+")[0].split("."))
    if domain in TEST_DOMAINS:
        return MIXED
    if not domain.endswith(_BELOW):
        return None
    found = _read(domain.split("."))
    if found is None and not domain.endswith(f".{MOCK}"):
        found = MIXED if domain.endswith(BOUNCY_SINK) else FAILING
    return found


def settled(outcome: Outcome, ids: Ids) -> Outcome:
    """Return the outcome, or one of the mix if that is what it is."""
    if outcome.kind != "mix":
        return outcome
    (kind,) = ids.choices(list(MIX), list(MIX.values()))
    if kind == "delay":
        return Outcome("accept", delays=outcome.delays + 1)
    classes = {"bounce": lambda: ids.choice(list(REASONS)), "oob": lambda: _DEFAULT_CLASS}
    return Outcome(kind, classes[kind]() if kind in classes else 0, outcome.delays)


def gap(retries: int) -> float:
    """Return the seconds between an attempt and the one before it; ``retries`` counts it, so it is at least one."""
    return float(RETRY_TIME * 2 ** (retries - 1))


def most_attempts() -> int:
    """Return how often a message is tried before it has been in the queue for too long."""
    attempts = 1
    while waited(attempts) <= LONGEST_IN_QUEUE:
        attempts += 1
    return attempts


def waited(retries: int) -> float:
    """Return the seconds from the first attempt to the last of a number of retries."""
    return sum(map(gap, range(1, retries + 1)))


def _read(labels: list[str]) -> Outcome | None:
    first = _named(labels[0])
    if first is not None and first.delays and len(labels) > 1:
        then = _named(labels[1])
        if then is not None and not then.delays and then.kind != "expire":
            return then._replace(delays=first.delays)
    return first


def _named(label: str) -> Outcome | None:
    if label in _ALIASES:
        return _ALIASES[label]
    found = _LABEL.fullmatch(label)
    if found is None:
        return None
    kind, number = found[1], None if found[2] is None else int(found[2])
    if kind == "delay":
        delays = 1 if number is None else number
        return Outcome("accept", delays=delays) if 1 <= delays <= MOST_DELAYS else None
    if kind in ("bounce", "oob"):
        number = _DEFAULT_CLASS if number is None else number
        return Outcome(kind, number) if number in REASONS else None
    if kind == "expire" and number is None:
        return Outcome("expire", 24, most_attempts())
    return Outcome(kind) if kind in _KINDS and number is None else None
