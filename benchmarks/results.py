"""The file with the figures of measurements and the machine that they are from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.machine import described
from benchmarks.rows import Row


def keep(path: Path, name: str, rows: Sequence[Row]) -> None:
    """Put the rows of a measurement into the file, in the place of earlier ones."""
    kept: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {"measurements": {}}
    kept["machine"] = described()
    kept["measurements"][name] = [_fields(row) for row in rows]
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


def read(path: Path) -> tuple[dict[str, str], dict[str, list[Row]]]:
    """Return the machine, and the rows of each measurement."""
    kept = json.loads(path.read_text("utf-8"))
    rows = {
        name: [Row(**{**fields, "values": tuple(fields["values"])}) for fields in rows]
        for name, rows in kept["measurements"].items()
    }
    return kept["machine"], rows


def _fields(row: Row) -> dict[str, Any]:
    """Return the fields that differ from their defaults; four digits of a value are enough."""
    fields = {name: value for name, value in asdict(row).items() if value not in ("", None)}
    return {**fields, "values": [float(f"{value:.4g}") for value in row.values]}
