"""A sandbox that validates its responses and has no rate limits, and one browser for all tests of pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sparkbox.app import Application, create_app
from sparkbox.core.state.config import Settings
from tests.browser import Browser, browse


@pytest.fixture
def app() -> Application:
    return create_app(Settings(validate_responses=True, rate_limits=False))


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browse(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """It shows nothing yet, in a window of 1,000 by 1,000."""
    chromium.open("about:blank")
    chromium.resize(1000, 1000)
    chromium.screen(None)
    chromium.scheme("light")
    chromium.log()
    return chromium
