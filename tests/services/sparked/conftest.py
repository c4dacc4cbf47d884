"""A sandbox that checks its answers and has no rate limits, and one partner's view of Sparked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver.app import Application, create_app
from mockserver.core.config import Settings

from .partner import Partner


@pytest.fixture
def app() -> Application:
    return create_app(Settings(validate_answers=True, rate_limits=False))


@pytest.fixture
def partner(app: Application) -> Iterator[Partner]:
    partner = Partner(app)
    yield partner
    partner.http.close()
