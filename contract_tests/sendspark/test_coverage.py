"""Coverage of operations and documented errors."""

from __future__ import annotations

import pytest

from contract_tests.evidence import Claim, uncovered
from sparkbox.services import load


@pytest.mark.assumed
@pytest.mark.sandbox_only
def test_every_operation_and_documented_error_is_covered(claims: list[Claim]) -> None:
    assert uncovered(load("sendspark"), claims) == []
