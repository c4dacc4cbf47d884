"""One account's view of its engageSPARK."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sparkbox.app import Application
from tests.services.engagespark.room import Room


@pytest.fixture
def room(app: Application) -> Iterator[Room]:
    room = Room(app)
    yield room
    room.http.close()
