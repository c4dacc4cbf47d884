"""The base of each service's test client: the API as one account sees it, and a view into that account."""

from __future__ import annotations

import json
from typing import Any

import httpx

from sparkbox.app import Application
from sparkbox.core.logs.deliveries import Delivery
from sparkbox.core.logs.events import Event
from sparkbox.core.logs.messages import Message
from sparkbox.core.state.account import Account
from sparkbox.core.state.clock import Clock
from sparkbox.core.state.context import Context
from sparkbox.testing.transport import Transport

NOW = 1_772_366_400.0
"""2026-03-01 12:00:00 UTC, a Sunday."""


class View:
    """A service as one account sees it. The account's clock stands at :data:`NOW`."""

    service = ""

    def __init__(self, app: Application, credential: str, base_url: str, headers: dict[str, str] | None = None) -> None:
        self.app = app
        self.http = httpx.Client(transport=Transport(app), base_url=base_url, headers=headers)
        account = app.sandbox.accounts.open(credential)
        assert account is not None
        self.account: Account = account
        self.clock: Clock = account.clock
        self.clock.freeze(NOW)

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        """Send a request with ``body`` as JSON; return any response."""
        content = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        return self.http.request(method, path, content=content, headers=headers, params=query or None)

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200, **query: Any) -> Any:
        """Send a request; return the JSON of its response, which must have this status."""
        response = self.send(method, path, body, **query)
        assert response.status_code == status, (response.status_code, response.text)
        return response.json()

    @property
    def ctx(self) -> Context:
        """A context as a handler has one, outside of any request."""
        return self.app.sandbox.context(self.service, self.account)

    @property
    def messages(self) -> list[Message]:
        return list(self.account.messages.oldest())

    @property
    def events(self) -> list[Event]:
        return list(self.account.events.oldest())

    @property
    def deliveries(self) -> list[Delivery]:
        return list(self.account.deliveries.oldest())

    def kept(self) -> dict[str, Any]:
        """Return all that the account holds. The logs must weigh before somebody looks what their items weigh."""
        found: dict[str, Any] = {"waiting": self.clock.waiting}
        for name in ("messages", "events", "deliveries"):
            log = getattr(self.account, name)
            bytes = log.bytes
            found[name] = (list(log.oldest()), log.dropped)
            assert bytes == log.bytes == sum(item.size for item in found[name][0])
        for store in self.account.stores.values():
            found |= {f"{kind} {parent}": list(records.values()) for kind, parent, records in store.collections()}
        return found

    def strict(self) -> None:
        self.account.profile = "strict"
