"""Every operation and every documented error has a contract test."""

from __future__ import annotations

import pytest

from contract_tests.evidence import Claim, uncovered
from sparkbox.services import load


@pytest.mark.assumed
@pytest.mark.sandbox_only
def test_every_operation_and_every_documented_error_is_proven(claims: list[Claim]) -> None:
    assert uncovered(load("sendpulse"), claims) == []
