"""The amounts of airtime that operators offer, and the one to send.

Documented are the Philippines' Globe (25 but not 20) and Smart (20 and 30 but not 25), see
https://openapi.engagespark.com/#operation/sendOrgTopup. Everything else here is assumed: the vendor does
not publish its price table, so there is a small one of usual amounts, and US dollars elsewhere. Rates are fixed.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from .. import phones
from ..carriers import carrier_of


class Operator(NamedTuple):
    """The offer of a telco: whole amounts of a currency; ``rate`` is the price of one unit in micro-dollars."""

    name: str
    currency: str
    amounts: tuple[int, ...]
    rate: int

    def price(self, amount: int) -> int:
        """Return what an amount costs, in micro-dollars."""
        return amount * self.rate


_PESO, _SHILLING, _NAIRA, _RUPEE, _RUPIAH, _TAKA = 20_000, 8_000, 700, 12_500, 65, 9_000
_DOLLAR = 1_100_000

OPERATORS: dict[tuple[str, str], Operator] = {
    ("PH", "Globe"): Operator("Globe", "PHP", (10, 15, 25, 50, 75, 100, 150, 300, 500, 1000), _PESO),
    ("PH", "Smart"): Operator("Smart", "PHP", (10, 15, 20, 30, 50, 60, 100, 200, 300, 500, 1000), _PESO),
    ("PH", ""): Operator("the operator", "PHP", (10, 20, 25, 30, 50, 100, 300, 500), _PESO),
    ("KE", "Safaricom"): Operator("Safaricom", "KES", (10, 20, 50, 100, 250, 500, 1000), _SHILLING),
    ("KE", ""): Operator("the operator", "KES", (20, 50, 100, 250, 500, 1000), _SHILLING),
    ("NG", "MTN"): Operator("MTN", "NGN", (50, 100, 200, 400, 750, 1500), _NAIRA),
    ("NG", ""): Operator("the operator", "NGN", (50, 100, 200, 500, 1000), _NAIRA),
    ("IN", ""): Operator("the operator", "INR", (10, 20, 50, 100, 200, 500), _RUPEE),
    ("ID", ""): Operator("the operator", "IDR", (5000, 10_000, 20_000, 25_000, 50_000, 100_000), _RUPIAH),
    ("BD", ""): Operator("the operator", "BDT", (10, 20, 50, 100, 200, 500), _TAKA),
}
"""By country and by the carrier of the number's range; an empty name is any other carrier of the country."""

ANY = Operator("the operator", "USD", (1, 2, 3, 5, 10, 15, 20, 30, 50), _DOLLAR)


def of(digits: str) -> Operator:
    """Return the operator of a number."""
    region = phones.region(digits)
    return OPERATORS.get((region, carrier_of(digits))) or OPERATORS.get((region, "")) or ANY


def choose(offered: Iterable[int], most: Decimal, desired: Decimal | None = None) -> int | None:
    """Return the amount to send: the smallest offered that is at least ``desired``, else the largest; at most ``most``.

    ``None`` if nothing is offered at or below ``most``.
    """
    affordable = sorted(amount for amount in offered if amount <= most)
    if not affordable:
        return None
    if desired is not None:
        return next((amount for amount in affordable if amount >= desired), affordable[-1])
    return affordable[-1]
