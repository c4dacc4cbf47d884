"""One account's view of its Sendspark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sparkbox.app import Application
from tests.services.sendspark.room import Room


@pytest.fixture
def room(app: Application) -> Iterator[Room]:
    room = Room(app)
    yield room
    room.http.close()


@pytest.fixture
def campaign(room: Room) -> str:
    return room.new_campaign()
