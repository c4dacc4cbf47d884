"""The output of commands: JSON, or tables for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

WIDEST = 60
"""Characters of a cell in a table."""


def print_json(value: Any) -> int:
    print(json.dumps(value, indent=2))
    return 0


def print_list(found: dict[str, Any], noun: str, columns: Sequence[str]) -> int:
    """Print a list of the control API as a table, and how many there are."""
    rows = found[f"{noun}s"]
    print_table([printable(str(row[column])) for column in columns] for row in rows)
    print(f"{count(found['total'], noun)}{f', {len(rows)} shown' if len(rows) < found['total'] else ''}")
    return 0


def print_table(rows: Iterable[Sequence[str]]) -> int:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def printable(cell: str) -> str:
    """Return a cell without control characters, which a terminal would obey, and not too long."""
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in cell)
    return shown if len(shown) <= WIDEST else shown[: WIDEST - 1] + "…"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
