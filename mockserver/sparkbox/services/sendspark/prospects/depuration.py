"""Depuration: which of several rows with one address counts.

``keep-first-valid`` keeps the first that is valid, ``keep-last-valid`` the last; where none is, the first or the last
that there is. A prospect that the campaign has already comes before all rows of a request.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from .models import Depurated

Strategy = Literal["keep-first-valid", "keep-last-valid"]


class Row(NamedTuple):
    """One row of a request's prospects, read and judged. ``email`` is empty where none could be read."""

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
    """The address as it was given, for the answer."""

    @property
    def valid(self) -> bool:
        return not self.problems


def chosen(rows: Iterable[Row], strategy: Strategy) -> dict[str, int]:
    """For each address the number of the row that counts. Rows without an address count for nothing."""
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
    """What becomes of the row that counts; ``existing``: whether the prospect that is there is valid, ``None``: none.

    ``force`` makes a new prospect out of any valid row. An invalid row changes nothing that is there.
    """
    if existing is None:
        return "created" if row.valid else "invalid"
    if not row.valid:
        return "invalid"
    if force:
        return "created"
    return "updated" if strategy == "keep-last-valid" or not existing else "depurated"
