"""A sandbox behind a real socket, for tests that need one."""

from __future__ import annotations

import importlib
import pkgutil
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
import uvicorn
from hypothesis import HealthCheck, is_hypothesis_test, settings

import sparkbox

if TYPE_CHECKING:
    from sparkbox.app import Application

pytest.register_assert_rewrite("tests.core.store_suite")

pytest_plugins = ["tests.raised"]

Serve = Callable[["Application"], str]


class Running:
    """An application under uvicorn, on a free port, in a thread of its own."""

    def __init__(self, app: Application) -> None:
        from sparkbox.server.http import HttpProtocol

        config = uvicorn.Config(app, http=HttpProtocol, loop="auto", lifespan="off", ws="none", log_config=None)
        self._server = uvicorn.Server(config)
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()
        assert not self._thread.is_alive()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """``serve(app)`` returns the URL of the running application until the test is over."""
    running: list[Running] = []

    def begin(app: Application) -> str:
        running.append(Running(app))
        running[-1].start()
        return running[-1].url

    yield begin
    for server in running:
        server.stop()


# Runs are repeatable: the same examples on every machine, however busy it is. Look for new ones by hand.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")


def pytest_configure() -> None:
    """Make signals work that whoever started the tests ignores, as ``nohup`` and background jobs do."""
    for name, handler in (
        ("SIGINT", signal.default_int_handler),
        ("SIGQUIT", signal.SIG_DFL),
        ("SIGHUP", signal.SIG_DFL),
    ):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Import all modules. Hypothesis uses their constants, which must not depend on the tests that ran before."""
    if any(is_hypothesis_test(getattr(item, "obj", None)) for item in session.items):
        for module in pkgutil.walk_packages(sparkbox.__path__, "sparkbox."):
            if module.name != "sparkbox.__main__":
                importlib.import_module(module.name)
