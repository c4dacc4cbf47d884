"""Run a load generator as a process: its job goes in as JSON, its figures come out as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figures:
    """What a generator counted. ``rate`` is by the second, ``share`` the part of its core that it needed itself."""

    count: int
    rate: float
    share: float


def run(module: str, job: dict[str, Any]) -> dict[str, Any]:
    """Run ``python -m module``, and warn if the generator itself was the limit."""
    command = [sys.executable, "-m", module]
    done = subprocess.run(command, input=json.dumps(job).encode(), stdout=subprocess.PIPE, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    if figures["share"] > 0.9:
        sys.stderr.write(f"{module} took {figures['share']:.0%} of its core: it limits what was measured\n")
    return figures
