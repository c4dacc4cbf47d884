"""One account's view of SparkPost, over ASGI; its clock stands at :data:`NOW`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import orjson

from sparkbox.app import create_app
from sparkbox.core.state.account import Account
from sparkbox.core.state.config import Settings
from sparkbox.core.state.context import Context
from sparkbox.testing.transport import Transport

KEY = "mock-sparkpost-key"
FIXTURES = Path(__file__).parents[3] / "fixtures" / "sparkpost"
NOW = 1_772_366_400.0
"""2026-03-01 12:00:00 UTC."""


class AccountClient:
    """``settings`` are the sandbox's; answers and errors are checked against their declarations."""

    def __init__(self, **settings: Any) -> None:
        self.app = create_app(Settings(validate_responses=True, rate_limits=False, **settings))
        account = self.app.sandbox.accounts.open(KEY)
        assert account is not None
        self.account: Account = account
        self.account.clock.freeze(NOW)

    def send(
        self, method: str, path: str, body: Any = None, *, subaccount: int | None = None, content: bytes | None = None
    ) -> httpx.Response:
        """Any answer. ``path`` is what follows ``/api/v1``; ``content`` stands in for a body that is not JSON."""
        headers = {"Authorization": KEY}
        if body is not None:
            content = orjson.dumps(body)
        if content is not None:
            headers["Content-Type"] = "application/json"
        if subaccount is not None:
            headers["X-MSYS-SUBACCOUNT"] = str(subaccount)
        return asyncio.run(self._send(method, f"/api/v1{path}", headers, content))

    def call(self, method: str, path: str, body: Any = None, *, subaccount: int | None = None) -> Any:
        """The results of an answer that must be 200."""
        response = self.send(method, path, body, subaccount=subaccount)
        assert response.status_code == 200, response.text
        return response.json()["results"]

    def refuse(
        self, method: str, path: str, body: Any = None, *, subaccount: int | None = None
    ) -> tuple[int, str, str, str]:
        """Status, code, message and description of an answer that must be a refusal for one reason."""
        response = self.send(method, path, body, subaccount=subaccount)
        assert response.status_code >= 400, response.text
        (row,) = response.json()["errors"]
        return response.status_code, row["code"], row["message"], row["description"]

    def replay(self, name: str) -> None:
        """Asks what a fixture (``account/retrieve_account``) asks; the answer must have its status and its shape."""
        fixture = json.loads((FIXTURES / f"{name}.json").read_text())
        request = fixture["request"]
        response = self.send(request["method"], request["path"].removeprefix("/api/v1"), request.get("body"))
        assert response.status_code == fixture["status"], response.text
        assert shape(response.json() if response.content else None) == shape(fixture["response"])

    def simulate(self, name: str, status: int = 200, /, **fields: Any) -> Any:
        """What the control API answers when it brings something about in this account."""
        path = f"/_mock/services/sparkpost/simulations/{name}"
        with httpx.Client(transport=Transport(self.app), base_url="http://localhost") as control:
            response = control.post(path, params={"account": self.account.credential}, json=fields)
        assert response.status_code == status, response.text
        return response.json()

    @property
    def ctx(self) -> Context:
        """A context as a handler has one, outside of any request."""
        return self.app.sandbox.context("sparkpost", self.account)

    async def _send(self, method: str, path: str, headers: dict[str, str], content: bytes | None) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://api.sparkpost.com") as client:
            return await client.request(method, path, headers=headers, content=content)


def shape(value: Any) -> Any:
    """A JSON value with types in the place of texts and numbers."""
    match value:
        case dict():
            return {name: shape(item) for name, item in value.items()}
        case list():
            return [shape(item) for item in value]
        case _:
            return type(value).__name__
