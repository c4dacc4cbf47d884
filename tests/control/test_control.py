"""What all control calls have in common."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.control import SERVICE
from sparkbox.control.errors import RESOURCES
from sparkbox.core.declare.service import MIB
from tests.control.harness import A, Harness


@pytest.fixture(scope="module")
def busy_harness() -> Iterator[Harness]:
    """Return a harness that keeps what earlier calls left."""
    with Harness() as harness:
        yield harness


def test_no_operation_asks_for_a_credential() -> None:
    assert [operation.id for operation in SERVICE.operations.values() if not operation.public] == []


def test_every_operation_is_below_mock_and_belongs_to_a_resource_that_errors_name() -> None:
    resources = {operation.path.split("/")[2] for operation in SERVICE.operations.values()}
    assert {operation.path.split("/")[1] for operation in SERVICE.operations.values()} == {"_mock"}
    assert resources == set(RESOURCES)


def test_a_path_that_is_unknown_is_answered_with_the_resources_there_are(harness: Harness) -> None:
    status, code, message = harness.refused("GET", "mesages")
    assert (status, code) == (404, "not_found")
    assert "/_mock/mesages" in message
    assert "messages" in message.split("it has", 1)[1]


@pytest.mark.parametrize("path", ["/_mock", "/_mock/"])
def test_the_bare_prefix_is_answered_too(harness: Harness, path: str) -> None:
    assert harness.call("GET", path).json()["error"]["code"] == "not_found"


def test_a_method_that_is_not_allowed_is_answered_with_those_that_are(harness: Harness) -> None:
    response = harness.call("PUT", "/_mock/messages")
    assert (response.status_code, response.headers["allow"]) == (405, "DELETE, GET")
    assert response.json()["error"]["code"] == "method_not_allowed"


def test_control_calls_are_not_journaled_and_make_no_account(harness: Harness) -> None:
    harness.get("messages")
    harness.refused("GET", "nothing")
    assert harness.get("requests")["total"] == 0
    assert harness.get("accounts")["total"] == 0


def test_control_calls_are_found_under_a_vendors_host_too(harness: Harness) -> None:
    response = harness.call("GET", "/_mock/health", headers={"host": "api.sparkpost.com"})
    assert response.json()["status"] == "ok"


def test_a_mistyped_parameter_is_refused_and_not_taken_for_all_accounts(harness: Harness) -> None:
    harness.send(key=A)
    status, code, message = harness.refused("DELETE", "messages?acount=mock-b")
    assert (status, code) == (422, "invalid")
    assert message == "acount: unknown parameter; this operation takes account."
    assert harness.get("messages")["total"] == 1


def test_a_mistyped_field_is_refused_with_those_there_are(harness: Harness) -> None:
    error = harness.call("PATCH", "/_mock/accounts", {"suspend": True}).json()["error"]
    assert error["details"] == [
        {
            "where": "body",
            "field": "suspend",
            "message": "unknown field; this operation takes profile, suspended, rate_limits",
        }
    ]


def test_a_body_that_is_not_json_is_refused(harness: Harness) -> None:
    response = harness.call("POST", "/_mock/clock", content=b"{advance: 5}")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "malformed")
    assert response.json()["error"]["message"].startswith("The body cannot be read: Invalid JSON")


def test_a_body_is_json_whatever_its_content_type_says(harness: Harness) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = harness.call("POST", "/_mock/clock", content=b'{"advance": 5}', headers=headers)
    assert response.status_code == 200


def test_a_body_that_is_too_large_is_refused(harness: Harness) -> None:
    response = harness.call("POST", "/_mock/faults", content=b" " * (MIB + 1))
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("value", ["-1", "1001", "many", ""])
def test_a_limit_beyond_reason_is_refused(harness: Harness, value: str) -> None:
    status, code, message = harness.refused("GET", f"messages?limit={value}")
    assert (status, code) == (422, "invalid")
    assert message.startswith("limit: ")


def test_responses_are_neither_cached_nor_sniffed(harness: Harness) -> None:
    for path in ("health", "nothing"):
        headers = harness.call("GET", f"/_mock/{path}").headers
        assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


@pytest.mark.parametrize(
    "path", ["messages", "requests", "events", "webhooks", "clock", "faults", "stubs", "limits", "state"]
)
def test_reading_an_account_that_was_not_used_yet_shows_nothing_and_makes_none(harness: Harness, path: str) -> None:
    assert harness.get(f"{path}?account=mock-new").get("total", 0) == 0
    assert harness.get("accounts")["total"] == 0


@pytest.mark.parametrize("credential", ["real-key", "mock-" + "x" * 4096])
def test_an_account_that_no_credential_opens_is_refused(harness: Harness, credential: str) -> None:
    status, code, message = harness.refused("GET", f"messages?account={credential}")
    assert (status, code) == (404, "not_found")
    assert "a credential begins with 'mock-'" in message
    assert len(message) < 400


def test_a_further_credential_names_its_account(harness: Harness) -> None:
    key = harness.call("POST", "/post/v1/keys", headers={"x-key": A}).json()["data"]["key"]
    harness.send(key=A)
    assert harness.get(f"messages?account={key}")["total"] == 1


_TEXTS = st.one_of(
    st.sampled_from(["", "1", "-1", "0", "true", "mock-a", "mock-b", "post", "per_minute", "2026-03-01", "1h", "4xx"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
_NAMES = sorted(
    {"credential", "from", "profile", "suspended", "freeze", "resume", "set", "advance", "enabled", "name", "amount"}
    | {"account", "limit", "offset", "since", "service", "status", "operation", "error", "latency", "drop", "truncate"}
    | {"channel", "to", "text", "metadata", "type", "message", "kind", "timeout", "first", "every", "seed", "nonsense"}
)
_VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _TEXTS, st.lists(st.integers(), max_size=2))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(SERVICE.operations)),
    st.lists(_TEXTS.filter(bool), min_size=2, max_size=2),
    st.dictionaries(st.sampled_from(_NAMES), _TEXTS, max_size=3),
    st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=3),
)
def test_every_control_call_gets_a_response_in_one_shape(
    busy_harness: Harness, id: str, parameters: list[str], query: dict[str, str], body: dict[str, Any]
) -> None:
    operation = SERVICE.operations[id]
    path = operation.path
    for (name, _, _), value in zip(operation.parameters, parameters, strict=False):
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    content = json.dumps(body).encode() if operation.body is not None else b""
    response = busy_harness.call(operation.method, path, params=query, content=content)
    assert response.status_code < 500
    if response.status_code >= 400:
        assert set(response.json()["error"]) == {"code", "message", "details"}


def test_an_accept_any_key_sandbox_takes_any_account() -> None:
    with Harness(accept_any_key=True) as harness:
        assert harness.get("messages?account=real-key")["total"] == 0
