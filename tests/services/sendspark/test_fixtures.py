"""The samples under ``fixtures/sendspark``, and the list of published operations."""

from __future__ import annotations

from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from sparkbox.services.sendspark import SERVICE
from tests.services.sendspark.api import Api
from tests.services.sendspark.samples import AFTER, BEFORE, DOCUMENTED, SAMPLES

PUBLISHED = {
    ("GET", "/v1/workspaces/{workspaceId}/dynamics"),
    ("GET", "/v1/workspaces/{workspaceId}/dynamics/{dynamicId}"),
    ("GET", "/v1/workspaces/{workspaceId}/dynamics/{dynamicId}/prospects/{contactEmail}"),
    ("POST", "/v1/workspaces/{workspaceId}/dynamics"),
    ("POST", "/v1/workspaces/{workspaceId}/dynamics/{dynamicsId}/prospect"),
    ("POST", "/v1/workspaces/{workspaceId}/dynamics/{dynamicsId}/prospects/bulk"),
    ("GET", "/v1/auth/health"),
    ("GET", "/v1/workspaces/{workspaceId}/dvm-bundles"),
    ("PATCH", "/v1/workspaces/{workspaceId}/dvm-bundles/{bundleId}"),
    ("POST", "/v1/workspaces/{workspaceId}/dvm-bundles/cancel"),
    ("GET", "/v1/workspaces/{workspaceId}/dynamics/settings"),
    ("PATCH", "/v1/workspaces/{workspaceId}/dynamics/{dynamicId}/settings"),
    ("PATCH", "/v1/workspaces/{workspaceId}/dynamics/{dynamicsId}/prospects/urls/bulk"),
    ("PATCH", "/v2/workspaces/{workspaceId}/dynamics/{dynamicsId}"),
    ("POST", "/dv-v2/workspaces/{workspaceId}/dynamics/{dynamicId}/bulk"),
    ("POST", "/v1/workspaces/{workspaceId}/dynamics/{dynamicId}/bulk"),
    ("POST", "/v2/workspaces/{workspaceId}/dynamics"),
    ("DELETE", "/v1/workspaces/{workspaceId}/webhooks/{webhookId}"),
    ("GET", "/v1/workspaces/{workspaceId}/webhooks"),
    ("GET", "/v1/workspaces/{workspaceId}/webhooks/{webhookId}"),
    ("PATCH", "/v1/workspaces/{workspaceId}/webhooks/{webhookId}"),
    ("POST", "/v1/workspaces/{workspaceId}/webhooks"),
    ("GET", "/v1/workspaces"),
    ("GET", "/v1/workspaces/identifier"),
}


def test_every_published_operation_is_there() -> None:
    assert {(operation.method, operation.path) for operation in DOCUMENTED.values()} == PUBLISHED


def test_share_pages_are_the_sandboxs_own() -> None:
    others = [each for name, each in SERVICE.operations.items() if name not in DOCUMENTED]
    assert {(operation.group, operation.evidence) for operation in others} == {("Share pages", "assumed")}


def test_samples_can_be_replayed_in_order() -> None:
    api = Api(create_app(Settings(seed=0, validate_responses=True, rate_limits=False)), "mock-sendspark-key")
    api.http.headers["x-api-secret"] = "mock-sendspark-secret"
    assert {*BEFORE, *AFTER} == set(SAMPLES)
    for name in (*BEFORE, *AFTER):
        if name == AFTER[0]:
            api.clock.advance(100)
        request = SAMPLES[name]["request"]
        response = api.http.request(request["method"], request["path"], json=request.get("body"))
        expected = (SAMPLES[name]["status"], SAMPLES[name]["response"])
        assert (response.status_code, response.json() if response.content else None) == expected, name
    api.http.close()
