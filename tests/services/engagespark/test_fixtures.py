"""The samples of answers under ``fixtures/engagespark``."""

from __future__ import annotations

import pytest

from mockserver.services.engagespark import SERVICE

from .samples import FILES, SAMPLES

OPERATIONS = SERVICE.operations


def test_there_is_a_sample_for_every_operation_on_its_page() -> None:
    pages = {operation.id: operation.handler.__module__.rpartition(".")[2] for operation in OPERATIONS.values()}
    assert {file.stem: file.parent.name for file in FILES} == pages


@pytest.mark.parametrize("name", OPERATIONS, ids=str)
def test_a_sample_has_the_declared_shape(name: str) -> None:
    operation, sample = OPERATIONS[name], SAMPLES[name]
    assert sample["status"] == operation.status
    if operation.answer is None:
        assert isinstance(sample["response"], str)
    else:
        operation.answer.validate_python(sample["response"], strict=True)


@pytest.mark.parametrize("name", OPERATIONS, ids=str)
def test_a_samples_request_leads_to_its_operation(name: str) -> None:
    request = SAMPLES[name]["request"]
    found = SERVICE.routes.match(request["method"], request["path"].partition("?")[0])
    assert isinstance(found, tuple)
    assert found[0].id == name
