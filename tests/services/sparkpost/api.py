"""SparkPost for tests: a client with an API key that also sees into its own account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import orjson

from sparkbox.app import Application, create_app
from sparkbox.core.request.dispatch import Dispatcher
from sparkbox.core.state.config import Settings
from sparkbox.testing.transport import Transport
from tests.core.target import Target
from tests.services.view import View

KEY = "mock-sparkpost-key"
BASE = "http://api.sparkpost.com"
FIXTURES = Path(__file__).parents[3] / "fixtures" / "sparkpost"
CONTENT = {"from": "The Shop <news@shop.example>", "subject": "Hello", "text": "Dear customer"}


class Api(View):
    """SparkPost as one account sees it. Paths begin after ``/api/v1``. The account's clock stands at ``NOW``.

    Without an application it creates one with ``settings`` that checks its responses.
    """

    service = "sparkpost"

    def __init__(self, app: Application | None = None, key: str = KEY, **settings: Any) -> None:
        app = app or create_app(Settings(validate_responses=True, rate_limits=False, **settings))
        super().__init__(app, key, BASE, {"Authorization": key})

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        subaccount: int | None = None,
        content: bytes | None = None,
        **query: Any,
    ) -> httpx.Response:
        """Return any response. ``content`` replaces a body that is not JSON."""
        return self.http.send(self._request(method, path, body, subaccount, content, query))

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int = 200,
        subaccount: int | None = None,
        **query: Any,
    ) -> Any:
        """Return the results of a response that must have this status."""
        return _results(self.send(method, path, body, subaccount=subaccount, **query), status)

    def api_error(
        self, method: str, path: str, body: Any = None, *, subaccount: int | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Return status and fields of a response that must be one API error."""
        return _error(self.send(method, path, body, subaccount=subaccount))

    def refuse(
        self, method: str, path: str, body: Any = None, *, subaccount: int | None = None
    ) -> tuple[int, str, str, str]:
        """Return status, code, message and description of a response that must be one API error."""
        status, row = self.api_error(method, path, body, subaccount=subaccount)
        return status, row["code"], row["message"], row["description"]

    async def send_async(
        self, method: str, path: str, body: Any = None, *, subaccount: int | None = None
    ) -> httpx.Response:
        """Send a request that waits for a target, as creating a webhook does."""
        async with httpx.AsyncClient(transport=Transport(self.app)) as http:
            return await http.send(self._request(method, path, body, subaccount))

    async def call_async(self, method: str, path: str, body: Any = None, *, subaccount: int | None = None) -> Any:
        """:meth:`call`, awaited."""
        return _results(await self.send_async(method, path, body, subaccount=subaccount), 200)

    async def api_error_async(
        self, method: str, path: str, body: Any = None, *, subaccount: int | None = None
    ) -> tuple[int, dict[str, Any]]:
        """:meth:`api_error`, awaited."""
        return _error(await self.send_async(method, path, body, subaccount=subaccount))

    async def advance(self, seconds: float) -> None:
        """Turn the account's clock forward, and post what is due."""
        await self.app.sandbox.worker.advance(self.account, seconds)

    async def hook(self, target: Target | str, *, subaccount: int | None = None, **fields: Any) -> str:
        """Create a webhook for the events of sending; return its id."""
        url = target if isinstance(target, str) else target.url
        body = {"name": "Hook", "target": url, "events": ["injection", "delivery", "bounce"], **fields}
        return str((await self.call_async("POST", "/webhooks", body, subaccount=subaccount))["id"])

    def transmit(self, *emails: str, subaccount: int | None = None, **fields: Any) -> Any:
        """Send a mail to these addresses; return the results."""
        recipients = [{"address": email} for email in emails or ("ada@mail.example",)]
        body = {"recipients": recipients, "content": CONTENT, **fields}
        return self.call("POST", "/transmissions", body, subaccount=subaccount)

    def replay(self, name: str) -> None:
        """Send the request of a fixture (``accounts/retrieve_account``); compare status and shape of the response."""
        fixture = json.loads((FIXTURES / f"{name}.json").read_text())
        request = fixture["request"]
        response = self.send(request["method"], request["path"].removeprefix("/api/v1"), request.get("body"))
        assert response.status_code == fixture["status"], response.text
        assert shape(response.json() if response.content else None) == shape(fixture["response"])

    def simulate(self, name: str, status: int = 200, /, **fields: Any) -> Any:
        """Run a simulation in this account through the control API; return its JSON."""
        path = f"/_mock/services/sparkpost/simulations/{name}"
        with httpx.Client(transport=Transport(self.app), base_url="http://localhost") as control:
            response = control.post(path, params={"account": self.account.credential}, json=fields)
        assert response.status_code == status, response.text
        return response.json()

    async def __aenter__(self) -> Api:
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.http.close()
        await self.app.sandbox.close()

    @property
    def dispatcher(self) -> Dispatcher:
        return self.app.dispatcher("sparkpost")

    def _request(
        self,
        method: str,
        path: str,
        body: Any,
        subaccount: int | None,
        content: bytes | None = None,
        query: dict[str, Any] | None = None,
    ) -> httpx.Request:
        headers = {}
        if body is not None:
            content = orjson.dumps(body)
        if content is not None:
            headers["Content-Type"] = "application/json"
        if subaccount is not None:
            headers["X-MSYS-SUBACCOUNT"] = str(subaccount)
        url = f"{BASE}/api/v1{path}"
        return self.http.build_request(method, url, headers=headers, content=content, params=query or None)


def shape(value: Any) -> Any:
    """Return a JSON value with types instead of texts and numbers."""
    match value:
        case dict():
            return {name: shape(item) for name, item in value.items()}
        case list():
            return [shape(item) for item in value]
        case _:
            return type(value).__name__


def events_in(body: bytes) -> list[dict[str, Any]]:
    """Return the events of a webhook's batch; the ping has none."""
    return [event for item in orjson.loads(body) for event in item["msys"].values()]


def received(target: Target) -> list[dict[str, Any]]:
    """Return all events that a target received, in order."""
    return [event for body in target.bodies for event in events_in(body)]


def _results(response: httpx.Response, status: int) -> Any:
    assert response.status_code == status, (response.status_code, response.text)
    return response.json()["results"]


def _error(response: httpx.Response) -> tuple[int, dict[str, Any]]:
    assert response.status_code >= 400, response.text
    (row,) = response.json()["errors"]
    return response.status_code, row
