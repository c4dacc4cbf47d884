"""How many parts a text makes: GSM 03.38 with its extension table, or UCS-2 as soon as one character is in neither.

https://www.engagespark.com/support/sms-character-limit/. The vendor calls it an estimate: it divides lengths, and does
not look for a character of two that would have to be kept together at the end of a part.
"""

from __future__ import annotations

MOST_PARTS = 7

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet; each character is one septet."""

EXTENSION = frozenset("^{}\\[~]|€\f")
"""Characters that need an escape, and so two septets."""

_GSM_LENGTHS = (160, 153)
_UCS2_LENGTHS = (70, 67)


_ALL = GSM | EXTENSION


def is_gsm(text: str) -> bool:
    """Return whether the text fits into GSM 03.38."""
    return _ALL.issuperset(text)


def length(text: str) -> int:
    """Return the text's length in septets, or in UTF-16 code units if it needs UCS-2."""
    if not is_gsm(text):
        return len(text) + sum(character > "\uffff" for character in text)
    return len(text) if GSM.issuperset(text) else len(text) + sum(map(text.count, EXTENSION))


def count(text: str) -> int:
    """Return how many parts the text makes; an empty one is sent as one part."""
    if len(text) <= (70 if text.isascii() else 35):  # that fits whichever characters they are
        return 1
    whole, each = _GSM_LENGTHS if is_gsm(text) else _UCS2_LENGTHS
    size = length(text)
    return 1 if size <= whole else -(-size // each)
