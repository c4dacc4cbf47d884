"""Outcomes of messages and top-ups, which the recipient's number decides.

A number whose last seven digits are ``55500`` and two more has an outcome of its own, in any country: ``+63 917 555 00
03`` is on Globe, and an SMS to it fails with "contact absent". To every other number, everything is delivered.
"""

from __future__ import annotations

from typing import NamedTuple

MARK = "55500"

DELIVERY_ERRORS = (
    "anti-spam filter",
    "blocked",
    "contact absent",
    "contact absent - permanent",
    "contact absent - temporary",
    "contact error",
    "contact phone issue",
    "expired",
    "message error",
    "network error",
    "no route",
    "not mobile number",
    "opted out of promotional messaging",
    "unknown",
    "unreachable",
)
"""The errors that a receipt may have, https://openapi.engagespark.com/."""

HOUR = 3600.0
HAND_OVER_SECONDS = 1.0
RECEIPT_SECONDS = 2.0


class Outcome(NamedTuple):
    """Times are seconds."""

    meaning: str
    delivery_error: str = ""
    """The error in the receipt; empty if the message was delivered."""
    receipt_after: float | None = RECEIPT_SECONDS
    """Between the telco's taking it and its receipt; ``None``: no receipt ever comes."""
    telco_rejects: bool = False
    failed_tries: int = 0
    """How often it cannot be handed over before it can."""


NEVER = 1_000_000

DELIVERED = Outcome("delivered")

OUTCOMES: dict[str, Outcome] = {
    "00": Outcome("delivered, as any other number"),
    **{
        f"{code:02d}": Outcome(f"not delivered; `deliveryError` is “{error}”", delivery_error=error)
        for code, error in enumerate(DELIVERY_ERRORS, 1)
    },
    "20": Outcome("undelivered: the telco rejects it, and it is refunded", telco_rejects=True),
    "21": Outcome("delivered, but the receipt takes an hour", receipt_after=HOUR),
    "22": Outcome("handed to the telco, but no receipt ever comes", receipt_after=None),
    "23": Outcome("handed over at the second try; a top-up succeeds at its first retry", failed_tries=1),
    "24": Outcome("tried in vain until the deadline; a top-up fails at every try", failed_tries=NEVER),
}
"""By the last two digits."""


def of(digits: str) -> Outcome:
    """Return the outcome of what is sent to a number."""
    if digits[-7:-2] != MARK:
        return DELIVERED
    return OUTCOMES.get(digits[-2:], DELIVERED)
