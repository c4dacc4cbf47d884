"""A sandbox whose webhooks reach their targets, and a target."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from sparkbox.app import Application
from tests.core.target import Target
from tests.services.sparkpost.api import Api


@pytest_asyncio.fixture
async def api(app: Application) -> AsyncIterator[Api]:
    async with Api(app) as api:
        yield api


@pytest_asyncio.fixture
async def target() -> AsyncIterator[Target]:
    async with Target() as target:
        yield target
