"""What holds for every operation: https://developers.sparkpost.com/api/#header-api-conventions."""

from __future__ import annotations

from base64 import b64encode

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sparkpost.responses import INVALID, api_error, error, results
from contract_tests.sparkpost.target import Sparkpost
from sparkbox import World
from sparkbox.services import load

OPERATIONS = [operation for operation in load("sparkpost").operations.values() if not operation.public]
UNAUTHORIZED = (401, error("Unauthorized."))


@pytest.mark.documented("list_templates")
def test_a_key_may_come_as_a_user_name(api: httpx.Client, account: Sparkpost) -> None:
    basic = b64encode(f"{account.key}:".encode()).decode()
    assert api.get("/api/v1/templates", headers={"Authorization": f"Basic {basic}"}).status_code == 200


@pytest.mark.observed("list_templates")
def test_every_response_has_a_request_id(api: httpx.Client) -> None:
    first, second = api.get("/api/v1/templates"), api.get("/api/v1/nothing")
    assert first.headers["X-SparkPost-Request-Id"]
    assert first.headers["X-SparkPost-Request-Id"] != second.headers["X-SparkPost-Request-Id"]


@pytest.mark.observed("list_templates:unauthorized")
def test_a_wrong_key_is_refused(api: httpx.Client) -> None:
    assert api_error(api.get("/api/v1/templates", headers={"Authorization": "0123456789abcdef"})) == UNAUTHORIZED


@pytest.mark.parametrize(
    ("method", "path"),
    [
        case(f"{operation.id}:unauthorized", operation.method, operation.path, evidence="observed", sandbox_only=True)
        for operation in OPERATIONS
    ],
)
def test_every_operation_needs_a_key(api: httpx.Client, method: str, path: str) -> None:
    response = api.request(method, path.replace("{", "").replace("}", ""), headers={"Authorization": ""})
    assert api_error(response) == UNAUTHORIZED


@pytest.mark.documented("list_templates")
def test_a_trailing_slash_and_unknown_parameters_do_not_matter(api: httpx.Client) -> None:
    assert api.get("/api/v1/templates/", params={"unexpected": "1"}).status_code == 200


@pytest.mark.observed("*:invalid_uri")
def test_an_unknown_path_has_no_code(api: httpx.Client) -> None:
    assert api_error(api.get("/api/v1/nothing")) == (404, error("Resource could not be found"))


@pytest.mark.documented("*:invalid_method")
def test_transmissions_cannot_be_put(api: httpx.Client) -> None:
    status, row = api_error(api.put("/api/v1/transmissions"))
    assert (status, row["code"], row["message"]) == (405, "1102", "invalid http method")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        case("*:list_id_missing", "PUT", "recipient-lists", (400, error("invalid uri", "1101",
             "PUT requires a recipient list id in the URI")), id="put"),
        case("*:list_id_missing", "DELETE", "recipient-lists", (400, error("invalid uri", "1101",
             "DELETE requires a recipient list id in the URI")), id="delete"),
        case("*:invalid_uri", "DELETE", "suppression-list", (404, error("Resource could not be found")), id="delete",
             evidence="observed"),
        case("delete_campaign:required_parameter_missing", "DELETE", "transmissions", (400, error(
             "required query parameter is missing", "1401", "campaign_id is required"))),
        *[case("*:invalid_method", method, name, (405, error("invalid http method", "1102",
               f"{method} is not supported on /api/v1/{name}/")), id=f"{method}-{name}", evidence="assumed")
          for method in ("PUT", "DELETE") for name in ("templates", "webhooks", "sending-domains")],
    ],
)  # fmt: skip
def test_missing_recipient_list_id_is_refused(
    api: httpx.Client, method: str, path: str, expected: tuple[int, dict[str, str | int]]
) -> None:
    response = api.request(method, f"/api/v1/{path}/")
    assert api_error(response) == expected
    assert api_error(api.request(method, f"/api/v1/{path}"))[0] == expected[0]


@pytest.mark.documented("create_template:unsupported_content_type")
def test_a_body_is_json(api: httpx.Client) -> None:
    response = api.post("/api/v1/templates", content=b"id=x", headers={"Content-Type": "text/plain"})
    assert api_error(response) == (
        415,
        error("Unsupported Media Type", "1700", "Content-Type must be application/json"),
    )


@pytest.mark.observed("create_template:malformed")
def test_a_body_that_is_no_json_is_refused(api: httpx.Client) -> None:
    response = api.post("/api/v1/templates", content=b"{'id'")
    assert api_error(response) == (422, error(INVALID, "1300", "Problems parsing request as json"))


@pytest.mark.documented("create_template:not_utf8")
def test_a_body_is_utf_8(api: httpx.Client) -> None:
    response = api.post("/api/v1/templates", content=b'{"id": "\xff"}')
    assert api_error(response) == (400, error("invalid UTF-8", "1305", "Non-UTF-8 data found in json"))


@pytest.mark.documented("create_transmission:too_large")
@pytest.mark.sandbox_only
def test_body_size_is_limited(api: httpx.Client) -> None:
    response = api.post("/api/v1/transmissions", content=b" " * (30 * 1024 * 1024 + 1))
    assert api_error(response) == (413, error("Request Entity Too Large"))


@pytest.mark.documented("list_templates:invalid_parameters")
def test_invalid_flag_in_a_query_is_refused(api: httpx.Client) -> None:
    text = "param 'draft' must be a boolean"
    assert api_error(api.get("/api/v1/templates?draft=perhaps")) == (400, error("invalid params", "1200", text))


@pytest.mark.observed("list_templates:forbidden")
@pytest.mark.sandbox_only
def test_a_key_without_the_grant_is_forbidden(api: httpx.Client, world: World) -> None:
    key = world.simulate("sparkpost", "keys", grants=["smtp/inject"])["key"]
    response = api.get("/api/v1/templates", headers={"Authorization": key})
    assert api_error(response) == (403, error("Forbidden."))


@pytest.mark.documented("list_templates:unavailable", "list_templates:internal_error")
@pytest.mark.sandbox_only
def test_injected_fault_looks_like_the_vendors_error(api: httpx.Client, world: World) -> None:
    for status, message in ((503, "Service Unavailable"), (500, "Internal Server Error")):
        world.faults.add("sparkpost", "list_templates", status=status, first=1)
        assert api_error(api.get("/api/v1/templates")) == (status, error(message))


@pytest.mark.documented("list_templates")
@pytest.mark.sandbox_only
def test_a_subaccount_has_templates_of_its_own(api: httpx.Client, account: Sparkpost) -> None:
    headers = {"X-MSYS-SUBACCOUNT": "123"}
    content = {"from": account.sender, "subject": "Hello", "text": "Hi"}
    results(api.post("/api/v1/templates", json={"id": "theirs", "content": content}, headers=headers))
    (row,) = results(api.get("/api/v1/templates", headers=headers))
    assert (row["id"], row["subaccount_id"]) == ("theirs", 123)
    assert results(api.get("/api/v1/templates")) == []
    assert api.get("/api/v1/templates/theirs").status_code == 404
