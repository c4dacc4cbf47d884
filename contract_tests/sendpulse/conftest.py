"""The client from PyPI, and parts of requests to a SendPulse account."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from pysendpulse.pysendpulse import PySendPulse

from contract_tests.sendpulse.target import Sendpulse


@pytest.fixture
def client(account: Sendpulse, tmp_path: Path) -> PySendPulse:
    """The vendor's own client. It knows one host only, and keeps its token in a file."""
    if account.url.startswith("https://") and account.url != "https://api.sendpulse.com":
        pytest.skip(f"the client cannot reach {account.url}")
    return PySendPulse(account.client_id, account.client_secret, "FILE", f"{tmp_path}/")


@pytest.fixture
def address(name: Callable[[str], str]) -> Callable[[str], str]:
    """Make addresses that nobody else uses, and nobody mails to: ``address("ann")``."""
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
