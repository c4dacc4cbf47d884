"""An HTTP client with the integration's credentials."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import httpx
import pytest

from contract_tests.sparked.target import Sparked


@pytest.fixture
def partner(account: Sparked, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """A client with the integration's id and secret, for OAuth and for webhooks."""
    with httpx.Client(base_url=account.url, auth=account.login, verify=tls, timeout=30) as client:
        yield client
