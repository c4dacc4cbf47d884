"""What a service's folder adds to the common machinery: modules of a fixed name, any of which may be missing.

============  ==================================================================================================
``guard``     ``check(call)`` raises :class:`~contract_tests.wire.Forbidden` for what of the operations must not go
              out
``sweep``     ``sweep(prefix)`` removes what was made under such names, and says what that was; ``STAYS`` names
              the kinds of records that no call removes
``samples``   ``RULES`` says what the recorded samples cannot show, by operation
``target``    ``prepare(world)`` makes an account of the sandbox ready to be asked as the real target, and gives
              the environment that names it
============  ==================================================================================================
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def part(service: str, name: str) -> ModuleType | None:
    """A module of a service's folder; ``None`` if there is none of this name."""
    module = f"{__package__}.{service}.{name}"
    try:
        return import_module(module)
    except ModuleNotFoundError as missing:
        if missing.name is not None and module.startswith(missing.name):
            return None
        raise
