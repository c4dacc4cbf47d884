"""What messages cost, in micro-dollars.

20,000 for a part of an SMS is what the documentation and recordings show; the other prices are the sandbox's own, among
them some with less than a cent in them.
"""

from __future__ import annotations

SMS_PART = 20_000
_SMS_PARTS = {"US": 8_500, "CA": 8_500, "IN": 12_500, "GB": 40_000, "KE": 25_000, "NG": 35_000}
WHATSAPP = 10_000


def sms_part(region: str) -> int:
    """The price of one part of an SMS to a country."""
    return _SMS_PARTS.get(region, SMS_PART)
