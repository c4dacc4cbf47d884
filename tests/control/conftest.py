"""A desk for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.control.desk import Desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk() as desk:
        yield desk
