"""One partner's view of Sparked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sparkbox.app import Application
from tests.services.sparked.partner import Partner


@pytest.fixture
def partner(app: Application) -> Iterator[Partner]:
    partner = Partner(app)
    yield partner
    partner.http.close()
