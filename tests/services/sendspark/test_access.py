"""Keys, secrets, workspaces and the error envelope."""

from __future__ import annotations

import httpx
import pytest

from sparkbox.app import Application, create_app
from sparkbox.core.state.config import Settings
from sparkbox.core.testing.faults import Fault
from sparkbox.testing.transport import Transport
from tests.services.sendspark.api import BASE, WORKSPACE, Api

UNAUTHORIZED = {"statusCode": 401, "error": "Unauthorized", "message": "Unauthorized"}
NOT_FOUND = (404, None, "Resource not found or invalid access")


def get(app: Application, path: str, **headers: str) -> httpx.Response:
    with httpx.Client(transport=Transport(app), base_url=BASE) as client:
        return client.get(path, headers=headers)


def test_health_needs_no_key(app: Application) -> None:
    response = get(app, "/v1/auth/health")
    assert (response.status_code, response.json()) == (200, {"message": "everything is ok!"})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": "mock-key"},
        {"x-api-secret": "mock-secret"},
        {"x-api-key": "mock-key", "x-api-secret": ""},
        {"x-api-key": "mock-key", "x-api-secret": "a-real-one"},
        {"x-api-key": "a-real-one", "x-api-secret": "mock-secret"},
        {"x-api-key": "mock-sendspark-key", "x-api-secret": "mock-other"},
    ],
    ids=lambda headers: " ".join(headers.values()) or "nothing",
)
def test_key_and_secret_are_both_required_and_must_match(app: Application, headers: dict[str, str]) -> None:
    response = get(app, "/v1/workspaces", **headers)
    assert (response.status_code, response.json()) == (401, UNAUTHORIZED)


def test_ready_key_has_the_ready_workspace(app: Application) -> None:
    headers = {"x-api-key": "mock-sendspark-key", "x-api-secret": "mock-sendspark-secret"}
    assert get(app, "/v1/workspaces/identifier", **headers).json() == {"workspaceId": "mock-workspace"}
    assert get(app, "/v1/workspaces", **headers).json() == {
        "workspaces": [{"_id": "mock-workspace", "name": "Sandbox"}]
    }


def test_accept_any_key_accepts_any_secret() -> None:
    app = create_app(Settings(accept_any_key=True))
    assert get(app, "/v1/workspaces", **{"x-api-key": "one", "x-api-secret": "two"}).status_code == 200


def test_other_key_has_its_own_workspace_under_the_ready_id_too(api: Api) -> None:
    own = api.call("GET", "/v1/workspaces/identifier")["workspaceId"]
    assert len(own) == 32
    assert own.isalnum()
    assert own == own.lower()
    created = api.call("POST", f"{WORKSPACE}/dynamics", {"name": "Spring"})
    assert created["workspace"] == own
    listed = api.call("GET", f"/v1/workspaces/{own}/dynamics")["response"]["data"]
    assert [campaign["_id"] for campaign in listed] == [created["_id"]]


def test_accounts_are_separate(app: Application, api: Api, campaign: str) -> None:
    other = Api(app, "mock-other")
    assert other.call("GET", f"{WORKSPACE}/dynamics")["response"]["pagination"]["total"] == 0
    assert other.refuse("GET", f"{WORKSPACE}/dynamics/{campaign}") == NOT_FOUND
    own = api.call("GET", "/v1/workspaces/identifier")["workspaceId"]
    assert other.refuse("GET", f"/v1/workspaces/{own}/dynamics") == NOT_FOUND
    other.http.close()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/dynamics", None),
        ("POST", "/dynamics", {"name": "Spring"}),
        ("GET", "/dynamics/settings", None),
        ("GET", "/dynamics/x", None),
        ("GET", "/dynamics/x/prospects/ann@acme.example", None),
        ("GET", "/webhooks", None),
        ("POST", "/webhooks", {"name": "W", "url": "https://example.com/", "module": "global"}),
        ("GET", "/dvm-bundles", None),
        ("POST", "/dvm-bundles/cancel", {"subscriptionItemId": "si_mockCustomMinutes"}),
    ],
)
def test_unknown_workspace_is_not_found(api: Api, method: str, path: str, body: object) -> None:
    assert api.refuse(method, f"/v1/workspaces/somebody-elses{path}", body) == NOT_FOUND


def test_suspended_account_is_refused_paid_operations(api: Api, campaign: str) -> None:
    api.account.suspended = True
    assert api.refuse("GET", f"{WORKSPACE}/dvm-bundles") == (403, "S403-UPLD", "Workspace suspended")
    assert api.refuse("POST", f"{WORKSPACE}/dynamics", {"name": "Autumn"})[0] == 403
    assert api.refuse("PATCH", f"/v2/workspaces/mock-workspace/dynamics/{campaign}", {})[0] == 403
    assert api.call("GET", f"{WORKSPACE}/dynamics/{campaign}")["name"] == "Spring"


def test_unknown_paths_and_methods_have_the_error_envelope(api: Api) -> None:
    assert api.refuse("GET", "/v1/nothing") == NOT_FOUND
    response = api.send("DELETE", "/v1/workspaces")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")
    assert response.json() == {"statusCode": 405, "error": "Method Not Allowed", "message": "Method Not Allowed"}


def test_body_with_another_content_type_is_refused(api: Api) -> None:
    headers = {"content-type": "text/plain"}
    response = api.http.post(f"{WORKSPACE}/dynamics", content=b'{"name": "x"}', headers=headers)
    assert response.json() == {
        "statusCode": 415,
        "error": "Unsupported Media Type",
        "message": "Unsupported Media Type",
    }
    unsaid = api.http.post(f"{WORKSPACE}/dynamics", content=b'{"name": "x"}')
    assert unsaid.status_code == 200


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff", b"{}", b'{"name": 1}', b'{"name": "  "}'])
def test_bad_body_has_the_vendors_message_and_a_reason_header(api: Api, content: bytes) -> None:
    headers = {"content-type": "application/json"}
    response = api.http.post(f"{WORKSPACE}/dynamics", content=content, headers=headers)
    assert response.json() == {
        "statusCode": 400,
        "code": "S400-AHVE",
        "error": "Bad Request",
        "message": "Invalid request payload input",
    }


def test_reason_header_names_the_field(api: Api) -> None:
    response = api.send("POST", f"{WORKSPACE}/dynamics", {"name": 1})
    assert response.headers["x-mock-reason"] == "body name: Input should be a valid string"


def test_error_503_has_no_code(api: Api) -> None:
    api.account.faults.add(Fault("sendspark", "get_dynamics_list", status=503, first=1))
    assert api.refuse("GET", f"{WORKSPACE}/dynamics") == (503, None, "Service Unavailable")
    assert api.call("GET", f"{WORKSPACE}/dynamics")
