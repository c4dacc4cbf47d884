"""What the five services declare makes a valid OpenAPI document, and a whole list."""

from __future__ import annotations

import json

import pytest
from openapi_spec_validator import validate

from sparkbox import services
from sparkbox.core.docs.openapi import describe, document
from sparkbox.core.docs.schemas import vendors


@pytest.fixture(params=[api.name for api in services.SERVICES])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_document_is_valid(name: str) -> None:
    made = document(services.load(name), server_url=f"http://127.0.0.1:8025/{name}")
    validate(json.loads(json.dumps(made)))


def test_list_has_every_operation(name: str) -> None:
    service = services.load(name)
    rows = describe(service)
    assert [row["operation_id"] for row in rows] == [operation.id for operation in vendors(service)]
    assert all(row["service"] == name and row["docs"].startswith("https://") for row in rows)


def response_types(name: str, path: str, method: str, status: str) -> set[str]:
    made = document(services.load(name), server_url="http://127.0.0.1:8025")
    return set(made["paths"][path][method]["responses"][status].get("content", {}))


def test_no_media_type_is_empty(name: str) -> None:
    made = document(services.load(name), server_url="http://127.0.0.1:8025")
    for methods in made["paths"].values():
        for operation in methods.values():
            responses = operation["responses"].values()
            contents = [operation.get("requestBody", {}), *responses]
            assert all(kind for content in contents for kind in content.get("content", {}))


@pytest.mark.parametrize(
    ("name", "schemes"),
    [
        ("sparkpost", {"apiKey": "apiKey", "basic": "http"}),
        ("sendpulse", {"token": "http", "oauth": "oauth2"}),
        ("engagespark", {"apiToken": "apiKey"}),
        ("sendspark", {"key": "apiKey", "secret": "apiKey"}),
        ("sparked", {"token": "http", "consent": "oauth2", "client": "http"}),
    ],
)
def test_security_schemes_of_a_service(name: str, schemes: dict[str, str]) -> None:
    made = document(services.load(name), server_url="http://127.0.0.1:8025")
    found = made["components"]["securitySchemes"]
    assert {scheme: found[scheme]["type"] for scheme in found} == schemes
    assert made["security"]


@pytest.mark.parametrize(
    ("name", "path", "method", "status", "types"),
    [
        ("engagespark", "/v1/sms/phonenumber", "post", "200", {"application/jsonl"}),
        ("engagespark", "/v1/sms/phonenumber", "post", "400", {"application/json", "application/jsonl"}),
        ("engagespark", "/v1/sms/phonenumber", "post", "401", {"application/json"}),
        ("sendspark", "/v1/workspaces/{workspaceId}/webhooks/{webhookId}", "delete", "404", {"application/json"}),
        ("sparked", "/oauth/authorize", "get", "400", {"text/html"}),
    ],
)
def test_responses_are_declared_with_their_media_types(
    name: str, path: str, method: str, status: str, types: set[str]
) -> None:
    assert response_types(name, path, method, status) == types
