"""The place of a process among the workers of a sandbox.

Several processes can share the ports of one sandbox. Each account lives in one of them: what names an account says
which, see :func:`worker_of`. Tokens and pages that an account makes are drawn so that they lead to the same worker.
"""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32


class Place(NamedTuple):
    """Which worker this process is, counted from 0, and how many there are."""

    worker: int = 0
    workers: int = 1

    def leads_here(self, text: str) -> bool:
        """Return whether a credential or token belongs to an account of this worker."""
        return self.workers == 1 or worker_of(text, self.workers) == self.worker


ALONE = Place()
"""A sandbox in one process."""


def worker_of(text: str, workers: int) -> int:
    """Return the worker that a credential or token leads to."""
    return crc32(text.encode("utf-8", "replace")) % workers
