"""The whole API: keys, unknown ids, invalid requests, rate limits, server errors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sendspark.conftest import Send
from sparkbox import World

BAD_REQUEST = {
    "statusCode": 400, "code": "S400-AHVE", "error": "Bad Request", "message": "Invalid request payload input",
}  # fmt: skip
NOT_FOUND = {"statusCode": 404, "error": "Not Found", "message": "Resource not found or invalid access"}
UNAVAILABLE = {"statusCode": 503, "error": "Service Unavailable", "message": "Service Unavailable"}

NOWHERE = "/v1/workspaces/contract-none"
WEBHOOK = {"name": "contract-webhook", "url": "https://hooks.example.com/", "module": "global"}
CONSENT = {"processAndAuthorizeCharge": True}
NOBODY = {"contactName": "Nobody"}
SETTINGS, BULK = "/dynamics/{campaign}/settings", "/dynamics/{campaign}/prospects/bulk"


@pytest.mark.observed("get_health")
def test_health_needs_no_key(api: httpx.Client) -> None:
    for header in ("x-api-key", "x-api-secret"):
        del api.headers[header]
    response = api.get("/v1/auth/health")
    assert (response.status_code, response.json()) == (200, {"message": "everything is ok!"})


@pytest.mark.assumed("get_workspaces:unauthorized")
@pytest.mark.parametrize("missing", ["x-api-key", "x-api-secret"])
def test_key_and_secret_are_both_required(api: httpx.Client, missing: str) -> None:
    del api.headers[missing]
    response = api.get("/v1/workspaces")
    assert response.status_code == response.json()["statusCode"] == 401
    assert response.json()["error"] == "Unauthorized"


@pytest.mark.documented("get_workspaces", "get_workspace_by_api_key")
def test_key_belongs_to_a_workspace(api: httpx.Client) -> None:
    id = api.get("/v1/workspaces/identifier").raise_for_status().json()["workspaceId"]
    for query in ({}, {"dropdownRendering": "true"}):
        workspaces = api.get("/v1/workspaces", params=query).raise_for_status().json()["workspaces"]
        assert id in [workspace["_id"] for workspace in workspaces]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        case("get_dynamics_list:not_found", "GET", "/dynamics", None),
        case("get_dynamics_settings:not_found", "GET", "/dynamics/settings", None),
        case("get_workspace_dynamics:not_found", "GET", "/dynamics/none", None),
        case("get_prospect:not_found", "GET", "/dynamics/none/prospects/nobody@example.com", None),
        case("create_dynamics:not_found", "POST", "/dynamics", {"name": "contract-none"}),
        case("modify_dynamic_settings:not_found", "PATCH", "/dynamics/none/settings", {"useFallbackData": False}),
        case("add_prospect:not_found", "POST", "/dynamics/none/prospect", {**CONSENT, "prospect": NOBODY}),
        case("add_prospects:not_found", "POST", "/dynamics/none/prospects/bulk", {**CONSENT, "prospectList": [NOBODY]}),
        case("generate_videos:not_found", "POST", "/dynamics/none/bulk", None),
        case(
            "update_prospect_urls:not_found",
            "PATCH",
            "/dynamics/none/prospects/urls/bulk",
            {"extractUrlFromEmail": True},
        ),
        case("get_webhook_list:not_found", "GET", "/webhooks", None),
        case("create_webhook:not_found", "POST", "/webhooks", WEBHOOK),
        case("get_webhook:not_found", "GET", "/webhooks/none", None),
        case("modify_webhook:not_found", "PATCH", "/webhooks/none", {"enabled": False}),
        case("delete_webhook:not_found", "DELETE", "/webhooks/none", None),
        case("get_dvm_bundles:not_found", "GET", "/dvm-bundles", None),
        case("update_dvm_bundle:not_found", "PATCH", "/dvm-bundles/contract-none", {"addMinutes": 10}),
        case("cancel_dvm_bundle:not_found", "POST", "/dvm-bundles/cancel", {"subscriptionItemId": "contract-none"}),
        case("create_dynamics_by_steps:not_found", "POST", "/v2/dynamics", {"name": "contract-none"}),
        case("modify_dynamics_v2:not_found", "PATCH", "/v2/dynamics/none", {"name": "contract-none"}),
        case("generate_videos_v2:not_found", "POST", "/dv-v2/dynamics/none/bulk", None),
    ],
)
def test_other_workspace_is_not_found(send: Send, method: str, path: str, body: Any) -> None:
    response = send(method, _at(path, NOWHERE), body)
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        case("get_workspace_dynamics:not_found", "GET", "/dynamics/none", None),
        case("get_prospect:not_found", "GET", "/dynamics/{campaign}/prospects/nobody@example.com", None),
        case("add_prospect:not_found", "POST", "/dynamics/none/prospect", {**CONSENT, "prospect": NOBODY}),
        case("modify_dynamics_v2:not_found", "PATCH", "/v2/dynamics/none", {"name": "contract-none"}),
        case("get_webhook:not_found", "GET", "/webhooks/none", None),
        case("update_dvm_bundle:not_found", "PATCH", "/dvm-bundles/contract-none", {"addMinutes": 10}),
        case("cancel_dvm_bundle:not_found", "POST", "/dvm-bundles/cancel", {"subscriptionItemId": "contract-none"}),
    ],
)
def test_unknown_ids_are_not_found(
    send: Send, workspace: str, campaign: str, method: str, path: str, body: Any
) -> None:
    response = send(method, _at(path, workspace).replace("{campaign}", campaign), body)
    assert (response.status_code, response.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        case("create_dynamics:invalid_payload", "POST", "/dynamics", {}),
        case("create_dynamics:invalid_payload", "POST", "/dynamics", {"name": 1}, id="type"),
        case("create_dynamics_by_steps:invalid_payload", "POST", "/v2/dynamics", {"languageCode": "en"}),
        case("get_dynamics_list:invalid_payload", "GET", "/dynamics?sortOrder=sideways", None),
        case("get_dynamics_list:invalid_payload", "GET", "/dynamics?limit=many", None, id="limit"),
        case("get_dynamics_list:invalid_payload", "GET", "/dynamics?projectionType=FULL", None, id="projection"),
        case("get_prospect:invalid_payload", "GET", "/dynamics/{campaign}/prospects/nobody", None),
        case("modify_dynamic_settings:invalid_payload", "PATCH", SETTINGS, {"useFallbackData": 5}),
        case("modify_dynamics_v2:invalid_payload", "PATCH", "/v2/dynamics/{campaign}", {"videoUrl": "nowhere"}),
        case("modify_dynamics_v2:invalid_payload", "PATCH", "/v2/dynamics/{campaign}", {"prospectList": []}, id="rows"),
        case("add_prospect:invalid_payload", "POST", "/dynamics/{campaign}/prospect", CONSENT),
        case(
            "add_prospect:invalid_payload",
            "POST",
            "/dynamics/{campaign}/prospect",
            {**CONSENT, "prospect": {**NOBODY, "screenshotUrl": "nowhere"}},
            id="uri",
        ),
        case(
            "add_prospect:invalid_payload",
            "POST",
            "/dynamics/{campaign}/prospect",
            {**CONSENT, "prospect": NOBODY, "prospectDepurationConfig": {"payloadDepurationStrategy": "keep-all"}},
            id="strategy",
        ),
        case("add_prospects:invalid_payload", "POST", BULK, {**CONSENT, "prospectList": []}),
        case("update_prospect_urls:invalid_payload", "PATCH", "/dynamics/{campaign}/prospects/urls/bulk", {}),
        case("create_webhook:invalid_payload", "POST", "/webhooks", {"name": "contract-none"}),
        case("create_webhook:invalid_payload", "POST", "/webhooks", {**WEBHOOK, "module": "some"}, id="module"),
        case("create_webhook:invalid_payload", "POST", "/webhooks", {**WEBHOOK, "events": ["video_seen"]}, id="event"),
        case("create_webhook:invalid_payload", "POST", "/webhooks", {**WEBHOOK, "url": "nowhere"}, id="url"),
        case("cancel_dvm_bundle:invalid_payload", "POST", "/dvm-bundles/cancel", {"contract-": 1}),
        case("update_dvm_bundle:invalid_payload", "PATCH", "/dvm-bundles/contract-none", {"addMinutes": -1}),
    ],
)  # fmt: skip
def test_invalid_requests_are_refused(
    send: Send, workspace: str, campaign: str, method: str, path: str, body: Any
) -> None:
    response = send(method, _at(path, workspace).replace("{campaign}", campaign), body)
    assert (response.status_code, response.json()) == (400, BAD_REQUEST)


@pytest.mark.documented("create_dynamics:invalid_payload")
@pytest.mark.parametrize("content", ["", "{", "[]", '"x"'])
def test_body_that_is_not_a_json_object_is_refused(api: httpx.Client, workspace: str, content: str) -> None:
    headers = {"Content-Type": "application/json"}
    response = api.post(f"{workspace}/dynamics", content=content, headers=headers)
    assert (response.status_code, response.json()) == (400, BAD_REQUEST)


@pytest.mark.observed("add_prospect:invalid_payload")
def test_prospect_fields_on_the_top_level_are_refused(api: httpx.Client, workspace: str, campaign: str) -> None:
    response = api.post(f"{workspace}/dynamics/{campaign}/prospect", json={**CONSENT, **NOBODY, "company": "Acme"})
    assert (response.status_code, response.json()) == (400, BAD_REQUEST)


@pytest.mark.sandbox_only
@pytest.mark.parametrize(
    ("method", "path"),
    [
        case("get_dynamics_list:unavailable", "GET", "/dynamics"),
        case("create_dynamics:unavailable", "POST", "/dynamics"),
        case("create_dynamics_by_steps:unavailable", "POST", "/v2/dynamics"),
        case("get_workspace_dynamics:unavailable", "GET", "/dynamics/x"),
        case("get_dynamics_settings:unavailable", "GET", "/dynamics/settings"),
        case("modify_dynamic_settings:unavailable", "PATCH", "/dynamics/x/settings"),
        case("modify_dynamics_v2:unavailable", "PATCH", "/v2/dynamics/x"),
        case("add_prospect:unavailable", "POST", "/dynamics/x/prospect"),
        case("add_prospects:unavailable", "POST", "/dynamics/x/prospects/bulk"),
        case("generate_videos:unavailable", "POST", "/dynamics/x/bulk"),
        case("generate_videos_v2:unavailable", "POST", "/dv-v2/dynamics/x/bulk"),
        case("update_prospect_urls:unavailable", "PATCH", "/dynamics/x/prospects/urls/bulk"),
    ],
)
def test_error_503_has_no_code(api: httpx.Client, workspace: str, world: World, method: str, path: str) -> None:
    world.faults.add("sendspark", error="unavailable")
    response = api.request(method, _at(path, workspace), json={})
    assert (response.status_code, response.json()) == (503, UNAVAILABLE)


@pytest.mark.sandbox_only
@pytest.mark.assumed("get_workspaces:rate_limited", "add_prospects:rate_limited")
def test_rate_limits_are_thirty_a_minute_and_one_in_bulk(
    api: httpx.Client, workspace: str, campaign: str, world: World
) -> None:
    world.limits.enable()
    world.clock.freeze()
    for _ in range(30):
        api.get("/v1/workspaces").raise_for_status()
    limited = api.get("/v1/workspaces")
    assert limited.json() == {"statusCode": 429, "error": "Too Many Requests", "message": "Rate limit exceeded"}
    assert limited.headers["retry-after"] == "60"
    path, body = f"{workspace}/dynamics/{campaign}/prospects/bulk", {**CONSENT, "prospectList": [NOBODY]}
    assert [api.post(path, json=body).status_code for _ in range(2)] == [200, 429]
    world.clock.advance(61)
    assert api.get("/v1/workspaces").status_code == api.post(path, json=body).status_code == 200


@pytest.mark.sandbox_only
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        case("create_dynamics:suspended", "POST", "/dynamics", {"name": "x"}, evidence="assumed"),
        case("create_dynamics_by_steps:suspended", "POST", "/v2/dynamics", {"name": "x"}, evidence="assumed"),
        case("modify_dynamics_v2:suspended", "PATCH", "/v2/dynamics/x", {}, evidence="assumed"),
        case("add_prospect:suspended", "POST", "/dynamics/x/prospect", {"prospect": {}}, evidence="assumed"),
        case("add_prospects:suspended", "POST", "/dynamics/x/prospects/bulk", {}, evidence="assumed"),
        case("generate_videos:suspended", "POST", "/dynamics/x/bulk", {}, evidence="assumed"),
        case("generate_videos_v2:suspended", "POST", "/dv-v2/dynamics/x/bulk", {}, evidence="assumed"),
        case("update_prospect_urls:suspended", "PATCH", "/dynamics/x/prospects/urls/bulk", {}, evidence="assumed"),
        case("get_dvm_bundles:suspended", "GET", "/dvm-bundles", None, evidence="assumed"),
        case("update_dvm_bundle:suspended", "PATCH", "/dvm-bundles/x", {}, evidence="assumed"),
        case("cancel_dvm_bundle:suspended", "POST", "/dvm-bundles/cancel", {}, evidence="assumed"),
    ],
)
def test_suspended_workspace_is_refused_paid_operations(
    api: httpx.Client, workspace: str, world: World, method: str, path: str, body: Any
) -> None:
    account = {"account": world.credential}
    suspended = httpx.patch(f"{world.url}/_mock/accounts", params=account, json={"suspended": True}, trust_env=False)
    suspended.raise_for_status()
    response = api.request(method, _at(path, workspace), json=body)
    assert response.status_code == response.json()["statusCode"] == 403
    assert response.json()["code"] == "S403-UPLD"


def _at(path: str, workspace: str) -> str:
    """Return a path in a workspace, in the version that it begins with."""
    for version in ("/v2", "/dv-v2"):
        if path.startswith(f"{version}/"):
            return workspace.replace("/v1", version, 1) + path.removeprefix(version)
    return workspace + path
