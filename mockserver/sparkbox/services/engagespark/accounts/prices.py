"""The prices of messages, in micro-dollars.

The documentation and recordings show 20,000 for a part of an SMS. The other prices are the sandbox's own; some have
fractions of a cent.
"""

from __future__ import annotations

SMS_PART = 20_000
_SMS_PARTS = {"US": 8_500, "CA": 8_500, "IN": 12_500, "GB": 40_000, "KE": 25_000, "NG": 35_000}
WHATSAPP = 10_000


def sms_part(region: str) -> int:
    """Return the price of one part of an SMS to a country."""
    return _SMS_PARTS.get(region, SMS_PART)
