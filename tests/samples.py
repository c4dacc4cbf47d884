"""The samples of answers under ``fixtures/``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "fixtures"

Sample = dict[str, Any]
"""A ``request`` (``method``, ``path``, ``body``), and what came back: ``status`` and ``response``."""


def read(path: Path) -> Sample:
    sample: Sample = json.loads(path.read_text("utf-8"))
    return sample


def paths() -> list[Path]:
    """The files of all samples."""
    return sorted(FOLDER.rglob("*.json"))


def service_of(path: Path) -> str:
    """The service of a sample."""
    return path.relative_to(FOLDER).parts[0]


def samples_of(service: str) -> dict[str, Sample]:
    """A service's samples by operation."""
    return {path.stem: read(path) for path in sorted((FOLDER / service).rglob("*.json"))}
