"""What tests claim to prove."""

from __future__ import annotations

from contract_tests.evidence import Claim, mistakes, uncovered
from mockserver.services import load

SERVICE = load("sparkpost")


def claim(operation: str, error: str = "", evidence: str = "documented") -> Claim:
    return Claim("sparkpost", operation, error, evidence)


def test_a_claim_may_not_be_stronger_than_the_declaration() -> None:
    assert list(mistakes([claim("create_template"), claim("create_template", evidence="assumed")])) == []
    assert list(mistakes([claim("list_transmissions")])) == ["list_transmissions is observed, not documented"]
    assert list(mistakes([claim("retrieve_template", "template_not_found")])) == [
        "retrieve_template:template_not_found is observed, not documented"
    ]


def test_a_claim_is_about_something_that_there_is() -> None:
    assert list(mistakes([claim("sing")])) == ["sparkpost has no operation 'sing'"]
    assert list(mistakes([claim("list_templates", "no_draft")])) == ["list_templates has no error 'no_draft'"]


def test_what_nobody_claims_is_uncovered() -> None:
    missing = uncovered(SERVICE, [])
    assert {"create_template", "create_template:template_exists", "*:unauthorized"} <= set(missing)
    proven = [claim("create_template"), claim("create_template", "template_exists"), claim("x", "unauthorized")]
    assert set(missing) - set(uncovered(SERVICE, proven)) == {
        "create_template", "create_template:template_exists", "*:unauthorized",
    }  # fmt: skip


def test_what_is_assumed_need_not_be_proven() -> None:
    assert "create_transmission:resources" not in uncovered(SERVICE, [])
    assert "*:too_many_requests" not in uncovered(SERVICE, [])
