"""The accounts that contract tests run against, by the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_tests.engagespark.target import Engagespark
from contract_tests.parts import parts, service_of
from contract_tests.targets import Unavailable, target_of
from sparkbox.services import SERVICES

NAMES = [info.name for info in SERVICES]
PAGE = Path(__file__).parent.parent.parent / "docs" / "contract-tests.md"

ENVIRONMENT = {"ENGAGESPARK_TOKEN": " token ", "ENGAGESPARK_ORG_ID": "7", "ENGAGESPARK_SENDER": "ACME"}


def test_real_account_is_read_from_the_environment() -> None:
    account = Engagespark.real({**ENVIRONMENT, "ENGAGESPARK_RECIPIENT": "+63 917 123-4567"})
    assert (account.url, account.token, account.recipient) == ("https://api.engagespark.com", "token", "639171234567")
    other = Engagespark.real({**ENVIRONMENT, "ENGAGESPARK_URL": "https://other.example/"})
    assert (other.url, other.recipient) == ("https://other.example", "")


@pytest.mark.parametrize("missing", ENVIRONMENT)
def test_real_account_without_a_required_variable_is_unavailable(missing: str) -> None:
    with pytest.raises(Unavailable, match=f"{missing} is not set"):
        Engagespark.real({**ENVIRONMENT, missing: ""})


def test_environment_of_an_account_names_it() -> None:
    account = Engagespark.real({**ENVIRONMENT, "ENGAGESPARK_RECIPIENT": "639171234567"})
    assert Engagespark.real(account.environment) == account


@pytest.mark.parametrize("service", NAMES)
def test_contract_tests_page_names_every_variable(service: str) -> None:
    page = PAGE.read_text("utf-8")
    variables = {variable.name for variable in target_of(service).variables().values()}
    assert variables
    assert {name for name in variables if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("service", NAMES)
def test_every_service_has_a_guard_and_a_sweep(service: str) -> None:
    assert parts(service, "guard")
    assert parts(service, "sweep")


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("contract_tests/sendpulse/test_basics.py", "sendpulse"),
        ("contract_tests/sendpulse/smtp/test_emails.py", "sendpulse"),
        ("contract_tests/test_all.py", ""),
    ],
)
def test_service_of_a_test_module_is_that_of_its_folder(path: str, service: str) -> None:
    root = Path("/sparkpost")
    assert service_of(root / path, root, NAMES) == service
