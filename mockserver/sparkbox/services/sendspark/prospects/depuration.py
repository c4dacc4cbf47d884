"""Depuration: which of several rows with the same address counts.

``keep-first-valid`` keeps the first valid row, ``keep-last-valid`` the last one; without a valid row, the first or last
of all. A prospect that the campaign already has comes before the rows of a request.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from .models import Depurated

Strategy = Literal["keep-first-valid", "keep-last-valid"]


class Row(NamedTuple):
    """One prospect of a request, parsed and checked. ``email`` is empty if it is not an address."""

    email: str
    name: str = ""
    company: str = ""
    job_title: str = ""
    background: str = ""
    original_background: str = ""
    problems: tuple[tuple[str, str], ...] = ()
    fallback_used: bool = False
    more: bytes = b""
    given_email: str = ""
    """The address as given, for the response."""

    @property
    def valid(self) -> bool:
        return not self.problems


def chosen(rows: Iterable[Row], strategy: Strategy) -> dict[str, int]:
    """Return, by address, the number of the row that counts. Rows without an address are skipped."""
    kept: dict[str, tuple[int, bool]] = {}
    last = strategy == "keep-last-valid"
    for number, row in enumerate(rows):
        if not row.email:
            continue
        before = kept.get(row.email)
        if before is None or (row.valid and not before[1]) or (last and row.valid == before[1]):
            kept[row.email] = (number, row.valid)
    return {email: number for email, (number, _) in kept.items()}


def settle(row: Row, existing: bool | None, strategy: Strategy, *, force: bool) -> Depurated:
    """Return the outcome of the row that counts.

    ``existing`` says whether the campaign's prospect with this address is valid; ``None`` means there is none.
    ``force`` creates a new prospect from any valid row. An invalid row never changes an existing prospect.
    """
    if existing is None:
        return "created" if row.valid else "invalid"
    if not row.valid:
        return "invalid"
    if force:
        return "created"
    return "updated" if strategy == "keep-last-valid" or not existing else "depurated"
