"""httpx without a socket: the same answers, and the same exceptions for what befalls a connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from sparkbox import Application, Fault, Settings, Sparkbox, Transport, create_app

KEY = {"Authorization": "mock-sparkpost-key"}
VENDOR = "https://api.sparkpost.com/api/v1/templates"
TEMPLATE = {"id": "hello", "content": {"from": "a@acme.example", "subject": "Hi", "text": "x"}}

Ask = Callable[..., httpx.Response]


@pytest.fixture
def app() -> Application:
    return create_app(Settings(rate_limits=False, validate_responses=True))


def synchronous(app: Application) -> Ask:
    def ask(method: str, url: str, **more: Any) -> httpx.Response:
        with httpx.Client(transport=Transport(app), headers=KEY) as client:
            return client.request(method, url, **more)

    return ask


def asynchronous(app: Application) -> Ask:
    async def request(method: str, url: str, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=Transport(app), headers=KEY) as client:
            return await client.request(method, url, **more)

    return lambda *arguments, **more: asyncio.run(request(*arguments, **more))


@pytest.fixture(params=[synchronous, asynchronous])
def ask(app: Application, request: pytest.FixtureRequest) -> Ask:
    made: Ask = request.param(app)
    return made


def strike(app: Application, **effect: Any) -> None:
    app.sandbox.faults.add(Fault("sparkpost", **effect))


def test_a_vendors_host_is_answered_by_its_service(ask: Ask) -> None:
    assert ask("POST", VENDOR, json=TEMPLATE).json() == {"results": {"id": "hello"}}
    assert ask("GET", VENDOR + "/hello").json()["results"]["content"]["subject"] == "Hi"


@pytest.mark.parametrize(
    "url",
    [
        "https://API.SparkPost.com/api/v1/templates",
        "https://api.eu.sparkpost.com/api/v1/templates",
        "https://acme.api.e.sparkpost.com:443/api/v1/templates",
        "http://127.0.0.1:8025/sparkpost/api/v1/templates",
        "http://anything/sparkpost/api/v1/templates?draft=true",
    ],
)
def test_a_service_is_found_under_each_of_its_hosts_and_under_its_prefix(ask: Ask, url: str) -> None:
    assert ask("GET", url).json() == {"results": []}


@pytest.mark.parametrize(
    "url", ["https://example.com/api/v1/templates", "https://sparkpost.com/", "http://x/sendgrid/"]
)
def test_every_other_host_is_not_reached(ask: Ask, url: str) -> None:
    with pytest.raises(httpx.ConnectError, match="is none of the sandbox's services"):
        ask("GET", url)


def test_transport_answers_as_a_socket_does(app: Application, ask: Ask) -> None:
    with Sparkbox(Settings(rate_limits=False)) as mock:
        for method, path, more in (
            ("POST", "", {"json": TEMPLATE}),
            ("POST", "", {"json": TEMPLATE}),
            ("POST", "", {"content": b"{", "headers": {"Content-Type": "application/json"}}),
            ("GET", "", {}),
            ("HEAD", "", {}),
            ("GET", "/a%2Fb%20c?draft=%zz&draft", {}),
            ("PATCH", "", {}),
        ):
            near = ask(method, VENDOR + path, **more)
            with httpx.Client(headers=KEY, trust_env=False) as client:
                far = client.request(method, f"{mock.url}/sparkpost/api/v1/templates{path}", **more)
            assert (near.status_code, near.headers["content-type"]) == (far.status_code, far.headers["content-type"])
            assert near.headers["content-length"] == far.headers["content-length"]
            if method != "GET":  # a stored template says when it was made
                assert near.content == far.content


def test_request_through_the_transport_is_in_the_journal(app: Application, ask: Ask) -> None:
    ask("POST", VENDOR + "?a=1", content=b'{"id": "x"}')
    [entry] = app.sandbox.logs.requests.newest()
    assert (entry.method, entry.path, entry.query, entry.body) == ("POST", "/api/v1/templates", b"a=1", b'{"id": "x"}')


def test_a_body_that_is_made_on_the_way_is_read_whole(app: Application) -> None:
    def parts() -> Iterator[bytes]:
        yield b'{"id":'
        yield b' "x"}'

    synchronous(app)("POST", VENDOR, content=parts())
    [entry] = app.sandbox.logs.requests.newest()
    assert entry.body == b'{"id": "x"}'


def test_a_body_that_is_too_large_is_refused(ask: Ask) -> None:
    response = ask("POST", "http://x/_mock/faults", content=b" " * 1_048_577)
    assert response.status_code == 413


def test_a_dropped_connection_raises_what_httpx_raises(app: Application, ask: Ask) -> None:
    strike(app, drop=True)
    with pytest.raises(httpx.RemoteProtocolError, match="Server disconnected without sending a response"):
        ask("GET", VENDOR)


def test_truncated_response_raises_what_httpx_raises(app: Application, ask: Ask) -> None:
    strike(app, truncate=5)
    with pytest.raises(httpx.RemoteProtocolError, match=r"message body \(received 5 bytes, expected 14\)"):
        ask("GET", VENDOR)


def test_response_shorter_than_the_cut_is_whole(app: Application, ask: Ask) -> None:
    strike(app, truncate=14)
    assert ask("GET", VENDOR).json() == {"results": []}
    assert ask("HEAD", VENDOR).status_code == 200


def test_errors_garbage_and_latency_are_responses(app: Application, ask: Ask) -> None:
    strike(app, status=503, latency=0.001, first=1)
    assert ask("GET", VENDOR).status_code == 503
    strike(app, garbage=True)
    with pytest.raises(UnicodeDecodeError):
        ask("GET", VENDOR).json()


def test_the_control_api_is_reached_under_any_host(ask: Ask) -> None:
    ask("GET", VENDOR)
    assert ask("GET", "http://x/_mock/requests").json()["total"] == 1
    assert ask("POST", "http://x/_mock/clock", json={"freeze": "2026-03-01T12:00:00Z"}).json()["frozen"] is True
    assert ask("GET", "http://x/_mock/clock").json()["now"] == "2026-03-01T12:00:00.000Z"


def test_a_call_that_waits_is_not_made_synchronously_on_a_loop(app: Application) -> None:
    async def scene() -> None:
        with pytest.raises(RuntimeError, match=r"make it with httpx\.AsyncClient"):
            synchronous(app)("POST", "http://x/_mock/clock", json={"advance": 1})

    asyncio.run(scene())


def test_one_transport_serves_both_kinds_of_client(app: Application) -> None:
    transport = Transport(app)
    with httpx.Client(transport=transport, headers=KEY) as client:
        client.post(VENDOR, json=TEMPLATE)

    async def scene() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, headers=KEY) as client:
            return await client.get(VENDOR)

    assert [found["id"] for found in asyncio.run(scene()).json()["results"]] == ["hello"]
