"""Money: whole micro-dollars inside, and the vendor's ways to show them. Cents are always rounded down."""

from __future__ import annotations

from functools import lru_cache

MICRO = 1_000_000
CENT = 10_000
_CACHED = 1000


def dollars(micro: int) -> float:
    """Return micro-dollars as a number of dollars; whole ones have no point, as Go's encoder writes them."""
    return micro / MICRO if micro % MICRO else micro // MICRO


@lru_cache(_CACHED)
def cents(micro: int) -> str:
    """Return micro-dollars as ``3.14``: rounded down, always two digits."""
    whole = micro // CENT
    return f"{whole // 100}.{whole % 100:02d}"


@lru_cache(_CACHED)
def exact(micro: int) -> str:
    """Return micro-dollars as ``0.40``, or with six digits if there are fractions of a cent."""
    return cents(micro) if micro % CENT == 0 else f"{micro // MICRO}.{micro % MICRO:06d}"
