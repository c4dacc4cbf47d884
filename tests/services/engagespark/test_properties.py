"""What holds for every operation: the vendor's list is complete, and nothing that is sent makes the sandbox fail."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.declare.operation import Operation
from sparkbox.core.docs.openapi import document
from sparkbox.core.request.http import Request, Response
from sparkbox.core.state.clock import moment
from sparkbox.core.state.config import Settings
from sparkbox.services.engagespark import SERVICE
from tests.services.engagespark.api import GLOBE, ORG, TOKEN, Api
from tests.services.fuzz import Fuzz, fields_of, holds
from tests.services.view import NOW

OPERATIONS = tuple(SERVICE.operations.values())

ORGANIZATION = "/v1/organizations/{orgId}"
DOCUMENTED = {
    ("GET", f"{ORGANIZATION}/balance.json"),
    ("POST", f"{ORGANIZATION}/engagements/{{campaignId}}/subscribe"),
    ("POST", f"{ORGANIZATION}/engagements/{{campaignId}}/unsubscribe"),
    ("GET", f"{ORGANIZATION}/contacts/"),
    ("POST", f"{ORGANIZATION}/contacts/"),
    ("GET", f"{ORGANIZATION}/contacts/{{contactId}}/"),
    ("PUT", f"{ORGANIZATION}/contacts/{{contactId}}/"),
    ("DELETE", f"{ORGANIZATION}/contacts/{{contactId}}/"),
    ("POST", "/v1/sms/contact"),
    ("POST", "/v1/sms/phonenumber"),
    ("GET", f"{ORGANIZATION}/messages/"),
    ("GET", f"{ORGANIZATION}/messages/{{messageId}}/"),
    ("POST", f"{ORGANIZATION}/topup/"),
    ("GET", f"{ORGANIZATION}/topups/"),
    ("GET", f"{ORGANIZATION}/topups/{{topupId}}/"),
    ("GET", f"{ORGANIZATION}/files/"),
    ("POST", f"{ORGANIZATION}/files/"),
    ("GET", f"{ORGANIZATION}/files/{{filename}}"),
    ("POST", f"{ORGANIZATION}/files/{{filename}}"),
    ("DELETE", f"{ORGANIZATION}/files/{{filename}}"),
    ("POST", "/v1/whatsapp/contact"),
    ("GET", f"{ORGANIZATION}/whatsapp/"),
    ("GET", f"{ORGANIZATION}/whatsapp/{{messageId}}/"),
}
"""The 23 operations of the published OpenAPI."""


def test_every_documented_operation_is_declared_and_the_rest_is_the_older_api() -> None:
    declared = {(operation.method, operation.path) for operation in OPERATIONS}
    assert declared >= DOCUMENTED
    older = {operation for operation in OPERATIONS if (operation.method, operation.path) not in DOCUMENTED}
    assert {operation.group for operation in older} == {"Older API"}


def test_openapi_document_has_every_operation() -> None:
    paths = document(SERVICE, server_url="http://localhost/engagespark")["paths"]
    assert sum(len(path) for path in paths.values()) == len(OPERATIONS)


FUZZ = Fuzz(
    SERVICE,
    [(b"authorization", f"Token {TOKEN}".encode())],
    (
        GLOBE,
        "+639175550024",
        "1",
        "77",
        "PH",
        "09:00",
        "day",
        "Asia/Manila",
        "100001",
        "newest",
        "mp3",
        "{{contact.firstName}}",
        "2026-03-01T12:00:00Z",
        "9" * 40,
        "http://localhost:9/",
        "cat.jpg",
    ),
    known={"orgId": "1", "campaignId": "1001", "contactId": "100001", "filename": "cat.jpg", "messageId": "SMS-1-1"},
    names=("id", "contacts"),
    content_types=("text/plain", "multipart/form-data; boundary=x"),
)


def is_in_shape(operation: Operation, response: Response) -> None:
    assert set(response.json()) & {"error", "detail", "status"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FUZZ.requests(), min_size=1, max_size=6), st.booleans())
def test_any_request_gets_a_response_in_the_vendors_shape(sent: list[tuple[Operation, Request]], strict: bool) -> None:
    app = create_app(Settings(validate_responses=True, rate_limits=False))
    api = Api(app)
    api.contact(firstName="Mary")
    api.upload(("cat.jpg", b"x"))
    if strict:
        api.strict()
    for each in sent:
        holds(app.dispatcher("engagespark"), each, is_in_shape)
    api.clock.advance(100 * 3600)
    assert not [event for event in api.events if moment(event.time) < moment(NOW)]
    api.http.close()


@settings(max_examples=70, deadline=None)
@given(st.sampled_from(["inbound-sms", "inbound-whatsapp", "webhooks", "balance", "campaign"]), st.data())
def test_any_simulation_gets_a_response(name: str, data: st.DataObject) -> None:
    api = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
    simulations = SERVICE.all_simulations
    assert simulations is not None
    operation = next(each for each in simulations if each.path == f"/{name}")
    fields = data.draw(st.dictionaries(st.sampled_from([*fields_of(operation.body), "x"]), FUZZ.values, max_size=5))
    sent = {"from": GLOBE} | fields if "inbound" in name else fields
    path = f"/_mock/services/engagespark/simulations/{name}"
    request = Request("POST", path, f"account={TOKEN}".encode(), [], json.dumps(sent).encode())
    response = api.app.control.respond(request)
    # What is due, or has to be imported, comes first, in steps.
    done = response if response.later is None else response.later.complete()
    assert done is not None
    assert done.status in (200, 404, 422)
    assert api.send("GET", f"{ORG}/messages/").status_code == 200
    api.http.close()
