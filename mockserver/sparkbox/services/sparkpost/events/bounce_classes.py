"""Bounce classes: https://support.sparkpost.com/docs/deliverability/bounce-classification-codes.

The codes, names and categories are the vendor's; the descriptions are ours. Of the categories' numbers, only those of
Undetermined and Hard are documented.
"""

from __future__ import annotations

from typing import NamedTuple


class BounceClass(NamedTuple):
    """A class of bounces; ``category`` is Undetermined, Hard, Soft, Block or Admin."""

    name: str
    category: str
    description: str


CATEGORY_IDS = {"Undetermined": 0, "Hard": 1, "Soft": 2, "Block": 3, "Admin": 4}

UNDETERMINED = 1

CLASSES: dict[int, BounceClass] = {
    UNDETERMINED: BounceClass("Undetermined", "Undetermined", "Nothing is known of what the remote server meant"),
    10: BounceClass("Invalid Recipient", "Hard", "There is no such recipient"),
    20: BounceClass("Soft Bounce", "Soft", "A soft bounce"),
    21: BounceClass("DNS Failure", "Soft", "The recipient's domain could not be looked up"),
    22: BounceClass("Mailbox Full", "Soft", "The recipient's mailbox is full"),
    23: BounceClass("Too Large", "Soft", "The message is too large for the recipient"),
    24: BounceClass("Timeout", "Soft", "The message was not delivered in time"),
    25: BounceClass("Admin Failure", "Admin", "A rule of the vendor's, or of the account's, stopped the message"),
    30: BounceClass("Generic Bounce: No RCPT", "Hard", "The message has no recipient who could be made out"),
    40: BounceClass("Generic Bounce", "Soft", "The message failed, and nobody said why"),
    50: BounceClass("Mail Block", "Block", "The remote server blocks the message"),
    51: BounceClass("Spam Block", "Block", "The remote server blocks the sender as a source of spam"),
    52: BounceClass("Spam Content", "Block", "The remote server takes the message for spam"),
    53: BounceClass("Prohibited Attachment", "Block", "The remote server does not take such attachments"),
    54: BounceClass("Relaying Denied", "Block", "The remote server does not relay"),
    60: BounceClass("Auto-Reply", "Soft", "An automatic reply came back"),
    70: BounceClass("Transient Failure", "Soft", "The message is delayed for a while"),
    80: BounceClass("Subscribe", "Admin", "Somebody wants to subscribe"),
    90: BounceClass("Unsubscribe", "Hard", "Somebody wants to unsubscribe"),
    100: BounceClass("Challenge-Response", "Soft", "The remote server wants the sender to prove to be human"),
}


def class_of(code: int) -> BounceClass:
    """Return the class of a code; unknown codes are undetermined."""
    return CLASSES.get(code, CLASSES[UNDETERMINED])
