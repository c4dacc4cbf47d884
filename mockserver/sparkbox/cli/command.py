"""How a module adds its commands to the parser."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, Protocol


class Command(Protocol):
    """Adds a command. ``run`` gets the parsed options, with ``reject`` to end with status 2, and returns the status."""

    def __call__(self, name: str, run: Callable[[Any], int], help: str, more: str = "") -> argparse.ArgumentParser: ...
