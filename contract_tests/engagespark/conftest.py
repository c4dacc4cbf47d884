"""Parts of requests to an organization, and what only the sandbox can do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest

from contract_tests.engagespark.target import Engagespark
from sparkbox import World


@pytest.fixture
def org(account: Engagespark) -> str:
    """The beginning of the organization's paths."""
    return f"/v1/organizations/{account.organization}"


@pytest.fixture
def sms(account: Engagespark) -> dict[str, Any]:
    """An SMS to the number that may be sent to."""
    return {
        "orgId": account.organization,
        "from": account.sender,
        "message": "A contract test",
        "fullPhoneNumber": account.recipient,
    }


@pytest.fixture
def contact(api: httpx.Client, org: str, name: Callable[[str], str]) -> Callable[..., Any]:
    """Create contacts of the suite's own."""

    def create(**fields: Any) -> Any:
        number = {"fullPhoneNumber": "639181234567", "firstName": name("contact")}
        return api.post(f"{org}/contacts/", json=number | fields).raise_for_status().json()

    return create


@pytest.fixture
def simulate(world: World) -> Callable[..., dict[str, Any]]:
    """Run a simulation in the sandbox: ``simulate("balance", balanceMicro=0)``."""
    return partial(world.simulate, "engagespark")
