"""Which web pages may steer the sandbox."""

from __future__ import annotations

import pytest

from tests.control.desk import Desk


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "https://evil.example:8025", "null", "", "http://mock.evil.example", "http://mock:8026"],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_foreign_page_is_refused(desk: Desk, origin: str, method: str) -> None:
    desk.send()
    path = "/_mock/reset" if method == "POST" else "/_mock/messages"
    response = desk.call(method, path, headers={"origin": origin})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "foreign_origin")
    assert desk.get("messages")["total"] == 1


def test_a_preflight_of_a_foreign_page_is_refused(desk: Desk) -> None:
    headers = {"origin": "http://evil.example", "access-control-request-method": "DELETE"}
    response = desk.call("OPTIONS", "/_mock/messages", headers=headers)
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8025", "localhost:8025", "mockserver:8025", "[::1]:8025", "mock.ci.example"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_page_of_the_sandbox_itself_may_whatever_the_network_calls_it(desk: Desk, host: str, scheme: str) -> None:
    response = desk.call("POST", "/_mock/reset", headers={"host": host, "origin": f"{scheme}://{host}"})
    assert response.status_code == 200


def test_programs_need_no_origin(desk: Desk) -> None:
    assert desk.call("POST", "/_mock/reset", headers={"host": "mockserver:8025"}).status_code == 200
