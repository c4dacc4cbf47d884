"""One account's view of SparkPost without HTTP in between, for laws that are tried many times."""

from __future__ import annotations

from typing import Any

import orjson

from sparkbox.app import create_app
from sparkbox.core.request.http import Request, Response
from sparkbox.core.state.config import Settings

KEY = b"mock-sparkpost-key"
NOW = 1_772_366_400.0
"""2026-03-01 12:00:00 UTC."""


class DirectClient:
    """Answers and errors are checked against their declarations; the clock stands at :data:`NOW`."""

    def __init__(self, **settings: Any) -> None:
        app = create_app(Settings(validate_responses=True, rate_limits=False, **settings))
        self.dispatcher = app.dispatcher("sparkpost")
        account = app.sandbox.accounts.open(KEY.decode())
        assert account is not None
        self.account = account
        self.account.clock.freeze(NOW)

    def ask(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None) -> Response:
        """Any answer; ``raw`` stands in for a body that is to be sent as it is."""
        path, _, query = path.partition("?")
        headers = [(b"authorization", KEY), (b"content-type", b"application/json")]
        content = raw if raw is not None else b"" if body is None else orjson.dumps(body)
        return self.dispatcher.respond(Request(method, f"/api/v1{path}", query.encode(), headers, content))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The whole JSON of an answer that must be 200."""
        response = self.ask(method, path, body)
        assert response.status == 200, response.body
        return response.json()
