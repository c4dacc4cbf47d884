"""What every envelope does unless its vendor does otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox.core.declare.envelope import Envelope
from sparkbox.core.declare.errors import ApiError
from sparkbox.core.declare.limits import Standing
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.schema import Problem
from sparkbox.core.request.dispatch import Dispatcher
from sparkbox.core.request.http import Request, Response, json_response
from tests.core import api
from tests.core.api import SERVICE
from tests.core.office import Office, sandbox

SEND = SERVICE.operations["send_letter"]


class Plain(Envelope):
    """Says no more than it has to."""

    unauthorized = api.UNAUTHORIZED
    not_found = api.NO_PLACE
    method_not_allowed = api.NO_METHOD
    unsupported_media_type = api.MEDIA
    too_large = api.TOO_LARGE
    malformed = api.MALFORMED
    invalid = api.INVALID
    throttled = api.THROTTLED
    crashed = api.CRASHED
    unavailable = api.CLOSED

    def error(self, api_error: ApiError) -> Response:
        return json_response(api_error.error.status, {"error": api_error.message, "about": api_error.description})


@pytest.fixture
def plain() -> Plain:
    return Plain()


def problem(kind: str, *path: str | int) -> Problem:
    return Problem("body", path, kind, "it is wrong")


def test_a_payload_goes_out_as_json(plain: Plain) -> None:
    response = plain.success(Office().context(), SEND, {"a": 1}, 201)
    assert (response.status, response.json()) == (201, {"a": 1})


def test_no_content_has_no_body(plain: Plain) -> None:
    response = plain.success(Office().context(), SEND, None, 204)
    assert (response.status, response.body, response.headers) == (204, b"", [])


def test_an_unreadable_body_is_malformed(plain: Plain) -> None:
    api_error = plain.problems([problem("missing", "to"), problem("json_invalid")], SEND)
    assert api_error.error is api.MALFORMED


def test_other_problems_are_invalid_and_the_first_is_told(plain: Plain) -> None:
    api_error = plain.problems([problem("missing", "copies", 0, "address"), problem("missing", "text")], SEND)
    assert api_error.error is api.INVALID
    assert api_error.description == "copies.0.address: it is wrong"
    assert plain.problems([problem("model_type")], SEND).description == "it is wrong"


def test_a_limit_refuses_with_the_common_row(plain: Plain) -> None:
    assert plain.limited(Standing(api.READS, 3, 3, 10.0), 0.0).error is api.THROTTLED


def test_each_common_error_is_listed_once() -> None:
    class Thrifty(Plain):
        unauthorized = api.NO_PLACE
        malformed = api.INVALID

    listed = Thrifty().common_errors()
    assert len(listed) == len(set(listed)) == 8
    assert api.UNAUTHORIZED not in listed


def test_schemas_are_those_of_the_payload(plain: Plain) -> None:
    assert plain.wrap_schema({"type": "string"}, SEND) == {"type": "string"}
    assert plain.error_schema() == {"type": "object"}


def test_an_envelope_has_to_say_how_an_error_looks() -> None:
    with pytest.raises(NotImplementedError):
        Envelope().error(api.CRASHED())


def test_a_service_works_with_no_more_than_that() -> None:
    service = api.service_of(api.letters, envelope=Plain())
    dispatcher = Dispatcher(sandbox(), service)

    def asked(method: str, path: str, body: bytes = b"") -> Response:
        headers = [(b"x-key", b"mock-key"), (b"content-type", b"application/json")]
        return dispatcher.respond(Request(method, path, b"", headers, body))

    assert asked("GET", "/v1/letters").json() == []
    assert asked("GET", "/v1/nothing").json() == {"error": "no such place", "about": None}
    assert asked("POST", "/v1/letters", b"{}").json() == {"error": "not like this", "about": "to: Field required"}


class Wordy(api.OpenPostEnvelope):
    """Words a missing field with a row that no operation declares."""

    def problems(self, problems: list[Problem], operation: Operation) -> ApiError:
        return api.SECRET() if problems[0].kind == "missing" else super().problems(problems, operation)


@pytest.mark.parametrize(("strict", "name"), [(True, "crashed"), (False, "secret")])
def test_validate_responses_catches_a_problem_with_an_undeclared_row(strict: bool, name: str) -> None:
    service = api.service_of(api.letters, envelope=Wordy())
    dispatcher = Dispatcher(sandbox(validate_responses=strict), service)
    headers: Any = [(b"x-key", b"mock-key"), (b"content-type", b"application/json")]
    assert dispatcher.respond(Request("POST", "/v1/letters", b"", headers, b"{}")).error == name
