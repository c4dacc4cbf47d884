"""A sandbox that checks its answers and has no rate limits."""

from __future__ import annotations

import pytest

from mockserver.app import Application, create_app
from mockserver.core.config import Settings


@pytest.fixture
def app() -> Application:
    return create_app(Settings(validate_answers=True, rate_limits=False))
