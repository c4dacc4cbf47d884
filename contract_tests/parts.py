"""What the folders of a service and of its sections add to the common machinery: modules of a fixed name.

``guard``
    ``check(call)`` raises :class:`~contract_tests.wire.Forbidden` for what a real service must not get.
``sweep``
    ``sweep(prefix)`` removes what was made under such names, and says what that was. ``STAYS`` names the kinds of
    records that no call removes.
``samples``
    ``RULES`` says what the recorded samples cannot show, by operation.

Each may be missing. ``target`` is the service's alone, see :mod:`contract_tests.targets`.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent


@cache
def parts(service: str, name: str) -> tuple[ModuleType, ...]:
    """Return the modules of this name: the service's own, then those of its sections."""
    folder = HERE / service
    found = [*folder.glob(f"{name}.py"), *sorted(folder.glob(f"*/{name}.py"))]
    return tuple(import_module(".".join((HERE.name, *path.relative_to(HERE).with_suffix("").parts))) for path in found)


def service_of(path: Path, root: Path, services: Collection[str]) -> str:
    """Return the service whose folder below ``root`` a test module lies in, however deep; empty if none."""
    return next((part for part in path.relative_to(root).parts[:-1] if part in services), "")
