"""A sandbox that checks its answers and has no rate limits, and one account's view of its Sendspark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver.app import Application, create_app
from mockserver.core.config import Settings

from .room import Room


@pytest.fixture
def app() -> Application:
    return create_app(Settings(validate_answers=True, rate_limits=False))


@pytest.fixture
def room(app: Application) -> Iterator[Room]:
    room = Room(app)
    yield room
    room.http.close()


@pytest.fixture
def campaign(room: Room) -> str:
    return room.new_campaign()
