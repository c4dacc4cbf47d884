"""A post office for every test."""

from __future__ import annotations

import pytest

from tests.core.office import MARCH, Office


@pytest.fixture
def office() -> Office:
    """The post office, with a clock that runs."""
    return Office()


@pytest.fixture
def frozen(office: Office) -> Office:
    """The post office; the clock of the usual account stands at noon on the first of March 2026."""
    office.account().clock.freeze(MARCH)
    return office
