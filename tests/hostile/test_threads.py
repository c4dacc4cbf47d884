"""Threads: clients in the same process take turns, or get an error that says why they cannot."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread

import httpx
import pytest

from sparkbox import Application, Settings, Sparkbox, Transport, create_app

KEY = {"Authorization": "mock-sparkpost-key"}
SEND = "https://api.sparkpost.com/api/v1/transmissions"
MAIL = {
    "recipients": [{"address": "ada@example.com"}],
    "content": {"from": "a@acme.example", "subject": "Hi", "text": "x"},
}
THREADS, CALLS = 8, 40


def test_threads_that_call_at_once_get_responses_and_unique_numbers() -> None:
    app = create_app(Settings(rate_limits=False))
    barrier = Barrier(THREADS)

    def send(_: int) -> list[int]:
        with httpx.Client(transport=Transport(app), headers=KEY) as client:
            barrier.wait()
            return [client.post(SEND, json=MAIL).status_code for _ in range(CALLS)]

    with ThreadPoolExecutor(THREADS) as pool:
        statuses = [status for answered in pool.map(send, range(THREADS)) for status in answered]
    assert statuses == [200] * THREADS * CALLS
    account = app.sandbox.accounts.find("mock-sparkpost-key")
    assert account is not None
    numbers = [message.number for message in account.messages.oldest()]
    assert numbers == list(range(1, THREADS * CALLS + 1))
    assert [entry.number for entry in account.requests.oldest()] == numbers


def test_thread_is_refused_while_the_loop_of_another_uses_the_sandbox() -> None:
    app = create_app(Settings(rate_limits=False))
    refused: list[str] = []

    def call() -> None:
        with httpx.Client(transport=Transport(app), headers=KEY) as client:
            try:
                client.post(SEND, json=MAIL)
            except RuntimeError as error:
                refused.append(str(error))

    async def live() -> None:
        async with httpx.AsyncClient(transport=Transport(app), headers=KEY) as client:
            assert (await client.post(SEND, json=MAIL)).status_code == 200
            thread = Thread(target=call)
            thread.start()
            await asyncio.to_thread(thread.join)
            assert (await client.post(SEND, json=MAIL)).status_code == 200

    asyncio.run(live())
    assert len(refused) == 1
    assert "event loop that runs on another thread" in refused[0]
    call()
    assert len(refused) == 1


def test_served_sandbox_is_not_called_around_its_server() -> None:
    with Sparkbox() as mock:
        transport = Transport(mock._running.server.app)
        with httpx.Client(transport=transport, headers=KEY) as client, pytest.raises(RuntimeError, match="over HTTP"):
            client.post(SEND, json=MAIL)


def test_sandbox_of_any_server_belongs_to_the_loop_of_that_server() -> None:
    app = create_app(Settings(rate_limits=False))

    async def live() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), headers=KEY) as client:
            assert (await client.post(SEND, json=MAIL)).status_code == 200
            with pytest.raises(RuntimeError, match="over HTTP"):
                await asyncio.to_thread(_call, app)

    asyncio.run(live())
    assert _call(app) == 200


def test_loops_of_two_threads_do_not_share_a_sandbox() -> None:
    app = create_app(Settings(rate_limits=False))

    async def send() -> int:
        async with httpx.AsyncClient(transport=Transport(app), headers=KEY) as client:
            return (await client.post(SEND, json=MAIL)).status_code

    async def live() -> None:
        assert await send() == 200
        with pytest.raises(RuntimeError, match="over HTTP"):
            await asyncio.to_thread(asyncio.run, send())

    asyncio.run(live())
    assert asyncio.run(send()) == 200


def _call(app: Application) -> int:
    with httpx.Client(transport=Transport(app), headers=KEY) as client:
        return client.post(SEND, json=MAIL).status_code
