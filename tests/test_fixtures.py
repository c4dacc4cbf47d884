"""The samples under ``fixtures/``: one for each operation, in its place and in the declared shape."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from contract_tests.fixtures import Fixture, fixtures
from sparkbox import services
from sparkbox.core.declare.operation import Operation
from sparkbox.core.docs.openapi import document
from sparkbox.core.docs.schemas import vendors

FIXTURES = fixtures()
OPERATIONS = [(api.name, each.id) for api in services.SERVICES for each in vendors(services.load(api.name))]
"""The vendors' operations, without the sandbox's own."""

NOT_JSON = {
    "sparked": {
        "authorize": "the consent page",
        "decide": "leads the consent page's form on",
    },
}
"""What has no sample, and why: people see it, or their browsers, and no program reads it."""
EXCEPTED = [(service, id) for service, reasons in NOT_JSON.items() for id in reasons if (service, id) in OPERATIONS]


def name_of(fixture: Fixture) -> str:
    return f"{fixture.service}-{fixture.operation}"


def operation_of(fixture: Fixture) -> Operation:
    return services.load(fixture.service).operations[fixture.operation]


@cache
def document_of(service: str) -> dict[str, Any]:
    found: dict[str, Any] = closed(document(services.load(service), server_url="http://sandbox"))
    return found


def closed(schema: Any) -> Any:
    """A schema that allows no names but those that it has."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(item) for name, item in schema.items()}
    return {"additionalProperties": False, **found} if isinstance(schema.get("properties"), dict) else found


def declared(service: str, operation: Operation, status: int) -> dict[str, Any]:
    """Return what the OpenAPI document says of an operation's response."""
    path = operation.path.partition("?")[0]
    found: dict[str, Any] = document_of(service)["paths"][path][operation.method.lower()]["responses"][str(status)]
    return found


def test_every_operation_has_one_sample_or_a_reason() -> None:
    sampled = [(fixture.service, fixture.operation) for fixture in FIXTURES]
    assert sorted([*sampled, *EXCEPTED]) == sorted(OPERATIONS)


@pytest.mark.parametrize(("service", "id"), EXCEPTED)
def test_operation_without_sample_returns_no_json(service: str, id: str) -> None:
    operation = services.load(service).operations[id]
    assert "application/json" not in declared(service, operation, operation.status).get("content", {})


@pytest.mark.parametrize("fixture", FIXTURES, ids=name_of)
def test_sample_is_in_the_folder_of_its_page_or_section(fixture: Fixture) -> None:
    operation = operation_of(fixture)
    *sections, page = operation.handler.__module__.split(".")[3:]
    group = re.sub(r"[^a-z]+", "-", operation.group.lower())
    names = {page, group, *sections, *(f"{section}-{page}" for section in sections)}
    assert fixture.path.parent.name.replace("-", "_") in {name.replace("-", "_") for name in names}


@pytest.mark.parametrize("fixture", FIXTURES, ids=name_of)
def test_request_of_sample_leads_to_its_operation(fixture: Fixture) -> None:
    request = fixture.sample["request"]
    found = services.load(fixture.service).match(request["method"], request["path"].partition("?")[0])
    assert isinstance(found, tuple)
    assert found[0].id == fixture.operation


@pytest.mark.parametrize("fixture", FIXTURES, ids=name_of)
def test_sample_has_the_shape_that_its_operation_declares(fixture: Fixture) -> None:
    service, sample, operation = fixture.service, fixture.sample, operation_of(fixture)
    assert sample["status"] == operation.status
    media = declared(service, operation, sample["status"]).get("content", {})
    content = media.get("application/json") or media.get("application/jsonl")
    if content is None:
        assert sample["response"] in (None, {}) or isinstance(sample["response"], str)
        return
    schema = {**content["schema"], "components": document_of(service)["components"]}
    problems = [
        f"{error.json_path}: {error.message}" for error in OAS31Validator(schema).iter_errors(sample["response"])
    ]
    assert problems == []
