"""That every operation and every documented error is proven, or is named here with the reason why not."""

from __future__ import annotations

import pytest

from contract_tests.evidence import Claim, uncovered
from sparkbox.services import load

EXCEPTIONS: dict[str, str] = {
    "create_sending_domain:too_many_domains": "takes 10,000 domains; tests/services/sparkpost has them",
    "preview_template:mime_parsing": "a template is checked when it is stored, so none that is stored is unreadable",
    "validate_webhook:tokens_failed": "a token is kept until a delivery is refused; tests/services/sparkpost waits",
}


@pytest.mark.assumed
@pytest.mark.sandbox_only
def test_every_operation_and_every_documented_error_is_proven(claims: list[Claim]) -> None:
    missing = set(uncovered(load("sparkpost"), claims))
    assert missing - set(EXCEPTIONS) == set()
    assert set(EXCEPTIONS) - missing == set()
