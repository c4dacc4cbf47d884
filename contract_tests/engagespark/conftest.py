"""An organization, an HTTP client for it, and what only the sandbox can do."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from contract_tests.engagespark.target import RECIPIENT, Engagespark, real_engagespark, sandbox_engagespark
from sparkbox import World

Ask = Callable[..., Any]


@pytest.fixture
def account(real: bool, whom: Callable[..., Engagespark], monkeypatch: pytest.MonkeyPatch) -> Engagespark:
    """Where engageSPARK is, and how to get in."""
    if not real:
        monkeypatch.setenv("ENGAGESPARK_RECIPIENT", RECIPIENT)
    return whom(real_engagespark, sandbox_engagespark)


@pytest.fixture
def api(account: Engagespark, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """engageSPARK's API, asked with the organization's token."""
    with httpx.Client(base_url=account.url, headers=account.headers, verify=tls, timeout=30) as client:
        yield client


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
    """Creates contacts of the suite's own."""

    def create(**fields: Any) -> Any:
        number = {"fullPhoneNumber": "639181234567", "firstName": name("contact")}
        return api.post(f"{org}/contacts/", json=number | fields).raise_for_status().json()

    return create


@pytest.fixture
def simulate(world: World) -> Callable[..., None]:
    """Brings something about in the sandbox: ``simulate("balance", balanceMicro=0)``."""

    def bring_about(name: str, /, **fields: Any) -> None:
        url = f"{world.url}/_mock/services/engagespark/simulations/{name}"
        httpx.post(url, params={"account": world.credential}, json=fields, trust_env=False).raise_for_status()

    return bring_about
