"""A SendPulse account, an HTTP client for it with a token, and the client from PyPI."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pysendpulse.pysendpulse import PySendPulse  # type: ignore[import-untyped]

from contract_tests.sendpulse.target import RECIPIENT, Sendpulse, real_sendpulse, sandbox_sendpulse

_tokens: dict[str, str] = {}


@pytest.fixture
def account(real: bool, whom: Callable[..., Sendpulse], monkeypatch: pytest.MonkeyPatch) -> Sendpulse:
    """Where SendPulse is, and how to get in."""
    if not real:
        monkeypatch.setenv("CONTRACT_RECIPIENTS", RECIPIENT)
    return whom(real_sendpulse, sandbox_sendpulse)


@pytest.fixture
def anonymous(account: Sendpulse, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """SendPulse's API, asked without token."""
    with httpx.Client(base_url=account.url, verify=tls, timeout=30) as client:
        yield client


@pytest.fixture
def api(account: Sendpulse, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """SendPulse's API, asked with a token; it is good for an hour, so an account gets one a run."""
    with httpx.Client(base_url=account.url, verify=tls, timeout=30) as client:
        token = _tokens.get(account.client_id)
        if token is None:
            response = client.post("/oauth/access_token", json=account.credentials).raise_for_status()
            token = _tokens[account.client_id] = response.json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.fixture
def client(account: Sendpulse, tmp_path: Path) -> PySendPulse:
    """The vendor's own client. It knows one host only, and keeps its token in a file."""
    if account.url.startswith("https://") and account.url != "https://api.sendpulse.com":
        pytest.skip(f"the client cannot ask {account.url}")
    return PySendPulse(account.client_id, account.client_secret, "FILE", f"{tmp_path}/")


@pytest.fixture
def address(name: Callable[[str], str]) -> Callable[[str], str]:
    """Makes addresses that nobody else uses, and nobody mails to: ``address("ann")``."""
    return lambda word: f"{name(word)}@example.com"


@pytest.fixture
def new_list(api: httpx.Client, name: Callable[[str], str]) -> Callable[..., int]:
    """``new_list("ann@example.com", …)`` makes a mailing list of these e-mails and gives its id."""

    def make(*emails: Any) -> int:
        id = int(api.post("/addressbooks", json={"bookName": name("list")}).raise_for_status().json()["id"])
        if emails:
            api.post(f"/addressbooks/{id}/emails", json={"emails": list(emails)}).raise_for_status()
        return id

    return make
