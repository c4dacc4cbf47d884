"""What the five services declare makes a valid OpenAPI document, and a whole list."""

from __future__ import annotations

import json

import pytest
from openapi_spec_validator import validate

from mockserver import services
from mockserver.core.openapi import describe, document


@pytest.fixture(params=[room.name for room in services.ROOMS])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_document_of_a_service_is_valid(name: str) -> None:
    made = document(services.load(name), server_url=f"http://127.0.0.1:8025/{name}")
    validate(json.loads(json.dumps(made)))


def test_the_list_of_a_service_has_every_operation(name: str) -> None:
    service = services.load(name)
    rows = describe(service)
    assert [row["operation_id"] for row in rows] == list(service.operations)
    assert all(row["service"] == name and row["docs"].startswith("https://") for row in rows)
