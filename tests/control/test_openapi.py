"""The services' OpenAPI documents, as the control API hands them out."""

from __future__ import annotations

from mockserver.app import Application
from mockserver.client import Client
from tests.conftest import Serve
from tests.control.desk import Desk
from tests.core import room


def test_a_services_document_names_this_sandbox_as_its_server(desk: Desk) -> None:
    document = desk.call("GET", "/_mock/services/post/openapi", headers={"host": "mockserver:8025"}).json()
    assert document["openapi"].startswith("3.1")
    assert document["servers"][0]["url"] == "http://mockserver:8025/post"
    assert "/v1/letters/{letterId}" in document["paths"]


def test_the_client_fetches_it(serve: Serve) -> None:
    assert Client(serve(Application(room.sandbox()))).openapi("post")["info"]["title"]
