"""A fixture: a client of Sparked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sparkbox.app import Application
from tests.services.sparked.api import Api


@pytest.fixture
def api(app: Application) -> Iterator[Api]:
    api = Api(app)
    yield api
    api.http.close()
