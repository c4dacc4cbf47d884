"""The samples of responses under ``fixtures/``: by service, section and page, one for each operation.

A sample of a family stands for the operation of each of its rows. Its ``rows`` names the file beside it that says what
differs between them: ``{prefix}`` in a text is filled in, and a text that is nothing but ``{contact}`` is replaced.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent.parent / "fixtures"

Sample = dict[str, Any]
"""A ``request`` (``method``, ``path``, ``body``), and what came back: ``status`` and ``response``."""


class Fixture(NamedTuple):
    """The sample of an operation, and its file."""

    service: str
    operation: str
    path: Path
    sample: Sample


@cache
def fixtures() -> tuple[Fixture, ...]:
    """Return the samples of all operations."""
    paths = [path for path in sorted(FOLDER.rglob("*.json")) if not path.name.startswith("_")]
    return tuple(fixture for path in paths for fixture in _read(path))


@cache
def samples_of(service: str) -> dict[str, Sample]:
    """Return a service's samples by operation."""
    return {fixture.operation: fixture.sample for fixture in fixtures() if fixture.service == service}


def filled(value: Any, row: Mapping[str, Any]) -> Any:
    """Return a part of a family's sample as a row has it."""
    if isinstance(value, dict):
        return {name: filled(item, row) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(item, row) for item in value]
    if not isinstance(value, str) or "{" not in value:
        return value
    name = value[1:-1]
    return row[name] if value == f"{{{name}}}" and name in row else value.replace("{prefix}", row["prefix"])


def _read(path: Path) -> Iterator[Fixture]:
    service, sample = path.relative_to(FOLDER).parts[0], json.loads(path.read_text("utf-8"))
    rows = sample.pop("rows", None)
    if rows is None:
        yield Fixture(service, path.stem, path, sample)
    else:
        for name, row in json.loads((path.parent / rows).read_text("utf-8")).items():
            yield Fixture(service, f"{name}_{path.stem}", path, filled(sample, row))
