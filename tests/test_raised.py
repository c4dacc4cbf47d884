"""How a run over all tests checks which errors the tests caused."""

from __future__ import annotations

from sparkbox.core.declare.errors import Error
from sparkbox.services import SERVICES, load
from tests.raised import EXCEPTIONS, counts, problems

EVERY = {(api.name, error.name) for api in SERVICES for error in load(api.name).errors}


def test_error_without_a_test_is_a_problem_unless_excepted() -> None:
    row = ("sparkpost", "too_large")
    assert list(problems(EVERY - EXCEPTIONS.keys(), EXCEPTIONS)) == []
    assert [line for line in problems(EVERY - {row}, {}) if "too_large" in line] == [
        "no test causes sparkpost's error too_large: tests/raised.py"
    ]
    assert list(problems(EVERY, {row: "why"})) == ["sparkpost's error too_large is no exception: tests/raised.py"]
    assert list(problems(EVERY - {row}, {row: "why"})) == []


def test_injected_error_counts_only_where_faults_are_its_cause() -> None:
    assert counts(Error("down", 503, "Down", cause="A fault."), injected=True)
    assert not counts(Error("gone", 404, "Gone", cause="An unknown id."), injected=True)
    assert counts(Error("gone", 404, "Gone", cause="An unknown id."), injected=False)
