"""What holds for every operation: the vendor's list is complete, and nothing that is sent makes the sandbox fail."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from mockserver.app import create_app
from mockserver.core.clock import moment
from mockserver.core.config import Settings
from mockserver.core.http import Request
from mockserver.core.openapi import document
from mockserver.core.operation import Operation
from mockserver.core.routing import path_parameters
from mockserver.services.engagespark import SERVICE
from tests.samples import samples_of

from .room import GLOBE, NOW, ORG, TOKEN, Room

OPERATIONS = tuple(SERVICE.operations.values())
SAMPLES = samples_of("engagespark")

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


def test_the_openapi_document_describes_all_of_them() -> None:
    paths = document(SERVICE, server_url="http://localhost/engagespark")["paths"]
    assert sum(len(path) for path in paths.values()) == len(OPERATIONS)


texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [GLOBE, "+639175550024", "1", "77", "PH", "09:00", "day", "Asia/Manila", "100001", "newest", "mp3"]
    ),
    st.sampled_from(["{{contact.firstName}}", "2026-03-01T12:00:00Z", "9" * 40, "http://localhost:9/", "cat.jpg"]),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.integers(0, 3), st.floats(), texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)


def fields_of(operation: Operation) -> list[str]:
    kind = operation.body._type if operation.body is not None else None
    names = [field.alias or name for name, field in kind.model_fields.items()] if _is_model(kind) else []
    return [name for name in names if name != "root"] or ["id", "contacts"]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    operation = draw(st.sampled_from(OPERATIONS))
    path = operation.path.replace("{orgId}", "1")
    for name in path_parameters(path):
        usual = {"campaignId": "1001", "contactId": "100001", "filename": "cat.jpg"}.get(name, "SMS-1-1")
        value = draw(st.one_of(st.just(usual), texts.filter(bool)))
        path = path.replace("{" + name + "}", quote(value, safe=""))
    fields = draw(st.dictionaries(st.sampled_from(fields_of(operation)), values, max_size=5))
    sample = SAMPLES[operation.id]["request"].get("body")
    if isinstance(sample, dict):
        fields = draw(st.sampled_from([sample | fields, fields]))
    body = json.dumps(draw(st.one_of(st.just(fields), values))).encode()
    names = st.sampled_from(["after", "limit", "page", "size", "search", "failed", "dir", "startDate", "conditions",
                             "phonenumber", "groupid", "subscriptionstatus", "category", "filter"])  # fmt: skip
    query = draw(st.dictionaries(names, texts, max_size=2))
    encoded = "&".join(f"{name}={quote(value)}" for name, value in query.items()).encode()
    kind = draw(st.sampled_from([b"application/json", b"multipart/form-data; boundary=x", b"text/plain"]))
    headers = [(b"authorization", f"Token {TOKEN}".encode()), (b"content-type", kind)]
    return Request(operation.method, path, encoded, headers, body)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(requests(), min_size=1, max_size=6), st.booleans())
def test_whatever_is_sent_is_answered_in_the_vendors_shape(sent: list[Request], strict: bool) -> None:
    app = create_app(Settings(validate_answers=True, rate_limits=False))
    room = Room(app)
    room.contact(firstName="Mary")
    room.upload(("cat.jpg", b"x"))
    if strict:
        room.strict()
    for request in sent:
        answer = app.dispatcher("engagespark").respond(request)
        assert answer.status < 500, (request.method, request.path, request.body, answer.body)
        if answer.status >= 400:
            assert set(answer.json()) & {"error", "detail", "status"}
    room.clock.advance(100 * 3600)
    assert not [event for event in room.events if moment(event.time) < moment(NOW)]
    room.http.close()


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["inbound-sms", "inbound-whatsapp", "webhooks", "balance", "campaign"]), st.data())
def test_whatever_is_simulated_is_answered(name: str, data: st.DataObject) -> None:
    room = Room(create_app(Settings(validate_answers=True, rate_limits=False)))
    simulations = SERVICE.simulations
    assert simulations is not None
    operation = next(each for each in simulations if each.path == f"/{name}")
    fields = data.draw(st.dictionaries(st.sampled_from(fields_of(operation)), values, max_size=5))
    sent = {"from": GLOBE} | fields if "inbound" in name else fields
    path = f"/_mock/services/engagespark/simulations/{name}"
    request = Request("POST", path, f"account={TOKEN}".encode(), [], json.dumps(sent).encode())
    assert room.app.control.respond(request).status in (200, 404, 422)
    assert room.send("GET", f"{ORG}/messages/").status_code == 200
    room.http.close()
