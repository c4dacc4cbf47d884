"""The services' OpenAPI documents, as the control API hands them out."""

from __future__ import annotations

from sparkbox.app import Application
from sparkbox.client import Client
from sparkbox.control import SERVICE
from sparkbox.core.docs.openapi import document
from tests.conftest import Serve
from tests.control.harness import Harness
from tests.core.office import sandbox


def test_a_services_document_names_this_sandbox_as_its_server(harness: Harness) -> None:
    document = harness.call("GET", "/_mock/services/post/openapi", headers={"host": "sparkbox:8025"}).json()
    assert document["openapi"].startswith("3.1")
    assert document["servers"][0]["url"] == "http://sparkbox:8025/post"
    assert "/v1/letters/{letterId}" in document["paths"]


def test_the_client_fetches_it(serve: Serve) -> None:
    client = Client(serve(Application(sandbox())))
    assert client.openapi("post")["info"]["title"] == "The Post Office"
    assert client.openapi()["info"]["title"] == SERVICE.title


def test_the_control_apis_own_document_names_this_sandbox_as_its_server(harness: Harness) -> None:
    document = harness.call("GET", "/_mock/openapi", headers={"host": "sparkbox:8025"}).json()
    assert document["servers"][0]["url"] == "http://sparkbox:8025"
    assert "/_mock/openapi" in document["paths"]


def test_the_control_api_has_a_document_itself() -> None:
    described = document(SERVICE, server_url="http://mock")
    assert set(described["paths"]) == {operation.path for operation in SERVICE.operations.values()}
    turned = described["paths"]["/_mock/clock"]["post"]["responses"]
    assert {"200", "403", "404", "422"} <= set(turned)
    assert "401" not in turned
