"""Evidence and claims of contract tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_tests.evidence import Claim, mistakes, uncovered
from sparkbox.services import load

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent.parent
SERVICE = load("sparkpost")


def claim(operation: str, error: str = "", evidence: str = "documented") -> Claim:
    return Claim("sparkpost", operation, error, evidence)


def test_claim_stronger_than_the_declaration_is_a_mistake() -> None:
    assert list(mistakes([claim("create_template"), claim("create_template", evidence="assumed")])) == []
    assert list(mistakes([claim("list_transmissions")])) == ["list_transmissions is observed, not documented"]
    assert list(mistakes([claim("retrieve_template", "template_not_found")])) == [
        "retrieve_template:template_not_found is observed, not documented"
    ]


def test_claim_about_an_unknown_operation_or_error_is_a_mistake() -> None:
    assert list(mistakes([claim("sing")])) == ["sparkpost has no operation 'sing'"]
    assert list(mistakes([claim("list_templates", "no_draft")])) == ["list_templates has no error 'no_draft'"]


def test_operations_and_errors_without_claim_are_uncovered() -> None:
    missing = uncovered(SERVICE, [])
    assert {"create_template", "create_template:template_exists", "*:unauthorized"} <= set(missing)
    proven = [claim("create_template"), claim("create_template", "template_exists"), claim("x", "unauthorized")]
    assert set(missing) - set(uncovered(SERVICE, proven)) == {
        "create_template",
        "create_template:template_exists",
        "*:unauthorized",
    }


def test_assumed_errors_need_no_claim() -> None:
    assert "create_transmission:resources" not in uncovered(SERVICE, [])
    assert "*:too_many_requests" not in uncovered(SERVICE, [])


MARKED = """
import pytest

{marks}
def test_it(): ...
"""


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ("", "test_it: exactly one of documented, observed, assumed has to mark a test"),
        ("@pytest.mark.observed\n@pytest.mark.assumed", "test_it: exactly one of"),
        ("@pytest.mark.documented('sing')", "test_it: sparkpost has no operation 'sing'"),
    ],
)
@pytest.mark.parametrize("options", [(), ("--collect-only",)], ids=["run", "collected"])
def test_module_with_an_unmarked_test_is_not_collected(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, marks: str, words: str, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (pytester.mkdir("sparkpost") / "test_wrong.py").write_text(MARKED.format(marks=marks))
    pytester.makepyfile(test_right=MARKED.format(marks="@pytest.mark.documented"))
    hooks = "pytest_configure, pytest_make_collect_report"
    pytester.makeconftest(f"from contract_tests.conftest import {hooks}")
    done = pytester.runpytest_subprocess("-o", "asyncio_default_fixture_loop_scope=function", *options)
    done.stdout.fnmatch_lines([f"*{words}*"])
    assert done.ret == pytest.ExitCode.INTERRUPTED
