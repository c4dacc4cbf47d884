"""The clients of the post office in the tests: one sandbox, called directly."""

from __future__ import annotations

from typing import Any

import orjson

from sparkbox.core.declare.service import Service
from sparkbox.core.request.dispatch import Dispatcher
from sparkbox.core.request.http import Headers, Request, Response
from sparkbox.core.state.account import Account
from sparkbox.core.state.config import Settings
from sparkbox.core.state.context import Context
from sparkbox.core.state.sandbox import Sandbox
from tests.core.api import CHANNELS, KEY, SERVICE

MARCH = 1_772_366_400.0
"""2026-03-01T12:00:00Z."""


def sandbox(service: Service = SERVICE, **settings: Any) -> Sandbox:
    """Return a sandbox with the post office alone; responses are checked unless that is switched off."""
    return Sandbox(Settings(**{"validate_responses": True, **settings}), {"post": lambda: service}, channels=CHANNELS)


class Client:
    """A sandbox with the post office, and its accounts."""

    def __init__(self, service: Service = SERVICE, **settings: Any) -> None:
        self.sandbox = sandbox(service, **settings)

    def account(self, key: str = KEY) -> Account:
        account = self.sandbox.accounts.open(key)
        assert account is not None
        return account

    def context(self, key: str = KEY) -> Context:
        return self.sandbox.context("post", self.account(key))


class Office(Client):
    """The post office, called directly: no server, no event loop."""

    def __init__(self, service: Service = SERVICE, **settings: Any) -> None:
        super().__init__(service, **settings)
        self.dispatcher = Dispatcher(self.sandbox, service)

    def call(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        key: str | None = KEY,
        body: bytes | None = None,
        headers: Headers | None = None,
    ) -> Response:
        """Make one request with a key."""
        sent: Headers = [(b"x-key", key.encode("latin-1"))] if key is not None else []
        if json is not None:
            body = orjson.dumps(json)
            sent.append((b"content-type", b"application/json"))
        path, _, query = path.partition("?")
        return self.dispatcher.respond(Request(method, path, query.encode(), [*sent, *(headers or [])], body or b""))

    def send(self, to: str = "you@example.com", text: str = "hello", **call: Any) -> Response:
        """Send a letter."""
        return self.call("POST", "/v1/letters", {"to": {"address": to}, "text": text}, **call)
