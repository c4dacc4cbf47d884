"""An integration, and HTTP clients for a creator's data and for the integration's own affairs."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator

import httpx
import pytest

from contract_tests.sparked.target import Sparked, real_sparked, sandbox_sparked


@pytest.fixture
def account(whom: Callable[..., Sparked]) -> Sparked:
    """Where Sparked is, and how to get in."""
    return whom(real_sparked, sandbox_sparked)


@pytest.fixture
def api(account: Sparked, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """Sparked's API, asked with a token for all that the creator has."""
    with httpx.Client(base_url=account.url, headers=account.headers, verify=tls, timeout=30) as client:
        yield client


@pytest.fixture
def anonymous(account: Sparked, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """The same without a token."""
    with httpx.Client(base_url=account.url, verify=tls, timeout=30) as client:
        yield client


@pytest.fixture
def partner(account: Sparked, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """The same with the integration's id and secret, for OAuth and for webhooks."""
    with httpx.Client(base_url=account.url, auth=account.client, verify=tls, timeout=30) as client:
        yield client
