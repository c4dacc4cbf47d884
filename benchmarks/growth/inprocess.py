"""A sandbox in this process, whose requests are driven step by step so that the CPU time of each can be measured."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sparkbox.app import create_app
from sparkbox.core.request.http import Headers, Request, Response
from sparkbox.core.state.account import Account
from sparkbox.core.state.config import Settings
from sparkbox.core.state.steps import Steps
from sparkbox.core.state.store import Store

JSON = (b"content-type", b"application/json")
CONTROL: Headers = [JSON]
SPARKPOST: Headers = [(b"authorization", b"mock-sparkpost-key"), JSON]
ENGAGESPARK: Headers = [(b"authorization", b"Token mock-engagespark-token"), JSON]
MIB = 1024 * 1024


class Cost(NamedTuple):
    """The CPU time of one request in milliseconds, in all and of the longest of its steps."""

    status: int
    steps: int
    total: float
    longest: float


class InProcess:
    """A sandbox without rate limits, with room for what is measured."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.app = create_app(settings or Settings(rate_limits=False, most_state_bytes=4096 * MIB))

    def load(self) -> None:
        """Import all services, which a server does beside the event loop."""
        for name in self.app.sandbox.service_names:
            self.app.sandbox.service(name).contents.load_all()
        self.app.control.service.contents.load_all()

    def measure(self, method: str, target: str, body: Any = b"", headers: Headers = SPARKPOST) -> Cost:
        """Send a request, and return what it cost. ``body`` is bytes, or something to be sent as JSON."""
        return self._send(method, target, body, headers)[0]

    def send(self, method: str, target: str, body: Any = b"", headers: Headers = SPARKPOST) -> Any:
        """Send a request that prepares a measurement, and return its response."""
        cost, response = self._send(method, target, body, headers)
        if cost.status >= 400:
            raise RuntimeError(f"{method} {target}: {response.body[:200]!r}")
        return json.loads(response.body) if response.body else None

    def account(self, credential: str = "mock-sparkpost-key") -> Account:
        account = self.app.sandbox.accounts.find(credential)
        if account is None:
            raise LookupError(credential)
        return account

    def store(self, service: str, credential: str) -> Store:
        """Return the store to be filled with more records than requests would make in good time."""
        return self.account(credential).store(service)

    def sendpulse(self) -> Headers:
        """Return the headers of a login to SendPulse, on its largest plan."""
        login = {"grant_type": "client_credentials", "client_id": "mock-sendpulse-id"}
        login["client_secret"] = "mock-sendpulse-secret"
        token = self.send("POST", "/sendpulse/oauth/access_token", login, [JSON])["access_token"]
        plan = "/_mock/services/sendpulse/simulations/plan?account=mock-sendpulse-id"
        self.send("POST", plan, {"category": "enterprise"}, CONTROL)
        return [(b"authorization", f"Bearer {token}".encode()), JSON]

    def _send(self, method: str, target: str, body: Any, headers: Headers) -> tuple[Cost, Response]:
        path, _, query = target.partition("?")
        given: Headers = [(b"host", b"localhost"), *headers]
        found = self.app.find(path, given)
        if found is None:
            raise LookupError(path)
        dispatcher, prefix = found
        written = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = Request(method, path[len(prefix) :], query.encode(), given, written, "127.0.0.1", "http://localhost")
        meter = Meter()
        # Between the steps the collector pauses, as it does in a server.
        with self.app.sandbox.turns.busy():
            response: Response = meter.step(lambda: dispatcher.respond(request))
            rest = response.later
            while rest is not None:
                done = meter.step(rest.step)
                if done is not None:
                    response, rest = done, None
        return meter.cost(response.status), response

    def run(self, steps: Steps[Any]) -> Cost:
        """Do work in steps that is no request, and return what it cost."""
        meter = Meter()
        ended = object()
        with self.app.sandbox.turns.busy():
            while meter.step(lambda: next(steps, ended)) is not ended:
                pass
        return meter.cost(200)


class Meter:
    """Measures steps."""

    def __init__(self) -> None:
        self._times: list[float] = []

    def step(self, work: Callable[[], Any]) -> Any:
        began = time.thread_time()
        result = work()
        self._times.append(time.thread_time() - began)
        return result

    def cost(self, status: int) -> Cost:
        return Cost(status, len(self._times), 1000 * sum(self._times), 1000 * max(self._times))


@contextmanager
def settled() -> Iterator[None]:
    """Within it the collector does not look at what was there before, as in a server."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
