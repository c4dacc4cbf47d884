"""Fixtures of the section."""

from __future__ import annotations

import pytest

from tests.services.sparkpost.api import Api


@pytest.fixture
def strict() -> Api:
    """An account with the strict profile and ``shop.example`` verified."""
    api = Api(profile="strict")
    api.call("POST", "/sending-domains", {"domain": "shop.example"})
    api.call("POST", "/sending-domains/shop.example/verify", {"dkim_verify": True})
    return api
