"""The client from PyPI, and parts of requests to a SparkPost account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from sparkpost import SparkPost

from contract_tests.sparkpost.target import SINK, Sparkpost


@pytest.fixture
def recipient(name: Callable[[str], str]) -> str:
    """A test recipient of this test alone."""
    return f"{name('wilma')}@{SINK}"


@pytest.fixture
def client(account: Sparkpost) -> Iterator[SparkPost]:
    """The vendor's own client. It speaks https and knows only hosts, so it finds the sandbox by its proxy."""
    host = urlsplit(account.url).netloc if account.url.startswith("https://") else "api.sparkpost.com"
    client = SparkPost(account.key, base_uri=host)
    yield client
    pages = (client.recipient_lists, client.suppression_list, client.templates, client.transmissions)
    for page in (*pages, client.metrics.campaigns, client.metrics.domains):
        page.transport.sess.close()


@pytest.fixture
def domain(api: httpx.Client, name: Callable[[str], str]) -> str:
    """A sending domain that was just registered and is not verified."""
    domain = f"{name('domain')}.example.com"
    api.post("/api/v1/sending-domains", json={"domain": domain}).raise_for_status()
    return domain
