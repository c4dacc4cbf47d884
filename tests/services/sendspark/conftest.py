"""Fixtures: a client of Sendspark, and a campaign."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sparkbox.app import Application
from tests.services.sendspark.api import Api


@pytest.fixture
def api(app: Application) -> Iterator[Api]:
    api = Api(app)
    yield api
    api.http.close()


@pytest.fixture
def campaign(api: Api) -> str:
    return api.new_campaign()
