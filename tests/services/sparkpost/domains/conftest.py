"""Fixtures of the section."""

from __future__ import annotations

import pytest

from tests.services.sparkpost.api import Api


@pytest.fixture
def strict() -> Api:
    return Api(profile="strict")
