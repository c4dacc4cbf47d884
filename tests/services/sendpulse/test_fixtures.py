"""The samples of answers under ``fixtures/sendpulse``."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from mockserver.services.sendpulse import SERVICE

from .room import Room
from .samples import FILES, SAMPLES

OPERATIONS = SERVICE.operations


def test_there_is_a_sample_for_every_operation_on_its_page() -> None:
    pages = {operation.id: operation.handler.__module__.rpartition(".")[2] for operation in OPERATIONS.values()}
    found = {file.stem: file.parent.name.replace("-", "_") for file in FILES}
    assert found == pages


@pytest.mark.parametrize("name", OPERATIONS, ids=str)
def test_a_sample_has_the_declared_shape(name: str) -> None:
    operation, sample = OPERATIONS[name], SAMPLES[name]
    assert sample["status"] == operation.status
    adapter: TypeAdapter[object] | None = operation.answer
    assert adapter is not None
    adapter.validate_python(sample["response"], strict=True)


@pytest.mark.parametrize("name", OPERATIONS, ids=str)
def test_a_samples_request_leads_to_its_operation(name: str) -> None:
    request = SAMPLES[name]["request"]
    found = SERVICE.routes.match(request["method"], request["path"].partition("?")[0])
    assert isinstance(found, tuple)
    assert found[0].id == name


def test_a_sample_of_adding_can_be_played(room: Room) -> None:
    played = ("create_mailing_list", "add_emails", "edit_mailing_list", "list_emails", "find_emails_by_variable")
    for name in played:
        sample = SAMPLES[name]
        request = sample["request"]
        assert room.call(request["method"], request["path"], request.get("body")) == sample["response"]
