"""What holds for all five services."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import orjson
import pytest

from sparkbox import services
from sparkbox.app import create_app
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.service import Service
from sparkbox.core.request.http import JSON_TYPE, Headers, Request
from sparkbox.core.request.routing import Routes, path_parameters
from sparkbox.core.state.config import Settings
from sparkbox.core.testing.faults import Fault
from sparkbox.testing.transport import Transport
from tests.services.fuzz import fields_of

SERVICES = [services.load(api.name) for api in services.SERVICES]
OPERATIONS = [(service, operation) for service in SERVICES for operation in service.operations.values()]
EVERY = [pytest.param(service, each, id=f"{service.name}-{each.id}") for service, each in OPERATIONS]
GUARDED = [
    pytest.param(service, each, id=f"{service.name}-{each.id}") for service, each in OPERATIONS if not each.public
]
APP = create_app(Settings(validate_responses=True, rate_limits=False))


@pytest.fixture(params=SERVICES, ids=lambda service: service.name)
def service(request: pytest.FixtureRequest) -> Service:
    found: Service = request.param
    return found


def raising(service: Service) -> Iterator[Operation]:
    yield from service.operations.values()
    yield from service.own_simulations


def test_every_error_can_come_about_and_it_is_said_how(service: Service) -> None:
    declared = {error for operation in raising(service) for error in service.errors_of(operation)}
    envelopes = [service.envelope, *(section.envelope for _, section in service.parts if section.envelope)]
    declared |= {error for envelope in envelopes for error in envelope.path_errors()}
    assert [error.name for error in service.errors if not error.cause] == []
    assert [error.name for error in service.errors if error not in declared and "fault" not in error.cause] == []


@pytest.mark.parametrize(("service", "operation"), GUARDED)
def test_every_operation_but_the_public_ones_asks_for_a_credential(service: Service, operation: Operation) -> None:
    path = operation.path.partition("?")[0]
    for name in path_parameters(path):
        path = path.replace("{" + name + "}", "1")
    response = APP.dispatcher(service.name).respond(Request(operation.method, path, b"", [], b""))
    assert response.status == 401
    assert response.error in {error.name for error in service.errors if error.status == 401}


KEY = "mock-a"
HEADERS: dict[str, Headers] = {
    "sparkpost": [(b"authorization", KEY.encode())],
    "sendpulse": [(b"authorization", f"Bearer {KEY}".encode())],
    "engagespark": [(b"authorization", f"Token {KEY}".encode())],
    "sendspark": [(b"x-api-key", KEY.encode()), (b"x-api-secret", b"mock-sendspark-secret")],
    "sparked": [(b"authorization", f"Bearer {KEY}".encode())],
}
KNOWN = {"orgId": "1", "workspaceId": "mock-workspace", "creator_id": "cr_mock"}
ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, 2**63, 2**70, 1e308, "", " ", "x", "\x00", "ü", "a@b.example", "x" * 70_000, [],
    [None], [[]], [{}], {}, {"": None}, {"x": {"x": []}}, [1, "x", {}],
]  # fmt: skip
"""Values that a field is seldom meant to have."""
BROKEN = [
    b"",
    b"{",
    b"\xff",
    b"\x00",
    b"NaN",
    b"[" * 5000,
    b'{"x":' * 5000,
    b"{}{}",
    b"\xef\xbb\xbf{}",
    b'{"x": "\\ud800"}',
]
"""Bodies that are no JSON, or hardly."""


def bodies(operation: Operation) -> Iterator[bytes]:
    """Whatever JSON there is, each of the operation's own fields with whatever value, and what is no JSON."""
    yield from BROKEN
    yield from map(orjson.dumps, (value for value in ODD if value != 2**70))
    for name in fields_of(operation.body):
        yield from (json.dumps({name: value}).encode() for value in ODD)
    names = fields_of(operation.body)
    yield from (json.dumps(dict.fromkeys(names, value)).encode() for value in ODD)


@pytest.mark.parametrize(("service", "operation"), EVERY)
def test_whatever_json_an_operation_is_sent_it_answers_in_the_vendors_shape(
    service: Service, operation: Operation
) -> None:
    path = operation.path.partition("?")[0]
    for name in path_parameters(path):
        path = path.replace("{" + name + "}", KNOWN.get(name, "1"))
    shape = jsonschema.Draft202012Validator(service.envelope_of(operation).error_schema())
    headers = [*HEADERS[service.name], (b"content-type", b"application/json")]
    for body in bodies(operation):
        response = APP.dispatcher(service.name).respond(Request(operation.method, path, b"", headers, body))
        assert response.status < 500, (body[:100], response.body[:300])
        if response.status >= 400 and JSON_TYPE in response.headers:  # what people see is a page
            assert response.error in {error.name for error in service.errors}
            assert [found.message for found in shape.iter_errors(response.json())] == [], (body[:100], response.body)


def test_a_body_that_is_too_large_and_what_only_faults_bring_about(service: Service) -> None:
    app = create_app(Settings(validate_responses=True, rate_limits=False))
    operation = next(each for each in service.operations.values() if each.method == "POST")
    with httpx.Client(transport=Transport(app), base_url=f"http://testserver/{service.name}") as http:
        large = http.post(operation.path, content=bytes(service.body_limit + 1))
        assert large.status_code == service.envelope.too_large.status
        for row in (service.envelope.crashed, service.envelope.unavailable):
            app.sandbox.faults.add(Fault(service=service.name, error=row.name, first=1))
            assert http.post(operation.path).status_code == row.status


def test_path_of_a_section_matches_no_operation_of_another(service: Service) -> None:
    """Otherwise what answers a request would depend on which sections are loaded."""
    for operation in service.operations.values():
        path = re.sub(r"\{[^{}]*\}", "x1", operation.path)
        for section, part in service.parts:
            if section != operation.section:
                routes: Routes[Operation] = Routes(merge_slashes=service.merge_slashes)
                for other in (each for page in part.pages for each in page):
                    routes.add(other.method, other.path, other)
                assert not isinstance(routes.match(operation.method, path), tuple), (operation.id, section)
