"""Which web pages may steer the sandbox."""

from __future__ import annotations

import pytest

from tests.control.harness import Harness


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "https://evil.example:8025", "null", "", "http://mock.evil.example", "http://mock:8026"],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_foreign_page_is_refused(harness: Harness, origin: str, method: str) -> None:
    harness.send()
    path = "/_mock/reset" if method == "POST" else "/_mock/messages"
    response = harness.call(method, path, headers={"origin": origin})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "foreign_origin")
    assert harness.get("messages")["total"] == 1


def test_a_preflight_of_a_foreign_page_is_refused(harness: Harness) -> None:
    headers = {"origin": "http://evil.example", "access-control-request-method": "DELETE"}
    response = harness.call("OPTIONS", "/_mock/messages", headers=headers)
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8025",
        "localhost:8025",
        "sparkbox:8025",
        "[::1]:8025",
        "mock.ci.example",
        "api.sparkpost.com",
        "acme.api.e.sparkpost.com",
        "mock.svc.internal",
        "LOCALHOST",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_page_of_the_sandbox_itself_may_whatever_the_network_calls_it(
    harness: Harness, host: str, scheme: str
) -> None:
    response = harness.call("POST", "/_mock/reset", headers={"host": host, "origin": f"{scheme}://{host}"})
    assert response.status_code == 200


@pytest.mark.parametrize("host", ["sparkbox:8025", "172.17.0.2:8025"])
def test_programs_need_no_origin(harness: Harness, host: str) -> None:
    assert harness.call("POST", "/_mock/reset", headers={"host": host}).status_code == 200


def test_a_host_that_is_allowed_may_have_any_name() -> None:
    with Harness(allowed_hosts="mock.acme.com, *.ci.acme.com") as harness:
        hosts = ("mock.acme.com:8025", "a.ci.acme.com", "MOCK.acme.com.", "a.b.ci.acme.com", "acme.com")
        statuses = [harness.call("GET", "/_mock/health", headers={"host": host}).status_code for host in hosts]
        assert statuses == [200, 200, 200, 421, 421]


def test_any_host_may_be_allowed() -> None:
    with Harness(allowed_hosts="*") as harness:
        assert harness.call("GET", "/_mock/health", headers={"host": "mock.acme.com"}).status_code == 200
