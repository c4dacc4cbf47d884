"""One account's view of SparkPost on a running loop, so that webhooks reach their targets."""

from __future__ import annotations

from typing import Any

import httpx
import orjson

from sparkbox.app import create_app
from sparkbox.core.logs.deliveries import Delivery
from sparkbox.core.state.account import Account
from sparkbox.core.state.config import Settings
from sparkbox.core.state.context import Context
from tests.core.target import Target

KEY = "mock-sparkpost-key"
NOW = 1_772_366_400.0
"""2026-03-01 12:00:00 UTC."""

CONTENT = {"from": "The Shop <news@shop.example>", "subject": "Hello", "text": "Dear customer"}


class WebhookClient:
    """The accounts' clocks stand at :data:`NOW` until :meth:`advance`; answers and errors are checked."""

    def __init__(self, **settings: Any) -> None:
        self.app = create_app(Settings(validate_responses=True, rate_limits=False, **settings))
        self.app.sandbox.accounts.clock.freeze(NOW)

    async def __aenter__(self) -> WebhookClient:
        transport = httpx.ASGITransport(self.app)
        self._http = httpx.AsyncClient(transport=transport, base_url="http://api.sparkpost.com/api/v1")
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._http.aclose()
        await self.app.sandbox.close()

    async def send(
        self, method: str, path: str, body: Any = None, *, key: str = KEY, subaccount: int | None = None
    ) -> httpx.Response:
        """Any answer; ``path`` is what follows ``/api/v1``."""
        headers = {"Authorization": key}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if subaccount is not None:
            headers["X-MSYS-SUBACCOUNT"] = str(subaccount)
        content = None if body is None else orjson.dumps(body)
        return await self._http.request(method, path, headers=headers, content=content)

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The results of an answer that must be 200."""
        response = await self.send(method, path, body, **more)
        assert response.status_code == 200, response.text
        return response.json()["results"]

    async def refuse(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, dict[str, Any]]:
        """Status and error of an answer that must be a refusal for one reason."""
        response = await self.send(method, path, body, **more)
        assert response.status_code >= 400, response.text
        (row,) = response.json()["errors"]
        return response.status_code, row

    async def hook(self, target: Target | str, *, subaccount: int | None = None, key: str = KEY, **fields: Any) -> str:
        """Makes a webhook for every event that sending brings about, and gives its id."""
        url = target if isinstance(target, str) else target.url
        body = {"name": "Hook", "target": url, "events": ["injection", "delivery", "bounce"], **fields}
        return str((await self.call("POST", "/webhooks", body, key=key, subaccount=subaccount))["id"])

    async def transmit(self, *emails: str, key: str = KEY, subaccount: int | None = None, **fields: Any) -> None:
        """Sends a mail to these addresses."""
        recipients = [{"address": email} for email in emails or ("ada@mail.example",)]
        body = {"recipients": recipients, "content": CONTENT, **fields}
        await self.call("POST", "/transmissions", body, key=key, subaccount=subaccount)

    async def advance(self, seconds: float, key: str = KEY) -> None:
        """Turns an account's clock on; what is due is posted on the way."""
        await self.app.sandbox.worker.advance(self.account(key), seconds)

    def account(self, key: str = KEY) -> Account:
        account = self.app.sandbox.accounts.open(key)
        assert account is not None
        return account

    def deliveries(self, key: str = KEY) -> list[Delivery]:
        """The account's deliveries, oldest first."""
        return list(self.account(key).deliveries.oldest())

    def ctx(self, key: str = KEY) -> Context:
        """A context as a handler has one, outside of any request."""
        return self.app.sandbox.context("sparkpost", self.account(key))


def events_in(body: bytes) -> list[dict[str, Any]]:
    """The events of a batch, without what they are wrapped in; the ping has none."""
    return [event for item in orjson.loads(body) for event in item["msys"].values()]


def told(target: Target) -> list[dict[str, Any]]:
    """All events that a target was told of, in the order of their arrival."""
    return [event for body in target.bodies for event in events_in(body)]
