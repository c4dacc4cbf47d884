"""pytest fixtures. Nothing of the sandbox is imported before a test asks for one.

``mockserver`` is a test's own world on one server for the whole session (one for each worker under pytest-xdist).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .testing import MockServer, World


@pytest.fixture(scope="session")
def mockserver_session() -> Iterator[MockServer]:
    """The server behind all worlds of this session."""
    from .testing import MockServer

    with MockServer() as server:
        yield server


@pytest.fixture
def mockserver(mockserver_session: MockServer) -> Iterator[World]:
    """A world of this test's own: ``mockserver.sparkpost.url``, ``.messages``, ``.clock``, ``.faults``, ``.limits``."""
    world = mockserver_session.world()
    yield world
    world.drop()
