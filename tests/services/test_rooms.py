"""What holds in all five rooms, whatever the vendor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver import services
from mockserver.app import create_app
from mockserver.core.config import Settings
from mockserver.core.http import Request
from mockserver.core.operation import Operation
from mockserver.core.routing import path_parameters
from mockserver.core.service import Service

SERVICES = [services.load(room.name) for room in services.ROOMS]
GUARDED = [
    pytest.param(service, operation, id=f"{service.name}-{operation.id}")
    for service in SERVICES
    for operation in service.operations.values()
    if not operation.public
]
APP = create_app(Settings(validate_answers=True, rate_limits=False))


@pytest.fixture(params=SERVICES, ids=lambda service: service.name)
def service(request: pytest.FixtureRequest) -> Service:
    found: Service = request.param
    return found


def raising(service: Service) -> Iterator[Operation]:
    yield from service.operations.values()
    yield from service.simulations or ()


def test_every_error_can_come_about_and_it_is_said_how(service: Service) -> None:
    declared = {error for operation in raising(service) for error in service.errors_of(operation)}
    assert [error.name for error in service.errors if not error.cause] == []
    assert [error.name for error in service.errors if error not in declared and "fault" not in error.cause] == []


@pytest.mark.parametrize(("service", "operation"), GUARDED)
def test_every_operation_but_the_public_ones_asks_for_a_credential(service: Service, operation: Operation) -> None:
    path = operation.path.partition("?")[0]
    for name in path_parameters(path):
        path = path.replace("{" + name + "}", "1")
    answer = APP.dispatcher(service.name).respond(Request(operation.method, path, b"", [], b""))
    assert answer.status == 401
    assert answer.error in {error.name for error in service.errors if error.status == 401}
