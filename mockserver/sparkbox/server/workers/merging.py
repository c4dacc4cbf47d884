"""One payload of the control API from those of several workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Rows = list[dict[str, Any]]

RULES = ("faults", "stubs")
"""Lists of rules. Those for all accounts are in each worker, with the same id."""

LISTS: dict[str, Callable[[dict[str, Any]], Any] | None] = {
    **dict.fromkeys(("messages", "requests", "events", "webhooks"), lambda row: -int(row["id"])),
    "accounts": lambda row: row["idle"],
    **dict.fromkeys(("state", "limits", *RULES)),
}
"""The lists of all accounts' items, and their order; without one, those of one worker follow those of another."""

SUMS = frozenset(
    ("total", "deleted", "changed", "accounts", "dropped_accounts", "bytes", "most_bytes", "kept", "most", "dropped",
     "jobs", "ran", "seen", "hits")
)  # fmt: skip
"""Numbers that add up. Of everything else the workers say the same, or the first speaks for all."""


def merged(payloads: Sequence[Any]) -> Any:
    """Return one payload, with all counts added up."""
    first = payloads[0]
    if not isinstance(first, dict):
        return first
    return {name: _value(name, [payload[name] for payload in payloads]) for name in first}


def _value(name: str, values: list[Any]) -> Any:
    if isinstance(values[0], dict):
        return merged(values)
    if name in SUMS:
        return sum(values)
    if name == "drained":
        return all(values)
    if name == "next_job":
        return min((value for value in values if value is not None), default=None)
    return values[0]


def in_order(name: str, found: Sequence[Rows]) -> Rows:
    """Return the rows of several workers as one list."""
    if name in RULES:
        return _rules(found, for_all_first=name == "faults")
    rows = [row for rows in found for row in rows]
    order = LISTS[name]
    return rows if order is None else sorted(rows, key=order)


def _rules(found: Sequence[Rows], *, for_all_first: bool) -> Rows:
    """Return rules, those for all accounts once, with the requests of all workers counted."""
    for_all = [[row for row in rows if row["account"] is None] for rows in found]
    copies = {row["id"]: [same for rows in for_all for same in rows if same["id"] == row["id"]] for row in for_all[0]}
    once = [merged(same) for same in copies.values()]
    own = [row for rows in found for row in rows if row["account"] is not None]
    return [*once, *own] if for_all_first else [*own, *once]
