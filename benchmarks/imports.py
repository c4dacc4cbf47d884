"""What a program imports, as ``python -X importtime`` reports it."""

from __future__ import annotations

import re
from typing import NamedTuple

_LINE = re.compile(r"import time: +(\d+) \| +(\d+) \| +(\S+)")


class Import(NamedTuple):
    """A module that was imported, and the milliseconds that its own code took, without what it imports itself."""

    module: str
    milliseconds: float


def imports(report: str) -> list[Import]:
    """Return the imports in a report, in their order; other lines of standard error are left out."""
    return [Import(found[3], int(found[1]) / 1000) for found in map(_LINE.match, report.splitlines()) if found]
