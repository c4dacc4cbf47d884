"""The OpenAPI document of a service, and the list of its operations."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Annotated, Any, Literal

import pytest
from openapi_spec_validator import validate
from pydantic import Field

from sparkbox.core.declare.errors import ApiError, ErrorTable
from sparkbox.core.declare.operation import Operation, Operations
from sparkbox.core.declare.schema import Body
from sparkbox.core.declare.security import Credential
from sparkbox.core.declare.service import Service
from sparkbox.core.docs.openapi import describe, document
from sparkbox.core.request.http import Response, json_response
from sparkbox.core.state.context import Context
from tests.core import api
from tests.core.api import SERVICE, PostEnvelope, service_of
from tests.core.office import Office

URL = "http://127.0.0.1:8025/post"


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return document(SERVICE, server_url=URL)


def of(*pages: Operations, **more: Any) -> dict[str, Any]:
    made = document(service_of(*pages, **more), server_url=URL)
    validate(made)
    return made


def schema_of(response: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = response["content"]["application/json"]["schema"]
    return found


def test_the_document_is_valid(found: dict[str, Any]) -> None:
    validate(found)


def test_the_document_is_the_same_each_time(found: dict[str, Any]) -> None:
    assert json.dumps(document(SERVICE, server_url=URL)) == json.dumps(found)
    assert json.dumps(document(replace(SERVICE), server_url=URL)) == json.dumps(found)


def test_the_document_says_what_it_is_about(found: dict[str, Any]) -> None:
    assert found["openapi"] == "3.1.0"
    assert found["info"]["title"] == "The Post Office"
    assert found["servers"] == [{"url": URL}]
    assert found["externalDocs"] == {"url": api.DOCS}
    assert found["tags"] == [
        {"name": "Letters", "externalDocs": {"url": f"{api.DOCS}/letters"}},
        {"name": "Boxes", "externalDocs": {"url": f"{api.DOCS}/boxes"}},
        {"name": "Trouble"},
    ]


def test_every_operation_is_there(found: dict[str, Any]) -> None:
    ids = {operation["operationId"] for methods in found["paths"].values() for operation in methods.values()}
    assert ids == set(SERVICE.operations)


def test_an_operation_says_what_is_known_of_it(found: dict[str, Any]) -> None:
    send = found["paths"]["/v1/letters"]["post"]
    assert send["summary"] == "Send a letter"
    assert send["description"] == "Send a letter.\n\nIt is delivered a minute later."
    assert send["tags"] == ["Letters"]
    assert send["x-evidence"] == "documented"
    assert send["externalDocs"] == {"url": f"{api.DOCS}/letters"}
    assert found["paths"]["/v1/ping"]["get"]["x-evidence"] == "observed"
    assert "description" not in found["paths"]["/v1/ping"]["get"]


def test_path_parameters_have_the_vendors_names_and_their_types(found: dict[str, Any]) -> None:
    note = found["paths"]["/v1/boxes/{box}/notes/{noteId}"]["post"]
    assert note["parameters"] == [
        {"name": "box", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "noteId", "in": "path", "required": True, "schema": {"type": "string"}},
    ]
    letter = found["paths"]["/v1/letters/{letterId}"]["get"]
    assert letter["parameters"][0]["schema"] == {"type": "integer"}


def test_paths_that_differ_in_a_parameters_name_are_one(found: dict[str, Any]) -> None:
    assert set(found["paths"]["/v1/letters/{letterId}"]) == {"get", "put", "delete"}
    assert found["paths"]["/v1/letters/{letterId}"]["put"]["parameters"][0]["name"] == "letterId"
    assert "/v1/letters/{id}" not in found["paths"]


def test_a_query_becomes_parameters(found: dict[str, Any]) -> None:
    state, size, to = found["paths"]["/v1/letters"]["get"]["parameters"]
    assert state == {"name": "state", "in": "query", "schema": {"enum": ["accepted", "delivered"], "type": "string"}}
    assert size["schema"] == {"default": 10, "maximum": 100, "minimum": 1, "type": "integer"}
    assert to == {"name": "to", "in": "query", "schema": {"type": "string"}}


class Search(Body):
    text: Annotated[str, Field(description="What to look for.")]
    either: Annotated[int | Literal["all"] | None, Field(alias="either-or")] = None
    near: api.Person | None = None


def test_a_query_may_require_its_parameters_and_have_choices() -> None:
    operations = Operations("Search")

    @operations.get("/v1/search")
    def search(ctx: Context, query: Search) -> list[int]:
        """Search."""
        return []

    made = of(operations)
    text, either, near = made["paths"]["/v1/search"]["get"]["parameters"]
    assert text == {
        "name": "text",
        "in": "query",
        "required": True,
        "schema": {"type": "string"},
        "description": "What to look for.",
    }
    assert (either["name"], either["schema"]) == (
        "either-or",
        {"anyOf": [{"type": "integer"}, {"const": "all", "type": "string"}]},
    )
    assert near["schema"] == {"$ref": "#/components/schemas/Person"}
    assert "Search" not in made["components"]["schemas"]


def test_bodies_are_shared_schemas(found: dict[str, Any]) -> None:
    body = found["paths"]["/v1/letters"]["post"]["requestBody"]
    assert body == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewLetter"}}},
    }
    letter = found["components"]["schemas"]["NewLetter"]
    assert letter["required"] == ["to", "text"]
    assert letter["properties"]["to"] == {"$ref": "#/components/schemas/Person"}
    assert not found["paths"]["/v1/visits"]["post"]["requestBody"]["required"]


def test_response_schemas_are_wrapped_as_the_envelope_does(found: dict[str, Any]) -> None:
    created = found["paths"]["/v1/letters"]["post"]["responses"]["201"]
    assert created["description"] == "Created"
    assert schema_of(created) == {
        "type": "object",
        "required": ["ok", "data"],
        "properties": {"ok": {"const": True}, "data": {"$ref": "#/components/schemas/LetterFields"}},
    }
    listed = found["paths"]["/v1/letters"]["get"]["responses"]["200"]
    assert schema_of(listed)["properties"]["data"]["items"] == {"$ref": "#/components/schemas/LetterFields"}


def test_schema_of_a_bare_operation_is_not_wrapped(found: dict[str, Any]) -> None:
    note = found["paths"]["/v1/boxes/mine/notes/{noteId}"]["get"]["responses"]["200"]
    assert schema_of(note) == {"$ref": "#/components/schemas/NoteFields"}


def test_response_may_have_several_statuses(found: dict[str, Any]) -> None:
    responses = found["paths"]["/v1/keys"]["post"]["responses"]
    assert [responses[status]["description"] for status in ("200", "202")] == ["OK", "Accepted"]


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/v1/letters/{letterId}", "delete", "204"), ("/v1/file", "get", "200"), ("/v1/keys", "post", "200")],
)
def test_response_without_a_shape_has_no_schema(found: dict[str, Any], path: str, method: str, status: str) -> None:
    assert "content" not in found["paths"][path][method]["responses"][status]


def test_errors_are_grouped_by_status(found: dict[str, Any]) -> None:
    responses = found["paths"]["/v1/letters"]["post"]["responses"]
    assert list(responses) == ["201", "400", "401", "403", "409", "413", "415", "422", "429", "500", "503"]
    assert responses["409"] == {
        "description": "Conflict",
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Error"},
                "examples": {"box_full": {"$ref": "#/components/examples/box_full"}},
            }
        },
    }
    assert found["components"]["schemas"]["Error"] == PostEnvelope().error_schema()


def test_an_operation_lists_only_errors_that_it_has_occasion_for(found: dict[str, Any]) -> None:
    ping = found["paths"]["/v1/ping"]["get"]["responses"]
    assert list(ping) == ["200", "403", "500", "503"]
    letter = found["paths"]["/v1/letters/{letterId}"]["get"]["responses"]
    assert list(letter) == ["200", "401", "403", "404", "422", "429", "500", "503"]
    assert list(letter["404"]["content"]["application/json"]["examples"]) == ["letter_unknown"]


def test_example_is_the_real_response(found: dict[str, Any]) -> None:
    office = Office()
    response = office.call("GET", "/v1/letters", key=None)
    example = found["components"]["examples"]["unauthorized"]
    assert example["value"] == response.json()
    assert example["x-evidence"] == "documented"
    assert example["summary"] == "No key, or one that is refused."


def test_an_error_that_waits_for_values_has_its_words_instead(found: dict[str, Any]) -> None:
    example = found["components"]["examples"]["letter_unknown"]
    assert example["description"] == "no letter {id}"
    assert "value" not in example


def test_every_error_has_an_example_and_every_example_an_error(found: dict[str, Any]) -> None:
    used = set(re.findall(r"#/components/examples/(\w+)", json.dumps(found["paths"])))
    assert used == set(found["components"]["examples"])


def test_every_shared_schema_is_used(found: dict[str, Any]) -> None:
    used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(found)))
    assert used == set(found["components"]["schemas"])


class Odd(PostEnvelope):
    """Refuses with a success, with text, or with nothing at all."""

    def error(self, api_error: ApiError) -> Response:
        if api_error.error.name == "closed":
            return Response(503, b"closed for today", [(b"content-type", b"text/plain; charset=utf-8")])
        if api_error.error.name == "crashed":
            return Response(500, b"", [])
        return json_response(api_error.error.status, {"error": api_error.message})


def test_errors_may_come_as_a_success_as_text_or_without_a_body() -> None:
    table = ErrorTable("odd")
    soft = table.row("soft", 200, "not really")
    rows = {name: table.row(name, row.status, row.message) for name, row in rows_of(PostEnvelope()).items()}
    odd = type("Odder", (Odd,), {role: rows[row.name] for role, row in roles(PostEnvelope()).items()})()
    operations = Operations("Odd", errors=[soft])

    @operations.get("/v1/odd")
    def oddity(ctx: Context) -> dict[str, int]:
        """Be odd."""
        return {}

    made = of(operations, envelope=odd, errors=table)
    responses = made["paths"]["/v1/odd"]["get"]["responses"]
    ok = responses["200"]["content"]["application/json"]
    assert [list(choice) for choice in ok["schema"]["anyOf"]] == [["type", "required", "properties"], ["$ref"]]
    assert list(ok["examples"]) == ["soft"]
    assert responses["503"]["content"]["text/plain"]["schema"] == {"type": "string"}
    assert made["components"]["examples"]["closed"]["value"] == "closed for today"
    assert responses["500"] == {"description": "Internal Server Error"}


def roles(envelope: PostEnvelope) -> dict[str, Any]:
    names = (
        "unauthorized", "not_found", "method_not_allowed", "unsupported_media_type", "too_large", "malformed",
        "invalid", "throttled", "crashed", "unavailable",
    )  # fmt: skip
    return {name: getattr(envelope, name) for name in names}


def rows_of(envelope: PostEnvelope) -> dict[str, Any]:
    return {row.name: row for row in roles(envelope).values()}


def test_limits_are_told(found: dict[str, Any]) -> None:
    [per_minute, reads] = found["paths"]["/v1/letters/{letterId}"]["get"]["x-rate-limits"]
    assert per_minute["name"] == "per_minute"
    assert reads == {
        "name": "reads",
        "description": "3 requests in 10 s, for each operation",
        "amount": 3,
        "seconds": 10,
        "window": "sliding",
        "shared": False,
        "x-evidence": "documented",
    }
    assert "x-rate-limits" not in found["paths"]["/v1/keys"]["post"]


def test_ways_to_prove_oneself_are_told(found: dict[str, Any]) -> None:
    assert found["components"]["securitySchemes"] == {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "login": {"type": "http", "scheme": "basic", "description": "The key is the user name."},
    }
    assert found["security"] == [{"key": []}, {"login": []}]
    assert found["paths"]["/v1/ping"]["get"]["security"] == []
    assert "security" not in found["paths"]["/v1/letters"]["get"]


def test_a_way_may_take_several_things_together() -> None:
    way = (Credential("key", "header", "X-Key"), Credential("secret", "query", "secret"), Credential("token", "bearer"))
    made = of(api.letters, security=(way,))
    assert made["security"] == [{"key": [], "secret": [], "token": []}]
    assert made["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}


def test_a_service_without_credentials_names_none() -> None:
    made = of(api.letters, api.boxes)
    assert "security" not in made
    assert "securitySchemes" not in made["components"]
    assert "security" not in made["paths"]["/v1/ping"]["get"]


def test_a_model_that_is_called_error_does_not_collide() -> None:
    class Error(Body):
        text: str

    operations = Operations("Errors")

    def report(ctx: Context, body: Error) -> None:
        """Report an error."""

    report.__annotations__["body"] = Error
    operations.post("/v1/errors")(report)
    made = of(operations)
    assert set(made["components"]["schemas"]) == {"Error", "ErrorResponse"}
    assert made["components"]["schemas"]["ErrorResponse"] == PostEnvelope().error_schema()


def test_content_types_are_those_that_are_taken() -> None:
    operations = Operations("Forms", content_types=("application/x-www-form-urlencoded", "multipart/form-data"))

    @operations.post("/v1/forms")
    def fill_in(ctx: Context, body: api.NewNote) -> None:
        """Fill in a form."""

    content = of(operations)["paths"]["/v1/forms"]["post"]["requestBody"]["content"]
    assert list(content) == ["application/x-www-form-urlencoded", "multipart/form-data"]
    anything = of(api.letters, content_types=())["paths"]["/v1/letters"]["post"]["requestBody"]["content"]
    assert list(anything) == ["application/json"]


# The list.


def test_the_list_has_every_operation_in_its_order() -> None:
    rows = describe(SERVICE)
    assert [row["operation_id"] for row in rows] == list(SERVICE.operations)
    assert rows[0] == {
        "service": "post",
        "section": "",
        "method": "POST",
        "path": "/v1/letters",
        "operation_id": "send_letter",
        "summary": "Send a letter",
        "group": "Letters",
        "evidence": "documented",
        "errors": [
            "box_full", "unauthorized", "media", "too_large", "malformed", "invalid", "throttled", "crashed", "closed",
            "forbidden",
        ],
        "limit": ["100 requests in a minute"],
        "docs": f"{api.DOCS}/letters",
        "module": "tests.core.api",
    }  # fmt: skip


def test_the_list_has_paths_as_the_vendor_writes_them() -> None:
    paths = {(row["method"], row["path"]) for row in describe(SERVICE)}
    assert ("PUT", "/v1/letters/{id}") in paths
    assert ("GET", "/v1/letters/{letterId}") in paths
    json.dumps(describe(SERVICE))


def test_the_list_and_the_document_agree(found: dict[str, Any]) -> None:
    service: Service = SERVICE
    operations: dict[str, Operation] = service.operations
    for row in describe(service):
        operation = operations[row["operation_id"]]
        listed = [item for methods in found["paths"].values() for item in methods.values()]
        [item] = [item for item in listed if item["operationId"] == operation.id]
        examples = re.findall(r"#/components/examples/(\w+)", json.dumps(item["responses"]))
        assert sorted(examples) == sorted(row["errors"])
