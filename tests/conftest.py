"""A sandbox behind a real socket, for whatever cannot be seen without one."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
import uvloop

from mockserver.app import Application
from mockserver.server import Listener

pytest.register_assert_rewrite("tests.core.store_suite")

Serve = Callable[[Application], str]


class Running:
    """An application under uvicorn, on a free port, in a thread of its own."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()
        self._ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        listener = Listener(self.app)
        await listener.open(self.socket)
        self._ready.set()
        await self._stop.wait()
        await listener.close()
        await self.app.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """``serve(app)`` gives the URL at which the application answers until the test is over."""
    running: list[Running] = []

    def begin(app: Application) -> str:
        running.append(Running(app))
        running[-1].start()
        return running[-1].url

    yield begin
    for server in running:
        server.stop()
