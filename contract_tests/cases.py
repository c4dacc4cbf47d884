"""Rows of parametrised tests."""

from __future__ import annotations

import pytest
from _pytest.mark.structures import ParameterSet

from sparkbox.core.declare.errors import Evidence


def case(
    claim: str, *values: object, id: str = "", evidence: Evidence = "documented", sandbox_only: bool = False
) -> ParameterSet:
    """Return a row for ``pytest.mark.parametrize`` that proves ``claim``, see :mod:`contract_tests.evidence`.

    ``id`` tells it from other rows with the same claim.
    """
    marks = [getattr(pytest.mark, evidence)(claim)]
    if sandbox_only:
        marks.append(pytest.mark.sandbox_only)
    return pytest.param(*values, marks=marks, id=f"{claim}-{id}" if id else claim)
