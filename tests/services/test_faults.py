"""A response with an injected status has the service's shape and headers."""

from __future__ import annotations

import orjson
import pytest

from sparkbox.app import create_app
from sparkbox.core.request.http import Headers, Request
from sparkbox.core.state.config import Settings
from sparkbox.core.testing.faults import Fault

NOON = 1_772_366_400.0
KEY = (b"authorization", b"mock-a")
SPARKED: Headers = [(b"authorization", b"Basic bW9jay1hOm1vY2stc2VjcmV0")]
SENDSPARK: Headers = [(b"x-api-key", b"mock-a"), (b"x-api-secret", b"mock-sendspark-secret")]
CASES = [
    ("sendspark", "GET /v1/workspaces", 429, "rate_limited", {"retry-after": "60"}),
    (
        "sparked",
        "GET /api/v1/webhooks",
        429,
        "rate_limited",
        {
            "retry-after": "3600",
            "x-ratelimit-limit": "1000",
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": "1772370000",
        },
    ),
    ("sparked", "GET /api/v1/creators/cr_mock", 401, "unauthorized", {"www-authenticate": 'Bearer realm="Sparked"'}),
    ("sparked", "POST /oauth/token", 401, "invalid_client", {"www-authenticate": 'Basic realm="Sparked"'}),
    # Neither of these documents a header about its limits, so none is sent.
    ("sendpulse", "GET /addressbooks", 429, "too_many_requests", {}),
    ("sparkpost", "GET /api/v1/templates", 429, "too_many_requests", {}),
    ("sparkpost", "GET /api/v1/templates", 405, "invalid_method", {"allow": "POST"}),
    ("engagespark", "GET /v1/organizations/1/contacts", 429, "throttled", {}),
]
ABOUT = ("retry-after", "www-authenticate", "allow", "x-ratelimit-")


@pytest.mark.parametrize(("service", "operation", "status", "error", "headers"), CASES)
def test_an_injected_status_has_the_services_error_and_headers(
    service: str, operation: str, status: int, error: str, headers: dict[str, str]
) -> None:
    app = create_app(Settings(validate_responses=True, rate_limits=False))
    method, path = operation.split()
    account = app.sandbox.accounts.open("mock-a")
    assert account is not None
    account.clock.freeze(NOON)
    app.sandbox.faults.add(Fault(service, status=status))
    credential = {"sparked": SPARKED, "sendspark": SENDSPARK}.get(service, [KEY])
    response = app.dispatcher(service).respond(Request(method, path, b"", credential))
    assert (response.status, response.error) == (status, error)
    sent = {name.decode(): value.decode() for name, value in response.headers}
    about = {name: value for name, value in sent.items() if name.startswith(ABOUT)}
    if status != 429:
        about = {name: value for name, value in about.items() if not name.startswith("x-ratelimit-")}
    assert about == headers


TEAPOT = "I'm a Teapot"
BODIES = {
    "sparkpost": {"errors": [{"message": TEAPOT}]},
    "sendpulse": {"message": TEAPOT, "error_code": 418},
    "engagespark": {"error": TEAPOT},
    "sendspark": {"statusCode": 418, "error": TEAPOT, "message": TEAPOT},
    "sparked": {"error": {"code": "im_a_teapot", "message": TEAPOT, "details": []}},
}
PATHS = {service: operation.split()[1] for service, operation, *_ in reversed(CASES)}


@pytest.mark.parametrize("service", BODIES)
def test_an_injected_status_that_no_error_has_is_of_the_services_shape_and_types(service: str) -> None:
    app = create_app(Settings(rate_limits=False))
    app.sandbox.faults.add(Fault(service, status=418))
    credential = {"sparked": SPARKED, "sendspark": SENDSPARK}.get(service, [KEY])
    response = app.dispatcher(service).respond(Request("GET", PATHS[service], b"", credential))
    body = orjson.loads(response.body)
    if service == "sparked":
        assert body["error"].pop("request_id").startswith("req_")
    assert body == BODIES[service]
