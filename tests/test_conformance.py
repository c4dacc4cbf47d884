"""Responses are as the OpenAPI documents declare: Schemathesis calls each operation with valid and invalid data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.failures import Failure
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation

from sparkbox import services
from sparkbox.app import create_app
from sparkbox.control import SERVICE as CONTROL
from sparkbox.core.declare.service import Service
from sparkbox.core.docs.openapi import document
from sparkbox.core.state.config import Settings
from sparkbox.testing.transport import Transport

HOST = "http://127.0.0.1:8025"
CHECKS: list[Callable[..., Any]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CREDENTIALS: dict[str, dict[str, str]] = {
    "sparkpost": {"Authorization": "mock-a"},
    "sendpulse": {"Authorization": "Bearer mock-a"},
    "engagespark": {"Authorization": "Token mock-a"},
    "sendspark": {"X-Api-Key": "mock-a", "X-Api-Secret": "mock-sendspark-secret"},
    "sparked": {"Authorization": "Bearer mock-a"},
    "control": {},
}
KNOWN = {"orgId": "1", "workspaceId": "mock-workspace", "creator_id": "cr_mock"}
EXAMPLES = 1
"""Of valid and of invalid data, for each operation."""


def service_called(name: str) -> Service:
    return CONTROL if name == "control" else services.load(name)


@pytest.mark.parametrize("name", CREDENTIALS)
def test_every_response_is_declared(name: str) -> None:
    service = service_called(name)
    base = HOST if name == "control" else f"{HOST}/{name}"
    schema = schemathesis.openapi.from_dict(document(service, server_url=base))
    failed: list[str] = []
    app = create_app(Settings(rate_limits=False))
    with httpx.Client(transport=Transport(app), base_url=base, headers=CREDENTIALS[name]) as client:
        for found in schema.get_all_operations():
            assert isinstance(found, Ok)
            operation = found.ok()
            check(client, operation, GenerationMode.POSITIVE, failed)
            # A text in a path is never of a wrong type; to look for one takes most of the time.
            declared = service.operations[operation.definition.raw["operationId"]]
            if declared.body is not None or declared.query is not None:
                check(client, operation, GenerationMode.NEGATIVE, failed)
    assert sorted(set(failed)) == []


def check(
    client: httpx.Client, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, failed: list[str]
) -> None:
    """Send a few requests of a kind, and add what is wrong with their responses to ``failed``."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Case[Any]) -> None:
        for parameter, value in KNOWN.items():
            if parameter in (case.path_parameters or {}):
                case.path_parameters[parameter] = value
        response = send(client, case)
        try:
            case.validate_response(response, checks=CHECKS)
        except* Failure as group:
            failed.extend(
                f"{case.method} {case.path}: {response.status_code}, {summary(each)}" for each in group.exceptions
            )

    try:
        run()
    except Unsatisfiable:
        # An operation that accepts any value has no invalid data.
        assert mode is GenerationMode.NEGATIVE


def summary(failure: BaseException) -> str:
    """The first lines of what Schemathesis found."""
    return " ".join(f"{type(failure).__name__} {getattr(failure, 'message', failure)}".split())[:200]


def send(client: httpx.Client, case: Case[Any]) -> httpx.Response:
    """The request as Requests would write it, with the client's credentials."""
    wanted = ("method", "url", "headers", "params", "json", "data", "files", "cookies")
    fields = case.as_transport_kwargs(base_url=str(client.base_url))
    prepared = requests.Request(**{name: fields[name] for name in wanted if name in fields}).prepare()
    assert prepared.method is not None
    assert prepared.url is not None
    mine = ("authorization", "content-length", *map(str.lower, CREDENTIALS["sendspark"]))
    kept = {name: value for name, value in prepared.headers.items() if name.lower() not in mine}
    headers = {name: value if isinstance(value, str) else value.decode("latin-1") for name, value in kept.items()}
    assert prepared.body is None or isinstance(prepared.body, str | bytes)
    response = client.request(prepared.method, prepared.url, headers=headers, content=prepared.body)
    response.elapsed = timedelta()
    return response
