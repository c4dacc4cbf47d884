"""Answers that have to be waited for, and services whose requests are no traffic."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from typing_extensions import TypedDict

from sparkbox.app import Application
from sparkbox.core.declare.operation import Later, Operations
from sparkbox.core.declare.service import Service
from sparkbox.core.request.dispatch import Dispatcher
from sparkbox.core.request.http import Request, Response
from sparkbox.core.state.context import Context
from sparkbox.core.state.sandbox import Sandbox
from sparkbox.core.testing.faults import Fault
from sparkbox.testing.transport import Transport
from tests.core import api
from tests.core.office import sandbox

waiting = Operations("Waiting", public=True)


class Waited(TypedDict):
    turns: int


@waiting.get("/wait")
def wait(ctx: Context) -> Waited | Later:
    """Wait a little."""

    async def payload() -> Waited:
        await asyncio.sleep(0)
        return {"turns": 1}

    return Later(payload)


@waiting.get("/refuse", errors=[api.LETTER_UNKNOWN])
def refuse(ctx: Context) -> Waited | Later:
    """Wait, and refuse then."""

    async def payload() -> Waited:
        raise api.LETTER_UNKNOWN(id=9)

    return Later(payload)


@waiting.get("/misshapen")
def misshapen(ctx: Context) -> Waited | Later:
    """Wait for what was not declared."""

    async def payload() -> dict[str, Any]:
        return {"rounds": 1}

    return Later(payload)


def dispatcher(**more: Any) -> Dispatcher:
    return Dispatcher(sandbox(), api.service_of(waiting, **more))


def response(dispatcher: Dispatcher, path: str) -> Response:
    promise = dispatcher.respond(Request("GET", path))
    assert promise.later is not None
    return asyncio.run(promise.later())


def test_later_result_is_wrapped_like_any_other() -> None:
    found = response(dispatcher(), "/wait")
    assert (found.status, found.json()) == (200, {"ok": True, "data": {"turns": 1}})
    assert (b"content-length", b"30") in found.headers


def test_later_error_goes_out_in_the_envelope() -> None:
    found = response(dispatcher(), "/refuse")
    assert (found.status, found.json()["error"]["message"]) == (404, "no letter 9")


def test_later_result_is_checked_against_its_shape() -> None:
    assert response(dispatcher(), "/misshapen").status == 500


def test_later_result_is_journaled_once_it_is_there() -> None:
    office = dispatcher()
    promise = office.respond(Request("GET", "/wait"))
    assert len(office.sandbox.logs.requests) == 0
    assert promise.later is not None
    asyncio.run(promise.later())
    assert [(entry.operation, entry.status) for entry in office.sandbox.logs.requests.newest()] == [("wait", 200)]


def test_fault_spoils_a_later_result() -> None:
    office = dispatcher()
    office.sandbox.faults.add(Fault(garbage=True))
    found = response(office, "/wait")
    assert found.fault is not None
    with pytest.raises(json.JSONDecodeError):
        found.json()


def test_requests_that_are_no_traffic_are_neither_journaled_nor_open_to_faults() -> None:
    office = dispatcher(traffic=False)
    fault = office.sandbox.faults.add(Fault(status=503))
    assert response(office, "/wait").status == 200
    assert office.respond(Request("GET", "/nowhere")).status == 404
    assert len(office.sandbox.logs.requests) == 0
    assert fault.seen == 0


def _application() -> Application:
    service: Service = api.service_of(waiting)
    return Application(Sandbox(sandbox().settings, {"post": lambda: service}))


def test_the_application_waits() -> None:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(_application()), base_url="http://mock/post"
        ) as client:
            return await client.get("/wait")

    assert asyncio.run(ask()).json()["data"] == {"turns": 1}


def test_the_transport_waits_for_synchronous_clients() -> None:
    with httpx.Client(transport=Transport(_application()), base_url="http://mock/post") as client:
        assert client.get("/wait").json()["data"] == {"turns": 1}


def test_the_transport_waits_for_asynchronous_clients() -> None:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=Transport(_application()), base_url="http://mock/post") as client:
            return await client.get("/wait")

    assert asyncio.run(ask()).json()["data"] == {"turns": 1}


def test_the_transport_says_that_a_synchronous_client_cannot_wait_on_a_running_loop() -> None:
    client = httpx.Client(transport=Transport(_application()), base_url="http://mock/post")

    def blocking() -> None:
        client.get("/wait")

    async def ask() -> None:
        blocking()

    with pytest.raises(RuntimeError, match=r"make it with httpx\.AsyncClient"):
        asyncio.run(ask())
