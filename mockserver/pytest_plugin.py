"""pytest fixtures. Nothing of the sandbox is imported before a test asks for one.

``mockserver`` is a test's own world on one server for the whole session (one for each worker under pytest-xdist).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .testing import MockServer
    from .world import World


@pytest.fixture(scope="session")
def mockserver_session() -> Iterator[MockServer]:
    """The server behind all worlds of this session. Override it to run one with other settings."""
    from .testing import MockServer

    with MockServer() as server:
        yield server


@pytest.fixture
def mockserver(mockserver_session: MockServer, request: pytest.FixtureRequest) -> Iterator[World]:
    """A world of this test's own: ``mockserver.sparkpost.url``, ``.messages``, ``.clock``, ``.faults``, ``.limits``."""
    world = mockserver_session.world(_credential(request.node.nodeid))
    yield world
    world.drop()


def _credential(nodeid: str) -> str:
    """The test's own name, so that it is given the same ids in each run, whichever tests run beside it."""
    from hashlib import sha256

    name = re.sub(r"[^A-Za-z0-9_]+", "-", nodeid.rpartition("::")[2])[:60].strip("-")
    return f"mock-{name}-{sha256(nodeid.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
