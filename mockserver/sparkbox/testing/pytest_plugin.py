"""pytest fixtures. Nothing of the sandbox is imported before a test asks for one.

``sparkbox`` is a test's own world on one server for the whole session (one for each worker under pytest-xdist).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .sandbox import Sparkbox
    from .world import World


@pytest.fixture(scope="session")
def sparkbox_session() -> Iterator[Sparkbox]:
    """The server behind all worlds of this session. Override it to run one with other settings."""
    from .sandbox import Sparkbox

    with Sparkbox() as server:
        yield server


@pytest.fixture
def sparkbox(sparkbox_session: Sparkbox, request: pytest.FixtureRequest) -> Iterator[World]:
    """A world of this test's own: ``sparkbox.sparkpost.url``, ``.messages``, ``.clock``, ``.faults``, ``.limits``."""
    world = sparkbox_session.world(_credential(request.node.nodeid))
    yield world
    world.drop()


def _credential(nodeid: str) -> str:
    """Return a credential made of the test's name, so that it gets the same ids in each run."""
    from hashlib import sha256

    name = re.sub(r"[^A-Za-z0-9_]+", "-", nodeid.rpartition("::")[2])[:60].strip("-")
    return f"mock-{name}-{sha256(nodeid.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
