"""A desk for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.control.harness import Harness


@pytest.fixture
def harness() -> Iterator[Harness]:
    with Harness() as harness:
        yield harness
